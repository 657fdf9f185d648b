//! What SQLite says of a file, as a reason of ours.
//!
//! Its words may quote the file, which is the agent's: they are cut and stripped here.

use rusqlite::ffi::{self, ErrorCode};

use super::unreadable::Unreadable;

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
    use super::plain;

    #[test]
    fn quoted_words_lose_control_characters_and_length() {
        assert_eq!(plain("a\u{1b}[31mb\n"), "a[31mb");
        assert_eq!(plain(&"x".repeat(1000)).len(), 200);
    }
}
