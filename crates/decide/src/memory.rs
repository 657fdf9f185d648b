//! What is remembered about one agent from look to look. Plain data: stored, never interpreted
//! by the store.

use alloc::string::String;
use alloc::vec::Vec;

use crate::brake::Wish;
use crate::id::{MessageId, RunId};
use crate::keep::Kept;
use crate::message::Claim;
use crate::silent::Hearing;
use crate::snapshot::Heartbeat;
use crate::stuck::{Look, Overdue};
use crate::time::Timestamp;

/// Everything a pass needs to know about an agent that the world does not show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
#[non_exhaustive]
pub struct Memory {
    /// The heartbeat's value at the last look, and when it was first seen to be that.
    pub heartbeat: Option<Heartbeat>,
    /// The last look in which a stop was due.
    pub confirmation: Option<Look>,
    /// Claims that were released and whose rows still stand.
    pub released: Vec<Released>,
    /// The last stop of ours, until its claims are settled.
    pub stop: Option<Stop>,
    /// Wakes that failed, and the one that worked.
    pub wakes: Wakes,
    /// Deaths with a claim open.
    pub deaths: Vec<Death>,
    /// The run last seen alive, so that its end is noticed.
    pub run: Option<Run>,
    /// Paused messages that an ack has ended: their clone stays paused.
    pub paused: Vec<MessageId>,
    /// A run that ended and whose death is not counted yet: the look at its claims failed.
    pub ended: Option<Ended>,
    /// The claims that were open at the last look that did not fail, so many at the most.
    pub open: Vec<ClaimKey>,
    /// When it completed a message last, as far as could be told: failures before that are over.
    pub succeeded_at: Option<Timestamp>,
    /// When there may be something to do next, as of the end of its last turn.
    pub next_look: Option<Timestamp>,
    /// What was decided last, in one word.
    pub last_action: Option<String>,
    /// When the last failed look was that counted.
    pub failed_look_at: Option<Timestamp>,
    /// Looks in a row that failed, and when the first of them was.
    pub failed_looks: u32,
    /// When the first of those looks was.
    pub failing_since: Option<Timestamp>,
    /// When the last look that did not fail was.
    pub seen_at: Option<Timestamp>,
    /// The boot of the host in which its run was last seen alive.
    pub boot_id: Option<String>,
    /// The stop for a fault that its last look called for.
    pub wish: Option<Wish>,
    /// When it was stopped although the brake was on: the one that shows whether stopping helps.
    pub canary_at: Option<Timestamp>,
    /// Of an always-on container: how it has fared.
    pub kept: Kept,
    /// What it was asked and has said, for the rule of silence.
    pub hearing: Hearing,
}

/// A run that was seen alive.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Run {
    /// Its immutable id.
    pub id: RunId,
    /// When it started, as the runtime said when it was first asked.
    pub started_at: Option<Timestamp>,
}

/// A run that was seen to have ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Ended {
    /// Which.
    pub run: Run,
    /// Its exit code, if anybody knows.
    pub code: Option<i64>,
    /// When.
    pub at: Timestamp,
    /// We stopped it.
    pub by_us: bool,
    /// The runtime that runs now saw it end itself: an event, or its own child.
    #[cfg_attr(feature = "serde", serde(default))]
    pub witnessed: bool,
    /// The kernel killed it for its memory.
    #[cfg_attr(feature = "serde", serde(default))]
    pub oom_killed: bool,
    /// The host was booted anew since it was last seen alive.
    #[cfg_attr(feature = "serde", serde(default))]
    pub rebooted: bool,
}

/// What makes a claim the same claim: the message, and the claim's time as the agent wrote it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ClaimKey {
    /// The message.
    pub message_id: MessageId,
    /// The raw time text.
    pub status_changed: Option<String>,
}

impl ClaimKey {
    /// The key of a claim.
    pub fn of(claim: &Claim) -> Self {
        Self {
            message_id: claim.message_id.clone(),
            status_changed: claim.status_changed.raw().map(Into::into),
        }
    }
}

/// A claim that was dealt with. It is neither judged nor charged again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Released {
    /// Which claim.
    pub claim: ClaimKey,
    /// Whose it was, if that is known.
    pub run: Option<RunId>,
    /// When it was released.
    pub at: Timestamp,
}

/// A stop of ours: decided and committed before it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Stop {
    /// What is stopped.
    pub run: RunId,
    /// Why: the evidence of the decision; `None`: a person asked for it.
    pub overdue: Option<Overdue>,
    /// The claims to charge, fixed at the decision.
    pub charges: Vec<ClaimKey>,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// When the end was observed; `None`: not yet.
    pub ended_at: Option<Timestamp>,
    /// Attempts that did not end the container.
    pub failures: u32,
    /// When the last attempt began.
    pub attempted_at: Timestamp,
}

/// How waking an agent has gone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
pub struct Wakes {
    /// Failures in a row.
    pub failures: u32,
    /// When the last attempt began.
    pub attempted_at: Option<Timestamp>,
    /// It has begun, and how it ended is not written down yet.
    pub under_way: bool,
    /// What the last attempt said, if it failed.
    pub last_error: Option<String>,
    /// A wake of ours worked, and its run has neither stayed up long enough nor ended since.
    pub woken: bool,
}

/// An agent that ended by itself while it worked on a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Death {
    /// The claim it died on.
    pub claim: ClaimKey,
    /// When that was seen.
    pub at: Timestamp,
}
