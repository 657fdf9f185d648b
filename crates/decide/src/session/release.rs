//! Step 5: orphan claims when nothing runs and no wake will clear them.
//!
//! Every claim is released; a pending message that is not already put off is charged once. Whoever was
//! given nothing by its service is spared that: its messages wait until there is more.

use super::Queue;
use super::charge::{charge, put_off};
use super::settle::Settled;
use crate::memory::{ClaimKey, Memory, Released};
use crate::message::Claim;
use crate::policy::{Policy, Profile};
use crate::time::Timestamp;

/// Releases what is still claimed at `now`.
pub fn release(policy: &Policy, queue: &Queue, memory: &Memory, now: Timestamp) -> Settled {
    let rows = queue.by_id();
    let limited = memory.hearing.limited(now).filter(|_| policy.profile == Profile::Standard);
    let charged = |claim: &Claim| {
        let row = rows.get(&claim.message_id)?;
        match limited {
            Some((until, _)) => put_off(row, until, now),
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
