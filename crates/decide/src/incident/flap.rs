//! Is the coming and going of an incident one thing of its own?

use crate::decision::{Decision, Recheck};
use crate::time::{Span, Timestamp};

/// When an incident flaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "three numbers")]
pub struct FlapPolicy {
    /// More openings than this within the window. 3.
    pub openings: u32,
    /// So long an opening counts. 30 min.
    pub window: Span,
    /// So long without an opening or an ending, and it is over; at least as long as the window. 30 min.
    pub calm: Span,
}

impl Default for FlapPolicy {
    fn default() -> Self {
        Self { openings: 3, window: Span::from_mins(30), calm: Span::from_mins(30) }
    }
}

/// An opening of a key, or an ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_enums, reason = "an incident opens and ends")]
pub enum Change {
    /// It opened.
    Opened(Timestamp),
    /// It ended.
    Ended(Timestamp),
}

impl Change {
    /// When.
    pub const fn at(self) -> Timestamp {
        match self {
            Self::Opened(at) | Self::Ended(at) => at,
        }
    }
}

/// Whether a key flaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled answer is a bug")]
pub enum Flapping {
    /// It does not.
    No,
    /// It does.
    Yes,
}

/// Whether a key flaps at `now`, given the openings and endings of its incidents in any order, and
/// whether it flapped before. The evidence is the oldest opening that counts, where it begins to.
///
/// Source: docs/rules/incidents.md, "Flapping".
pub fn flap(
    policy: &FlapPolicy,
    changes: &[Change],
    flapped: bool,
    now: Timestamp,
) -> Decision<Flapping, Option<Timestamp>> {
    let later = changes.iter().map(|change| change.at()).filter(|at| *at > now).min();
    let later = later.map_or(Recheck::OnChange, Recheck::from);
    let past = changes.iter().filter(|change| change.at() <= now);
    let no = Decision { action: Flapping::No, evidence: None, recheck: later };
    if flapped {
        let calm_at = past
            .map(|change| change.at())
            .max()
            .map(|newest| newest.plus(policy.calm.max(policy.window)));
        let Some(calm_at) = calm_at.filter(|calm_at| now < *calm_at) else { return no };
        let recheck = later.sooner(calm_at.into());
        return Decision { action: Flapping::Yes, evidence: None, recheck };
    }
    let counts = past.filter_map(|change| match change {
        Change::Opened(at) if *at > now.minus(policy.window) => Some(*at),
        Change::Opened(_) | Change::Ended(_) => None,
    });
    let (count, oldest) = counts.fold((0_u32, Timestamp::MAX), |(count, oldest), at| {
        (count.saturating_add(1), oldest.min(at))
    });
    if count <= policy.openings {
        return no;
    }
    let recheck = later.sooner(oldest.plus(policy.window).into());
    Decision { action: Flapping::Yes, evidence: Some(oldest), recheck }
}
