//! Is an agent that was stopped well again? What a later incarnation has to show for it.

use alloc::collections::BTreeSet;

use super::Queue;
use super::due::is_due;
use crate::id::MessageId;
use crate::time::{Span, Timestamp};

/// Up for so long with nothing to do counts as well.
const CALM: Span = Span::from_mins(10);

/// A sign that an agent is well again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum Recovery {
    /// It beats.
    Beats,
    /// It acks.
    Acks,
    /// It answers what it has claimed.
    Answers,
    /// It has been up for a while and has nothing to do.
    Idle,
}

impl Recovery {
    /// How the incident of the stop ended, in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Beats => "it beats",
            Self::Acks => "it acks",
            Self::Answers => "it answers",
            Self::Idle => "it is idle",
        }
    }
}

/// The first such sign at `now` of the incarnation that is up since `start`; evidence that may be
/// its predecessor's is none.
///
/// Source: docs/reference/findings.md, `agent-stuck`.
pub fn recovery(
    queue: &Queue,
    heartbeat: Option<Timestamp>,
    last_ack: Option<Timestamp>,
    start: Timestamp,
    now: Timestamp,
) -> Option<Recovery> {
    let after_start = |at: Option<Timestamp>| at.is_some_and(|at| at > start);
    let answered: BTreeSet<&MessageId> = queue.answered.iter().collect();
    let ours = queue.claims.iter().filter(|claim| after_start(claim.status_changed.at()));
    let nothing_to_do = queue.claims.is_empty() && !is_due(queue, now);
    if after_start(heartbeat) {
        Some(Recovery::Beats)
    } else if after_start(last_ack) {
        Some(Recovery::Acks)
    } else if ours.map(|claim| &claim.message_id).any(|id| answered.contains(id)) {
        Some(Recovery::Answers)
    } else {
        (nothing_to_do && now >= start.plus(CALM)).then_some(Recovery::Idle)
    }
}
