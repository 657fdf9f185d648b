//! The page that `sweepd why` prints.

use std::fmt::Write as _;

use serde_json::{Value, json};
use sweepd_decide::AgentId;
use sweepd_sweep::{AgentReport, Outcome, Report};

mod alerts;
mod made;
mod past;

pub(crate) use alerts::Alerts;
pub(crate) use made::Made;
pub(crate) use past::Past;

/// The page.
pub(crate) fn page(
    agent: &AgentId,
    now: Option<&AgentReport>,
    past: &Past,
    report: &Report,
    alerts: &Alerts<'_>,
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
    alerts.show(&mut page);
    past.show(&mut page);
    page.0
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
