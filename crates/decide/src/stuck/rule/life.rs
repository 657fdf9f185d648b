//! The last sign of life, and whether there is anything to do: shared by ceiling and never-beat.

use crate::policy::IdleStop;
use crate::stuck::eval::{At, Case, Edge, Says};
use crate::stuck::facts::{AckTime, Blind};
use crate::time::{Span, Timestamp};

/// Judges silence since the last sign of life against `limit`, or against the idle limit where
/// there is nothing to do. `beaten` picks agents that have, or have never, beaten.
pub(super) fn judge(at: &At<'_>, beaten: bool, limit: Option<Span>, edge: &mut Edge) -> Says<Case> {
    let life = Life::of(at, edge)?;
    if life.beaten != beaten {
        return Ok(None);
    }
    let limit = match (life.idle, at.policy.idle_stop) {
        (true, IdleStop::After(own)) => Some(own),
        (true, IdleStop::Never) => None,
        (true, IdleStop::Unset) | (false, _) => limit,
    };
    let Some(limit) = limit else { return Ok(None) };
    let case = at.case(life.last, limit, at.budget_end(edge)?);
    Ok(Case { idle: life.idle, ..case }.if_overdue(edge))
}

struct Life {
    last: Timestamp,
    beaten: bool,
    idle: bool,
}

impl Life {
    fn of(at: &At<'_>, edge: &mut Edge) -> Result<Self, Blind> {
        let facts = &at.facts;
        let (start, heartbeat, ack) = (facts.start()?, facts.heartbeat()?, facts.ack()?);
        let working = working_since(at, edge)?;
        let acked = match ack {
            AckTime::At(acked) if edge.passes(acked) => Some(acked),
            AckTime::At(_) | AckTime::None | AckTime::Unreadable => None,
        };
        let last = [heartbeat, acked, working].into_iter().flatten().fold(start, Timestamp::max);
        Ok(Self { last, beaten: heartbeat.is_some(), idle: is_idle(at, edge)? })
    }
}

/// Since when there is work: the earliest claim start or due instant that has come.
fn working_since(at: &At<'_>, edge: &mut Edge) -> Says<Timestamp> {
    let start = at.facts.start()?;
    let claimed = at.facts.claims()?.iter().filter_map(|claim| claim.status_changed.at());
    let due = at.facts.due()?.iter().map(|due| due.at);
    let begun = claimed.map(|claimed| claimed.max(start)).chain(due);
    Ok(begun.filter(|since| edge.passes(*since)).min())
}

/// No open claim of any kind, no tool in flight, and no due message.
pub(super) fn is_idle(at: &At<'_>, edge: &mut Edge) -> Result<bool, Blind> {
    let no_claim = at.facts.claims()?.is_empty();
    let no_tool = at.facts.tool()?.is_none();
    let due = at.facts.due()?.iter().any(|due| edge.passes(due.at));
    Ok(no_claim && no_tool && !due)
}
