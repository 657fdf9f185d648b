//! What is delivered next?

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use super::{OutboxPolicy, SinkState};
use crate::decision::{Decision, Recheck};
use crate::time::{Span, Timestamp};

/// An alert that waits for one sink.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Waiting {
    /// Its number in the outbox; later ones are higher.
    pub id: i64,
    /// What it belongs to: of one thread only the oldest is free.
    pub thread: String,
    /// When it was promised.
    pub filed_at: Timestamp,
    /// Attempts so far.
    pub tries: u32,
    /// Not before then.
    pub deferred_until: Option<Timestamp>,
    /// It was refused together with others.
    pub alone: bool,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled answer is a bug")]
pub enum Next {
    /// Nothing now.
    Rest,
    /// Deliver these in one post, in this order.
    Send(Vec<i64>),
    /// Give these up.
    GiveUp(Vec<i64>),
}

/// Why nothing is sent, or what is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum Hold {
    /// Something is to be done.
    Due,
    /// Nothing waits.
    Empty,
    /// The sink takes nothing from us any more.
    Stopped,
    /// The sink asked to be left alone.
    Asked,
    /// The sink has failed.
    BackingOff,
    /// What waits is deferred.
    Deferred,
    /// There is no token.
    Paced,
}

/// What is next for a sink at `now`, given what waits there, in any order. `seed` spreads the waits:
/// the same sink has always the same.
///
/// Source: docs/rules/incidents.md, "The outbox".
pub fn next(
    policy: &OutboxPolicy,
    sink: &SinkState,
    waiting: &[Waiting],
    now: Timestamp,
    seed: u64,
) -> Decision<Next, Hold> {
    let mut queue: Vec<&Waiting> = waiting.iter().collect();
    queue.sort_by_key(|one| one.id);
    let ends = |one: &Waiting| one.filed_at.plus(policy.give_up);
    let dead = |one: &Waiting, at| at >= ends(one) && is_lost(policy, sink, one, at);
    let old: Vec<i64> = queue.iter().filter(|one| dead(one, now)).map(|one| one.id).collect();
    if !old.is_empty() {
        return decision(Next::GiveUp(old), Hold::Due, Recheck::OnChange);
    }
    let ending = queue.iter().map(|one| ends(one)).zip(&queue);
    let ending = ending.filter(|(end, one)| *end > now && dead(one, *end)).map(|(end, _)| end);
    let ending = ending.min().map_or(Recheck::OnChange, Recheck::from);
    let rest = |hold, until: Option<Timestamp>| {
        let until = until.map_or(Recheck::OnChange, Recheck::from);
        decision(Next::Rest, hold, ending.sooner(until))
    };
    if queue.is_empty() {
        return rest(Hold::Empty, None);
    }
    if sink.stopped_at.is_some() {
        return rest(Hold::Stopped, None);
    }
    if let Some(until) = sink.asked_until.filter(|until| now < *until) {
        return rest(Hold::Asked, Some(until));
    }
    let again = sink.failed_at.filter(|_| sink.failures > 0);
    let again = again.map(|at| at.plus(wait(policy, sink.failures, seed)));
    if let Some(again) = again.filter(|again| now < *again) {
        return rest(Hold::BackingOff, Some(again));
    }
    let free = free(&queue, now);
    let Some(first) = free.first() else {
        // Only heads of threads can become free by time alone.
        let heads = heads(&queue).into_iter().filter_map(|one| one.deferred_until).min();
        return rest(Hold::Deferred, heads);
    };
    let (spent, since) = sink.bucket(policy, now);
    let tokens = policy.burst().saturating_sub(spent);
    if tokens == 0 {
        return rest(Hold::Paced, Some(since.plus(policy.every())));
    }
    let few = free.len() <= usize::try_from(tokens).unwrap_or(usize::MAX);
    if policy.batch <= 1 || few || first.alone {
        return decision(Next::Send([first.id].into()), Hold::Due, Recheck::OnChange);
    }
    let together = free.iter().take_while(|one| !one.alone).take(policy.batch);
    let ids = together.map(|one| one.id).collect();
    decision(Next::Send(ids), Hold::Due, Recheck::OnChange)
}

/// Whether an alert that is old enough has no prospect at `now`: its sink has stopped; or it was tried,
/// and is deferred still, or the sink has failed not long ago. One that nobody has tried for long is
/// tried once more: the host may have slept.
fn is_lost(policy: &OutboxPolicy, sink: &SinkState, one: &Waiting, now: Timestamp) -> bool {
    let deferred = one.deferred_until.is_some_and(|until| now < until);
    let failed = sink.failed_at.filter(|_| sink.failures > 0);
    let lately = failed.is_some_and(|at| now <= at.plus(policy.longest_ask));
    sink.stopped_at.is_some() || (one.tries > 0 && (deferred || lately))
}

const fn decision(action: Next, evidence: Hold, recheck: Recheck) -> Decision<Next, Hold> {
    Decision { action, evidence, recheck }
}

/// The oldest of each thread, oldest first.
fn heads<'a>(queue: &[&'a Waiting]) -> Vec<&'a Waiting> {
    let mut seen = BTreeSet::new();
    queue.iter().filter(|one| seen.insert(one.thread.as_str())).copied().collect()
}

/// Those that may be sent, oldest first.
fn free<'a>(queue: &[&'a Waiting], now: Timestamp) -> Vec<&'a Waiting> {
    let mut heads = heads(queue);
    heads.retain(|one| one.deferred_until.is_none_or(|until| now >= until));
    heads
}

/// How long a sink is left alone after its `failures`-th failure in a row.
fn wait(policy: &OutboxPolicy, failures: u32, seed: u64) -> Span {
    let whole = policy.backoff.after(failures.saturating_sub(1)).as_millis();
    // From three quarters to five quarters of it.
    let mixed = (seed ^ u64::from(failures)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48;
    let spread = i64::try_from(mixed).unwrap_or(0); // below 65536
    let part = (whole / 2).saturating_mul(spread) / 65_536;
    Span::from_millis((whole - whole / 4).saturating_add(part))
}
