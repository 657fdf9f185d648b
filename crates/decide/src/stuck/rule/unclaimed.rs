//! Finds an agent that lives while its oldest due message lies unclaimed.
//!
//! Reads start, claims and due work. No budget extends it, and it stops nobody.
//! Source: docs/rules/stuck.md#unclaimed.

use alloc::collections::BTreeSet;

use crate::id::MessageId;
use crate::stuck::eval::{At, Edge, Says};
use crate::time::Timestamp;

/// Index of the message, and since when it has been waiting for this incarnation.
pub(in crate::stuck) fn judge(at: &At<'_>, edge: &mut Edge) -> Says<(usize, Timestamp)> {
    let Some(limit) = at.policy.unclaimed else {
        return Ok(None);
    };
    let facts = &at.facts;
    let (start, claims, due) = (facts.start()?, facts.claims()?, facts.due()?);
    let Some(oldest) = due.iter().map(|due| due.at).filter(|at| edge.passes(*at)).min() else {
        return Ok(None);
    };
    let ours = claims.iter().filter(|claim| facts.is_ours(claim));
    let claimed: BTreeSet<&MessageId> = ours.map(|claim| &claim.message_id).collect();
    // Of several that fall due together one that is claimed counts as the oldest.
    let mut together = due.iter().enumerate().filter(|(_, due)| due.at == oldest);
    if together.clone().any(|(_, due)| claimed.contains(&due.message_id)) {
        return Ok(None);
    }
    let first = together.by_ref().min_by(|(_, a), (_, b)| a.message_id.cmp(&b.message_id));
    Ok(first.and_then(|(index, due)| {
        let case = at.case(due.at.max(start), limit, None);
        case.if_overdue(edge).map(|case| (index, case.since))
    }))
}
