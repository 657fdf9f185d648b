//! Decisions as they are printed: published words, RFC 3339 instants, one sentence.

use serde_json::{Map, Value, json};
use sweepd_decide::session::{WakeAction, WakeEvidence};
use sweepd_decide::stuck::{Action, Evidence, Overdue};
use sweepd_decide::{Decision, Recheck};

use crate::report::DecisionReport;

/// A stuck decision.
pub(crate) fn stuck(decision: &Decision<Action, Evidence>) -> DecisionReport {
    let mut shown = match &decision.evidence.overdue {
        Some(overdue) => evidence(overdue),
        None => Map::new(),
    };
    if decision.evidence.blind {
        shown.insert("blind".to_owned(), json!(true));
    }
    report(decision.action.as_str(), Value::Object(shown), decision.recheck)
}

/// A decision about an agent that does not run.
pub(crate) fn wake(decision: &Decision<WakeAction, WakeEvidence>) -> DecisionReport {
    let mut shown = Map::new();
    let seen = decision.evidence;
    match decision.action {
        WakeAction::None => {}
        WakeAction::Wake => drop(shown.insert("due".to_owned(), json!(true))),
        WakeAction::Wait => {
            shown.insert("due".to_owned(), json!(true));
            shown.insert("wake_failures".to_owned(), json!(seen.failures));
            shown.insert("deaths".to_owned(), json!(seen.deaths));
            let not_before = seen.not_before.map(|at| at.to_string());
            shown.insert("not_before".to_owned(), json!(not_before));
        }
    }
    let action = if decision.action == WakeAction::Wait { "hold" } else { "none" };
    report(action, Value::Object(shown), decision.recheck)
}

/// Somebody paused the container.
pub(crate) fn paused() -> DecisionReport {
    report("hold", json!({ "held_by": "paused" }), Recheck::OnChange)
}

/// The profile does not judge an agent that has never written its own database.
pub(crate) fn not_judged() -> DecisionReport {
    report("ok", json!({ "not_judged": "it has no outbound.db yet" }), Recheck::OnChange)
}

/// The evidence of a stop.
pub(crate) fn evidence(overdue: &Overdue) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut put = |key: &str, value: Value| drop(shown.insert(key.to_owned(), value));
    put("rule", json!(overdue.rule));
    put("idle", json!(overdue.idle));
    if let Some(held_by) = overdue.held_by {
        put("held_by", json!(held_by));
    }
    put("looks", json!(overdue.looks));
    if let Some(id) = &overdue.message_id {
        put("message_id", json!(id));
    }
    put("since", json!(overdue.since.to_string()));
    put("limit_ms", json!(overdue.limit));
    if let Some(end) = overdue.budget_end {
        put("budget_end", json!(end.to_string()));
    }
    put("overdue_at", json!(overdue.overdue_at.to_string()));
    put("sentence", json!(overdue.to_string()));
    shown
}

fn report(action: &str, evidence: Value, recheck: Recheck) -> DecisionReport {
    let recheck = recheck.at();
    DecisionReport {
        action: action.to_owned(),
        evidence,
        recheck_at: recheck.map(|at| at.to_string()),
        recheck,
    }
}
