//! Agents that end by themselves with a claim open, and the message that keeps doing it to them.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::{Queue, RowEffect, RowVerb, with_status};
use crate::id::MessageId;
use crate::memory::{ClaimKey, Death, Memory};
use crate::policy::Policy;
use crate::time::Timestamp;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Exit {
    /// Its exit code; `None`: nobody can tell.
    pub code: Option<i64>,
    /// The runtime itself was restarted meanwhile, so it may not have been the agent's doing.
    pub runtime_restarted: bool,
}

/// The claims that an exit leaves without an answer.
pub fn unanswered(queue: &Queue) -> Vec<ClaimKey> {
    let answered: BTreeSet<&MessageId> = queue.answered.iter().collect();
    let open = queue.claims.iter().filter(|claim| !answered.contains(&claim.message_id));
    open.map(ClaimKey::of).collect()
}

/// The deaths that this exit adds: one for each of the `open` claims not counted before. A clean
/// end, a polite stop by somebody else and an unknown one count nothing.
pub fn died_on(open: &[ClaimKey], memory: &Memory, exit: Exit, now: Timestamp) -> Vec<Death> {
    let blameless = exit.runtime_restarted || matches!(exit.code, None | Some(0 | 143));
    if blameless {
        return Vec::new();
    }
    let counted: BTreeSet<&ClaimKey> = memory.deaths.iter().map(|death| &death.claim).collect();
    let new = open.iter().filter(|key| !counted.contains(key));
    new.map(|claim| Death { claim: claim.clone(), at: now }).collect()
}

/// Pending messages that have had as many deaths as the policy allows: given up.
pub fn poisoned(policy: &Policy, queue: &Queue, memory: &Memory, now: Timestamp) -> Vec<RowEffect> {
    if policy.poison.deaths == 0 {
        return Vec::new();
    }
    let deaths = |id: &MessageId| {
        let of_it = memory.deaths.iter().filter(|death| {
            death.claim.message_id == *id && now < death.at.plus(policy.poison.window)
        });
        u32::try_from(of_it.count()).unwrap_or(u32::MAX)
    };
    queue
        .messages
        .iter()
        .filter(|message| message.state.status() == "pending")
        .filter(|message| deaths(&message.id) >= policy.poison.deaths)
        .map(|message| with_status(RowVerb::DeadLetter, message, "failed"))
        .collect()
}
