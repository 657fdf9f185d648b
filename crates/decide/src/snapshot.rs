//! Facts about one running agent at one instant: what the stuck decision is made from.

use alloc::string::String;
use alloc::vec::Vec;

use crate::id::MessageId;
use crate::message::{Claim, Written};
use crate::observed::Observed;
use crate::stuck::Look;
use crate::time::Timestamp;

/// Everything the stuck decision reads. Starts with every fact unknown; a host fills in what it
/// has looked at, and a fact added by a later version is unknown to it, hence harmless.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Snapshot {
    /// When this incarnation started.
    pub start: Observed<Timestamp>,
    /// Its last sign of life.
    pub heartbeat: Observed<Heartbeat>,
    /// The tool row of the agent's database.
    pub tool: Observed<Tool>,
    /// Every open claim, in the database's order.
    pub claims: Observed<Vec<Claim>>,
    /// The newest ack's time.
    pub last_ack: Observed<Written>,
    /// Every pending message that wakes, also those that fall due later and those being processed.
    pub due: Observed<Vec<Due>>,
    /// Suspends of the host: disjoint, over.
    pub slept: Vec<Suspend>,
    /// End of the hold that follows a suspend, if one was found.
    pub hold_until: Option<Timestamp>,
    /// The look before this one in which a stop was due, as recorded.
    pub previous: Option<Look>,
}

/// A heartbeat file's modification time, and when it was first seen to have this very value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Heartbeat {
    /// The file's modification time: the agent controls it.
    pub mtime: Timestamp,
    /// The look that first saw this value: the host's own clock.
    pub first_seen: Timestamp,
}

/// What the agent says it is doing: row 1 of its `container_state` table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Tool {
    /// The tool in flight; `None` or empty: none.
    pub name: Option<String>,
    /// How long it may take, in milliseconds, by its own word; only an integer counts.
    pub declared_ms: Option<i64>,
    /// When it started, as the agent wrote it.
    pub started_at: Written,
}

/// A pending message that wakes, and the instant from which it does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Due {
    /// The message.
    pub message_id: MessageId,
    /// The later of its `timestamp` and its `process_after`.
    pub at: Timestamp,
}

/// A span in which the host was suspended, so that nobody could work or beat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Suspend {
    /// When it fell asleep.
    pub from: Timestamp,
    /// When it woke up.
    pub to: Timestamp,
}

impl Snapshot {
    /// A snapshot in which nothing is known yet; no rule acts on it.
    pub fn unknown() -> Self {
        Self::default()
    }
}
