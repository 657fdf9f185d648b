//! How long is a credential good for, and who has to hear of it?
//!
//! Source: docs/rules/credentials.md.

use crate::decision::{Decision, Recheck};
use crate::finding::Severity;
use crate::time::{Span, Timestamp};

/// What reading a credential came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled reading is a bug")]
pub enum Reading {
    /// It is good until then.
    Until(Timestamp),
    /// It is there, and says nothing of its end that could be understood.
    NoEnd,
    /// There is none.
    Missing,
    /// It could not be read, or is no credential.
    Unreadable,
}

/// How a credential stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum CredentialState {
    /// It is good for longer than the warning time.
    Ok,
    /// It is good for less than that.
    Expiring,
    /// It is over.
    Expired,
    /// There is none.
    Missing,
    /// It could not be read.
    Unreadable,
    /// Nobody knows when it is over.
    Unknown,
}

impl CredentialState {
    /// The published word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
            Self::Unknown => "unknown",
        }
    }

    /// Whether a newer one is to be looked for.
    pub const fn wants_refresh(self) -> bool {
        matches!(self, Self::Expiring | Self::Expired)
    }
}

/// When people hear of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain numbers")]
pub struct CredentialPolicy {
    /// So long before its end it is expiring. 60 min.
    pub warn_before: Span,
    /// So long before its end people hear of it although it can be renewed. 10 min.
    pub urgent_before: Span,
    /// Something is configured that may renew it.
    pub can_renew: bool,
}

impl Default for CredentialPolicy {
    fn default() -> Self {
        let (warn_before, urgent_before) = (Span::from_mins(60), Span::from_mins(10));
        Self { warn_before, urgent_before, can_renew: false }
    }
}

/// How a credential stands at `now`, and how bad that is: `None`, nothing is wrong. The evidence is its
/// end.
///
/// Source: docs/rules/credentials.md.
pub fn credential(
    policy: &CredentialPolicy,
    reading: Reading,
    now: Timestamp,
) -> Decision<(CredentialState, Option<Severity>), Option<Timestamp>> {
    use CredentialState as State;
    let fixed = |state, severity| Decision {
        action: (state, severity),
        evidence: None,
        recheck: Recheck::OnChange,
    };
    let end = match reading {
        Reading::Until(end) => end,
        Reading::NoEnd => return fixed(State::Unknown, Some(Severity::Notice)),
        Reading::Missing => return fixed(State::Missing, Some(Severity::Error)),
        Reading::Unreadable => return fixed(State::Unreadable, Some(Severity::Error)),
    };
    let warn = end.minus(policy.warn_before).min(end);
    let urgent = end.minus(policy.urgent_before).clamp(warn, end);
    let early = if policy.can_renew { Severity::Notice } else { Severity::Warning };
    let (action, next) = if now >= end {
        ((State::Expired, Some(Severity::Error)), None)
    } else if now >= urgent {
        ((State::Expiring, Some(Severity::Warning)), Some(end))
    } else if now >= warn {
        // Where nothing renews it, it gets no worse until its end.
        let next = if policy.can_renew { urgent } else { end };
        ((State::Expiring, Some(early)), Some(next))
    } else {
        ((State::Ok, None), Some(warn))
    };
    let recheck = next.map_or(Recheck::OnChange, Recheck::from);
    Decision { action, evidence: Some(end), recheck }
}

/// Whether a credential that was found elsewhere may be put in place of another: only one that is good
/// for strictly longer, and never in place of one that cannot be read.
///
/// Source: docs/rules/credentials.md, "Renewing".
pub fn may_replace(old: Reading, new: Reading) -> bool {
    match (old, new) {
        (Reading::Until(old), Reading::Until(new)) => new > old,
        (Reading::NoEnd, Reading::Until(_)) => true,
        (Reading::Missing | Reading::Unreadable, _)
        | (_, Reading::NoEnd | Reading::Missing | Reading::Unreadable) => false,
    }
}
