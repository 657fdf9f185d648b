//! A data directory as NanoClaw keeps it, made and read back by tests.
//!
//! It writes rows; it runs no agent and no sweep.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use rusqlite::Connection;
use sweepd_decide::Timestamp;

mod root;
mod row;
mod session;

pub use root::Root;
pub use row::{Ack, Message, Output, Tool};
pub use session::Session;

/// An instant as SQLite's `datetime()` writes it: `2026-11-22 10:00:00`, whole seconds, no zone.
pub fn sql_text(at: Timestamp) -> String {
    at.to_string().replace('T', " ").chars().take(19).collect()
}

/// An instant as JavaScript writes it: `2026-11-22T10:00:00.000Z`.
pub fn iso_text(at: Timestamp) -> String {
    at.to_string()
}

fn open(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path).with_context(|| format!("open {}", path.display()))?;
    connection.busy_timeout(Duration::from_secs(5))?;
    // Fixtures need not survive a power cut.
    connection.pragma_update(None, "synchronous", "OFF")?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_sqlite_and_as_javascript_write_them() {
        let at = Timestamp::from_millis(1_795_341_600_123);
        assert_eq!(sql_text(at), "2026-11-22 10:00:00");
        assert_eq!(iso_text(at), "2026-11-22T10:00:00.123Z");
    }
}
