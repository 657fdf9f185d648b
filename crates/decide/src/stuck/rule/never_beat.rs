//! Stops an agent that has never beaten, and has given no other sign of life either.
//!
//! Reads start, heartbeat, tool, claims, acks and due work. Honors a declared budget.
//! Source: docs/rules/stuck.md#never-beat.

use super::life;
use crate::stuck::eval::{At, Case, Edge, Says};

pub(in crate::stuck) fn judge(at: &At<'_>, edge: &mut Edge) -> Says<Case> {
    life::judge(at, false, at.policy.never_beat, edge)
}
