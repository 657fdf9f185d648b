//! The evidence of a stop in one sentence, and the published words for actions and reasons.

use core::fmt;

use super::answer::{Action, HeldBy, Overdue, Rule};
use crate::id::MessageId;

impl Action {
    /// The published word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Hold => "hold",
            Self::KillCeiling => "kill-ceiling",
            Self::KillClaim => "kill-claim",
            Self::KillSilent => "kill-silent",
            Self::KillStart => "kill-start",
        }
    }
}

impl Overdue {
    /// The reason of a stop, as events name it.
    pub const fn reason(&self) -> &'static str {
        if self.idle {
            return "idle";
        }
        match self.rule {
            Rule::Ceiling => "ceiling",
            Rule::Claim => "claim",
            Rule::Silence => "silence",
            Rule::Start => "start",
            Rule::NeverBeat => "never-beat",
            Rule::HardCap => "hard-cap",
        }
    }
}

/// One sentence: what was measured, from when, against which limit, and what holds the stop.
impl fmt::Display for Overdue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (since, limit) = (self.since, self.limit);
        let claim = self.message_id.as_ref().map_or("?", MessageId::as_str);
        match (self.rule, self.idle) {
            (Rule::HardCap, true) => write!(f, "idle, alive since {since}; hard cap {limit}"),
            (_, true) => write!(f, "idle since {since}; limit {limit}"),
            (Rule::Ceiling, _) => write!(f, "no sign of life since {since}; ceiling {limit}"),
            (Rule::NeverBeat, _) => {
                write!(f, "no heartbeat ever, no sign of life since {since}; limit {limit}")
            }
            (Rule::HardCap, _) => write!(f, "alive since {since}; hard cap {limit}"),
            (Rule::Start, _) => {
                write!(f, "work is due and nothing has been heard since {since}; limit {limit}")
            }
            (Rule::Claim, _) => {
                write!(f, "claim {claim} held since {since} without a later heartbeat; ")?;
                write!(f, "limit {limit}")
            }
            (Rule::Silence, _) => {
                write!(f, "silent since {since} with claim {claim} open; limit {limit}")
            }
        }?;
        if let Some(end) = self.budget_end {
            write!(f, "; declared budget until {end}")?;
        }
        match self.held_by {
            None => Ok(()),
            Some(HeldBy::Suspend) => f.write_str("; held: the host was suspended"),
            Some(HeldBy::Confirmation) => f.write_str("; held: another look has to agree"),
        }
    }
}
