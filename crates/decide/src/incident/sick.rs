//! When are people told from memory, because nothing can be written down?

use crate::decision::{Decision, Recheck};
use crate::time::{Span, Timestamp};

/// A state that cannot be used for so long is worth telling.
const LASTS: Span = Span::from_secs(30);
/// So often a program tells that has no memory from one time to the next.
const SELDOM: Span = Span::from_mins(60);

/// Whether people are told from memory by a program that goes on, whose state cannot be used since an
/// instant; the evidence is that instant.
///
/// Source: docs/rules/incidents.md, "Whom, and what else".
pub fn sick(since: Option<Timestamp>, now: Timestamp) -> Decision<bool, Option<Timestamp>> {
    let lasts = since.map(|since| since.plus(LASTS));
    let action = lasts.is_some_and(|lasts| now >= lasts);
    let recheck = lasts.filter(|_| !action).map_or(Recheck::OnChange, Recheck::from);
    Decision { action, evidence: since, recheck }
}

/// Whether a sink is told from memory by a program that ends and cannot remember that it did, given
/// when its mark says that this sink took it last. A mark of an instant that is not yet was made
/// before the clock was set back: it says nothing.
///
/// Source: docs/rules/incidents.md, "Whom, and what else".
pub fn is_due_from_memory(told_at: Option<Timestamp>, now: Timestamp) -> bool {
    told_at.is_none_or(|told| now < told || now >= told.plus(SELDOM))
}
