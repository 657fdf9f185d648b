//! Tables for people: a call, and the state of everybody.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;
use sweepd_decide::stuck::Health;
use sweepd_decide::{Severity, Span, Timestamp};
use sweepd_sweep::ports::Incident;
use sweepd_sweep::{AgentReport, EffectReport, Mode, Pause, Report};

mod alerts;

pub(crate) use alerts::{alerts, incidents};

use crate::commands::dead_letters::DeadLetter;
use crate::known::Known;

/// What `sweepd status` has to show.
pub(crate) struct Standing<'a> {
    pub(crate) agents: &'a [Known],
    pub(crate) incidents: &'a [Incident],
    /// What is there but not watched, and why.
    pub(crate) unwatched: &'a [String],
    /// Who is left alone by somebody's order.
    pub(crate) pauses: &'a [Pause],
    /// Sources whose runtime does not answer, and since when.
    pub(crate) lost: &'a BTreeMap<String, Timestamp>,
    /// What is wrong with alerts.
    pub(crate) untold: &'a [String],
    /// How long a look is believed.
    pub(crate) believed: Span,
    pub(crate) now: Timestamp,
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
    for agent in report.agents.iter().filter(|agent| agent.health == Health::Unknown) {
        let why = agent.decision.evidence.get("sentence").and_then(Value::as_str);
        // Of what kept sweepd from looking at all of them is told once.
        let told = |why: &&str| report.trouble.iter().any(|trouble| trouble.contains(why));
        if let Some(why) = why.filter(|why| !told(why)) {
            push(&mut page, &format!("unknown: {}: {why}", agent.id));
        }
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

/// What came of an order, agent by agent, and what follows from it.
pub(crate) fn ordered(report: &Report, order: &str) -> String {
    let mut page = String::new();
    for agent in &report.agents {
        let mut own = agent.effects.iter().filter(|one| is_of(order, one.effect)).peekable();
        if own.peek().is_none() {
            let why = agent.decision.evidence.get("sentence").and_then(Value::as_str);
            let why = why.unwrap_or("nobody could look at it");
            push(&mut page, &format!("{}: not done: {why}", agent.id));
        }
        for one in own {
            push(&mut page, &format!("{}: {}", agent.id, effect(one)));
        }
        if order == "stop" && agent.mode == Mode::Enforce && word(&agent.state) == "stopped" {
            let always_on = agent.decision.evidence.get("container").is_some();
            push(
                &mut page,
                if always_on {
                    "  it stays down; `sweepd wake` starts it"
                } else {
                    "  due work wakes it again; `sweepd pause` keeps it down"
                },
            );
        }
    }
    page
}

/// Whether an effect is what an order comes to: to have an always-on container up is to start it
/// or to make it anew.
pub(crate) fn is_of(order: &str, effect: &str) -> bool {
    effect == order || (order == "wake" && matches!(effect, "start" | "recreate"))
}

/// Messages that were given up.
pub(crate) fn dead_letters(dead: &[DeadLetter]) -> String {
    let mut page = String::new();
    if dead.is_empty() {
        push(&mut page, "no dead letters");
        return page;
    }
    let mut table = bare(["ID", "REASON", "GIVEN UP"]);
    for letter in dead {
        table.add_row([letter.id.clone(), letter.reason.clone(), letter.since.clone()]);
    }
    push(&mut page, &table.to_string());
    push(&mut page, "`sweepd dead-letters requeue ID` puts one back");
    page
}

/// What is known about everybody.
pub(crate) fn status(standing: &Standing<'_>) -> String {
    let Standing { agents, incidents, unwatched, pauses, lost, untold, believed, now } = standing;
    let mut page = String::new();
    let mut table = bare(["AGENT", "MODE", "STATE", "HEALTH", "DECISION", "NEXT LOOK", "SEEN"]);
    for known in *agents {
        table.add_row(row(known, *now));
    }
    push(&mut page, &table.to_string());
    for (source, since) in *lost {
        push(&mut page, &format!("the runtime of source {source} has not answered since {since}"));
    }
    let old = agents.iter().filter(|known| known.is_old()).count();
    if old > 0 {
        push(
            &mut page,
            &format!(
                "nobody has looked at {old} of {} agents for {believed} or longer: is `sweepd \
                 run`, or what calls `sweepd sweep`, still at work?",
                agents.len()
            ),
        );
    }
    for known in *agents {
        let unknown = known.current().filter(|seen| seen.text("/health") == Some("unknown"));
        if let Some(why) = unknown.and_then(|seen| seen.text("/decision/evidence/sentence")) {
            push(&mut page, &format!("unknown: {}: {why}", known.agent));
        }
    }
    for incident in *incidents {
        let age = rounded(now.since(incident.opened_at));
        let severity = severity(incident.severity);
        push(&mut page, &format!("{severity}: {} (for {age})", incident.summary));
    }
    for line in *untold {
        push(&mut page, &format!("alerts: {line}"));
    }
    for pause in *pauses {
        let until = pause.until.map(|until| format!(" until {until}")).unwrap_or_default();
        let since = pause.since;
        push(&mut page, &format!("paused by hand: {} since {since}{until}", pause.scope));
    }
    for line in *unwatched {
        push(&mut page, &format!("not watched: {line}"));
    }
    if agents.is_empty() {
        push(&mut page, "no agents");
    }
    page
}

fn row(known: &Known, now: Timestamp) -> [String; 7] {
    let Some(seen) = &known.seen else {
        let [dash, unknown] = ["-", "unknown"].map(str::to_owned);
        let id = known.agent.to_string();
        let never = "never".to_owned();
        return [id, dash.clone(), unknown.clone(), unknown, dash.clone(), dash, never];
    };
    let text = |pointer: &str| seen.text(pointer).unwrap_or("-").to_owned();
    // What was known before is worth reading, but not as if it were so now.
    let or_was = |pointer: &str| match (seen.doubt, text(pointer)) {
        (None, now) => now,
        (Some(_), was) if was == "unknown" => was,
        (Some(_), was) => format!("unknown (was {was})"),
    };
    let next = seen.next_look.filter(|_| seen.doubt.is_none());
    [
        known.agent.to_string(),
        text("/mode"),
        or_was("/state"),
        or_was("/health"),
        seen.now("/decision/action").unwrap_or("-").to_owned(),
        next.map_or_else(|| "-".to_owned(), |at| at.to_string()),
        format!("{} ago", rounded(now.since(seen.at))),
    ]
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
