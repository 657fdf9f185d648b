//! What was decided about one agent, and what was done.

use serde_json::Value;
use sweepd_sweep::Mode;

use super::Line;

/// What was told about an agent in this call: the decision shown last, and how many effects.
#[derive(Debug, Default)]
pub(super) struct Told {
    decision: Option<[String; 3]>,
    effects: usize,
}

impl Told {
    /// The news of a report as it is printed with `--json`.
    pub(super) fn lines(&mut self, report: &Value, configured: Mode) -> Vec<Line> {
        let who = text(report, "/id");
        let decision = decision(report, configured);
        let mut lines = Vec::new();
        let [action, stands, because] = &decision;
        if self.decision.as_ref() != Some(&decision) {
            lines.push(Line::new(&who, action, stands));
            lines.extend((!because.is_empty()).then(|| Line::more(because)));
        }
        let effects = report.pointer("/effects").and_then(Value::as_array);
        let effects = effects.map(Vec::as_slice).unwrap_or_default();
        for effect in effects.iter().skip(self.effects) {
            let outcome = text(effect, "/outcome");
            let detail = text(effect, "/detail");
            // A stop repeats what led to it.
            let said = detail.is_empty() || detail == *because;
            let rest = if said { outcome } else { format!("{outcome}: {detail}") };
            lines.push(Line::new(&who, text(effect, "/effect"), rest));
        }
        self.effects = effects.len();
        self.decision = Some(decision);
        lines
    }
}

/// The action, how the agent stands, and why.
fn decision(report: &Value, configured: Mode) -> [String; 3] {
    let recheck = match text(report, "/decision/recheck_at") {
        at if at.is_empty() => "on change".to_owned(),
        at => at,
    };
    let mode = text(report, "/mode");
    let beside = if mode == word(configured) { "" } else { mode.as_str() };
    let stands = [text(report, "/state"), text(report, "/health"), beside.to_owned()];
    let stands: Vec<&str> = stands.iter().map(String::as_str).filter(|s| !s.is_empty()).collect();
    let stands = format!("{}; recheck {recheck}", stands.join(", "));
    let because = report.pointer("/decision/evidence").map(because).unwrap_or_default();
    [text(report, "/decision/action"), stands, because]
}

/// The sentence, or the facts one by one where there is none.
fn because(evidence: &Value) -> String {
    let Some(facts) = evidence.as_object() else { return String::new() };
    if let Some(sentence) = facts.get("sentence").and_then(Value::as_str) {
        let blind = if facts.contains_key("blind") { "; blind" } else { "" };
        return format!("{sentence}{blind}");
    }
    let fact = |(key, value): (&String, &Value)| {
        let key = key.replace('_', " ");
        match value {
            Value::Bool(true) => key,
            Value::String(text) => format!("{key} {text}"),
            Value::Bool(false)
            | Value::Null
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => format!("{key} {value}"),
        }
    };
    let known = facts.iter().filter(|(_, value)| !value.is_null());
    known.map(fact).collect::<Vec<_>>().join(", ")
}

const fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Observe => "observe",
        Mode::Assist => "assist",
        Mode::Enforce => "enforce",
    }
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
