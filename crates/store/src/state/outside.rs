//! How is a state database read without leaving a trace?
//!
//! Even a reader of a WAL database makes files beside it. So it depends on what is there:
//!
//! | beside the database | read |
//! |---|---|
//! | `-wal` and `-shm` | in place: somebody has it open, and WAL shows one instant however long it takes |
//! | no `-wal`, no journal | in place, as a file that does not change; that it did not is checked |
//! | anything else | as a private copy |

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::database::{BUSY, WRITING, failed};
use super::migrate;
use crate::copy::{self, Stamp, stamp};
use crate::error::Error;
use crate::path::{beside, uri};

/// How often it is tried to read in place, while writers come and go.
const ATTEMPTS: usize = 5;

/// What makes sure that all that is read is of one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Footing {
    /// It is ours to write: nobody else does.
    Writer,
    /// A snapshot, or a copy: whatever others write is not seen.
    Snapshot,
    /// A file as it was; it must stay that.
    Still(Stamp),
}

impl Footing {
    pub(super) const fn is_writer(&self) -> bool {
        matches!(self, Self::Writer)
    }

    /// Whether what was read so far is of one instant.
    pub(super) fn holds(&self, path: &Path) -> Result<(), Error> {
        let Self::Still(before) = self else { return Ok(()) };
        let error = |source| Error::Copy { path: path.to_owned(), source };
        if stamp(path).map_err(error)?.as_ref() == Some(before) {
            return Ok(());
        }
        Err(error(std::io::Error::other("it was written to while it was read: try again")))
    }
}

/// Opens what is there for reading, schema and all. `None` if nothing is there.
pub(super) fn open(path: &Path) -> Result<Option<(Connection, Footing)>, Error> {
    let unreadable = |source| Error::Copy { path: path.to_owned(), source };
    for _ in 0..ATTEMPTS {
        let Some(before) = stamp(path).map_err(unreadable)? else { return Ok(None) };
        if !path.is_file() {
            return Err(Error::NotAFile { path: path.to_owned() });
        }
        let there = |suffix| beside(path, suffix).try_exists().map_err(unreadable);
        let (wal, shm, journal) = (there("-wal")?, there("-shm")?, there("-journal")?);
        let (query, footing) = if wal && shm {
            // Its own shared memory is not written to either.
            ("mode=ro&readonly_shm=1", Footing::Snapshot)
        } else if wal || journal {
            return copied(path);
        } else {
            ("mode=ro&immutable=1", Footing::Still(before))
        };
        let opened = in_place(path, query);
        if footing.holds(path).is_err() {
            continue;
        }
        match opened {
            Ok(Some(conn)) => return Ok(Some((conn, footing))),
            // An older schema; or one that only a writer could read in place.
            Ok(None) | Err(Error::Unwritable { .. }) => return copied(path),
            Err(error) => return Err(error),
        }
    }
    copied(path)
}

/// Begins to read where the database is. `None` if its schema is an older one.
fn in_place(path: &Path, query: &str) -> Result<Option<Connection>, Error> {
    let failed = |error| failed("open", path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(uri(path, query), flags).map_err(failed)?;
    conn.busy_timeout(BUSY).map_err(failed)?;
    conn.execute_batch("PRAGMA query_only = ON; BEGIN").map_err(failed)?;
    let schema = migrate::known(&conn, path)?;
    Ok(migrate::is_newest(schema).then_some(conn))
}

/// Reads a copy, which nobody else can see: its names are gone before anything else is done.
fn copied(path: &Path) -> Result<Option<(Connection, Footing)>, Error> {
    let uncopied = |source| Error::Copy { path: path.to_owned(), source };
    let Some((place, copy)) = copy::copy(path).map_err(uncopied)? else { return Ok(None) };
    let failed = |error| failed("open a copy", path, error);
    let conn = Connection::open_with_flags(&copy, WRITING).map_err(failed)?;
    migrate::upgrade(&conn, path)?;
    conn.pragma_update(None, "query_only", true).map_err(failed)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(failed)?;
    place.close().map_err(uncopied)?;
    Ok(Some((conn, Footing::Snapshot)))
}
