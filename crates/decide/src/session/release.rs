//! Step 5: orphan claims when nothing runs and no wake will clear them.
//!
//! Every claim is released; a pending message that is not already put off is charged once. Whoever was
//! given nothing by its service is spared that: its messages wait until there is more.

use super::charge::{charge, put_off};
use super::settle::Settled;
use alloc::vec::Vec;

use super::{Queue, RowEffect};
use crate::memory::{ClaimKey, Memory, Released};
use crate::message::Claim;
use crate::policy::{Policy, Profile};
use crate::time::{Span, Timestamp};

/// A service that gives nothing is not asked again before this, whatever it says.
const AT_LEAST: Span = Span::from_mins(5);

/// Puts off what a run had claimed that died of its service giving it nothing, before anybody is woken
/// for it: without a charge, until there is more, and for five minutes at least.
pub fn put_off_held(
    policy: &Policy,
    queue: &Queue,
    memory: &Memory,
    held: &[ClaimKey],
    now: Timestamp,
) -> Vec<RowEffect> {
    let Some(until) = until(policy, memory, now) else { return Vec::new() };
    let rows = queue.by_id();
    let of = |key: &ClaimKey| put_off(rows.get(&key.message_id)?, until, now);
    held.iter().filter_map(of).collect()
}

/// Until when what an agent had claimed waits because its service gives it nothing.
fn until(policy: &Policy, memory: &Memory, now: Timestamp) -> Option<Timestamp> {
    let limited = memory.hearing.limited(now).filter(|_| policy.profile == Profile::Standard);
    limited.map(|(until, _)| until.max(now.plus(AT_LEAST)))
}

/// Releases what is still claimed at `now`.
pub fn release(policy: &Policy, queue: &Queue, memory: &Memory, now: Timestamp) -> Settled {
    let rows = queue.by_id();
    let limited = until(policy, memory, now);
    let charged = |claim: &Claim| {
        let row = rows.get(&claim.message_id)?;
        match limited {
            Some(until) => put_off(row, until, now),
            None => charge(row, &policy.retry, now),
        }
    };
    Settled {
        effects: queue.claims.iter().filter_map(charged).collect(),
        released: queue
            .claims
            .iter()
            .map(|claim| Released {
                claim: ClaimKey::of(claim),
                run: memory.run.as_ref().map(|run| run.id.clone()),
                at: now,
            })
            .collect(),
    }
}
