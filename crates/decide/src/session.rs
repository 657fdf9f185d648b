//! What a look at a session's queue calls for, step by step: acks, the dead, wakes, orphans,
//! recurrences.
//!
//! Each step is a function of the facts and the memory; it returns row changes as data and never
//! applies them. The steps' order is the engine's, and binding: docs/rules/pass.md.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use crate::id::MessageId;
use crate::memory::{ClaimKey, Released};
use crate::message::{Ack, Claim, Message, RowChange, RowState};

mod charge;
mod deaths;
mod due;
mod next;
mod recovery;
mod recur;
mod release;
mod requeue;
mod settle;
mod sync;
mod wake;

pub use deaths::{died_on, held_at_end, poisoned};
pub use due::{due, is_due, malformed};
pub use next::{Standing, next_look, stop_again};
pub use recovery::{Recovery, recovery};
pub use recur::{NextRun, recur, recurring};
pub use release::{put_off_held, release};
pub use requeue::{Refused, requeue};
pub use settle::{Settled, charges, settle, settle_beside};
pub use sync::{Synced, sync};
pub use wake::{
    WakeAction, WakeEvidence, WakeFacts, judge_wake, wake_ended, wake_failed, wake_settled,
    wake_unanswered, wake_worked,
};

/// So many rows are changed by one step of one turn at the most; the others wait for the next.
pub const AT_ONCE: usize = 500;

/// A session's queue as one look showed it, kept up to date with the changes planned since.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Queue {
    /// Rows that are not finished, or recur, or are claimed; in rowid order.
    pub messages: Vec<Message>,
    /// Open claims in the database's order, those already released left out.
    pub claims: Vec<Claim>,
    /// Acks of the messages above.
    pub acks: Vec<Ack>,
    /// Claimed messages to which an answer was written after the claim.
    pub answered: Vec<MessageId>,
}

/// A change to a row, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RowEffect {
    /// What it is called.
    pub verb: RowVerb,
    /// What it does.
    pub change: RowChange,
}

/// What a row change is for: the name of its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled effect is a bug")]
pub enum RowVerb {
    /// An ack is carried over.
    Sync,
    /// An answered message is done.
    Complete,
    /// A message is tried again later.
    Retry,
    /// A message is given up.
    DeadLetter,
    /// The next run of a series is put down.
    Recur,
    /// A message that was given up is put back, because a person asked for it.
    Requeue,
}

impl Queue {
    /// The rows by id: for steps that look up many.
    pub fn by_id(&self) -> BTreeMap<&MessageId, &Message> {
        self.messages.iter().map(|message| (&message.id, message)).collect()
    }

    /// Shows the rows as they will be once `effects` are applied.
    pub fn apply(&mut self, effects: &[RowEffect]) {
        let mut changes: BTreeMap<&MessageId, &RowChange> = BTreeMap::new();
        for effect in effects {
            changes.insert(effect.change.message_id(), &effect.change);
        }
        for row in &mut self.messages {
            match changes.get(&row.id) {
                None => {}
                Some(RowChange::Update { after, .. }) => row.state = after.clone(),
                Some(RowChange::Recur { .. }) => row.recurrence = None,
            }
        }
    }

    /// Leaves out the claims that were dealt with.
    pub fn forget(&mut self, released: &[Released]) {
        let keys: BTreeSet<&ClaimKey> = released.iter().map(|released| &released.claim).collect();
        self.claims.retain(|claim| !keys.contains(&ClaimKey::of(claim)));
    }
}

fn update(verb: RowVerb, message: &Message, after: RowState) -> RowEffect {
    let before = message.state.clone();
    RowEffect { verb, change: RowChange::Update { message_id: message.id.clone(), before, after } }
}

fn with_status(verb: RowVerb, message: &Message, status: &str) -> RowEffect {
    let after = RowState { status: Some(String::from(status)), ..message.state.clone() };
    update(verb, message, after)
}
