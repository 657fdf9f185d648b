//! One write transaction on `data/v2.db`, which belongs to the host.
//!
//! The lock is taken before anything is read and held until the end: of several processes one
//! writes, and the others find it done. A host that is busy is waited for, but not long.

use rusqlite::config::DbConfig;
use rusqlite::ffi::ErrorCode;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, ToSql};

use super::error::MonitorError;
use super::place::Place;
use crate::budget::Budget;
use crate::nanoclaw::failure::why;
use crate::nanoclaw::root::Root;
use crate::nanoclaw::unreadable::Unreadable;

/// The database, as it is named to people and looked for below the root.
pub(super) const CENTRAL: &str = "data/v2.db";
/// How long to wait for locks in all, in milliseconds.
const BUSY_MS: u64 = 2000;
/// How long statements may run in all, in milliseconds.
const DEADLINE_MS: u64 = 4000;

/// The central database, in a write transaction that is rolled back unless it is committed.
#[derive(Debug)]
pub(super) struct Central {
    conn: Connection,
    busy: Budget,
}

impl Central {
    /// Opens the database, which has to be there, and takes its write lock.
    pub(super) fn begin(root: &Root) -> Result<Self, MonitorError> {
        let top = Place::root(root)?;
        let busy = Budget::of_millis(BUSY_MS);
        let before = found(&top)?.ok_or(MonitorError::NoCentral)?;
        if before.st_size == 0 {
            return Err(MonitorError::Lacks { file: CENTRAL, what: "table agent_groups".into() });
        }
        refuse_hot_journal(root, &top, busy)?;
        let conn = connect(root, OpenFlags::SQLITE_OPEN_READ_WRITE, busy)
            .map_err(|error| cannot_open(&error))?;
        if conn.is_readonly("main").map_err(|error| cannot_open(&error))? {
            return Err(MonitorError::ReadOnly { file: CENTRAL });
        }
        conn.execute_batch("BEGIN IMMEDIATE; PRAGMA schema_version")
            .map_err(|error| cannot_open(&error))?;
        match found(&top)? {
            Some(now) if (now.st_dev, now.st_ino) == (before.st_dev, before.st_ino) => {}
            _ => return Err(refused(Unreadable::Replaced { file: CENTRAL.to_owned() })),
        }
        Ok(Self { conn, busy })
    }

    /// Makes every change of the transaction, or none.
    pub(super) fn commit(self) -> Result<(), MonitorError> {
        let done = self.conn.busy_timeout(self.busy.left());
        done.and_then(|()| self.conn.execute_batch("COMMIT")).map_err(|error| write(&error))
    }

    /// The connection, for reading the schema.
    pub(super) const fn conn(&self) -> &Connection {
        &self.conn
    }

    /// The first row of an answer, as texts; whatever is none reads as `None`.
    pub(super) fn row<const N: usize>(
        &self,
        sql: &str,
        values: &[&dyn ToSql],
    ) -> Result<Option<[Option<String>; N]>, MonitorError> {
        let text = |row: &rusqlite::Row<'_>, at| {
            let text = row.get_ref(at).ok()?.as_str().ok()?;
            Some(text.to_owned())
        };
        let row = self
            .conn
            .query_row(sql, values, |row| Ok(std::array::from_fn(|at| text(row, at))))
            .optional();
        row.map_err(|error| write(&error))
    }

    /// Changes rows of a table.
    pub(super) fn change(
        &self,
        table: &'static str,
        sql: &str,
        values: &[&dyn ToSql],
    ) -> Result<usize, MonitorError> {
        self.conn.execute(sql, values).map_err(|error| {
            if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
                let source = Box::new(error);
                return MonitorError::Constraint { file: CENTRAL, table, source };
            }
            write(&error)
        })
    }
}

/// The database, if it is there, and no link to elsewhere in place of it or of what SQLite puts
/// beside it.
fn found(top: &Place) -> Result<Option<rustix::fs::Stat>, MonitorError> {
    for suffix in ["-wal", "-shm", "-journal"] {
        top.regular(&format!("{CENTRAL}{suffix}")).map_err(refused)?;
    }
    top.regular(CENTRAL).map_err(refused)
}

/// Opening a database to write to it would roll back what a dead writer has left: the host's
/// business. Only SQLite itself can tell whether a journal is a living writer's.
fn refuse_hot_journal(root: &Root, top: &Place, busy: Budget) -> Result<(), MonitorError> {
    if top.regular(&format!("{CENTRAL}-journal")).map_err(refused)?.is_none() {
        return Ok(());
    }
    let conn = connect(root, OpenFlags::SQLITE_OPEN_READ_ONLY, busy)
        .map_err(|error| cannot_open(&error))?;
    conn.query_row("PRAGMA schema_version", [], |_| Ok(())).map_err(|error| cannot_open(&error))
}

/// The host's database is not a stranger's: its triggers and foreign keys are part of what it is.
fn connect(root: &Root, access: OpenFlags, busy: Budget) -> rusqlite::Result<Connection> {
    let flags = access | OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(root.path().join(CENTRAL), flags)?;
    conn.busy_timeout(busy.left())?;
    for (config, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
    ] {
        conn.set_db_config(config, on)?;
    }
    let deadline = Budget::of_millis(DEADLINE_MS);
    conn.progress_handler(1000, Some(move || deadline.spent()))?;
    conn.execute_batch("PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY")?;
    Ok(conn)
}

fn refused(source: Unreadable) -> MonitorError {
    MonitorError::Open { file: CENTRAL, source }
}

fn cannot_open(error: &rusqlite::Error) -> MonitorError {
    match error.sqlite_error_code() {
        Some(ErrorCode::ReadOnly)
            if !matches!(why(CENTRAL, error), Unreadable::HotJournal { .. }) =>
        {
            MonitorError::ReadOnly { file: CENTRAL }
        }
        _ => refused(why(CENTRAL, error)),
    }
}

fn write(error: &rusqlite::Error) -> MonitorError {
    if error.sqlite_error_code() == Some(ErrorCode::ReadOnly) {
        return MonitorError::ReadOnly { file: CENTRAL };
    }
    MonitorError::Write { file: CENTRAL, source: why(CENTRAL, error) }
}
