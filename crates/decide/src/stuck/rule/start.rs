//! Stops an agent that has due work and has shown no sign of life at all since its start.
//!
//! Reads start, heartbeat, claims, acks and due work. No budget extends it.
//! Source: docs/rules/stuck.md#start-deadline.

use crate::stuck::eval::{At, Case, Edge, Says};
use crate::stuck::facts::AckTime;

pub(in crate::stuck) fn judge(at: &At<'_>, edge: &mut Edge) -> Says<Case> {
    let Some(limit) = at.policy.start_deadline else {
        return Ok(None);
    };
    let facts = &at.facts;
    let (start, heartbeat, ack) = (facts.start()?, facts.heartbeat()?, facts.ack()?);
    let (claims, due) = (facts.claims()?, facts.due()?);
    let begun = claims.iter().any(|claim| facts.is_ours(claim)) || ack != AckTime::None;
    if heartbeat.is_some() || begun {
        return Ok(None);
    }
    let oldest = due.iter().map(|due| due.at).filter(|due| edge.passes(*due)).min();
    let case = oldest.map(|oldest| at.case(oldest.max(start), limit, None));
    Ok(case.and_then(|case| case.if_overdue(edge)))
}
