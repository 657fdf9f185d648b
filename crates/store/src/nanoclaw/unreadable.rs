//! Why a database of a session could not be read: a fact of the look, not an error of ours.
//!
//! Every reason names its file; `Display` is one clause that an operator understands.

use serde::{Deserialize, Serialize};

/// Why one of the files of a session gave no facts. *Unreadable is not empty.*
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "reason", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Unreadable {
    /// The content is not SQLite's.
    #[error("{file} is not a database")]
    NotADatabase {
        /// The file.
        file: String,
    },
    /// SQLite's content, but damaged.
    #[error("{file} is damaged: {detail}")]
    Corrupt {
        /// The file.
        file: String,
        /// SQLite's words.
        detail: String,
    },
    /// A table without which there is nothing to read; an empty file has none.
    #[error("{file} has no table {table}")]
    MissingTable {
        /// The file.
        file: String,
        /// The table.
        table: String,
    },
    /// A column without which there is nothing to read. A generated column counts as none.
    #[error("{file} has no column {table}.{column}")]
    MissingColumn {
        /// The file.
        file: String,
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A view or a virtual table stands where a table should.
    #[error("{table} of {file} is not an ordinary table")]
    NotATable {
        /// The file.
        file: String,
        /// The table.
        table: String,
    },
    /// A value has a type or a size that its column never holds.
    #[error("{table}.{column} of {file} holds {found}")]
    WrongType {
        /// The file.
        file: String,
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What was found, e.g. `a blob`.
        found: String,
    },
    /// A pipe, socket, directory or device.
    #[error("{file} is a {kind}, not a file")]
    NotAFile {
        /// The file.
        file: String,
        /// What it is.
        kind: String,
    },
    /// A symbolic link, or a path that goes through one.
    #[error("{file} is a symbolic link")]
    Symlink {
        /// The file, or the session directory.
        file: String,
    },
    /// A file with further names.
    #[error("{file} has a second name (a hard link)")]
    HardLink {
        /// The file.
        file: String,
    },
    /// The file changed its identity while it was being opened.
    #[error("{file} was replaced while it was opened")]
    Replaced {
        /// The file.
        file: String,
    },
    /// In WAL mode, or with a `-wal` beside it. Reading it would create files.
    #[error("{file} is in WAL mode")]
    Wal {
        /// The file.
        file: String,
    },
    /// Its last writer died in the middle of a transaction.
    #[error("{file} has a hot journal: its writer died in a transaction")]
    HotJournal {
        /// The file.
        file: String,
    },
    /// Locked by somebody for longer than the look may wait.
    #[error("{file} is locked by another process")]
    Busy {
        /// The file.
        file: String,
    },
    /// Reading took longer than the look may.
    #[error("reading {file} took too long")]
    Deadline {
        /// The file.
        file: String,
    },
    /// The file, one of its values or all of them together exceed a limit.
    #[error("{file} is too big: {what}")]
    TooBig {
        /// The file.
        file: String,
        /// What exceeds which limit.
        what: String,
    },
    /// More rows than a reply may hold, and leaving some out would mislead.
    #[error("{table} of {file} has more than {limit} live rows")]
    TooManyRows {
        /// The file.
        file: String,
        /// The table.
        table: String,
        /// How many are read at most.
        limit: u32,
    },
    /// No permission.
    #[error("no permission to read {file}")]
    Denied {
        /// The file, or the session directory.
        file: String,
    },
    /// An id that must not become part of a path.
    #[error("bad session id: {why}")]
    BadId {
        /// Which rule it breaks.
        why: String,
    },
    /// The linked SQLite is older than the one sweepd is built with.
    #[error("SQLite {version} is too old to read hostile files")]
    OldSqlite {
        /// Its version.
        version: String,
    },
    /// Anything else the system or SQLite said.
    #[error("{file} cannot be read: {detail}")]
    Io {
        /// The file, or the session directory.
        file: String,
        /// Its words.
        detail: String,
    },
}

impl Unreadable {
    /// Whether waking the agent can help: the container rolls its own journal back.
    pub fn is_hot_journal(&self) -> bool {
        matches!(self, Self::HotJournal { .. })
    }
    /// Whether it can be over at the next look without anybody's doing.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Busy { .. } | Self::Deadline { .. } | Self::HotJournal { .. } | Self::Io { .. }
        )
    }
}
