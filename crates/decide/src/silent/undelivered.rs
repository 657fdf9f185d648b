//! Does what an agent says reach anybody?

use alloc::vec::Vec;

use crate::decision::{Decision, Recheck};
use crate::id::MessageId;
use crate::time::{Span, Timestamp};

/// A host delivers within seconds; one that has not for so long does not.
const PATIENCE: Span = Span::from_mins(10);

/// What became of an output at its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled fate is a bug")]
pub enum Delivery {
    /// Nobody delivers here, or nobody can tell.
    Unknown,
    /// The host has not delivered it.
    Pending,
    /// The service took it.
    Delivered,
    /// The host believes that it has, but the service gave it no id: nothing was sent.
    WithoutId,
    /// The host has given up.
    Failed,
}

/// An output, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Uttered {
    /// Its id.
    pub id: MessageId,
    /// When it was written.
    pub written_at: Timestamp,
    /// Not to be delivered before, if anything was said.
    pub due_at: Option<Timestamp>,
    /// What became of it.
    pub delivery: Delivery,
}

/// The outputs that reach nobody, in the order in which they are given: those that are due for 10 min
/// or longer and still pending; and for `window` after they were written those that failed or got no id.
///
/// Source: docs/rules/silence.md, "Undelivered".
pub fn undelivered(
    outputs: &[Uttered],
    window: Span,
    now: Timestamp,
) -> Decision<Vec<&Uttered>, ()> {
    let late = |one: &Uttered| {
        let due = one.due_at.map_or(one.written_at, |due| due.max(one.written_at));
        due.plus(PATIENCE)
    };
    let old = |one: &Uttered| one.written_at.plus(window);
    let (mut action, mut recheck) = (Vec::new(), Recheck::OnChange);
    for one in outputs {
        let edge = match one.delivery {
            Delivery::Unknown | Delivery::Delivered => continue,
            Delivery::Pending => {
                let late = late(one);
                if now >= late {
                    action.push(one);
                    continue;
                }
                late
            }
            Delivery::WithoutId | Delivery::Failed => {
                let old = old(one);
                if now >= old {
                    continue;
                }
                action.push(one);
                old
            }
        };
        recheck = recheck.sooner(edge.into());
    }
    Decision { action, evidence: (), recheck }
}
