//! What was done about an incident, and did it work? As the journal has it.

use serde_json::Value;
use sweepd_decide::{Deed, EventKind, Timestamp};

use crate::clean::clean;
use crate::ports::{AgentRecord, PastEvent};

/// So many are told, the newest.
const MOST: usize = 8;

/// What was done to an agent, oldest first.
pub(super) fn deeds(past: &[PastEvent]) -> Vec<Deed> {
    let mut deeds: Vec<Deed> = past.iter().filter_map(deed).collect();
    // The same again and again is one line: the last time counts.
    let mut at = deeds.len();
    while at > 1 {
        at -= 1;
        let same = deeds
            .get(at)
            .zip(deeds.get(at - 1))
            .is_some_and(|(one, before)| (&one.what, one.worked) == (&before.what, before.worked));
        if same {
            deeds.remove(at - 1);
        }
    }
    deeds.split_off(deeds.len().saturating_sub(MOST))
}

fn deed(event: &PastEvent) -> Option<Deed> {
    let text = |at: &str| event.data.pointer(at).and_then(Value::as_str).unwrap_or_default();
    let error = || clean(text("/error"));
    let (what, worked) = match event.kind {
        EventKind::AgentStopped => (format!("stopped it ({})", text("/reason")), Some(true)),
        EventKind::StopFailed => {
            (format!("tried to stop it ({}): {}", text("/reason"), error()), Some(false))
        }
        EventKind::AgentWoken if text("/how") == "start" => ("started it".to_owned(), Some(true)),
        EventKind::AgentWoken => ("woke it".to_owned(), Some(true)),
        EventKind::WakeFailed => (format!("tried to wake it: {}", error()), Some(false)),
        EventKind::ContainerRecreated => ("made its container anew".to_owned(), Some(true)),
        EventKind::ContainerRecreateFailed => {
            (format!("tried to make its container anew: {}", error()), Some(false))
        }
        EventKind::MessageRetried => {
            (format!("put message {} back for another try", clean(text("/message_id"))), Some(true))
        }
        EventKind::ContainerOom
        | EventKind::ContainerMissing
        | EventKind::ContainerStopped
        | EventKind::ContainerDied
        | EventKind::MessageCompleted
        | EventKind::MessageFailed
        | EventKind::MessageRecurred
        | EventKind::DecisionChanged
        | EventKind::IncidentOpened
        | EventKind::IncidentUpdated
        | EventKind::IncidentResolved
        | EventKind::ClockStepped
        | EventKind::TickSkipped
        | EventKind::BrakeEngaged
        | EventKind::ResyncCaught
        | EventKind::AlertDelivered
        | EventKind::AlertDeferred
        | EventKind::AlertGivenUp
        | EventKind::IncidentAttended
        | EventKind::AgentPaused
        | EventKind::AgentResumed
        | EventKind::PassFinished
        | _ => return None,
    };
    Some(Deed { at: event.at, what, worked })
}

/// Why nothing was done to an agent, or not all that was called for, as of its last look.
pub(super) fn held_back(agent: &AgentRecord, paused: Option<Timestamp>) -> Option<String> {
    let report = &agent.report;
    let text = |at: &str| report.pointer(at).and_then(Value::as_str);
    let effects = report.get("effects").and_then(Value::as_array);
    let with = |outcome: &str| -> Vec<&str> {
        let all = effects.into_iter().flatten();
        let these = all.filter(|one| one.get("outcome").and_then(Value::as_str) == Some(outcome));
        these.filter_map(|one| one.get("effect")?.as_str()).collect()
    };
    if let Some(since) = paused {
        return Some(format!("it is paused by hand since {since}"));
    }
    if text("/decision/evidence/held_by") == Some("brake") {
        return Some("the brake holds it: so many look stuck at once".to_owned());
    }
    let planned = with("planned");
    if !planned.is_empty() {
        let mode = text("/mode").unwrap_or("observe");
        return Some(format!("mode {mode} does not do this: {}", planned.join(", ")));
    }
    (text("/mode") == Some("observe")).then(|| "mode observe only looks".to_owned())
}
