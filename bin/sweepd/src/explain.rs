//! The page that `sweepd why` prints.

use std::fmt::Write as _;

use serde_json::{Value, json};
use sweepd_decide::{AgentId, Timestamp};
use sweepd_sweep::{AgentReport, Outcome, Report};

/// What was decided and done before.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// Instant, action, answer; newest first.
    pub(crate) decisions: Vec<(Timestamp, String, Value)>,
    /// Instant, kind, data; oldest first.
    pub(crate) events: Vec<(Timestamp, String, Value)>,
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
        json!({ "decisions": decisions, "events": events })
    }
}

/// So many last lines of a log are shown; the others are in `--json`.
const LAST_WORDS: usize = 10;

/// The page.
pub(crate) fn page(
    agent: &AgentId,
    now: Option<&AgentReport>,
    past: &Past,
    report: &Report,
) -> String {
    let mut page = Page::default();
    page.line(agent.as_str());
    match now {
        Some(now) => present(&mut page, now),
        None => page.line("  is on no roster now; what follows is remembered"),
    }
    for trouble in &report.trouble {
        page.line(&format!("  could not look: {trouble}"));
    }
    for open in report.incidents.iter().filter(|open| open.agent.as_ref() == Some(agent)) {
        page.line(&format!("  open since {}: {}", open.opened_at, open.summary));
    }
    if !past.decisions.is_empty() {
        page.line("decided before, newest first:");
    }
    for (at, action, answer) in &past.decisions {
        let sentence = answer.pointer("/decision/evidence/overdue").map(sentence);
        page.line(&format!("  {at}  {action}  {}", sentence.unwrap_or_default()));
    }
    if !past.events.is_empty() {
        page.line("happened before, oldest first:");
    }
    for (at, kind, data) in &past.events {
        let said = data.pointer("/evidence/sentence").and_then(Value::as_str);
        let said = said.map_or_else(|| scalars(data), str::to_owned);
        page.line(&format!("  {at}  {kind}  {said}"));
        if let Some(autopsy) = data.pointer("/autopsy").filter(|autopsy| autopsy.is_object()) {
            dissect(&mut page, autopsy);
        }
    }
    page.0
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

fn present(page: &mut Page, now: &AgentReport) {
    let word = |value: Value| value.as_str().unwrap_or("?").to_owned();
    let (state, health) = (word(json!(now.state)), word(json!(now.health)));
    page.line(&format!("  is {state}, health {health}, served in mode {}", word(json!(now.mode))));
    let evidence = &now.decision.evidence;
    let said = evidence.pointer("/sentence").and_then(Value::as_str);
    let said = match said {
        Some(sentence) => format!(": {sentence}"),
        None if evidence.as_object().is_some_and(|evidence| !evidence.is_empty()) => {
            format!(": {evidence}")
        }
        None => String::new(),
    };
    page.line(&format!("  decision {}{said}", now.decision.action));
    match &now.decision.recheck_at {
        Some(at) => page.line(&format!("  unless something changes, that holds until {at}")),
        None if now.effects.is_empty() => page.line("  time alone does not change that"),
        None => {}
    }
    if !now.forecast.is_empty() {
        page.line("  if nothing changes, on facts as they are now:");
    }
    for next in &now.forecast {
        page.line(&format!("    {}  {}: {}", next.at, next.action, next.sentence));
    }
    for effect in &now.effects {
        let detail = effect.detail.as_deref().map(|detail| format!(": {detail}"));
        let detail = detail.unwrap_or_default();
        let name = effect.effect;
        let held = effect.outcome == Outcome::Held;
        let what = if held { "held back:" } else { "the next call would" };
        page.line(&format!("  {what} {name}{detail}"));
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
fn scalars(data: &Value) -> String {
    let Some(data) = data.as_object() else { return String::new() };
    let said = data.iter().filter_map(|(key, value)| match value {
        Value::String(text) => Some(format!("{key} {text}")),
        Value::Number(number) => Some(format!("{key} {number}")),
        Value::Bool(true) => Some(key.clone()),
        Value::Bool(false) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    });
    said.collect::<Vec<_>>().join(", ")
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, text: &str) {
        // What agents wrote must not command the terminal.
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        // Writing to a string cannot fail.
        let _infallible = writeln!(self.0, "{}", text.trim_end());
    }
}
