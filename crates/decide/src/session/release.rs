//! Step 5: orphan claims when nothing runs and no wake will clear them.
//!
//! Every claim is released; a pending message that is not already put off is charged once.

use super::Queue;
use super::charge::charge;
use super::settle::Settled;
use crate::memory::{ClaimKey, Memory, Released};
use crate::message::Claim;
use crate::policy::Policy;
use crate::time::Timestamp;

/// Releases what is still claimed at `now`.
pub fn release(policy: &Policy, queue: &Queue, memory: &Memory, now: Timestamp) -> Settled {
    let rows = queue.by_id();
    let charged = |claim: &Claim| charge(rows.get(&claim.message_id)?, &policy.retry, now);
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
