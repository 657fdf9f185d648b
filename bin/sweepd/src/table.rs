//! Tables for people: a call, and the state of everybody.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value, json};
use sweepd_decide::{AgentId, Severity, Span, Timestamp};
use sweepd_sweep::ports::Incident;
use sweepd_sweep::{AgentReport, EffectReport, Report};

/// An agent on a roster, and the last report about it.
pub(crate) struct Known {
    pub(crate) agent: AgentId,
    pub(crate) report: Option<(Value, Timestamp)>,
    /// Since when its runtime has not answered: the report is old news.
    pub(crate) lost_since: Option<Timestamp>,
}

impl Known {
    pub(crate) fn json(&self) -> Value {
        let (report, at) = self
            .report
            .as_ref()
            .map_or((&Value::Null, None), |(report, at)| (report, Some(at.to_string())));
        let now = |pointer: &str| match (self.lost_since, report.pointer(pointer)) {
            (None, Some(word)) => word.clone(),
            (Some(_), _) | (None, None) => json!("unknown"),
        };
        json!({
            "id": self.agent,
            "state": now("/state"),
            "health": now("/health"),
            "seen_at": at,
            "last": report,
        })
    }
}

/// What a call found and did. Agents about which there is nothing to say are counted, not listed.
pub(crate) fn call(report: &Report) -> String {
    let mut page = String::new();
    if let Some(why) = &report.skipped {
        return format!("skipped: {why}\n");
    }
    let mut table = bare(["AGENT", "STATE", "HEALTH", "DECISION", "DONE"]);
    let interesting = report.agents.iter().filter(|agent| is_news(agent));
    for agent in interesting {
        let done: Vec<String> = agent.effects.iter().map(effect).collect();
        table.add_row([
            agent.id.to_string(),
            word(&agent.state),
            word(&agent.health),
            agent.decision.action.clone(),
            done.join("\n"),
        ]);
    }
    if table.row_count() > 0 {
        push(&mut page, &table.to_string());
    }
    for incident in &report.incidents {
        let severity = word(&incident.severity);
        push(
            &mut page,
            &format!("{severity}: {} (since {})", incident.summary, incident.opened_at),
        );
    }
    let sum = report.summary;
    let dry = if report.dry_run { " (dry run: nothing was done)" } else { "" };
    push(
        &mut page,
        &format!(
            "{} agents: {} ok, {} failing, {} unknown; {} effects{dry}",
            sum.agents, sum.ok, sum.failing, sum.unknown, sum.effects
        ),
    );
    page
}

/// What is known about everybody.
pub(crate) fn status(
    agents: &[Known],
    incidents: &[Incident],
    unwatched: &[String],
    now: Timestamp,
) -> String {
    let mut page = String::new();
    let mut table = bare(["AGENT", "MODE", "STATE", "HEALTH", "DECISION", "NEXT LOOK", "SEEN"]);
    for known in agents {
        let Some((report, at)) = &known.report else {
            let unseen = ["-", "unknown", "unknown", "-", "-", "never"].map(str::to_owned);
            table.add_row(std::iter::once(known.agent.to_string()).chain(unseen));
            continue;
        };
        let text = |pointer: &str| {
            report.pointer(pointer).and_then(Value::as_str).unwrap_or("-").to_owned()
        };
        let lost = known.lost_since.is_some();
        let current = |pointer| if lost { "unknown".to_owned() } else { text(pointer) };
        table.add_row([
            known.agent.to_string(),
            text("/mode"),
            current("/state"),
            current("/health"),
            if lost { "-".to_owned() } else { text("/decision/action") },
            if lost { "-".to_owned() } else { text("/decision/recheck_at") },
            format!("{} ago", rounded(now.since(*at))),
        ]);
    }
    push(&mut page, &table.to_string());
    let lost: BTreeMap<&str, Timestamp> =
        agents.iter().filter_map(|known| Some((known.agent.source(), known.lost_since?))).collect();
    for (source, since) in lost {
        let age = rounded(now.since(since));
        push(&mut page, &format!("the runtime of source {source} has not answered for {age}"));
    }
    for known in agents.iter().filter(|known| known.lost_since.is_none()) {
        let report = known.report.as_ref().map(|(report, _)| report);
        let unknown = report.filter(|report| report.pointer("/health") == Some(&json!("unknown")));
        let why = unknown.and_then(|report| report.pointer("/decision/evidence/sentence"));
        if let Some(why) = why.and_then(Value::as_str) {
            push(&mut page, &format!("unknown: {}: {why}", known.agent));
        }
    }
    for incident in incidents {
        let age = rounded(now.since(incident.opened_at));
        let severity = severity(incident.severity);
        push(&mut page, &format!("{severity}: {} (for {age})", incident.summary));
    }
    for line in unwatched {
        push(&mut page, &format!("not watched: {line}"));
    }
    if agents.is_empty() {
        push(&mut page, "no agents");
    }
    page
}

/// An age to whole seconds: nobody reads milliseconds of it.
const fn rounded(age: Span) -> Span {
    Span::from_secs(age.as_millis() / 1000)
}

fn is_news(agent: &AgentReport) -> bool {
    !agent.effects.is_empty()
        || word(&agent.health) != "ok"
        || agent.decision.action != "ok" && agent.decision.action != "none"
}

fn effect(effect: &EffectReport) -> String {
    let outcome = word(&effect.outcome);
    let detail = effect.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("{} {outcome}{detail}", effect.effect)
}

/// A published word, as JSON has it.
fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or("?").to_owned()
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Notice => "notice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn bare<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    table
}

fn push(page: &mut String, text: &str) {
    for line in text.lines() {
        // What agents wrote must not command the terminal.
        let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        // Writing to a string cannot fail.
        let _infallible = writeln!(page, "{}", line.trim_end());
    }
}
