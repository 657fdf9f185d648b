//! The clocks as the last look read them: how a later one tells that the machine slept.

use rusqlite::{Connection, OptionalExtension, params};
use sweepd_decide::Timestamp;

use super::StateDb;
use crate::cell;
use crate::error::Error;

/// The system's clocks at one instant, all in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct ClockReading {
    /// The kernel's id of this boot; the other clocks mean something only within it.
    pub boot_id: String,
    /// `CLOCK_REALTIME`.
    pub realtime: i64,
    /// `CLOCK_BOOTTIME`: counts suspends.
    pub boottime: i64,
    /// `CLOCK_MONOTONIC`: does not.
    pub monotonic: i64,
    /// The instant of the look they belong to.
    pub at: Timestamp,
    /// What was doubted about them then (JSON).
    pub doubt: String,
}

impl StateDb {
    /// The clocks at the last look that committed them.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn last_clock(&self) -> Result<Option<ClockReading>, Error> {
        let failed = |error| self.failed("read the last clock", error);
        let mut one = self.conn.prepare_cached(ONE).map_err(failed)?;
        let reading = one.query_row([], |row| {
            Ok(ClockReading {
                boot_id: row.get(0)?,
                realtime: row.get(1)?,
                boottime: row.get(2)?,
                monotonic: row.get(3)?,
                at: cell::instant(row, 4)?,
                doubt: row.get(5)?,
            })
        });
        self.steady(reading.optional().map_err(failed)?)
    }
}

pub(super) fn write(conn: &Connection, reading: &ClockReading) -> rusqlite::Result<()> {
    let ClockReading { boot_id, realtime, boottime, monotonic, at, doubt } = reading;
    let values = params![boot_id, realtime, boottime, monotonic, at.as_millis(), doubt];
    conn.prepare_cached(WRITE)?.execute(values).map(|_| ())
}

const ONE: &str =
    "SELECT boot_id, realtime, boottime, monotonic, at, doubt FROM clock WHERE id = 1";
const WRITE: &str = "INSERT OR REPLACE INTO clock \
                     (id, boot_id, realtime, boottime, monotonic, at, doubt) \
                     VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)";
