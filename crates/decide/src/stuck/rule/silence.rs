//! Finds an agent that is silent for long while a claim is open, beats after the claim or not.
//!
//! Reads start, heartbeat, tool and claims. Honors a declared budget. The policy says whether it
//! warns or stops. Source: docs/rules/stuck.md#in-claim-silence.

use crate::stuck::eval::{At, Case, Edge, Says};

/// The first overdue claim in input order.
pub(in crate::stuck) fn judge(at: &At<'_>, edge: &mut Edge) -> Says<Case> {
    if at.policy.silence.is_none() {
        return Ok(None);
    }
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

/// The claim at `index`, if silence since it, or since the last beat, is overdue.
pub(in crate::stuck) fn of(at: &At<'_>, index: usize, edge: &mut Edge) -> Says<Case> {
    let (start, heartbeat) = (at.facts.start()?, at.facts.heartbeat()?);
    let budget_end = at.budget_end(edge)?;
    let claimed = at.facts.claim(index).and_then(|claim| claim.status_changed.at());
    Ok(claimed.zip(at.policy.silence).and_then(|(claimed, limit)| {
        let since = heartbeat.map_or(claimed, |beat| beat.max(claimed)).max(start);
        let case = at.case(since, limit, budget_end);
        Case { claim: Some(index), ..case }.if_overdue(edge)
    }))
}
