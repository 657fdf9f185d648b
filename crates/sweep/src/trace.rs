//! Events as log lines: one event, one line. Levels by consequence.

use sweepd_decide::EventKind;

use crate::ports::{Commit, Committed, IncidentChange, NewEvent};

/// Something was destroyed, given up, or not done.
const ALARMING: &[EventKind] = &[
    EventKind::AgentStopped,
    EventKind::MessageFailed,
    EventKind::StopFailed,
    EventKind::TickSkipped,
    EventKind::WakeFailed,
];

/// Logs what a commit has made true.
pub(crate) fn committed(commit: &Commit, done: &Committed) {
    for event in &commit.events {
        tell(event);
    }
    for change in &commit.incidents {
        match change {
            IncidentChange::Seen(incident) if done.opened.contains(&incident.key) => {
                let (key, severity) = (incident.key.as_str(), incident.severity);
                tracing::warn!(key, ?severity, summary = incident.summary, "incident opened");
            }
            IncidentChange::Resolved { key, how } if done.resolved.contains(key) => {
                tracing::info!(key, how, "incident resolved");
            }
            IncidentChange::Seen(_)
            | IncidentChange::Resolved { .. }
            | IncidentChange::Good { .. } => {}
        }
    }
}

/// Logs what keeps the daemon itself from its work, once: what was so a round ago is not news.
pub(crate) fn trouble(before: &[String], now: &[String]) {
    for trouble in now.iter().filter(|trouble| !before.contains(trouble)) {
        tracing::error!(trouble, "sweepd cannot do its whole job");
    }
    if now.is_empty() && !before.is_empty() {
        tracing::info!("sweepd can do its whole job again");
    }
}

fn tell(event: &NewEvent) {
    let kind = event.kind.as_str();
    let agent = event.agent.as_ref().map(tracing::field::display);
    let mut data = event.data.clone();
    if let Some(fields) = data.as_object_mut() {
        // Kept with the event; hundreds of lines are no log line.
        fields.remove("autopsy");
    }
    let (source, data) = (event.source.as_deref(), data.to_string());
    if ALARMING.contains(&event.kind) {
        tracing::warn!(kind, agent, source, data);
    } else if event.kind == EventKind::PassFinished {
        tracing::debug!(kind, source, data);
    } else {
        tracing::info!(kind, agent, source, data);
    }
}
