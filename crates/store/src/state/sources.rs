//! What is remembered of each source: how many agents it last showed, and whatever else it keeps.

use rusqlite::{Connection, OptionalExtension, params};
use sweepd_decide::Timestamp;

use super::StateDb;
use crate::cell;
use crate::error::Error;

/// What is remembered of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct SourceRecord {
    /// Its name in the configuration.
    pub name: String,
    /// How many agents it showed when it last worked.
    pub last_good_count: Option<u32>,
    /// What the engine remembers of it (JSON).
    pub memory: String,
    /// When it was written.
    pub updated_at: Timestamp,
}

/// A new memory of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct SourceUpdate {
    /// Its name in the configuration.
    pub name: String,
    /// How many agents it showed; `None` leaves what was written before.
    pub last_good_count: Option<u32>,
    /// What the engine remembers of it (JSON).
    pub memory: String,
}

impl StateDb {
    /// What is remembered of one source.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn source(&self, name: &str) -> Result<Option<SourceRecord>, Error> {
        let failed = |error| self.failed("read a source", error);
        let mut one = self.conn.prepare_cached(ONE).map_err(failed)?;
        let record = one.query_row([name], |row| {
            Ok(SourceRecord {
                name: row.get(0)?,
                last_good_count: row.get(1)?,
                memory: row.get(2)?,
                updated_at: cell::instant(row, 3)?,
            })
        });
        self.steady(record.optional().map_err(failed)?)
    }
}

pub(super) fn write(
    conn: &Connection,
    at: Timestamp,
    update: &SourceUpdate,
) -> rusqlite::Result<()> {
    let SourceUpdate { name, last_good_count, memory } = update;
    let values = params![name, last_good_count, memory, at.as_millis()];
    conn.prepare_cached(WRITE)?.execute(values).map(|_| ())
}

const ONE: &str = "SELECT name, last_good_count, memory, updated_at FROM sources WHERE name = ?1";
const WRITE: &str = "INSERT INTO sources (name, last_good_count, memory, updated_at) \
                     VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) DO UPDATE SET \
                     last_good_count = coalesce(excluded.last_good_count, last_good_count), \
                     memory = excluded.memory, updated_at = excluded.updated_at";
