//! Putting a message that was given up back into its queue, because a person asks for it.

use super::{Queue, RowEffect, RowVerb, update};
use crate::id::MessageId;
use crate::message::RowState;

/// Why a message cannot be put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_enums, reason = "each has its own remedy")]
pub enum Refused {
    /// The queue shows no such message.
    Unknown,
    /// It was not given up.
    NotFailed,
    /// Its agent itself has acked it, so it would fail again at the next look.
    Acked,
}

impl Refused {
    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "there is no such message in its queue",
            Self::NotFailed => "it was not given up: its status is not failed",
            Self::Acked => "its agent has acked it: send the work anew instead",
        }
    }
}

/// The change that puts it back: pending, due at once, no try charged.
///
/// # Errors
/// Why it cannot be put back.
pub fn requeue(queue: &Queue, id: &MessageId) -> Result<RowEffect, Refused> {
    let message = queue.messages.iter().find(|message| message.id == *id);
    let message = message.ok_or(Refused::Unknown)?;
    if message.state.status() != "failed" {
        return Err(Refused::NotFailed);
    }
    if queue.acks.iter().any(|ack| ack.message_id == *id) {
        return Err(Refused::Acked);
    }
    let after = RowState { status: Some("pending".into()), tries: Some(0), process_after: None };
    Ok(update(RowVerb::Requeue, message, after))
}
