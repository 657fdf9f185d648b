//! Which schema a state database has, and the way from each to the newest.
//!
//! One file per step under `migrations/`, counted by `user_version`. There is no way back.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::database::failed;
use crate::error::Error;

/// The steps, oldest first.
const STEPS: [&str; 6] = [
    include_str!("../../migrations/0001_state.sql"),
    include_str!("../../migrations/0002_doubt.sql"),
    include_str!("../../migrations/0003_pauses.sql"),
    include_str!("../../migrations/0004_specs.sql"),
    include_str!("../../migrations/0005_alerts.sql"),
    include_str!("../../migrations/0006_expected.sql"),
];
/// "SWEP": whose database it is.
const OURS: i64 = 0x5357_4550;

/// Makes sure that the file may be changed at all: it is ours or empty, and not newer than we are.
/// Returns its schema.
pub(super) fn known(conn: &Connection, path: &Path) -> Result<i64, Error> {
    let read = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    let failed = |error| failed("read the schema", path, error);
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let found = read("PRAGMA user_version").map_err(failed)?;
    let tables = read("SELECT count(*) FROM sqlite_schema").map_err(failed)?;
    let owner = read("PRAGMA application_id").map_err(failed)?;
    if owner != OURS && (tables > 0 || found != 0) {
        return Err(Error::NotOurs { path: path.to_owned() });
    }
    if found > known {
        return Err(Error::NewerSchema { path: path.to_owned(), found, known });
    }
    Ok(found)
}

/// Whether a schema is the newest there is.
pub(super) fn is_newest(schema: i64) -> bool {
    usize::try_from(schema) == Ok(STEPS.len())
}

/// Takes every step that is still to be taken, all in one transaction.
pub(super) fn upgrade(conn: &Connection, path: &Path) -> Result<(), Error> {
    let done = usize::try_from(known(conn, path)?).unwrap_or(0);
    if done == STEPS.len() {
        return Ok(());
    }
    let failed = |error| failed("upgrade the schema", path, error);
    let whole = Transaction::new_unchecked(conn, TransactionBehavior::Immediate).map_err(failed)?;
    let done = usize::try_from(known(conn, path)?).unwrap_or(0);
    for step in STEPS.iter().skip(done) {
        whole.execute_batch(step).map_err(failed)?;
    }
    let version = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    whole.pragma_update(None, "user_version", version).map_err(failed)?;
    whole.commit().map_err(failed)
}
