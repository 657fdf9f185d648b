//! Step 2: the claims of an incarnation that is known to be dead.
//!
//! Answered messages are done. After a stop of ours the claims named in it are charged, and all
//! claims are released; after any other death they stay open for a wake, or for step 5. While
//! another incarnation is up, the claims that the stop had not named may be that one's.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::charge::charge;
use super::{Queue, RowEffect, RowVerb, with_status};
use crate::id::MessageId;
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
    let rows = queue.by_id();
    let answered: BTreeSet<&MessageId> = queue.answered.iter().collect();
    let charged: BTreeSet<&ClaimKey> = stop.into_iter().flat_map(|stop| &stop.charges).collect();
    let mut settled = Settled::default();
    for claim in &queue.claims {
        let key = ClaimKey::of(claim);
        let row = rows.get(&claim.message_id).copied();
        let done = answered.contains(&claim.message_id);
        let effect = row.and_then(|row| {
            if done {
                let open = row.state.status() != "completed";
                open.then(|| with_status(RowVerb::Complete, row, "completed"))
            } else if charged.contains(&key) {
                charge(row, &policy.retry, now)
            } else {
                None
            }
        });
        settled.effects.extend(effect);
        if done || stop.is_some() {
            let run =
                stop.map(|stop| stop.run.clone()).or_else(|| Some(memory.run.as_ref()?.id.clone()));
            settled.released.push(Released { claim: key, run, at: now });
        }
    }
    settled
}

/// Settles at `now` the claims that an ended `stop` had named, while another incarnation is up:
/// all others may be that one's.
pub fn settle_beside(policy: &Policy, queue: &Queue, stop: &Stop, now: Timestamp) -> Settled {
    let named = |claim: &&Claim| stop.charges.contains(&ClaimKey::of(claim));
    let claims = queue.claims.iter().filter(named).cloned().collect();
    let dead = Queue { claims, ..queue.clone() };
    settle(policy, &dead, &Memory::default(), Some(stop), now)
}

/// The claims a stop decided at `now` will charge: those older than the limit in force.
///
/// Strictly older; a claim whose time cannot be read is not charged.
pub fn charges(policy: &Policy, seen: &Snapshot, now: Timestamp) -> Vec<ClaimKey> {
    let limit = policy.claim_tolerance.max(stuck::declared(policy, seen));
    let overdue = |claim: &&Claim| claim.status_changed.at().is_some_and(|at| now > at.plus(limit));
    seen.claims.known().into_iter().flatten().filter(overdue).map(ClaimKey::of).collect()
}
