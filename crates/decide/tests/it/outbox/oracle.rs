//! What the page says of the outbox, line by line: answers at one instant, and nothing about when to
//! ask again.

use std::collections::BTreeMap;

use sweepd_decide::outbox::{Hold, Next, OutboxPolicy, SinkState, Waiting};
use sweepd_decide::{Span, Timestamp};

/// What is next. How a wait is spread is the rule's own affair: `wait` says how long it is after so
/// many failures.
pub(super) fn next(
    policy: &OutboxPolicy,
    sink: &SinkState,
    waiting: &[Waiting],
    now: Timestamp,
    wait: impl Fn(u32) -> Span,
) -> (Next, Hold) {
    let mut oldest_first = waiting.to_vec();
    oldest_first.sort_by_key(|alert| alert.id);
    let stopped = sink.stopped_at.is_some();
    let lately =
        sink.failures > 0 && sink.failed_at.is_some_and(|at| now <= at.plus(policy.longest_ask));
    let dead = |alert: &&Waiting| {
        let deferred = alert.deferred_until.is_some_and(|until| now < until);
        let tried = alert.tries > 0 && (deferred || lately);
        now >= alert.filed_at.plus(policy.give_up) && (stopped || tried)
    };
    let dead = numbers(oldest_first.iter().filter(dead));
    let free = free(&oldest_first, now);
    let asked = sink.asked_until.is_some_and(|until| now < until);
    let failed = sink.failed_at.filter(|_| sink.failures >= 1);
    let backs_off = failed.is_some_and(|at| now < at.plus(wait(sink.failures)));
    let lines = [
        (!dead.is_empty(), Next::GiveUp(dead), Hold::Due),
        (waiting.is_empty(), Next::Rest, Hold::Empty),
        (stopped, Next::Rest, Hold::Stopped),
        (asked, Next::Rest, Hold::Asked),
        (backs_off, Next::Rest, Hold::BackingOff),
        (free.is_empty(), Next::Rest, Hold::Deferred),
        (tokens(policy, sink, now) == 0, Next::Rest, Hold::Paced),
        (true, Next::Send(post(policy, &free, tokens(policy, sink, now))), Hold::Due),
    ];
    let (_, next, hold) = lines.into_iter().find(|(fits, _, _)| *fits).unwrap();
    (next, hold)
}

fn numbers<'a>(alerts: impl Iterator<Item = &'a Waiting>) -> Vec<i64> {
    alerts.map(|alert| alert.id).collect()
}

/// The oldest of each thread, if it is not deferred.
fn free(oldest_first: &[Waiting], now: Timestamp) -> Vec<Waiting> {
    let mut threads: BTreeMap<&str, &Waiting> = BTreeMap::new();
    for alert in oldest_first {
        threads.entry(&alert.thread).or_insert(alert);
    }
    let deferred = |alert: &Waiting| alert.deferred_until.is_some_and(|until| now < until);
    let mut free: Vec<Waiting> =
        threads.into_values().filter(|alert| !deferred(alert)).cloned().collect();
    free.sort_by_key(|alert| alert.id);
    free
}

/// Tokens there are: a bucket of `burst` of which so many were spent, and one back each `every`.
pub(super) fn tokens(policy: &OutboxPolicy, sink: &SinkState, now: Timestamp) -> u32 {
    let burst = i64::from(policy.burst.max(1));
    let spent = i64::from(sink.spent).min(burst);
    // Where the clock was set back, what was spent later than now was not.
    let Some(at) = sink.spent_at.filter(|at| *at <= now) else {
        return policy.burst.max(1);
    };
    let back = now.since(at).as_millis() / policy.every.as_millis().max(1);
    let tokens = (burst - spent).saturating_add(back).min(burst);
    u32::try_from(tokens).unwrap()
}

/// What a post holds. None is sent before an older one that is free.
fn post(policy: &OutboxPolicy, free: &[Waiting], tokens: u32) -> Vec<i64> {
    let oldest = free.first().map(|alert| alert.id).into_iter().collect();
    let enough = free.len() <= usize::try_from(tokens).unwrap();
    if policy.batch <= 1 || enough || free.first().is_some_and(|alert| alert.alone) {
        return oldest;
    }
    numbers(free.iter().take_while(|alert| !alert.alone).take(policy.batch))
}
