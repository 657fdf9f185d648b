//! Decisions as they are printed: published words, RFC 3339 instants, one sentence.

use serde_json::{Map, Value, json};
use sweepd_decide::session::{WakeAction, WakeEvidence};
use sweepd_decide::stuck::{Action, Evidence, Judgment, Overdue, Prospect};
use sweepd_decide::{Decision, Recheck};

use crate::clean::clean;
use crate::report::{DecisionReport, ProspectReport};

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
    let seen = decision.evidence;
    let (action, evidence) = match (decision.action, decision.recheck.at()) {
        (WakeAction::None, None) => ("none", json!({})),
        (WakeAction::None, Some(at)) => {
            let sentence = format!("nothing is due before {at}; then it is woken");
            ("none", json!({ "next_due": at.to_string(), "sentence": sentence }))
        }
        (WakeAction::Wake, _) => {
            ("none", json!({ "due": true, "sentence": "work is due and nothing runs" }))
        }
        (WakeAction::Wait, _) => ("hold", waiting(seen)),
    };
    report(action, evidence, decision.recheck)
}

fn waiting(seen: WakeEvidence) -> Value {
    let not_before = seen.not_before.map(|at| at.to_string()).unwrap_or_default();
    let after = if seen.failures > 0 {
        count(seen.failures, "failed wake")
    } else {
        count(seen.deaths, "death")
    };
    json!({
        "due": true,
        "wake_failures": seen.failures,
        "deaths": seen.deaths,
        "not_before": not_before,
        "sentence": format!("work is due; after {after} the next wake is not before {not_before}"),
    })
}

/// So many of something, in words.
fn count(number: u32, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// We could not look, and why.
pub(crate) fn unknown(what: &str, why: &str) -> DecisionReport {
    let mut shown = Map::new();
    shown.insert(what.to_owned(), json!(clean(why)));
    shown.insert("sentence".to_owned(), json!(clean(why)));
    report("none", Value::Object(shown), Recheck::OnChange)
}

/// Something that is so beside what was decided.
pub(crate) fn beside(shown: &mut DecisionReport, what: &str, why: &str) {
    let Some(evidence) = shown.evidence.as_object_mut() else { return };
    let why = clean(why);
    evidence.insert(what.to_owned(), json!(why));
    let sentence = evidence.get("sentence").and_then(Value::as_str);
    let both = sentence.map_or_else(|| why.clone(), |sentence| format!("{sentence}; {why}"));
    evidence.insert("sentence".to_owned(), json!(both));
}

/// Somebody paused the container.
pub(crate) fn paused() -> DecisionReport {
    report("hold", json!({ "held_by": "paused" }), Recheck::OnChange)
}

/// The profile does not judge an agent that has never written its own database.
pub(crate) fn not_judged() -> DecisionReport {
    report("ok", json!({ "not_judged": "it has no outbound.db yet" }), Recheck::OnChange)
}

/// A stop that is due, confirmed, and held by the brake.
pub(crate) fn braked(
    decision: &Decision<Action, Evidence>,
    overdue: &Overdue,
    sentence: &str,
    again: Recheck,
) -> DecisionReport {
    let mut shown = evidence(overdue);
    shown.insert("held_by".to_owned(), json!("brake"));
    let told = format!("{overdue}; held by the brake: {sentence}");
    shown.insert("sentence".to_owned(), json!(clean(&told)));
    report(Action::Hold.as_str(), Value::Object(shown), decision.recheck.sooner(again))
}

/// An answer to come.
pub(crate) fn prospect(prospect: &Prospect) -> ProspectReport {
    let Judgment { decision, findings, .. } = &prospect.judgment;
    let overdue = decision.evidence.overdue.as_ref().map(ToString::to_string);
    let found = findings.iter().map(|found| format!("finding {}", found.kind.as_str()));
    let sentence: Vec<String> = overdue.into_iter().chain(found).collect();
    ProspectReport {
        at: prospect.at.to_string(),
        action: decision.action.as_str().to_owned(),
        sentence: clean(&sentence.join("; ")),
    }
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
    put("sentence", json!(clean(&overdue.to_string())));
    shown
}

fn report(action: &str, evidence: Value, recheck: Recheck) -> DecisionReport {
    DecisionReport {
        action: action.to_owned(),
        evidence,
        recheck_at: recheck.at().map(|at| at.to_string()),
    }
}
