//! Events as log lines: one event, one line. Levels by consequence.

use crate::ports::{Commit, IncidentChange, NewEvent};

/// Logs what a commit has made true.
pub(crate) fn committed(commit: &Commit) {
    for event in &commit.events {
        tell(event);
    }
    for change in &commit.incidents {
        match change {
            IncidentChange::Seen(incident) if incident.opened_at == commit.at => {
                let (key, severity) = (incident.key.as_str(), incident.severity);
                tracing::warn!(key, ?severity, summary = incident.summary, "incident opened");
            }
            IncidentChange::Resolved { key, how } => {
                tracing::info!(key, how, "incident resolved");
            }
            IncidentChange::Seen(_) | IncidentChange::Good { .. } => {}
        }
    }
}

fn tell(event: &NewEvent) {
    let kind = event.kind;
    let agent = event.agent.as_ref().map(tracing::field::display);
    let (source, data) = (event.source.as_deref(), event.data.to_string());
    match kind {
        "stop_failed" | "wake_failed" | "tick_skipped" | "message_failed" | "agent_stopped" => {
            tracing::warn!(kind, agent, source, data);
        }
        "pass_finished" => tracing::debug!(kind, source, data),
        _ => tracing::info!(kind, agent, source, data),
    }
}
