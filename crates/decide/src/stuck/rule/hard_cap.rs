//! Stops an agent that has lived longer than the hard cap, however lively it is.
//!
//! Reads the start alone; nothing extends it. Whether the stop is an idle one is decided by what
//! else is known. Source: docs/rules/stuck.md#hard-cap.

use super::life;
use crate::stuck::eval::{At, Case, Edge, Says};

pub(in crate::stuck) fn judge(at: &At<'_>, edge: &mut Edge) -> Says<Case> {
    let Some(limit) = at.policy.hard_cap else {
        return Ok(None);
    };
    let overdue = at.case(at.facts.start()?, limit, None).if_overdue(edge);
    Ok(overdue.map(|case| Case { idle: life::is_idle(at, edge).unwrap_or(false), ..case }))
}
