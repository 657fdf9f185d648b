//! Moves a damaged database out of the way without losing a byte of it.
//!
//! Opening reads little, so damage may show only later. Whoever meets it leaves a mark beside the
//! file, and the next open examines all of it.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use sweepd_decide::Timestamp;

use super::database::failed;
use crate::error::Error;
use crate::path::beside;

/// Renames the database and what belongs to it to `<name>.corrupt-<ms>`. The database goes last:
/// a `-wal` that were left without one would be deleted by SQLite.
pub(super) fn set_aside(path: &Path, now: Timestamp) -> Result<PathBuf, Error> {
    let error = |source| Error::SetAside { path: path.to_owned(), source };
    let aside = free_name(path, now).map_err(error)?;
    for suffix in ["-wal", "-shm", "-journal", ""] {
        match std::fs::rename(beside(path, suffix), beside(&aside, suffix)) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(error(source));
            }
            _ => {}
        }
    }
    forgive(path);
    Ok(aside)
}

/// Reads the schema, and everything if the file is under suspicion.
pub(super) fn examine(conn: &Connection, path: &Path) -> Result<(), Error> {
    let failed = |error| failed("examine the file", path, error);
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(failed)?;
    if !mark(path).try_exists().unwrap_or(false) {
        return Ok(());
    }
    let verdict: String =
        conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if verdict == "ok" {
        forgive(path);
        return Ok(());
    }
    let (doing, path) = ("examine the file", path.to_owned());
    Err(Error::Corrupt { doing, path, source: verdict.into() })
}

/// An empty file is a database to be, unless there is a `-wal` beside it: SQLite would delete that.
pub(super) fn not_emptied(path: &Path) -> Result<(), Error> {
    let size = |path: &Path| path.metadata().map_or(0, |meta| meta.len());
    if size(path) > 0 || size(&beside(path, "-wal")) == 0 {
        return Ok(());
    }
    let source = "it is empty, its -wal is not".into();
    Err(Error::Corrupt { doing: "examine the file", path: path.to_owned(), source })
}

/// Marks the file for examination at the next open. Best effort: the disk may be the cause.
pub(super) fn suspect(path: &Path) {
    let _best_effort = OpenOptions::new().write(true).create(true).truncate(false).open(mark(path));
}

fn forgive(path: &Path) {
    let _best_effort = std::fs::remove_file(mark(path));
}

fn mark(path: &Path) -> PathBuf {
    beside(path, ".suspect")
}

fn free_name(path: &Path, now: Timestamp) -> std::io::Result<PathBuf> {
    let plain = beside(path, &format!(".corrupt-{}", now.as_millis()));
    let mut name = plain.clone();
    let mut again = 1_u32;
    while name.try_exists()? {
        again = again.saturating_add(1);
        name = beside(&plain, &format!(".{again}"));
    }
    Ok(name)
}
