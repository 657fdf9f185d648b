//! When to look at an agent again, once its turn is over.

use super::Queue;
use super::wake::{WakeAction, WakeFacts, judge_wake};
use crate::decision::Recheck;
use crate::memory::Memory;
use crate::policy::Policy;
use crate::time::{Span, Timestamp};

/// Where the agent stands at the end of its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "a host must handle all of them")]
pub enum Standing {
    /// Something runs. The recheck is that of its judgment.
    Up(Recheck),
    /// Nothing runs, and it may be woken when work falls due.
    Down,
    /// Nothing runs, and nobody here will wake it.
    LeftAlone,
}

/// The earliest instant at which there may be something to do, by the queue as the turn left it.
///
/// What an agent that runs does right after the look is not seen until the next one; so that its
/// limits hold all the same, the next look is no later than the shortest of them.
pub fn next_look(
    policy: &Policy,
    queue: &Queue,
    memory: &Memory,
    standing: Standing,
    now: Timestamp,
) -> Recheck {
    match standing {
        Standing::Up(judged) => {
            let unseen = Recheck::from(now.plus(shortest(policy)));
            let again = stop_again(policy, memory).at().filter(|at| *at > now);
            judged.sooner(unseen).sooner(again.map_or(Recheck::OnChange, Recheck::At))
        }
        Standing::Down => {
            let facts = WakeFacts { running: false, had_its_turn: false };
            let wake = judge_wake(policy, queue, memory, facts, now);
            match wake.action {
                WakeAction::Wake => Recheck::At(now),
                WakeAction::Wait | WakeAction::None => wake.recheck,
            }
        }
        Standing::LeftAlone => Recheck::OnChange,
    }
}

/// When a stop that did not work may be tried again.
pub fn stop_again(policy: &Policy, memory: &Memory) -> Recheck {
    let stop = memory.stop.as_ref().filter(|stop| stop.ended_at.is_none());
    let at = stop.and_then(|stop| {
        let earlier = stop.failures.checked_sub(1)?;
        Some(stop.attempted_at.plus(policy.wake_backoff.after(earlier)))
    });
    at.map_or(Recheck::OnChange, Recheck::from)
}

fn shortest(policy: &Policy) -> Span {
    let others = [policy.silence, policy.start_deadline, policy.unclaimed];
    others.into_iter().flatten().fold(policy.claim_tolerance, Span::min)
}
