//! How is somebody else's database read so that its owner never notices?
//!
//! | found | read |
//! |---|---|
//! | WAL mode, `-wal` and `-shm` there | in place: readers hold up no writer |
//! | WAL mode, neither there | as a file that does not change; that it did not is checked |
//! | a rollback journal's mode | the same, and that no writer was at work is checked as well |
//! | what a writer left that died | a private copy |
//!
//! A query may take long, and a reader's lock would keep the owner from committing for that long.
//! So the lock is taken for a moment before and a moment after it; nothing was committed in between
//! if SQLite's own count of commits is the same at both.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::ask::ask;
use super::entry::Registry;
use super::fault::Fault;
use super::place::{self, Beside, Settled};
use crate::budget::Budget;
use crate::copy;
use crate::harden::harden;
use crate::path::uri;

/// How often a file is read again that changed meanwhile.
const ATTEMPTS: usize = 20;
/// The longest value that SQLite handles for a query, in bytes.
const LONGEST_VALUE: i32 = 1_000_000;
/// The owner's file is never opened in any other way.
const READ_ONLY: OpenFlags = OpenFlags::SQLITE_OPEN_READ_ONLY;

/// The registry's answer to a query, all of it of one instant.
pub(super) fn answer(path: &Path, query: &str, deadline: Budget) -> Result<Registry, Fault> {
    let real = place::real(path)?;
    for _ in 0..ATTEMPTS {
        if deadline.spent() {
            return Err(Fault::Deadline);
        }
        let before = Settled::of(&real)?;
        let found = match before.beside {
            Beside::Live => in_place(&real, "readonly_shm=1", query, deadline),
            Beside::Nothing | Beside::Journal if !in_wal_mode(&real)? => {
                between_commits(&real, &before, query, deadline)
            }
            Beside::Log | Beside::Journal => Err(Fault::Unfinished),
            Beside::Nothing => {
                let found = in_place(&real, "immutable=1", query, deadline);
                if Settled::of(&real)? == before { found } else { Err(Fault::Unsettled) }
            }
        };
        let found = match found {
            Err(Fault::Unfinished) => copied(&real, &before, query, deadline),
            found => found,
        };
        if found != Err(Fault::Unsettled) {
            return found;
        }
    }
    Err(Fault::Unsettled)
}

/// Reads without a lock, and makes sure that nobody wrote.
fn between_commits(
    path: &Path,
    settled: &Settled,
    query: &str,
    deadline: Budget,
) -> Result<Registry, Fault> {
    let watch = connect(path, READ_ONLY, "readonly_shm=1", deadline)?;
    let commits = |watch: &Connection| -> Result<i64, Fault> {
        watch.busy_timeout(deadline.left())?;
        Ok(watch.query_row("PRAGMA data_version", [], |row| row.get(0))?)
    };
    let before = commits(&watch)?;
    let found = in_place(path, "immutable=1", query, deadline);
    if matches!(found, Err(Fault::Deadline)) {
        return found;
    }
    let still = commits(&watch)? == before && settled.is_still_the_file(path)?;
    if still { found } else { Err(Fault::Unsettled) }
}

fn in_place(path: &Path, how: &str, query: &str, deadline: Budget) -> Result<Registry, Fault> {
    ask(connect(path, READ_ONLY, how, deadline)?, query, deadline)
}

/// Reads a copy, so that nothing of the owner's is put in order for it.
fn copied(path: &Path, before: &Settled, query: &str, deadline: Budget) -> Result<Registry, Fault> {
    before.small_enough()?;
    let uncopied = |error: std::io::Error| Fault::NotCopied { detail: error.to_string() };
    let copy = copy::copy_until(path, || deadline.spent());
    let (_place, copy) = match copy {
        Ok(copy) => copy.ok_or(Fault::Missing)?,
        Err(error) if error.kind() == std::io::ErrorKind::ResourceBusy => {
            return Err(if deadline.spent() { Fault::Deadline } else { Fault::Unsettled });
        }
        Err(error) => return Err(uncopied(error)),
    };
    ask(connect(&copy, OpenFlags::SQLITE_OPEN_READ_WRITE, "", deadline)?, query, deadline)
}

fn connect(
    path: &Path,
    access: OpenFlags,
    how: &str,
    deadline: Budget,
) -> Result<Connection, Fault> {
    let flags = access
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(uri(path, how), flags)?;
    Ok(harden(conn, deadline, deadline, LONGEST_VALUE)?)
}

/// Whether a database is in WAL mode. A connection that may not lock cannot use that: SQLite
/// refuses it before it creates a file. Every other failure is left to the real open.
fn in_wal_mode(path: &Path) -> Result<bool, Fault> {
    let flags = READ_ONLY
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let probe = Connection::open_with_flags(uri(path, "nolock=1"), flags)?;
    let opened = probe.query_row("PRAGMA schema_version", [], |_| Ok(()));
    let code = opened.err().and_then(|error| error.sqlite_error_code());
    Ok(code == Some(rusqlite::ErrorCode::CannotOpen))
}
