//! What the stuck decision answers with. Data only.

use alloc::string::String;
use alloc::vec::Vec;

use crate::decision::Decision;
use crate::finding::Finding;
use crate::id::MessageId;
use crate::time::{Span, Timestamp};

/// The whole answer about one running incarnation.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Judgment {
    /// What to do, why, and until when that holds.
    pub decision: Decision<Action, Evidence>,
    /// What is wrong without being a reason to stop.
    pub findings: Vec<Finding>,
    /// Whether the agent is fine, in trouble, or cannot be judged.
    pub health: Health,
    /// This look, to be handed in as `previous` with the next one; `None`: no stop was due.
    pub record: Option<Look>,
}

/// What to do with a running agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled action is a bug")]
pub enum Action {
    /// Let it run.
    Ok,
    /// A stop is due, but not yet: see [`Overdue::held_by`].
    Hold,
    /// Stop: silent too long, alive too long, or idle.
    KillCeiling,
    /// Stop: silent since a claim.
    KillClaim,
    /// Stop: silent while a claim is open.
    KillSilent,
    /// Stop: never took up its work.
    KillStart,
}

/// The inputs that decided.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Evidence {
    /// The stop that is due; `None`: none is.
    pub overdue: Option<Overdue>,
    /// Some rule abstained because a fact it reads is unknown.
    pub blind: bool,
}

/// A limit that has passed: enough to compute the verdict again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Overdue {
    /// The rule that says so.
    pub rule: Rule,
    /// The agent has nothing to do: an ordinary reap, not a fault.
    pub idle: bool,
    /// Why the stop waits, if it does.
    pub held_by: Option<HeldBy>,
    /// Looks that agreed, this one included; at most the policy's confirmations.
    pub looks: u32,
    /// The claim named, where the rule names one.
    pub message_id: Option<MessageId>,
    /// What the limit is measured from.
    pub since: Timestamp,
    /// The limit.
    pub limit: Span,
    /// End of the declared budget, where the rule honors one and one is in force.
    pub budget_end: Option<Timestamp>,
    /// The first overdue instant.
    pub overdue_at: Timestamp,
}

/// Why a stop that is due waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "a host must handle both")]
pub enum HeldBy {
    /// The host was suspended or paused just now.
    Suspend,
    /// Another look has to agree.
    Confirmation,
}

/// The state of an agent in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum Health {
    /// Nothing wrong that we can see.
    Ok,
    /// A fault stop is due, or a finding of severity warning or worse is open.
    Failing,
    /// It cannot be judged.
    #[default]
    Unknown,
}

/// A look in which a stop was due, as recorded: what the next look must find again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Look {
    /// When the last counted look was.
    pub at: Timestamp,
    /// Looks counted so far.
    pub count: u32,
    /// The rule that wants the stop.
    pub rule: Rule,
    /// Start of the incarnation.
    pub start: Timestamp,
    /// The claim named, where the rule names one.
    pub message_id: Option<MessageId>,
    /// Its time as the agent wrote it.
    pub status_changed: Option<String>,
    /// The heartbeat as read; `None` for the hard cap, which does not look at it.
    pub heartbeat: Option<Timestamp>,
}

/// A rule that can stop a running agent, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "a new rule must break the build")]
pub enum Rule {
    /// Silent longer than the ceiling.
    Ceiling,
    /// Silent since a claim.
    Claim,
    /// Silent while a claim is open.
    Silence,
    /// Never took up due work.
    Start,
    /// Never beat at all.
    NeverBeat,
    /// Alive too long.
    HardCap,
}

impl Rule {
    /// What a stop by this rule is called.
    pub const fn action(self) -> Action {
        match self {
            Self::Ceiling | Self::NeverBeat | Self::HardCap => Action::KillCeiling,
            Self::Claim => Action::KillClaim,
            Self::Silence => Action::KillSilent,
            Self::Start => Action::KillStart,
        }
    }
}
