//! Agents that end by themselves with a claim open, and the message that keeps doing it to them.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::{Queue, RowEffect, RowVerb, with_status};
use crate::id::MessageId;
use crate::memory::{ClaimKey, Death, Ended, Memory};
use crate::policy::Policy;
use crate::time::{Span, Timestamp, parse_utc};

/// A text time of whole seconds stands for its whole second, and may be a second older than the
/// start of the run that wrote it.
const BEFORE_START: Span = Span::from_millis(1999);

/// The claims that a run held when it ended: made in its time, and not answered.
///
/// `earlier` are those open at the last look before: where another run is up by now, it has
/// cleared the rows of its predecessor. Such a claim counts while its message is still pending and
/// no ack has taken the claim's place.
pub fn held_at_end(queue: &Queue, earlier: &[ClaimKey], ended: &Ended) -> Vec<ClaimKey> {
    let answered: BTreeSet<&MessageId> = queue.answered.iter().collect();
    let acked: BTreeSet<&MessageId> = queue.acks.iter().map(|ack| &ack.message_id).collect();
    let rows = queue.by_id();
    let still_open = |key: &&ClaimKey| {
        let pending = |id| rows.get(id).is_some_and(|row| row.state.status() == "pending");
        pending(&key.message_id) && !acked.contains(&key.message_id)
    };
    let shown = queue.claims.iter().map(ClaimKey::of);
    let all: BTreeSet<ClaimKey> = shown.chain(earlier.iter().filter(still_open).cloned()).collect();
    let held = all.into_iter().filter(|key| {
        !answered.contains(&key.message_id) && is_of(key.status_changed.as_deref(), ended)
    });
    held.collect()
}

/// Whether a claim of this time may be the run's own; one without a readable time may.
fn is_of(time: Option<&str>, ended: &Ended) -> bool {
    let begun = ended.run.started_at.map(|start| start.minus(BEFORE_START));
    time.and_then(parse_utc).is_none_or(|at| Some(at) >= begun && at <= ended.at)
}

/// The deaths that an end adds: one for each of the claims `held`, if not counted before.
pub fn died_on(held: &[ClaimKey], memory: &Memory, ended: &Ended, now: Timestamp) -> Vec<Death> {
    if is_blameless(ended) {
        return Vec::new();
    }
    let counted: BTreeSet<&ClaimKey> = memory.deaths.iter().map(|death| &death.claim).collect();
    let new = held.iter().filter(|key| !counted.contains(key));
    new.map(|claim| Death { claim: claim.clone(), at: now }).collect()
}

/// A clean end, a polite stop by somebody else and an unknown one are nobody's fault; neither is
/// one that may be due to the runtime or the host going down.
///
/// A runtime that is restarted kills what does not listen (137), or finds it gone (255), and has
/// forgotten its events from before: such a code without an event proves nothing.
const fn is_blameless(ended: &Ended) -> bool {
    match ended.code {
        None | Some(0 | 143) => true,
        Some(137 | 255) => ended.rebooted || !(ended.witnessed || ended.oom_killed),
        Some(_) => ended.rebooted,
    }
}

/// Pending messages that have had as many deaths as the policy allows: given up.
pub fn poisoned(policy: &Policy, queue: &Queue, memory: &Memory, now: Timestamp) -> Vec<RowEffect> {
    if policy.poison.deaths == 0 {
        return Vec::new();
    }
    let mut deaths: BTreeMap<&MessageId, u32> = BTreeMap::new();
    for death in memory.deaths.iter().filter(|death| now < death.at.plus(policy.poison.window)) {
        let count = deaths.entry(&death.claim.message_id).or_default();
        *count = count.saturating_add(1);
    }
    queue
        .messages
        .iter()
        .filter(|message| message.state.status() == "pending")
        .filter(|message| deaths.get(&message.id).is_some_and(|n| *n >= policy.poison.deaths))
        .map(|message| with_status(RowVerb::DeadLetter, message, "failed"))
        .collect()
}
