//! The steps of a session's pass, on hand-written queues.

mod acks;
mod deaths;
mod limited;
mod recovery;
mod requeue;
mod rows;
mod settling;
mod wake;

use sweepd_decide::session::{Queue, RowEffect, RowVerb};
use sweepd_decide::{Ack, Claim, Message, RowChange, RowState, Span, Timestamp, Written};

/// 2026-05-12T01:00:00.500Z: between two seconds, so that rounding shows.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_778_547_600_500);

pub(crate) fn secs(seconds: i64) -> Timestamp {
    NOW.floor_to_second().plus(Span::from_secs(seconds))
}

pub(crate) fn written(at: Timestamp) -> Written {
    Written::new(Some(at.to_sqlite()))
}

/// A pending message that wakes, written a minute ago.
pub(crate) fn message(id: &str) -> Message {
    Message {
        rowid: 1,
        id: id.into(),
        kind: "chat".into(),
        timestamp: written(secs(-60)),
        state: RowState { status: Some("pending".into()), tries: Some(0), process_after: None },
        recurrence: None,
        series_id: Some(id.into()),
        trigger: Some(1),
    }
}

pub(crate) fn with(id: &str, change: impl FnOnce(&mut Message)) -> Message {
    let mut message = message(id);
    change(&mut message);
    message
}

pub(crate) fn claim(id: &str, at: Timestamp) -> Claim {
    Claim { message_id: id.into(), status_changed: written(at) }
}

pub(crate) fn ack(id: &str, status: &str, at: Timestamp) -> Ack {
    Ack { message_id: id.into(), status: status.into(), status_changed: written(at) }
}

pub(crate) fn queue(messages: Vec<Message>) -> Queue {
    Queue { messages, ..Queue::default() }
}

/// Effects as `verb id status/tries/process_after`.
pub(crate) fn told(effects: &[RowEffect]) -> Vec<String> {
    effects.iter().map(told_one).collect()
}

fn told_one(effect: &RowEffect) -> String {
    let verb = match effect.verb {
        RowVerb::Sync => "sync",
        RowVerb::Complete => "complete",
        RowVerb::Retry => "retry",
        RowVerb::DeadLetter => "dead-letter",
        RowVerb::Recur => "recur",
        RowVerb::Requeue => "requeue",
    };
    match &effect.change {
        RowChange::Update { message_id, before, after } => {
            assert_ne!(before, after, "a change that changes nothing");
            let status = after.status.as_deref().unwrap_or("NULL");
            let tries = after.tries.map_or_else(|| "NULL".to_owned(), |tries| tries.to_string());
            let not_before = after.process_after.as_deref().unwrap_or("-");
            format!("{verb} {message_id} {status} {tries} {not_before}")
        }
        RowChange::Recur { message_id, clone_status, series_id, process_after, .. } => {
            format!("{verb} {message_id} {clone_status} {series_id} {process_after}")
        }
    }
}
