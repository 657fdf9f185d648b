//! The shape of every answer: what to do, why, and until when the answer holds.

use crate::time::Timestamp;

/// An answer of the core.
///
/// > Same facts, same answer, until `recheck`; a different answer at `recheck`;
/// > [`Recheck::OnChange`] means time alone never changes it.
#[must_use = "a decision does nothing until the engine carries it out"]
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Decision<A, E> {
    /// What to do.
    pub action: A,
    /// The instants, limits and ids that decided. Never ages.
    pub evidence: E,
    /// When to ask again if nothing changes.
    pub recheck: Recheck,
}

/// The right-hand edge of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "a host must handle both")]
pub enum Recheck {
    /// Time alone changes nothing: ask again when a fact does.
    #[default]
    OnChange,
    /// The earliest instant at which the answer differs with unchanged facts.
    At(Timestamp),
}

impl Recheck {
    /// The earlier of the two; `OnChange` is later than any instant.
    #[must_use]
    pub fn sooner(self, other: Self) -> Self {
        match (self, other) {
            (Self::At(a), Self::At(b)) => Self::At(a.min(b)),
            (Self::At(at), Self::OnChange) | (Self::OnChange, Self::At(at)) => Self::At(at),
            (Self::OnChange, Self::OnChange) => Self::OnChange,
        }
    }

    /// The instant, if time alone can change the answer.
    pub const fn at(self) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(at),
            Self::OnChange => None,
        }
    }
}

/// An instant that saturated at the end of time is never reached.
impl From<Timestamp> for Recheck {
    fn from(at: Timestamp) -> Self {
        if at == Timestamp::MAX { Self::OnChange } else { Self::At(at) }
    }
}
