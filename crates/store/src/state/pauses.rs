//! Who is left alone by somebody's order, and until when.

use rusqlite::{Connection, params};
use sweepd_decide::Timestamp;

use super::StateDb;
use crate::cell;
use crate::error::Error;

/// A pause.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Pause {
    /// Whom: `*`, a source, or an agent. One pause for each.
    pub scope: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None`: until it is taken back.
    pub until: Option<Timestamp>,
}

impl StateDb {
    /// Every pause, also those that have run out.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn pauses(&self) -> Result<Vec<Pause>, Error> {
        let failed = |error| self.failed("read the pauses", error);
        let mut all = self.conn.prepare_cached(ALL).map_err(failed)?;
        let found = all.query_map([], |row| {
            let until: Option<i64> = row.get(2)?;
            Ok(Pause {
                scope: row.get(0)?,
                since: cell::instant(row, 1)?,
                until: until.map(Timestamp::from_millis),
            })
        });
        self.steady(found.map_err(failed)?.collect::<Result<_, _>>().map_err(failed)?)
    }
}

pub(super) fn write(conn: &Connection, pause: &Pause) -> rusqlite::Result<()> {
    let Pause { scope, since, until } = pause;
    let values = params![scope, since.as_millis(), until.map(Timestamp::as_millis)];
    conn.prepare_cached(WRITE)?.execute(values).map(|_| ())
}

pub(super) fn remove(conn: &Connection, scope: &str) -> rusqlite::Result<()> {
    conn.prepare_cached(REMOVE)?.execute([scope]).map(|_| ())
}

const ALL: &str = "SELECT scope, since, until FROM pauses ORDER BY scope";
const WRITE: &str = "INSERT OR REPLACE INTO pauses (scope, since, until) VALUES (?1, ?2, ?3)";
const REMOVE: &str = "DELETE FROM pauses WHERE scope = ?1";
