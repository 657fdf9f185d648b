//! Step 2: the claims of an incarnation that is known to be dead.
//!
//! Answered messages are done. After a stop of ours the claims named in it are charged, and all
//! claims are released; after any other death they stay open for a wake, or for step 5.

use alloc::vec::Vec;

use super::charge::charge;
use super::{Queue, RowEffect, RowVerb, with_status};
use crate::memory::{ClaimKey, Memory, Released, Stop};
use crate::message::Claim;
use crate::policy::Policy;
use crate::snapshot::Snapshot;
use crate::stuck;
use crate::time::Timestamp;

/// Row changes, and the claims that are dealt with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settled {
    /// What becomes of the messages.
    pub effects: Vec<RowEffect>,
    /// The claims that are neither judged nor charged again.
    pub released: Vec<Released>,
}

/// Settles the open claims of a dead incarnation at `now`; `stop` is ours, if it was that.
pub fn settle(
    policy: &Policy,
    queue: &Queue,
    memory: &Memory,
    stop: Option<&Stop>,
    now: Timestamp,
) -> Settled {
    let mut settled = Settled::default();
    for claim in &queue.claims {
        let key = ClaimKey::of(claim);
        let answered = queue.answered.contains(&claim.message_id);
        let effect = if answered {
            queue
                .message(&claim.message_id)
                .filter(|message| message.state.status() != "completed")
                .map(|message| with_status(RowVerb::Complete, message, "completed"))
        } else {
            stop.filter(|stop| stop.charges.contains(&key))
                .and_then(|_| charge(queue, &claim.message_id, &policy.retry, now))
        };
        settled.effects.extend(effect);
        if answered || stop.is_some() {
            let run =
                stop.map(|stop| stop.run.clone()).or_else(|| Some(memory.run.as_ref()?.id.clone()));
            settled.released.push(Released { claim: key, run, at: now });
        }
    }
    settled
}

/// The claims a stop decided at `now` will charge: those older than the limit in force.
///
/// Strictly older; a claim whose time cannot be read is not charged.
pub fn charges(policy: &Policy, seen: &Snapshot, now: Timestamp) -> Vec<ClaimKey> {
    let limit = policy.claim_tolerance.max(stuck::declared(policy, seen));
    let overdue = |claim: &&Claim| claim.status_changed.at().is_some_and(|at| now > at.plus(limit));
    seen.claims.known().into_iter().flatten().filter(overdue).map(ClaimKey::of).collect()
}
