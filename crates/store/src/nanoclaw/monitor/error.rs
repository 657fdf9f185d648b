//! Why the monitor could not be set up or asked, and whether trying again later can help.

use crate::error::{Cause, Retry};
use crate::nanoclaw::id::BadId;
use crate::nanoclaw::unreadable::Unreadable;

/// A write for the monitor that could not be tried or finished.
///
/// The database that it names was not changed; a directory or an empty queue may have been made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MonitorError {
    /// The channel is not one of Discord's.
    #[error("the Discord {what} of the health monitor is not a number")]
    BadChannel {
        /// Which of its ids.
        what: &'static str,
    },
    /// The task's message cannot have this id.
    #[error("a message cannot have the id {id:?}: only letters, digits, '-' and '_'")]
    BadMessageId {
        /// The id.
        id: String,
    },
    /// There is no central database.
    #[error("the installation has no data/v2.db")]
    NoCentral,
    /// A database is in a state in which it must not be written, or in somebody's hands.
    #[error("open {file} for writing")]
    Open {
        /// The database.
        file: &'static str,
        /// Which state.
        source: Unreadable,
    },
    /// This process may only read the database.
    #[error("{file} cannot be written: it is read-only for this process")]
    ReadOnly {
        /// The database.
        file: &'static str,
    },
    /// The schema lacks what there is no doing without.
    #[error("{file} has no {what}")]
    Lacks {
        /// The database.
        file: &'static str,
        /// The table or column.
        what: String,
    },
    /// The monitor's folder is another agent group's.
    #[error("the folder health-monitor belongs to the agent group {group:?}")]
    FolderTaken {
        /// That group.
        group: String,
    },
    /// There is no such agent group: it was never set up, or has been removed.
    #[error("there is no agent group health-monitor")]
    NoGroup,
    /// An id or a folder in the database leads out of the tree.
    #[error("find the {what} of the health monitor")]
    BadPath {
        /// What it is the name of.
        what: &'static str,
        /// Which rule it breaks.
        source: BadId,
    },
    /// What lies at a place below the root is not what it should be, such as a link.
    #[error("enter {path}")]
    Enter {
        /// The path below the root.
        path: String,
        /// What it is.
        source: Unreadable,
    },
    /// A directory or file could not be made.
    #[error("make {path}")]
    Make {
        /// The path below the root.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite refused a statement or the commit.
    #[error("write {file}")]
    Write {
        /// The database.
        file: &'static str,
        /// Why.
        source: Unreadable,
    },
    /// A constraint that we don't know refuses the row.
    #[error("{table} of {file} does not take the row")]
    Constraint {
        /// The database.
        file: &'static str,
        /// The table.
        table: &'static str,
        /// Which one.
        source: Cause,
    },
}

impl MonitorError {
    /// Whether the same call can succeed later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::NoCentral | Self::NoGroup => Retry::Gone,
            Self::Open { source, .. } | Self::Write { source, .. } | Self::Enter { source, .. }
                if source.may_pass() =>
            {
                Retry::Later
            }
            Self::Open { .. }
            | Self::Write { .. }
            | Self::Enter { .. }
            | Self::BadChannel { .. }
            | Self::BadMessageId { .. }
            | Self::ReadOnly { .. }
            | Self::Lacks { .. }
            | Self::FolderTaken { .. }
            | Self::BadPath { .. }
            | Self::Make { .. }
            | Self::Constraint { .. } => Retry::Never,
        }
    }
}
