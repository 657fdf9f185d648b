//! What can go wrong here, and whether trying again later can help.
//!
//! A failed look at a session is not among it: that is a fact, see [`crate::nanoclaw::Unreadable`].

use std::path::PathBuf;

use crate::registry::Fault;

/// Any foreign error, kept only as a cause.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Whether the same call can succeed later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a caller must handle all three")]
pub enum Retry {
    /// Somebody else was in the way; nothing is wrong.
    Later,
    /// Not before a person or another program has changed something.
    Never,
    /// What it was about no longer exists.
    Gone,
}

/// A failure named by what was being done. `Display` never repeats the source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The root of a NanoClaw installation could not be resolved.
    #[error("open the NanoClaw root {path}", path = path.display())]
    OpenRoot {
        /// The root as configured.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Neither root nor the owner of the data directory.
    #[error(
        "user {euid} may not write below {path}: run as root or as its owner, user {owner}",
        path = path.display()
    )]
    NotOwner {
        /// The data directory.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// Who we are.
        euid: u32,
    },
    /// The central database could not be read.
    #[error("read NanoClaw's central database {path}", path = path.display())]
    ReadCentral {
        /// The database.
        path: PathBuf,
        /// Why.
        source: Cause,
    },
    /// The central database lacks what the list of sessions is made from.
    #[error("{path} has no {what}", path = path.display())]
    CentralLacks {
        /// The database.
        path: PathBuf,
        /// The table or column.
        what: String,
    },
    /// The central database changed at each of several attempts to read it without a lock.
    #[error("{path} kept changing while it was read", path = path.display())]
    CentralUnsettled {
        /// The database.
        path: PathBuf,
    },
    /// A registry of containers gave no answer. That is not an empty one.
    #[error("the registry {path} {fault}", path = path.display())]
    Registry {
        /// The database as configured.
        path: PathBuf,
        /// What is wrong with it or the query, and what helps.
        fault: Fault,
    },
    /// The state directory or database cannot be created or written.
    #[error("failed to write to the state database {path}", path = path.display())]
    Unwritable {
        /// The file or directory that refused.
        path: PathBuf,
        /// Why.
        source: Cause,
    },
    /// The state database was written by a newer sweepd.
    #[error(
        "{path} has schema {found}, this sweepd knows {known}: run the newer sweepd, or give this \
         one another state-dir",
        path = path.display()
    )]
    NewerSchema {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema known here.
        known: i64,
    },
    /// A database of somebody else's stands where ours should be.
    #[error("{path} is a database, but not sweepd's: give sweepd a state-dir of its own", path = path.display())]
    NotOurs {
        /// The database.
        path: PathBuf,
    },
    /// The state database is damaged.
    #[error("failed to {doing}: the state database {path} is damaged", path = path.display())]
    Corrupt {
        /// What was being done.
        doing: &'static str,
        /// The database.
        path: PathBuf,
        /// How it showed.
        source: Cause,
    },
    /// A damaged state database could not be moved out of the way.
    #[error("failed to set aside the damaged state database {path}", path = path.display())]
    SetAside {
        /// The database.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something else stands where the state database should be, such as a pipe.
    #[error("{path} is not a regular file: give sweepd a state-dir of its own", path = path.display())]
    NotAFile {
        /// What stands there.
        path: PathBuf,
    },
    /// A look from outside found no state of one instant, or could not make its private copy.
    #[error("failed to read the state database {path}", path = path.display())]
    Copy {
        /// The database.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A statement on the state database failed.
    #[error("failed to {doing}: the state database {path} cannot be used", path = path.display())]
    Query {
        /// What was being done.
        doing: &'static str,
        /// The database.
        path: PathBuf,
        /// Why.
        source: Cause,
    },
}

impl Error {
    /// Whether the same call can succeed later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::ReadCentral { .. } | Self::CentralUnsettled { .. } | Self::Query { .. } => {
                Retry::Later
            }
            Self::Registry { fault, .. } => fault.retry(),
            Self::OpenRoot { .. }
            | Self::NotOwner { .. }
            | Self::CentralLacks { .. }
            | Self::Unwritable { .. }
            | Self::NewerSchema { .. }
            | Self::NotOurs { .. }
            | Self::Corrupt { .. }
            | Self::SetAside { .. }
            | Self::NotAFile { .. }
            | Self::Copy { .. } => Retry::Never,
        }
    }

    /// Whether the place cannot be written for want of rights: a matter of who we are and of what
    /// was configured, not of a disk that is full or a file that is in use.
    pub fn is_denied(&self) -> bool {
        use std::io::ErrorKind;
        let Self::Unwritable { source, .. } = self else { return false };
        if let Some(error) = source.downcast_ref::<std::io::Error>() {
            return !matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
        }
        let error = source.downcast_ref::<rusqlite::Error>();
        let code = error.and_then(rusqlite::Error::sqlite_error_code);
        code.is_some_and(|code| code != rusqlite::ErrorCode::DiskFull)
    }
}
