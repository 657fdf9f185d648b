//! Finds an agent that lives while its oldest due message lies unclaimed.
//!
//! Reads start, claims and due work. No budget extends it, and it stops nobody.
//! Source: docs/rules/stuck.md#unclaimed.

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
    let is_claimed = |message_id: &MessageId| {
        claims.iter().any(|claim| claim.message_id == *message_id && facts.is_ours(claim))
    };
    let oldest = due
        .iter()
        .enumerate()
        .filter(|(_, due)| edge.passes(due.at))
        .min_by_key(|(_, due)| (due.at, !is_claimed(&due.message_id), &due.message_id));
    let waiting =
        oldest.filter(|(_, due)| !is_claimed(&due.message_id)).and_then(|(index, due)| {
            let case = at.case(due.at.max(start), limit, None);
            case.if_overdue(edge).map(|case| (index, case.since))
        });
    Ok(waiting)
}
