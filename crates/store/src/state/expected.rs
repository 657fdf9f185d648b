//! Of which series of an agent silence is no news, by somebody's word.

use rusqlite::{Connection, params};
use sweepd_decide::{AgentId, Timestamp};

use super::StateDb;
use crate::error::Error;

impl StateDb {
    /// The series of an agent that may be silent, in the order of their names.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn expected(&self, agent: &AgentId) -> Result<Vec<String>, Error> {
        let failed = |error| self.failed("read which series may be silent", error);
        let mut all = self.conn.prepare_cached(OF).map_err(failed)?;
        let found = all.query_map([agent.as_str()], |row| row.get(0)).map_err(failed)?;
        self.steady(found.collect::<Result<_, _>>().map_err(failed)?)
    }
}

pub(super) fn write(
    conn: &Connection,
    at: Timestamp,
    (agent, series): &(AgentId, String),
) -> rusqlite::Result<()> {
    let values = params![agent.as_str(), series, at.as_millis()];
    conn.prepare_cached(WRITE)?.execute(values).map(|_| ())
}

const OF: &str = "SELECT series FROM expected WHERE agent = ?1 ORDER BY series";
const WRITE: &str = "INSERT OR IGNORE INTO expected (agent, series, since) VALUES (?1, ?2, ?3)";
