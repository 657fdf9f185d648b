//! Stops an agent that has beaten, and has given no sign of life for longer than the ceiling.
//!
//! Reads start, heartbeat, tool, claims, acks and due work. Honors a declared budget.
//! Source: docs/rules/stuck.md#ceiling.

use super::life;
use crate::stuck::eval::{At, Case, Edge, Says};

pub(in crate::stuck) fn judge(at: &At<'_>, edge: &mut Edge) -> Says<Case> {
    life::judge(at, true, Some(at.policy.ceiling), edge)
}
