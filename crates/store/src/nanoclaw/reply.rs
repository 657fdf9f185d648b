//! The look port: one serialisable request, one owned and capped reply.
//!
//! Plain data on both sides, so that the look can move into a process of its own that may be
//! killed. No handle, no borrowed row and no error crosses it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sweepd_decide::{Ack, Claim, Message, MessageId, Observed, Timestamp, Tool, Written};

use super::unreadable::Unreadable;

/// Which session to look at, and what the look may cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "a request is all there is")]
pub struct LookRequest {
    /// The installation, canonicalised: [`Root::path`](super::Root::path).
    pub root: PathBuf,
    /// The session's agent group.
    pub agent_group_id: String,
    /// The session.
    pub session_id: String,
    /// How long to wait for locks: one budget for all statements of the look, in milliseconds.
    pub busy_ms: u64,
    /// How long the whole look may take, in milliseconds; a running statement is interrupted.
    pub deadline_ms: u64,
    /// How many live messages a reply holds; a queue with more is not read, for a part of it is not
    /// the queue.
    pub max_rows: u32,
    /// How many open claims a reply holds: a runner has about ten.
    pub max_claims: u32,
    /// How big a database or journal may be, in bytes.
    pub max_file: u64,
    /// Roll back a hot journal beside `inbound.db`. Only for an engine in enforce mode that knows
    /// that no host is alive and nothing runs.
    pub heal_inbound: bool,
}

impl LookRequest {
    /// A look with the usual limits: 200 ms for locks, 300 ms in all, 10,000 rows, 1,000 claims, files up to
    /// 1 GiB, and no healing.
    pub fn new(
        root: impl Into<PathBuf>,
        agent_group_id: impl Into<String>,
        session_id: impl Into<String>,
    ) -> Self {
        Self {
            root: root.into(),
            agent_group_id: agent_group_id.into(),
            session_id: session_id.into(),
            busy_ms: 200,
            deadline_ms: 300,
            max_rows: 10_000,
            max_claims: 1000,
            max_file: 1 << 30,
            heal_inbound: false,
        }
    }
}

/// What one look at one session saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Look {
    /// The host's database.
    pub inbound: Part<Inbound>,
    /// The container's database.
    pub outbound: Part<Outbound>,
    /// Modification time of `.heartbeat`, in whole milliseconds (floor). `Absent` if there is no
    /// such file, `Unknown` if it is anything but a regular file.
    pub heartbeat: Observed<Timestamp>,
}

/// One database of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "a caller must handle all three")]
pub enum Part<T> {
    /// Read, and this is what it holds.
    Seen(T),
    /// No such file, or no session directory.
    Missing,
    /// It is there, but it gave no facts.
    Unreadable(Unreadable),
}

impl<T> Part<T> {
    /// What was read, if it was.
    pub const fn seen(&self) -> Option<&T> {
        match self {
            Self::Seen(part) => Some(part),
            Self::Missing | Self::Unreadable(_) => None,
        }
    }

    /// Why it could not be read, if that is so.
    pub const fn unreadable(&self) -> Option<&Unreadable> {
        match self {
            Self::Unreadable(why) => Some(why),
            Self::Seen(_) | Self::Missing => None,
        }
    }

    /// Whether there is no such file.
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}

impl<T> From<Result<Option<T>, Unreadable>> for Part<T> {
    fn from(found: Result<Option<T>, Unreadable>) -> Self {
        match found {
            Ok(Some(part)) => Self::Seen(part),
            Ok(None) => Self::Missing,
            Err(why) => Self::Unreadable(why),
        }
    }
}

/// The live part of the host's queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Inbound {
    /// Rows that are not `completed`, or recur, or are claimed; in rowid order. Content is not read.
    pub messages: Vec<Message>,
    /// Columns of the newest schema that this one lacks, each read as `None`, in table order. A
    /// generated column counts as lacking.
    pub absent_columns: Vec<String>,
}

/// What the container says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Outbound {
    /// Every open claim, in rowid order.
    pub claims: Vec<Claim>,
    /// Ends of processing of the messages in [`Inbound::messages`], in their order.
    pub acks: Vec<Ack>,
    /// Time of the newest `completed` or `failed` ack, looked for among the rows written last. If
    /// the very last one's time cannot be read, it is that one.
    pub last_ack: Option<Written>,
    /// Row 1 of `container_state`.
    pub tool: Option<Tool>,
    /// Those of the claimed messages that have been answered: an output row of kind other than
    /// `status` or `system` in reply to it, stamped in a later whole second than the claim.
    pub answered: Vec<MessageId>,
    /// Optional tables, and columns of them (`table.column`), that are not there.
    pub absent: Vec<String>,
}
