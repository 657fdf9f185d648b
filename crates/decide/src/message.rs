//! The work queue of an agent as its two databases show it: messages, claims, acks.

use alloc::string::String;

use crate::id::MessageId;
use crate::time::{Timestamp, parse_utc};

/// A time as somebody wrote it: the raw text, which is its identity, and its reading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(from = "Option<String>", into = "Option<String>"))]
pub struct Written {
    raw: Option<String>,
    at: Option<Timestamp>,
}

impl Written {
    /// Keeps the text and reads it with [`parse_utc`]. `None` is a NULL, which reads as no time.
    pub fn new(raw: Option<String>) -> Self {
        let at = raw.as_deref().and_then(parse_utc);
        Self { raw, at }
    }

    /// The text as it stands in the database; `None` for NULL.
    pub fn raw(&self) -> Option<&str> {
        self.raw.as_deref()
    }

    /// The instant it means; `None` if it cannot be read.
    pub const fn at(&self) -> Option<Timestamp> {
        self.at
    }
}

impl From<Option<String>> for Written {
    fn from(raw: Option<String>) -> Self {
        Self::new(raw)
    }
}

impl From<Written> for Option<String> {
    fn from(written: Written) -> Self {
        written.raw
    }
}

impl From<&str> for Written {
    fn from(raw: &str) -> Self {
        Self::new(Some(raw.into()))
    }
}

/// A message that is being processed: a `processing` row of the agent's database.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Claim {
    /// The message that was claimed.
    pub message_id: MessageId,
    /// When, to the whole second, as the agent wrote it.
    pub status_changed: Written,
}

/// The end of a message's processing as the agent reports it; any status but `processing`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ack {
    /// The message it is about.
    pub message_id: MessageId,
    /// `completed`, `failed`, or a word we don't know.
    pub status: String,
    /// When, as the agent wrote it.
    pub status_changed: Written,
}

/// One row of the inbound queue, without its content: agents' text is never read here.
///
/// NULLs and columns that an older schema lacks stay `None`; the accessors read them as the
/// defaults of the newest schema.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Message {
    /// Position in the table; the order in which recurrences are cloned.
    pub rowid: i64,
    /// The message's id.
    pub id: MessageId,
    /// chat, task, system, webhook …
    pub kind: String,
    /// When it was written.
    pub timestamp: Written,
    /// The three columns a sweep may change.
    pub state: RowState,
    /// Cron expression; `None` once it has been handed on to a clone.
    pub recurrence: Option<String>,
    /// The series it belongs to; `None` in rows that never recurred.
    pub series_id: Option<String>,
    /// 1 = wakes an agent, 0 = context only.
    pub trigger: Option<i64>,
}

/// The columns of a message that a sweep may change, as read. Also the fence of every write:
/// an update applies only to a row that still looks like this.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RowState {
    /// pending, completed, failed, paused, or free text.
    pub status: Option<String>,
    /// Attempts so far.
    pub tries: Option<i64>,
    /// Not before this instant, as written.
    pub process_after: Option<String>,
}

impl RowState {
    /// The status, a NULL read as `pending`.
    pub fn status(&self) -> &str {
        self.status.as_deref().unwrap_or("pending")
    }

    /// The attempts so far, a NULL read as 0.
    pub fn tries(&self) -> i64 {
        self.tries.unwrap_or(0)
    }
}

impl Message {
    /// Whether this row wakes an agent when it falls due, a NULL read as yes.
    pub fn triggers(&self) -> bool {
        self.trigger.unwrap_or(1) == 1
    }

    /// The series, or the message's own id where none is written.
    pub fn series(&self) -> &str {
        self.series_id.as_deref().unwrap_or(self.id.as_str())
    }
}

impl RowChange {
    /// The message whose row it is about.
    pub const fn message_id(&self) -> &MessageId {
        match self {
            Self::Update { message_id, .. } | Self::Recur { message_id, .. } => message_id,
        }
    }
}

/// One write to the inbound queue: data, fenced by what was there before, safe to apply twice.
///
/// Nothing in it is computed when it is applied; a change that waited out a crash means the same.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "change", rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled write is a bug")]
pub enum RowChange {
    /// Replace the state of one message.
    Update {
        /// The message.
        message_id: MessageId,
        /// What must still stand there.
        before: RowState,
        /// What stands there afterwards.
        after: RowState,
    },
    /// Clone a recurring message for its next run and take the expression off the original, in
    /// one transaction. The clone copies content, routing, kind, trigger and expression.
    Recur {
        /// The message that recurs.
        message_id: MessageId,
        /// Its status, which must still stand there.
        status: Option<String>,
        /// Its expression, which must still stand there.
        recurrence: String,
        /// Id of the clone.
        clone_id: MessageId,
        /// Status of the clone: `pending`, or `paused` where the original was paused.
        clone_status: String,
        /// Series of the clone.
        series_id: String,
        /// When the clone is due: RFC 3339 with milliseconds.
        process_after: String,
        /// The clone's `timestamp`.
        timestamp: String,
    },
}
