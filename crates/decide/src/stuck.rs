//! Is a running agent stuck? The decision, its evidence, and when to ask again.
//!
//! Rules say what is overdue ([`Rule`], one file each under `stuck/rule`); confirmation and the
//! suspend hold say whether that is enough to stop it; the horizon says until when the answer
//! holds. Nothing here looks at the world or does anything to it.

use crate::policy::{Policy, Profile};
use crate::snapshot::Snapshot;
use crate::time::{Span, Timestamp};

mod answer;
mod confirm;
mod eval;
mod facts;
mod forecast;
mod horizon;
mod nanoclaw;
mod rule;
mod sentence;

pub use answer::Rule;
pub use answer::{Action, Evidence, Health, HeldBy, Judgment, Look, Overdue};
pub use forecast::{Prospect, forecast};

/// Judges one running incarnation at `now`.
///
/// The answer holds for unchanged facts until its recheck; [`Judgment::record`] is what has to be
/// in [`Snapshot::previous`] at the next look. A rule that would read an unknown fact abstains.
///
/// ```
/// use sweepd_decide::stuck::{Action, decide_stuck};
/// use sweepd_decide::{Claim, Observed, Policy, Recheck, Snapshot, Timestamp};
///
/// let second = |s: i64| Timestamp::from_millis(1_790_000_000_000 + s * 1000);
/// let mut seen = Snapshot::unknown();
/// seen.start = Observed::Known(second(0));
/// seen.heartbeat = Observed::Absent;
/// seen.tool = Observed::Absent;
/// seen.last_ack = Observed::Absent;
/// seen.due = Observed::Known(vec![]);
/// seen.claims = Observed::Known(vec![Claim {
///     message_id: "m-1".into(),
///     status_changed: "2026-09-21 14:13:20".into(), // second 0
/// }]);
///
/// let policy = Policy::default();
/// let early = decide_stuck(&policy, &seen, second(60));
/// assert_eq!(early.decision.action, Action::Ok);
/// assert_eq!(early.decision.recheck, Recheck::At(Timestamp::from_millis(1_790_000_060_001)));
///
/// let first = decide_stuck(&policy, &seen, second(61));
/// assert_eq!(first.decision.action, Action::Hold);
/// seen.previous = first.record;
/// let second_look = decide_stuck(&policy, &seen, second(66));
/// assert_eq!(second_look.decision.action, Action::KillClaim);
/// ```
///
/// Source: docs/rules/stuck.md; `tests/vectors/decide.jsonl.gz`, `decide_standard.jsonl.gz`.
pub fn decide_stuck(policy: &Policy, snapshot: &Snapshot, now: Timestamp) -> Judgment {
    match policy.profile {
        Profile::Standard => horizon::judge(policy, snapshot, now),
        Profile::Nanoclaw => nanoclaw::judge(policy, snapshot, now),
    }
}

/// What the tool in flight declares, as far as the policy lets it: zero if nothing.
pub(crate) fn declared(policy: &Policy, seen: &Snapshot) -> Span {
    let tool = match policy.profile {
        Profile::Standard => facts::Facts::gather(policy, seen).tool().ok().flatten(),
        Profile::Nanoclaw => nanoclaw::declaring(seen),
    };
    let declared = tool.and_then(|tool| tool.declared_ms);
    let declared = declared.map_or(Span::ZERO, Span::from_millis).max(Span::ZERO);
    match policy.profile {
        Profile::Standard => declared.min(policy.declared_cap),
        Profile::Nanoclaw => declared,
    }
}
