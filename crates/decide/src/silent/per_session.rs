//! The original's rule: a session that acknowledged something and said nothing at all.

use alloc::vec::Vec;

use crate::decision::{Decision, Recheck};
use crate::time::{Span, Timestamp};

/// What it looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct SessionTalk {
    /// Its container is up.
    pub is_up: bool,
    /// When its acknowledgements were written that say `completed`.
    pub acks: Vec<Timestamp>,
    /// When it said anything, a mere status included.
    pub outputs: Vec<Timestamp>,
}

/// Whether a session that is not up has acknowledged something within `window` and said nothing; the
/// evidence is the last acknowledgement.
///
/// Source: docs/rules/silence.md, "Per session".
pub fn all_silent(
    talk: &SessionTalk,
    window: Span,
    now: Timestamp,
) -> Decision<bool, Option<Timestamp>> {
    let window = window.floor_to_second();
    let last = |all: &[Timestamp]| all.iter().max().map(|at| at.floor_to_second());
    let (ack, output) = (last(&talk.acks), last(&talk.outputs));
    let is_in = |at: Option<Timestamp>, now: Timestamp| {
        at.is_some_and(|at| now.floor_to_second() <= at.plus(window))
    };
    let silent = |now: Timestamp| !talk.is_up && is_in(ack, now) && !is_in(output, now);
    let action = silent(now);
    // What is in the window up to a second is out of it at the next one.
    let out = |at: Timestamp| at.plus(window).plus(Span::from_secs(1));
    let mut edges: Vec<Timestamp> = [ack, output].into_iter().flatten().map(out).collect();
    edges.sort_unstable();
    let differs = |at: &Timestamp| *at > now && silent(*at) != action;
    let recheck = edges.into_iter().find(differs).map_or(Recheck::OnChange, Recheck::from);
    Decision { action, evidence: ack, recheck }
}
