//! Opens a database that a container could have prepared, and holds it at arm's length.
//!
//! The order matters: path checks, a probe for WAL mode that takes no lock and creates nothing,
//! the open, the hardening, one read transaction, and the path check once more. SQLite itself
//! recognizes a hot journal, since only it can tell one from the journal of a living writer.

use rusqlite::ffi::{self, ErrorCode};
use rusqlite::{Connection, OpenFlags};

use super::beneath::{Identity, SessionDir};
use super::failure::why;
use super::foreign::Ration;
use super::schema::Tables;
use super::unreadable::Unreadable;
use crate::budget::Budget;
use crate::harden::harden;
use crate::path::uri;

/// The host's database of a session.
pub(crate) const INBOUND: &str = "inbound.db";
/// The container's database of a session.
pub(crate) const OUTBOUND: &str = "outbound.db";

/// What opening and reading may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    /// For waiting for locks, all together.
    pub(crate) busy: Budget,
    /// For everything.
    pub(crate) deadline: Budget,
    /// How big a file may be.
    pub(crate) max_file: u64,
    /// How long a value may be that SQLite handles, in bytes.
    pub(crate) max_value: i32,
}

/// An open database of a session, within a transaction.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) conn: Connection,
    pub(crate) file: &'static str,
    pub(crate) ration: Ration,
    pub(crate) tables: Tables,
}

impl Database {
    /// Opens for reading and begins a read transaction. `None` if there is no such file.
    pub(crate) fn read(
        dir: &SessionDir,
        file: &'static str,
        allowance: Allowance,
    ) -> Result<Option<Self>, Unreadable> {
        let Some(identity) = checked(dir, file, allowance)? else { return Ok(None) };
        let mut opened = Self::open(dir, file, OpenFlags::SQLITE_OPEN_READ_ONLY, allowance)?;
        opened.begin("PRAGMA query_only = ON; BEGIN")?;
        opened.still(dir, identity, allowance)?;
        Ok(Some(opened))
    }

    /// Opens for writing and begins a write transaction, unless the file is in a state in which
    /// opening it would change more than what is asked for. `None` if there is no such file.
    ///
    /// A writer that dies between the last check and the open leaves a journal that is rolled back
    /// here; by then the lock is ours.
    pub(crate) fn write(
        dir: &SessionDir,
        file: &'static str,
        allowance: Allowance,
    ) -> Result<Option<Self>, Unreadable> {
        if Self::read(dir, file, allowance)?.is_none() {
            return Ok(None);
        }
        let Some(identity) = dir.database(file, allowance.max_file)? else { return Ok(None) };
        let mut opened = Self::open(dir, file, OpenFlags::SQLITE_OPEN_READ_WRITE, allowance)?;
        opened.begin("BEGIN IMMEDIATE")?;
        opened.still(dir, identity, allowance)?;
        Ok(Some(opened))
    }

    /// Rolls back the hot journal of a dead writer.
    pub(crate) fn heal(
        dir: &SessionDir,
        file: &'static str,
        allowance: Allowance,
    ) -> Result<(), Unreadable> {
        if checked(dir, file, allowance)?.is_some() {
            Self::open(dir, file, OpenFlags::SQLITE_OPEN_READ_WRITE, allowance)?.begin("BEGIN")?;
        }
        Ok(())
    }

    /// Runs statements that return nothing.
    pub(crate) fn run(&self, sql: &str) -> Result<(), Unreadable> {
        self.conn.execute_batch(sql).map_err(|error| self.why(&error))
    }

    /// A failure of SQLite's as a reason.
    pub(crate) fn why(&self, error: &rusqlite::Error) -> Unreadable {
        why(self.file, error)
    }

    fn open(
        dir: &SessionDir,
        file: &'static str,
        access: OpenFlags,
        allowance: Allowance,
    ) -> Result<Self, Unreadable> {
        let flags = access | OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(dir.path(file), flags)
            .map_err(|error| cannot_open(dir, file, &error))?;
        let Allowance { busy, deadline, max_value, .. } = allowance;
        let conn = harden(conn, busy, deadline, max_value).map_err(|error| why(file, &error))?;
        Ok(Self { conn, file, ration: Ration::default(), tables: Tables::default() })
    }

    /// Takes the lock before anything is read, and keeps it. Reading the schema, which recognizes
    /// what is no database, takes on whatever the file asks for; so the page cache is bounded last.
    fn begin(&mut self, begin: &str) -> Result<(), Unreadable> {
        self.run(begin)?;
        self.run("PRAGMA schema_version")?;
        self.tables = Tables::find(&self.conn).map_err(|error| self.why(&error))?;
        self.run("PRAGMA cache_size = -2000")
    }

    fn still(
        &self,
        dir: &SessionDir,
        was: Identity,
        allowance: Allowance,
    ) -> Result<(), Unreadable> {
        match dir.database(self.file, allowance.max_file)? {
            Some(is) if is.same_file(&was) => Ok(()),
            _ => Err(Unreadable::Replaced { file: self.file.to_owned() }),
        }
    }
}

/// The checks before any open. An empty file is a database without tables to SQLite, which would
/// then delete what it takes for leftovers beside it.
fn checked(
    dir: &SessionDir,
    file: &'static str,
    allowance: Allowance,
) -> Result<Option<Identity>, Unreadable> {
    let version = rusqlite::version_number();
    if version < ffi::SQLITE_VERSION_NUMBER {
        return Err(Unreadable::OldSqlite { version: rusqlite::version().to_owned() });
    }
    let Some(identity) = dir.database(file, allowance.max_file)? else { return Ok(None) };
    if identity.is_empty() {
        let table = if file == INBOUND { "messages_in" } else { "processing_ack" };
        return Err(Unreadable::MissingTable { file: file.to_owned(), table: table.to_owned() });
    }
    refuse_wal(dir, file)?;
    Ok(Some(identity))
}

/// A connection that may not lock cannot use WAL either: SQLite refuses it before it creates a
/// file. Every other failure is left to the real open.
fn refuse_wal(dir: &SessionDir, file: &'static str) -> Result<(), Unreadable> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let probe = Connection::open_with_flags(uri(&dir.path(file), "nolock=1"), flags)
        .map_err(|error| cannot_open(dir, file, &error))?;
    match probe.query_row("PRAGMA schema_version", [], |_| Ok(())) {
        Err(rusqlite::Error::SqliteFailure(error, _)) if error.code == ErrorCode::CannotOpen => {
            Err(Unreadable::Wal { file: file.to_owned() })
        }
        _ => Ok(()),
    }
}

fn cannot_open(dir: &SessionDir, file: &str, error: &rusqlite::Error) -> Unreadable {
    if !dir.may_read(file) {
        return Unreadable::Denied { file: file.to_owned() };
    }
    why(file, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_cannot_ask_for_a_big_page_cache_or_for_a_map() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(temp.path().join("g/s")).unwrap();
        let dir = SessionDir::open(temp.path(), "g", "s").unwrap().unwrap();
        Connection::open(dir.path(INBOUND))
            .unwrap()
            .execute_batch("CREATE TABLE messages_in (x); PRAGMA default_cache_size = 1000000")
            .unwrap();
        let allowance = Allowance {
            busy: Budget::of_millis(1000),
            deadline: Budget::of_millis(60_000),
            max_file: 1 << 20,
            max_value: 1000,
        };
        let database = Database::read(&dir, INBOUND, allowance).unwrap().unwrap();
        let number = |sql| database.conn.query_row(sql, [], |row| row.get::<_, i64>(0));
        assert_eq!(number("PRAGMA cache_size").unwrap(), -2000);
        assert_eq!(number("PRAGMA cell_size_check").unwrap(), 1);
        assert_eq!(number("PRAGMA query_only").unwrap(), 1);
        assert!(number("PRAGMA mmap_size").unwrap_or(0) == 0);
        assert!(database.run("ATTACH ':memory:' AS other").is_err());
        let long = database.run("SELECT zeroblob(1001)").unwrap_err();
        assert!(matches!(long, Unreadable::TooBig { .. }), "{long:?}");
    }
}
