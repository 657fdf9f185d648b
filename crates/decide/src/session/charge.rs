//! One try charged to one message: a retry later, or the end.

use super::{RowEffect, RowVerb, update, with_status};
use crate::message::{Message, RowState};
use crate::policy::RetryPolicy;
use crate::time::{Span, Timestamp, parse_utc};

/// Charges a message at `now`. `None`: it is not pending, or already put off into the future.
pub(super) fn charge(message: &Message, policy: &RetryPolicy, now: Timestamp) -> Option<RowEffect> {
    if message.state.status() != "pending" {
        return None;
    }
    let put_off = message.state.process_after.as_deref().and_then(parse_utc);
    if put_off.is_some_and(|at| at > now) {
        return None;
    }
    let tries = message.state.tries();
    if tries >= policy.max_tries {
        return Some(with_status(RowVerb::DeadLetter, message, "failed"));
    }
    let wait = policy.backoff.after(u32::try_from(tries).unwrap_or(0));
    let after = RowState {
        tries: Some(tries.saturating_add(1)),
        process_after: Some(now.floor_to_second().plus(wait).to_sqlite()),
        ..message.state.clone()
    };
    Some(update(RowVerb::Retry, message, after))
}

/// Puts a pending message off until an instant, without a charge; nothing if it is put off already.
pub(super) fn put_off(message: &Message, until: Timestamp, now: Timestamp) -> Option<RowEffect> {
    let put_off = message.state.process_after.as_deref().and_then(parse_utc);
    if message.state.status() != "pending" || put_off.is_some_and(|at| at > now) {
        return None;
    }
    // The column has whole seconds.
    let until = until.plus(Span::from_millis(999)).floor_to_second().to_sqlite();
    let after = RowState { process_after: Some(until), ..message.state.clone() };
    Some(update(RowVerb::Retry, message, after))
}
