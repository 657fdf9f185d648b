//! Opens the state database: makes it, upgrades it, or sets a damaged one aside.

use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use sweepd_decide::Timestamp;

use super::outside::{self, Footing};
use super::{aside, migrate};
use crate::error::Error;

/// The database's name in the state directory.
const FILE: &str = "sweepd.db";
/// How long to wait for another process that reads or writes it.
pub(super) const BUSY: Duration = Duration::from_secs(5);
/// Reading and writing, but never making: that is done with care before.
pub(super) const WRITING: OpenFlags =
    OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// The open state database. One per process and state directory; the writer's is under
/// [`StateLock`](super::lock::StateLock), which this does not take.
#[derive(Debug)]
pub struct StateDb {
    pub(super) conn: Connection,
    path: PathBuf,
    install: String,
    set_aside: Option<PathBuf>,
    /// What makes sure that all that is read is of one instant.
    footing: Footing,
    /// The file that was opened.
    identity: Option<(u64, u64)>,
}

impl StateDb {
    /// Opens the database for writing; makes the directory (0700) and the file (0600) if need be.
    ///
    /// An older schema is upgraded. A file that is damaged or no database at all is renamed to
    /// `sweepd.db.corrupt-<ms>`, never deleted, and a fresh one made: see [`Self::set_aside`].
    ///
    /// # Errors
    /// [`Error::NewerSchema`], [`Error::NotOurs`], [`Error::NotAFile`], [`Error::Unwritable`],
    /// [`Error::SetAside`], [`Error::Query`] where somebody has it locked.
    pub fn open(dir: &Path, now: Timestamp) -> Result<Self, Error> {
        let unwritable =
            |source| Error::Unwritable { path: dir.to_owned(), source: Box::new(source) };
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(unwritable)?;
        let path = dir.join(FILE);
        match Self::attach(&path) {
            Err(Error::Corrupt { .. }) => {
                let aside = aside::set_aside(&path, now)?;
                Ok(Self { set_aside: Some(aside), ..Self::attach(&path)? })
            }
            attached => attached,
        }
    }

    /// Opens what is there for reading, without changing or creating any file of the state
    /// directory. All that is read is of one instant; reading fails where that cannot be had.
    /// `None` if there is no database yet.
    ///
    /// Not for a process that has the same database open for writing: where a copy has to be made,
    /// that would release the other connection's locks.
    ///
    /// # Errors
    /// [`Error::NewerSchema`], [`Error::NotOurs`], [`Error::NotAFile`], [`Error::Corrupt`],
    /// [`Error::Copy`], [`Error::Query`].
    pub fn open_read_only(dir: &Path) -> Result<Option<Self>, Error> {
        let path = dir.join(FILE);
        let Some((conn, footing)) = outside::open(&path)? else { return Ok(None) };
        Self::with(conn, path, footing).map(Some)
    }

    /// Where the damaged predecessor of this database was put, if that happened now.
    pub fn set_aside(&self) -> Option<&Path> {
        self.set_aside.as_deref()
    }

    /// The id of this installation: a UUID made with the database.
    pub fn install(&self) -> String {
        self.install.clone()
    }

    fn attach(path: &Path) -> Result<Self, Error> {
        let unwritable =
            |source| Error::Unwritable { path: path.to_owned(), source: Box::new(source) };
        if path.metadata().is_ok_and(|found| !found.is_file()) {
            return Err(Error::NotAFile { path: path.to_owned() });
        }
        private_file(path).map_err(unwritable)?;
        aside::not_emptied(path)?;
        let failed = |error| failed("open", path, error);
        let conn = Connection::open_with_flags(path, WRITING).map_err(failed)?;
        conn.busy_timeout(BUSY).map_err(failed)?;
        conn.set_prepared_statement_cache_capacity(64);
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(failed)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false).map_err(failed)?;
        // Until it is known to be sound, closing it must not tidy up what lies beside it.
        keep_wal(&conn, true).map_err(failed)?;
        aside::examine(&conn, path)?;
        migrate::known(&conn, path)?;
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
             PRAGMA journal_size_limit = 16777216",
        )
        .map_err(failed)?;
        migrate::upgrade(&conn, path)?;
        keep_wal(&conn, false).map_err(failed)?;
        Self::with(conn, path.to_owned(), Footing::Writer)
    }

    fn with(conn: Connection, path: PathBuf, footing: Footing) -> Result<Self, Error> {
        let sql = "SELECT value FROM meta WHERE key = 'install'";
        let install = conn.query_row(sql, [], |row| row.get(0));
        let install = footing
            .holds(&path)
            .and_then(|()| install.map_err(|error| failed("read the install id", &path, error)))?;
        let identity = identity(&path).ok();
        Ok(Self { conn, path, install, set_aside: None, footing, identity })
    }

    /// A failure of SQLite's, by what was being done. Damage is remembered for the next open.
    pub(super) fn failed(&self, doing: &'static str, error: rusqlite::Error) -> Error {
        // What looks like damage may be that the file was written under our feet.
        if let Err(changed) = self.footing.holds(&self.path) {
            return changed;
        }
        let error = failed(doing, &self.path, error);
        if matches!(error, Error::Corrupt { .. }) && self.footing.is_writer() {
            aside::suspect(&self.path);
        }
        error
    }

    /// What was read, if it is of one instant.
    pub(super) fn steady<T>(&self, found: T) -> Result<T, Error> {
        self.footing.holds(&self.path).map(|()| found)
    }

    /// Makes sure that this database was opened for writing.
    ///
    /// And that its file is still the one of that name: what is written to a file that was removed
    /// is lost with this process, and so nothing may follow from it.
    pub(super) fn for_writing(&self) -> Result<(), Error> {
        let unwritable = |source: std::io::Error| Error::Unwritable {
            path: self.path.clone(),
            source: Box::new(source),
        };
        if !self.footing.is_writer() {
            return Err(unwritable(std::io::ErrorKind::ReadOnlyFilesystem.into()));
        }
        match identity(&self.path) {
            Ok(found) if Some(found) == self.identity => Ok(()),
            Ok(_) => Err(unwritable(std::io::Error::other("another file has taken its place"))),
            Err(error) => Err(unwritable(error)),
        }
    }
}

/// Which file it is, whatever it is called.
fn identity(path: &Path) -> std::io::Result<(u64, u64)> {
    path.metadata().map(|meta| (meta.dev(), meta.ino()))
}

/// A failure of SQLite's, by what was being done.
pub(super) fn failed(doing: &'static str, path: &Path, error: rusqlite::Error) -> Error {
    let (path, source) = (path.to_owned(), Box::new(error));
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            Error::Corrupt { doing, path, source }
        }
        Some(
            ErrorCode::ReadOnly
            | ErrorCode::CannotOpen
            | ErrorCode::DiskFull
            | ErrorCode::PermissionDenied,
        ) => Error::Unwritable { path, source },
        _ => Error::Query { doing, path, source },
    }
}

fn keep_wal(conn: &Connection, keep: bool) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep).map(|_| ())
}

/// Makes the file if there is none, readable by nobody else in either case. SQLite gives the
/// files beside it the same mode.
fn private_file(path: &Path) -> std::io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let mode = path.metadata()?.permissions().mode();
            if mode.trailing_zeros() >= 6 {
                return Ok(()); // nothing for group and others
            }
            std::fs::set_permissions(path, Permissions::from_mode(0o600))
        }
        Err(error) => Err(error),
    }
}
