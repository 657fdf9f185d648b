//! Opens a database that a container could have prepared, and holds it at arm's length.
//!
//! The order matters: path checks, a probe for WAL mode that takes no lock and creates nothing,
//! the open, the hardening, one read transaction, and the path check once more. SQLite itself
//! recognizes a hot journal, since only it can tell one from the journal of a living writer.

use std::fmt::Write as _;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::ffi::{self, ErrorCode};
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::beneath::{Identity, SessionDir};
use super::foreign::Ration;
use super::unreadable::Unreadable;
use crate::budget::Budget;

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
}

impl Database {
    /// Opens for reading and begins a read transaction. `None` if there is no such file.
    pub(crate) fn read(
        dir: &SessionDir,
        file: &'static str,
        allowance: Allowance,
    ) -> Result<Option<Self>, Unreadable> {
        let Some(identity) = checked(dir, file, allowance)? else { return Ok(None) };
        let opened = Self::open(dir, file, OpenFlags::SQLITE_OPEN_READ_ONLY, allowance)?;
        opened.run("PRAGMA query_only = ON; BEGIN")?;
        opened.first_read()?;
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
        let Some(identity) = checked(dir, file, allowance)? else { return Ok(None) };
        let opened = Self::open(dir, file, OpenFlags::SQLITE_OPEN_READ_WRITE, allowance)?;
        opened.run("BEGIN IMMEDIATE")?;
        opened.first_read()?;
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
            Self::open(dir, file, OpenFlags::SQLITE_OPEN_READ_WRITE, allowance)?.first_read()?;
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
        let opened = Self {
            conn: harden(conn, allowance).map_err(|e| why(file, &e))?,
            file,
            ration: Ration::default(),
        };
        Ok(opened)
    }

    /// Takes the lock, and recognizes what is no database. The page cache is bounded only then:
    /// the file itself could otherwise ask for a big one.
    fn first_read(&self) -> Result<(), Unreadable> {
        self.run("SELECT 1 FROM sqlite_schema LIMIT 1; PRAGMA cache_size = -2000")
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

/// A path as an URI file name with a query.
pub(crate) fn uri(path: &Path, query: &str) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => {
                let _infallible = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri.push('?');
    uri.push_str(query);
    uri
}

/// SQLite's own advice for files from strangers, and our deadline.
///
/// Source: <https://www.sqlite.org/security.html>, "Untrusted SQLite Database Files".
fn harden(mut conn: Connection, allowance: Allowance) -> rusqlite::Result<Connection> {
    conn.busy_timeout(allowance.busy.left())?;
    for (config, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
    ] {
        conn.set_db_config(config, on)?;
    }
    for (limit, at_most) in [
        (Limit::SQLITE_LIMIT_LENGTH, allowance.max_value),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
        (Limit::SQLITE_LIMIT_COLUMN, 100),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 20),
        (Limit::SQLITE_LIMIT_PARSER_DEPTH, 100),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 3),
        (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 8),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 16),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
        (Limit::SQLITE_LIMIT_SCHEMA, 1000),
    ] {
        conn.set_limit(limit, at_most)?;
    }
    let deadline = allowance.deadline;
    conn.progress_handler(1000, Some(move || deadline.spent()))?;
    conn.execute_batch(
        "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY",
    )?;
    Ok(conn)
}

fn cannot_open(dir: &SessionDir, file: &str, error: &rusqlite::Error) -> Unreadable {
    if !dir.may_read(file) {
        return Unreadable::Denied { file: file.to_owned() };
    }
    why(file, error)
}

/// A failure of SQLite's as a reason.
fn why(file: &str, error: &rusqlite::Error) -> Unreadable {
    let detail = words(error);
    let file = file.to_owned();
    let Some(failure) = error.sqlite_error() else { return Unreadable::Io { file, detail } };
    match (failure.code, failure.extended_code) {
        (_, ffi::SQLITE_READONLY_ROLLBACK) => Unreadable::HotJournal { file },
        (_, ffi::SQLITE_READONLY_RECOVERY | ffi::SQLITE_READONLY_CANTINIT) => {
            Unreadable::Wal { file }
        }
        (_, ffi::SQLITE_CANTOPEN_SYMLINK) => Unreadable::Symlink { file },
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Unreadable::Busy { file },
        (ErrorCode::OperationInterrupted, _) => Unreadable::Deadline { file },
        (ErrorCode::NotADatabase, _) => Unreadable::NotADatabase { file },
        (ErrorCode::DatabaseCorrupt, _) => Unreadable::Corrupt { file, detail },
        (ErrorCode::TooBig, _) => Unreadable::TooBig { file, what: detail },
        (ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied, _) => {
            Unreadable::Denied { file }
        }
        _ => Unreadable::Io { file, detail },
    }
}

/// What SQLite said, without the statement it said it about.
fn words(error: &rusqlite::Error) -> String {
    if let rusqlite::Error::SqliteFailure(_, Some(words)) = error {
        return plain(words);
    }
    if let rusqlite::Error::SqlInputError { msg, .. } = error {
        return plain(msg);
    }
    plain(&error.to_string())
}

/// Words of SQLite's, which may quote the agent's: no control characters, and not many.
fn plain(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_odd_byte_of_a_path_is_escaped_in_its_uri() {
        let path = Path::new("/srv/a b?c#d%e/ä.db");
        assert_eq!(uri(path, "nolock=1"), "file:/srv/a%20b%3Fc%23d%25e/%C3%A4.db?nolock=1");
    }

    #[test]
    fn quoted_words_lose_control_characters_and_length() {
        assert_eq!(plain("a\u{1b}[31mb\n"), "a[31mb");
        assert_eq!(plain(&"x".repeat(1000)).len(), 200);
    }
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
