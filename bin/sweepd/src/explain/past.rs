//! What was decided about an agent and done to it, and what it is made of.

use serde_json::{Value, json};
use sweepd_decide::Timestamp;

use super::{Made, Page};

/// So many last lines of a log are shown; the others are in `--json`.
const LAST_WORDS: usize = 10;

/// What was decided and done before.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// Instant, action, answer; newest first.
    pub(crate) decisions: Vec<(Timestamp, String, Value)>,
    /// Instant, kind, data; oldest first.
    pub(crate) events: Vec<(Timestamp, String, Value)>,
    /// What its container was made of when it was seen up last.
    pub(crate) made: Option<Made>,
}

impl Past {
    pub(crate) const fn is_empty(&self) -> bool {
        self.decisions.is_empty() && self.events.is_empty()
    }

    pub(crate) fn json(&self) -> Value {
        let decisions: Vec<Value> = self
            .decisions
            .iter()
            .map(|(at, action, answer)| json!({"at": at.to_string(), "action": action, "answer": answer}))
            .collect();
        let events: Vec<Value> = self
            .events
            .iter()
            .map(|(at, kind, data)| json!({ "at": at.to_string(), "kind": kind, "data": data }))
            .collect();
        let mut all = json!({ "decisions": decisions, "events": events });
        if let (Some(all), Some(made)) = (all.as_object_mut(), &self.made) {
            all.insert("made_of".to_owned(), made.json());
        }
        all
    }

    pub(super) fn show(&self, page: &mut Page) {
        if !self.decisions.is_empty() {
            page.line("decided before, newest first:");
        }
        for (at, action, answer) in &self.decisions {
            let sentence = answer.pointer("/decision/evidence/overdue").map(sentence);
            page.line(&format!("  {at}  {action}  {}", sentence.unwrap_or_default()));
        }
        if !self.events.is_empty() {
            page.line("happened before, oldest first:");
        }
        for (at, kind, data) in &self.events {
            let said = data.pointer("/evidence/sentence").and_then(Value::as_str);
            let said = said.map_or_else(|| scalars(data), str::to_owned);
            page.line(&format!("  {at}  {kind}  {said}"));
            lived(page, data);
            if let Some(autopsy) = data.pointer("/autopsy").filter(|autopsy| autopsy.is_object()) {
                dissect(page, autopsy);
            }
        }
        if let Some(made) = &self.made {
            made.show(page);
        }
    }
}

/// What a run looked like before it was stopped.
fn dissect(page: &mut Page, autopsy: &Value) {
    if let Some(tool) = autopsy.pointer("/tool/name").and_then(Value::as_str) {
        page.line(&format!("      in {tool} at that time"));
    }
    let log = autopsy.pointer("/log").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let skipped = log.len().saturating_sub(LAST_WORDS);
    for line in log.iter().skip(skipped).filter_map(Value::as_str) {
        page.line(&format!("      | {line}"));
    }
    if let Some(why) = autopsy.pointer("/log_missing").and_then(Value::as_str) {
        page.line(&format!("      no log: {why}"));
    }
}

/// What a runtime remembers of a run, on a line.
fn lived(page: &mut Page, data: &Value) {
    let history = data.pointer("/history").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for one in history {
        let text = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or("?").to_owned();
        let number = |key: &str, what: &str| {
            let number = one.get(key).and_then(Value::as_i64);
            number.map(|number| format!(", {what} {number}")).unwrap_or_default()
        };
        let (code, signal) = (number("exit_code", "exit code"), number("signal", "signal"));
        page.line(&format!("      {}  {}{code}{signal}", text("at"), text("what")));
    }
}

/// A recorded reason for a stop, from its parts.
fn sentence(overdue: &Value) -> String {
    let text = |key: &str| overdue.get(key).and_then(Value::as_str).unwrap_or("?").to_owned();
    let millis = |key: &str| overdue.get(key).and_then(Value::as_i64).unwrap_or_default();
    let since = Timestamp::from_millis(millis("since"));
    let limit = sweepd_decide::Span::from_millis(millis("limit"));
    let claim = overdue.get("message_id").and_then(Value::as_str);
    let claim = claim.map(|id| format!(" ({id})")).unwrap_or_default();
    format!("{}{claim}: since {since}, limit {limit}", text("rule"))
}

/// What an event says in plain values, names first; what is nested stays in `--json`.
pub(super) fn scalars(data: &Value) -> String {
    let Some(data) = data.as_object() else { return String::new() };
    let said = data.iter().filter_map(|(key, value)| match value {
        Value::String(text) => Some(format!("{key} {text}")),
        Value::Number(number) => Some(format!("{key} {number}")),
        Value::Bool(true) => Some(key.clone()),
        Value::Bool(false) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    });
    said.collect::<Vec<_>>().join(", ")
}
