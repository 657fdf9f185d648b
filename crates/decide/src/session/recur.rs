//! Step 6: the next run of every series whose last one has ended, well or badly.
//!
//! When that run is, is a fact that somebody with a calendar found out.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{AT_ONCE, Queue, RowEffect, RowVerb};
use crate::finding::{Finding, FindingKind};
use crate::id::MessageId;
use crate::memory::Memory;
use crate::message::{Message, RowChange};
use crate::time::Timestamp;

/// The next run of one message's expression, strictly after now; or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextRun {
    /// The message.
    pub message_id: MessageId,
    /// When its series runs next.
    pub at: Result<Timestamp, String>,
}

/// The messages whose series has to be carried on: ended, with an expression, in rowid order.
pub fn recurring(queue: &Queue) -> impl Iterator<Item = (&Message, &str)> {
    queue.messages.iter().filter_map(|message| {
        let ended = matches!(message.state.status(), "completed" | "failed");
        message.recurrence.as_deref().filter(|_| ended).map(|expr| (message, expr))
    })
}

/// One clone for each run that is known, at most [`AT_ONCE`]; a finding for each that is not.
pub fn recur(
    queue: &Queue,
    memory: &Memory,
    next: &[NextRun],
    now: Timestamp,
) -> (Vec<RowEffect>, Vec<Finding>) {
    let mut effects = Vec::new();
    let mut findings = Vec::new();
    let next: BTreeMap<&MessageId, &Result<Timestamp, String>> =
        next.iter().map(|run| (&run.message_id, &run.at)).collect();
    for (message, expr) in recurring(queue) {
        match next.get(&message.id) {
            Some(Ok(_)) if effects.len() >= AT_ONCE => {}
            Some(Ok(at)) => effects.push(clone(message, expr, memory, *at, now)),
            Some(Err(why)) => findings.push(Finding {
                kind: FindingKind::BadSchedule,
                message_id: Some(message.id.clone()),
                since: now,
                detail: Some(why.clone()),
            }),
            None => {}
        }
    }
    (effects, findings)
}

fn clone(
    message: &Message,
    expr: &str,
    memory: &Memory,
    at: Timestamp,
    now: Timestamp,
) -> RowEffect {
    let paused = memory.paused.contains(&message.id);
    let change = RowChange::Recur {
        message_id: message.id.clone(),
        status: message.state.status.clone(),
        recurrence: expr.into(),
        clone_id: clone_id(message, at, now),
        clone_status: if paused { "paused".into() } else { "pending".into() },
        series_id: message.series().into(),
        process_after: at.to_string(),
        timestamp: now.to_sqlite(),
    };
    RowEffect { verb: RowVerb::Recur, change }
}

/// An id in the host's own form. The last part comes from the message and its run, so the same
/// plan made twice means the same clone.
fn clone_id(message: &Message, at: Timestamp, now: Timestamp) -> MessageId {
    let prefix = if message.kind == "task" { "task" } else { "msg" };
    let seed = message.id.as_str().bytes().chain(at.as_millis().to_le_bytes());
    let hash = seed.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    MessageId::new(format!("{prefix}-{}-{}", now.as_millis(), base36(hash)))
}

/// The low six digits of a number in base 36.
fn base36(mut number: u64) -> String {
    let digit = |value: u64| {
        u32::try_from(value % 36).ok().and_then(|value| char::from_digit(value, 36)).unwrap_or('0')
    };
    (0..6)
        .map(|_| {
            let low = digit(number);
            number /= 36;
            low
        })
        .collect()
}
