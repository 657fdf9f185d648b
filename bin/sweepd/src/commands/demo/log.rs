//! What has happened so far: a line for each thing, and for each agent what matters in the end.

use std::collections::BTreeMap;

use serde_json::Value;
use sweepd_decide::{AgentId, FindingKind, Span, Timestamp};
use sweepd_sweep::ports::{Commit, IncidentChange, NewEvent};

use super::cast::Part;
use super::stage;

/// Everything told, agent by agent.
pub(super) struct Log {
    began: Timestamp,
    agents: BTreeMap<AgentId, Seen>,
}

/// What was seen of one agent.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// The first time something was decided against it, or it was seen to have died.
    pub(super) noticed: Option<Timestamp>,
    /// When and why it was first stopped.
    pub(super) stopped: Option<(Timestamp, String)>,
    /// Stops that were not idle ones.
    pub(super) fault_stops: u32,
    pub(super) deaths: u32,
    /// Every kind of incident that ever opened about it.
    pub(super) incidents: Vec<FindingKind>,
}

impl Log {
    pub(super) const fn new(began: Timestamp) -> Self {
        Self { began, agents: BTreeMap::new() }
    }

    /// What is known about a part's agent.
    pub(super) fn of(&self, part: &Part) -> Seen {
        self.agents.get(&stage::agent(part)).cloned().unwrap_or_default()
    }

    /// How long after the curtain rose.
    pub(super) fn after(&self, at: Timestamp) -> Span {
        at.since(self.began)
    }

    /// Takes note of a commit; what to print of it.
    pub(super) fn note(&mut self, commit: &Commit) -> Vec<String> {
        let mut lines = Vec::new();
        for event in &commit.events {
            let Some(agent) = &event.agent else { continue };
            let seen = self.agents.entry(agent.clone()).or_default();
            seen.note(event, commit.at);
            lines.extend(words(event).map(|(what, why)| self.line(commit.at, agent, what, &why)));
        }
        for change in &commit.incidents {
            lines.extend(self.incident(change, commit.at));
        }
        lines
    }

    fn incident(&mut self, change: &IncidentChange, at: Timestamp) -> Option<String> {
        match change {
            IncidentChange::Seen(incident) if incident.opened_at == at => {
                let agent = incident.agent.as_ref()?;
                let seen = self.agents.entry(agent.clone()).or_default();
                seen.incidents.push(incident.kind);
                seen.noticed.get_or_insert(at);
                Some(self.line(at, agent, "INCIDENT", incident.kind.as_str()))
            }
            IncidentChange::Resolved { key, how } => {
                let (kind, agent) = key.split_once(':')?;
                let agent = AgentId::new(agent);
                Some(self.line(at, &agent, "resolved", &format!("{kind}: {how}")))
            }
            IncidentChange::Seen(_) | IncidentChange::Good { .. } => None,
        }
    }

    fn line(&self, at: Timestamp, agent: &AgentId, what: &str, why: &str) -> String {
        let millis = self.after(at).as_millis().max(0);
        let name = agent.as_str().splitn(3, '/').last().unwrap_or_default();
        format!("{:>3}.{} s  {name:<13} {what:<10} {why}\n", millis / 1000, millis / 100 % 10)
    }
}

impl Seen {
    fn note(&mut self, event: &NewEvent, at: Timestamp) {
        match event.kind.as_str() {
            "agent_stopped" => {
                let reason = text(&event.data, "/reason");
                if reason != "idle" {
                    self.fault_stops += 1;
                }
                self.stopped.get_or_insert((at, reason));
                self.noticed.get_or_insert(at);
            }
            "container_died" => {
                self.deaths += 1;
                self.noticed.get_or_insert(at);
            }
            "decision_changed" if text(&event.data, "/to") == "hold" => {
                self.noticed.get_or_insert(at);
            }
            _ => {}
        }
    }
}

/// What a watcher wants to read of an event.
fn words(event: &NewEvent) -> Option<(&'static str, String)> {
    let data = &event.data;
    Some(match event.kind.as_str() {
        "agent_woken" => ("woken", String::new()),
        "wake_failed" => ("not woken", text(data, "/error")),
        "agent_stopped" => ("STOPPED", text(data, "/evidence/sentence")),
        "stop_failed" => ("not stopped", text(data, "/error")),
        "container_died" => ("died", format!("exit code {}", number(data, "/exit_code"))),
        "message_completed" => ("completed", text(data, "/message_id")),
        "message_retried" => {
            let not_before = text(data, "/after/process_after");
            ("retried", format!("{}, not before {not_before}", text(data, "/message_id")))
        }
        "message_failed" => ("GIVEN UP", text(data, "/message_id")),
        "decision_changed" if text(data, "/to") == "hold" => {
            let sentence = text(data, "/evidence/sentence");
            let waits = format!("not before {}", text(data, "/evidence/not_before"));
            ("holds", if sentence.is_empty() { waits } else { sentence })
        }
        _ => return None,
    })
}

fn text(data: &Value, pointer: &str) -> String {
    data.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn number(data: &Value, pointer: &str) -> String {
    let number = data.pointer(pointer).and_then(Value::as_i64);
    number.map_or_else(|| "unknown".to_owned(), |number| number.to_string())
}
