//! Why did a registry give no answer, and what helps?
//!
//! `Display` goes on after the registry's name: what is wrong, and after a colon the remedy.

use std::io::ErrorKind;

use rusqlite::ffi::{self, ErrorCode};

use crate::error::Retry;
use crate::words::words;

/// Why a registry gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// There is no such file.
    #[error("does not exist: correct its path, or start what makes it")]
    Missing,
    /// A directory, pipe, socket or device, or a link beside the database.
    #[error("cannot be read, since {what} is a {kind} and not a file: correct its path")]
    NotAFile {
        /// The database (`it`), or what lies beside it.
        what: String,
        /// What it is.
        kind: &'static str,
    },
    /// No permission.
    #[error("may not be read by this user: give it the right to read the file and its directory")]
    Denied,
    /// A file without content.
    #[error("is an empty file: correct its path, or start what fills it")]
    Empty,
    /// The content is not SQLite's.
    #[error("is not an SQLite database: correct its path")]
    NotADatabase,
    /// SQLite's content, but damaged.
    #[error("is damaged ({detail}): restore it from a backup")]
    Corrupt {
        /// SQLite's words.
        detail: String,
    },
    /// Locked by somebody for longer than reading may wait.
    #[error("is locked by another process: find out what holds it so long")]
    Busy,
    /// It changed at each of several attempts to read it.
    #[error("kept changing while it was read: it is tried again at the next look")]
    Unsettled,
    /// Reading took longer than it may.
    #[error("did not answer the query in time: make the query or what it reads simpler")]
    Deadline,
    /// The answer, or what had to be copied, exceeds a limit.
    #[error("is too big to be read: {what}")]
    TooBig {
        /// What exceeds which limit.
        what: String,
    },
    /// More rows than are read; some of them would not be the registry.
    #[error("answers with more than {limit} rows: narrow the query")]
    TooManyRows {
        /// How many are read at most.
        limit: usize,
    },
    /// The query is anything but one `SELECT`.
    #[error("is asked by {what}: the query must be one SELECT without parameters")]
    NotOneSelect {
        /// What the query has that it must not have.
        what: &'static str,
    },
    /// SQLite does not understand the query, or fails to carry it out.
    #[error("cannot answer the query ({detail}): correct the query")]
    BadQuery {
        /// SQLite's words, e.g. `no such table: agents`.
        detail: String,
    },
    /// The answer lacks a column, or has one twice.
    #[error(
        "does not answer with one column {missing} but with {found}: name the columns in the query \
         (SELECT … AS {missing})",
        found = listed(found)
    )]
    Columns {
        /// The column that has to be there once.
        missing: &'static str,
        /// The columns that are there.
        found: Vec<String>,
    },
    /// Its last writer died, and it cannot be put in order without a copy, which failed.
    #[error(
        "was left by a writer that died, and no copy can be made ({detail}): start what owns it, or \
         make room in /tmp"
    )]
    NotCopied {
        /// The system's words.
        detail: String,
    },
    /// Its last writer died, and only a writer can put it in order.
    #[error("was left by a writer that died: start what owns it")]
    Unfinished,
    /// Anything else the system or SQLite said.
    #[error("cannot be read ({detail}): see to the file and its file system")]
    Io {
        /// Its words.
        detail: String,
    },
}

impl Fault {
    /// Whether the same call can succeed later without anybody's doing.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Busy
            | Self::Unsettled
            | Self::Deadline
            | Self::NotCopied { .. }
            | Self::Unfinished
            | Self::Io { .. } => Retry::Later,
            Self::Missing
            | Self::NotAFile { .. }
            | Self::Denied
            | Self::Empty
            | Self::NotADatabase
            | Self::Corrupt { .. }
            | Self::TooBig { .. }
            | Self::TooManyRows { .. }
            | Self::NotOneSelect { .. }
            | Self::BadQuery { .. }
            | Self::Columns { .. } => Retry::Never,
        }
    }

    /// A failure of the system's.
    pub(super) fn of_system(error: &std::io::Error) -> Self {
        if error.kind() == ErrorKind::NotFound {
            Self::Missing
        } else if error.kind() == ErrorKind::PermissionDenied {
            Self::Denied
        } else {
            Self::Io { detail: error.to_string() }
        }
    }
}

/// A failure of SQLite's.
impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        let detail = words(&error);
        if matches!(error, rusqlite::Error::SqlInputError { .. }) {
            return Self::BadQuery { detail };
        }
        let Some(failure) = error.sqlite_error() else { return Self::Io { detail } };
        match (failure.code, failure.extended_code) {
            (
                _,
                ffi::SQLITE_READONLY_ROLLBACK
                | ffi::SQLITE_READONLY_RECOVERY
                | ffi::SQLITE_READONLY_CANTINIT,
            )
            | (ErrorCode::CannotOpen, _) => Self::Unfinished,
            (
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::FileLockingProtocolFailed,
                _,
            ) => Self::Busy,
            (ErrorCode::OperationInterrupted, _) => Self::Deadline,
            (ErrorCode::NotADatabase, _) => Self::NotADatabase,
            (ErrorCode::DatabaseCorrupt, _) => Self::Corrupt { detail },
            (ErrorCode::TooBig, _) => Self::TooBig { what: detail },
            (ErrorCode::PermissionDenied, _) => Self::Denied,
            (ErrorCode::Unknown, _) => Self::BadQuery { detail },
            _ => Self::Io { detail },
        }
    }
}

fn listed(columns: &[String]) -> String {
    if columns.is_empty() { "none".to_owned() } else { columns.join(", ") }
}
