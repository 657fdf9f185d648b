//! Which messages wake, and from when.

use alloc::vec::Vec;

use super::Queue;
use crate::finding::{Finding, FindingKind};
use crate::message::Message;
use crate::snapshot::Due;
use crate::time::{Timestamp, parse_utc};

/// Every pending message that wakes, with the instant from which it does. A `process_after` that
/// cannot be read never comes.
pub fn due(queue: &Queue) -> Vec<Due> {
    queue.messages.iter().filter_map(due_at).collect()
}

/// Whether any message is due at `now`. The `timestamp` does not hold a message back.
pub fn is_due(queue: &Queue, now: Timestamp) -> bool {
    queue.messages.iter().filter(|message| wakes(message)).any(|message| {
        match message.state.process_after.as_deref() {
            None => true,
            Some(text) => parse_utc(text).is_some_and(|at| at <= now),
        }
    })
}

/// Pending rows whose `process_after` cannot be read.
pub fn malformed(queue: &Queue, now: Timestamp) -> Vec<Finding> {
    let unreadable = |message: &&Message| {
        let text = message.state.process_after.as_deref();
        message.state.status() == "pending" && text.is_some_and(|text| parse_utc(text).is_none())
    };
    let finding = |message: &Message| Finding {
        kind: FindingKind::MalformedRow,
        message_id: Some(message.id.clone()),
        since: now,
        detail: message.state.process_after.clone(),
    };
    queue.messages.iter().filter(unreadable).map(finding).collect()
}

fn wakes(message: &Message) -> bool {
    message.state.status() == "pending" && message.triggers()
}

fn due_at(message: &Message) -> Option<Due> {
    if !wakes(message) {
        return None;
    }
    let written = message.timestamp.at();
    let at = match message.state.process_after.as_deref() {
        None => written.unwrap_or(Timestamp::MIN),
        Some(text) => {
            let after = parse_utc(text)?;
            written.map_or(after, |written| written.max(after))
        }
    };
    Some(Due { message_id: message.id.clone(), at })
}
