//! Makes one write to a session's `inbound.db`: conditional, in one short transaction, repeatable.
//!
//! It decides nothing and computes nothing but the clone's sequence number: the values come from an
//! intent that was committed before. Whether a host is alive is the caller's question.

mod recur;
mod update;

use sweepd_decide::RowChange;

use self::recur::Recur;
use super::beneath::SessionDir;
use super::id::BadId;
use super::open::{Allowance, Database, INBOUND};
use super::root::Root;
use super::unreadable::Unreadable;
use crate::budget::Budget;
use crate::error::{Cause, Retry};

/// How long a write waits for the database's lock, in milliseconds: a host's transaction is short.
const BUSY_MS: u64 = 500;
/// How long a write may take in all, in milliseconds.
const DEADLINE_MS: u64 = 2000;
/// The biggest database and journal that is written to.
const MAX_FILE: u64 = 1 << 30;
/// The longest content that a clone copies.
const LONGEST_VALUE: i32 = 1 << 26;

/// How a write went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a caller must handle all three")]
pub enum Applied {
    /// It was made now.
    Done,
    /// It had been made before.
    AlreadyDone,
    /// Somebody changed the row in between: the write no longer means anything.
    Superseded,
}

/// A write that could not be tried or finished. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// An id that leads out of the tree.
    #[error("find the session")]
    FindSession {
        /// Which rule the id breaks.
        source: BadId,
    },
    /// No such session, or no `inbound.db` in it.
    #[error("the session has no inbound.db")]
    NoInbound,
    /// The file is in a state in which it must not be written.
    #[error("open inbound.db for writing")]
    Open {
        /// Which state.
        source: Unreadable,
    },
    /// The schema lacks a column that the write needs.
    #[error("inbound.db has no column messages_in.{column}")]
    LacksColumn {
        /// The column.
        column: String,
    },
    /// The id stands for several rows: this is not a queue.
    #[error("several rows of messages_in have the id {id:?}")]
    Ambiguous {
        /// The id.
        id: String,
    },
    /// SQLite refused a statement or the commit.
    #[error("write messages_in")]
    Write {
        /// Why.
        source: Unreadable,
    },
    /// A constraint that we don't know refuses the row.
    #[error("messages_in does not take the row")]
    Constraint {
        /// Which one.
        source: Cause,
    },
}

impl ApplyError {
    /// Whether the same write can succeed later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::NoInbound => Retry::Gone,
            Self::Open { source } | Self::Write { source } if source.may_pass() => Retry::Later,
            Self::Open { .. }
            | Self::Write { .. }
            | Self::FindSession { .. }
            | Self::LacksColumn { .. }
            | Self::Ambiguous { .. }
            | Self::Constraint { .. } => Retry::Never,
        }
    }
}

/// Makes one write to a session's `inbound.db`, unless the row has changed since it was planned.
///
/// Opens the file, writes in one transaction and closes it at once; waits at most half a second
/// for a lock. Triggers and views of the file stay off, its journal mode stays as it is, and nothing
/// is created but SQLite's own journal for the moment of the write.
///
/// # Errors
/// [`ApplyError`]; in every case nothing was changed. [`ApplyError::retry`] says whether to try
/// again later: a locked file or a hot journal passes, a foreign schema does not.
pub fn apply(
    root: &Root,
    group: &str,
    session: &str,
    change: &RowChange,
) -> Result<Applied, ApplyError> {
    root.session_dir(group, session).map_err(|source| ApplyError::FindSession { source })?;
    let open = |source| ApplyError::Open { source };
    let dir = SessionDir::open(root.sessions_dir(), group, session).map_err(open)?;
    let dir = dir.ok_or(ApplyError::NoInbound)?;
    let database = Database::write(&dir, INBOUND, allowance()).map_err(open)?;
    let database = database.ok_or(ApplyError::NoInbound)?;
    let applied = match change {
        RowChange::Update { message_id, before, after } => {
            update::update(&database, message_id, before, after)
        }
        RowChange::Recur {
            message_id,
            status,
            recurrence,
            clone_id,
            clone_status,
            series_id,
            process_after,
            timestamp,
        } => Recur {
            message_id,
            status: status.as_deref(),
            recurrence,
            clone_id,
            clone_status,
            series_id,
            process_after,
            timestamp,
        }
        .apply(&database),
    }?;
    database.run("COMMIT").map_err(|source| ApplyError::Write { source })?;
    Ok(applied)
}

/// What a write may cost, from now on.
pub(super) fn allowance() -> Allowance {
    Allowance {
        busy: Budget::of_millis(BUSY_MS),
        deadline: Budget::of_millis(DEADLINE_MS),
        max_file: MAX_FILE,
        max_value: LONGEST_VALUE,
    }
}

/// A failed statement of a write.
fn failed(database: &Database, error: rusqlite::Error) -> ApplyError {
    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) {
        return ApplyError::Constraint { source: Box::new(error) };
    }
    ApplyError::Write { source: database.why(&error) }
}
