//! What happens to an agent's files.

use std::fs;

use agent_sim::fixture::Session;
use anyhow::{Context as _, Result};
use rusqlite::Connection;

use super::World;
use crate::scenario::act::Damage;

impl World {
    /// Damages the files of an agent, or mends them.
    pub(super) fn suffer(&mut self, agent: &str, damage: Damage) -> Result<()> {
        let session = self.session(agent)?.clone();
        let outbound = session.outbound_path();
        match damage {
            Damage::Garbage => {
                let spare = fs::read(&outbound).context("read outbound.db")?;
                self.spare.insert(agent.to_owned(), spare);
                fs::write(&outbound, "no database ".repeat(100))?;
            }
            Damage::HotJournal => {
                let sql = "INSERT INTO session_state SELECT 'half-' || i, hex(zeroblob(1000)), ''";
                die_in_a_transaction(&session, "outbound.db", session.outbound()?, sql)?;
            }
            Damage::TornQueue => {
                let sql = "INSERT INTO delivered SELECT 'half-' || i, hex(zeroblob(1000)), '', ''";
                die_in_a_transaction(&session, "inbound.db", session.inbound()?, sql)?;
            }
            Damage::Locked => {
                let holder = session.outbound()?;
                holder.execute_batch("BEGIN EXCLUSIVE")?;
                self.locks.insert(agent.to_owned(), holder);
            }
            Damage::Mended if self.locks.remove(agent).is_some() => {}
            Damage::Mended => match self.spare.remove(agent) {
                Some(spare) => fs::write(&outbound, spare)?,
                None => roll_back(&session)?,
            },
            Damage::NeverWritten => fs::remove_file(&outbound)?,
            Damage::NoDirectory => fs::remove_dir_all(session.dir())?,
            Damage::Strict => {
                let sql = "CREATE UNIQUE INDEX one_content ON messages_in (content)";
                session.inbound()?.execute_batch(sql)?;
            }
            Damage::NoQueue => fs::remove_file(session.inbound_path())?,
        }
        Ok(())
    }
}

/// Leaves both files as a writer that was killed amid a transaction leaves them: half of it stands
/// in the database already, because it did not fit into the cache.
fn die_in_a_transaction(
    session: &Session,
    file: &str,
    writer: Connection,
    insert: &str,
) -> Result<()> {
    let path = |name: &str| session.dir().join(name);
    let (database, journal) = (path(file), path(&format!("{file}-journal")));
    writer.execute_batch(&format!(
        "PRAGMA cache_size = 2;
         BEGIN IMMEDIATE;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
         {insert} FROM n;"
    ))?;
    fs::copy(&database, path("torn"))?;
    fs::copy(&journal, path("torn-journal"))?;
    writer.execute_batch("ROLLBACK")?;
    drop(writer);
    fs::rename(path("torn"), database)?;
    fs::rename(path("torn-journal"), journal)?;
    Ok(())
}

/// What a container does with its own journal when it starts.
fn roll_back(session: &Session) -> Result<()> {
    let sql = "SELECT count(*) FROM processing_ack";
    session.outbound()?.query_row(sql, [], |_| Ok(()))?;
    Ok(())
}
