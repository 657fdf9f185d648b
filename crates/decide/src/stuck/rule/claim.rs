//! Stops an agent that has claimed a message and given no sign of life since.
//!
//! Reads start, heartbeat, tool and claims. Measured from the claim, or from the start where the
//! claim is older: an heir gets a full tolerance. Honors a declared budget. A claim whose time
//! cannot be read is skipped. Source: docs/rules/stuck.md#claim.

use crate::stuck::eval::{At, Case, Edge, Says};
use crate::stuck::facts::latest_meant;
use crate::time::Timestamp;

/// The first overdue claim in input order.
pub(in crate::stuck) fn judge(at: &At<'_>, edge: &mut Edge) -> Says<Case> {
    at.facts.start()?;
    at.facts.heartbeat()?;
    at.facts.tool()?;
    for index in 0..at.facts.claims()?.len() {
        if let Some(case) = of(at, index, edge)? {
            return Ok(Some(case));
        }
    }
    Ok(None)
}

/// The claim at `index`, if it is overdue.
pub(in crate::stuck) fn of(at: &At<'_>, index: usize, edge: &mut Edge) -> Says<Case> {
    let (start, heartbeat) = (at.facts.start()?, at.facts.heartbeat()?);
    let budget_end = at.budget_end(edge)?;
    let claimed = at.facts.claim(index).and_then(|claim| claim.status_changed.at());
    let quiet = |claimed: &Timestamp| heartbeat.is_none_or(|beat| beat <= latest_meant(*claimed));
    Ok(claimed.filter(quiet).and_then(|claimed| {
        let case = at.case(claimed.max(start), at.policy.claim_tolerance, budget_end);
        Case { claim: Some(index), ..case }.if_overdue(edge)
    }))
}
