//! Step 1: acks become the status of their messages.
//!
//! `completed` wins over everything, `failed` over everything but `completed`. A status we do not
//! know changes nothing, and is told where it hides a pending message.

use alloc::string::String;
use alloc::vec::Vec;

use super::{AT_ONCE, Queue, RowEffect, RowVerb, with_status};
use crate::finding::{Finding, FindingKind};
use crate::id::MessageId;
use crate::memory::Memory;
use crate::time::{Span, Timestamp};

/// How long a failure that the agent reports is news.
const FRESH: Span = Span::from_mins(120);

/// What the acks call for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Synced {
    /// Statuses to carry over, at most [`AT_ONCE`].
    pub effects: Vec<RowEffect>,
    /// Failures that are news, and messages hidden behind an unknown status.
    pub findings: Vec<Finding>,
    /// Paused messages that end here.
    pub paused: Vec<MessageId>,
    /// When the agent completed a message last, as far as can be told: failures before that are
    /// no longer news. To be remembered: a later failure may hide it.
    pub succeeded_at: Option<Timestamp>,
}

/// Reads the acks at `now`. `last_ack` is the newest of all, also of messages that are finished
/// and not in the queue any more.
pub fn sync(queue: &Queue, memory: &Memory, last_ack: Option<Timestamp>, now: Timestamp) -> Synced {
    let succeeded_at = succeeded_at(queue, last_ack).max(memory.succeeded_at);
    let mut synced = Synced { succeeded_at, ..Synced::default() };
    let rows = queue.by_id();
    for ack in &queue.acks {
        let Some(message) = rows.get(&ack.message_id).copied() else { continue };
        let status = message.state.status();
        let changes = match ack.status.as_str() {
            "completed" => status != "completed",
            "failed" => status != "completed" && status != "failed",
            _ => false,
        };
        if changes && synced.effects.len() < AT_ONCE {
            synced.effects.push(with_status(RowVerb::Sync, message, &ack.status));
            if status == "paused" {
                synced.paused.push(message.id.clone());
            }
        }
        let at = ack.status_changed.at();
        let finding = |kind, since, detail| Finding {
            kind,
            message_id: Some(message.id.clone()),
            since,
            detail,
        };
        match ack.status.as_str() {
            "completed" => {}
            "failed" => {
                let news = |at: &Timestamp| now <= at.plus(FRESH) && succeeded_at <= Some(*at);
                let since = at.filter(news).filter(|_| status != "completed");
                let failed = since.map(|since| finding(FindingKind::MessageFailed, since, None));
                synced.findings.extend(failed);
            }
            other if status == "pending" => {
                let hidden = Some(String::from(other));
                let since = at.unwrap_or(now);
                synced.findings.push(finding(FindingKind::ShadowedMessage, since, hidden));
            }
            _ => {}
        }
    }
    synced
}

/// The newest ack that says so, or the newest of all unless that is a failure.
fn succeeded_at(queue: &Queue, last_ack: Option<Timestamp>) -> Option<Timestamp> {
    let times = |wanted: &'static str| {
        let acks = queue.acks.iter().filter(move |ack| ack.status == wanted);
        acks.filter_map(|ack| ack.status_changed.at())
    };
    let last = last_ack.filter(|last| !times("failed").any(|failed| failed == *last));
    times("completed").max().max(last)
}
