//! Step 3: whether to wake an agent that has due work and nothing running.
//!
//! The wake itself, and whether it worked, is the engine's; the waits between failing wakes and
//! after deaths are decided here.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::Queue;
use super::due::is_due;
use crate::decision::{Decision, Recheck};
use crate::id::MessageId;
use crate::memory::{Memory, Wakes};
use crate::policy::{Policy, Profile};
use crate::time::{Span, Timestamp, parse_utc};

/// Up this long, and earlier failures are forgotten.
const SETTLED: Span = Span::from_secs(60);

/// What there is besides the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WakeFacts {
    /// Something runs for this agent.
    pub running: bool,
    /// It was woken, or stopped, or a wake of it failed, in this very call.
    pub had_its_turn: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled action is a bug")]
pub enum WakeAction {
    /// Nothing is due, or something runs.
    None,
    /// Wake it.
    Wake,
    /// Work is due, but not yet: it failed, or died, too recently.
    Wait,
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct WakeEvidence {
    /// Wakes that failed in a row, the last one included.
    pub failures: u32,
    /// Deaths that count, of the message that has had the most.
    pub deaths: u32,
    /// Not before this instant.
    pub not_before: Option<Timestamp>,
}

/// Judges at `now`.
pub fn judge_wake(
    policy: &Policy,
    queue: &Queue,
    memory: &Memory,
    facts: WakeFacts,
    now: Timestamp,
) -> Decision<WakeAction, WakeEvidence> {
    let not_before = not_before(policy, memory);
    let evidence = WakeEvidence {
        failures: memory.wakes.last_error.as_ref().map_or(0, |_| memory.wakes.failures),
        deaths: deaths_in_a_row(memory).map(|(nth, _)| nth).max().unwrap_or(0),
        not_before,
    };
    let (action, recheck) = if facts.running || facts.had_its_turn {
        (WakeAction::None, Recheck::OnChange)
    } else if !is_due(queue, now) {
        (WakeAction::None, next_due(queue))
    } else if let Some(at) = not_before.filter(|at| *at > now) {
        (WakeAction::Wait, Recheck::from(at))
    } else {
        (WakeAction::Wake, Recheck::OnChange)
    };
    Decision { action, evidence, recheck }
}

/// The wakes after an attempt that began at `now` and failed.
#[must_use]
pub fn wake_failed(wakes: &Wakes, now: Timestamp, error: &str) -> Wakes {
    Wakes {
        failures: wakes.failures.saturating_add(1),
        attempted_at: Some(now),
        under_way: false,
        last_error: Some(String::from(error)),
        woken: false,
    }
}

/// The wakes after an attempt that began at `now` and of which nobody knows how it ended: it
/// counts as failed until its run is seen.
#[must_use]
pub fn wake_unanswered(wakes: &Wakes, now: Timestamp, error: &str) -> Wakes {
    Wakes { under_way: true, ..wake_failed(wakes, now, error) }
}

/// The wakes after an attempt that worked.
#[must_use]
pub fn wake_worked(wakes: &Wakes) -> Wakes {
    Wakes { under_way: false, last_error: None, woken: true, ..*wakes }
}

/// The wakes once a run that is up since `start` is looked at: after a while it is a success.
#[must_use]
pub fn wake_settled(wakes: &Wakes, start: Timestamp, now: Timestamp) -> Wakes {
    if now < start.plus(SETTLED) {
        return wakes.clone();
    }
    Wakes { failures: 0, last_error: None, woken: false, ..*wakes }
}

/// The wakes once a run that we woke, up since `start`, was seen to have ended by itself: too
/// soon and without having claimed anything (`claimed`) is one failing wake (profile `standard`),
/// `words` what it said last.
#[must_use]
pub fn wake_ended(
    policy: &Policy,
    wakes: &Wakes,
    start: Timestamp,
    end: Timestamp,
    claimed: bool,
    words: &str,
) -> Wakes {
    if !wakes.woken {
        return wakes.clone();
    }
    if end >= start.plus(SETTLED) {
        return wake_settled(wakes, start, end);
    }
    if policy.profile == Profile::Standard && !claimed {
        let began = wakes.attempted_at.unwrap_or(start);
        return wake_failed(wakes, began, words);
    }
    Wakes { woken: false, ..wakes.clone() }
}

fn not_before(policy: &Policy, memory: &Memory) -> Option<Timestamp> {
    // Only a wake that failed holds the next; how many did so before counts until a run stayed up.
    let failed = memory.wakes.attempted_at.filter(|_| memory.wakes.last_error.is_some());
    let failing = failed.zip(memory.wakes.failures.checked_sub(1));
    let failing = failing.map(|(at, earlier)| at.plus(policy.wake_backoff.after(earlier)));
    let dying = deaths_in_a_row(memory)
        .map(|(nth, at)| at.plus(policy.poison.backoff.after(nth.saturating_sub(1))));
    let dying = dying.max().filter(|_| policy.poison.deaths > 0);
    failing.max(dying)
}

/// Every death, with how many its message had had by then, this one included.
fn deaths_in_a_row(memory: &Memory) -> impl Iterator<Item = (u32, Timestamp)> {
    let mut by_message: BTreeMap<&MessageId, Vec<Timestamp>> = BTreeMap::new();
    for death in &memory.deaths {
        by_message.entry(&death.claim.message_id).or_default().push(death.at);
    }
    by_message.into_values().flat_map(|mut times| {
        times.sort_unstable();
        (1..).zip(times)
    })
}

/// When the first message falls due; asked only while none is.
fn next_due(queue: &Queue) -> Recheck {
    let pending = queue
        .messages
        .iter()
        .filter(|message| message.state.status() == "pending" && message.triggers());
    let times = pending.filter_map(|message| parse_utc(message.state.process_after.as_deref()?));
    times.min().map_or(Recheck::OnChange, Recheck::from)
}
