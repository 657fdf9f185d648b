//! What SQLite says of a file, as a reason of ours.

use rusqlite::ffi::{self, ErrorCode};

use super::unreadable::Unreadable;
use crate::words::words;

/// A failure of SQLite's as a reason.
pub(crate) fn why(file: &str, error: &rusqlite::Error) -> Unreadable {
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
