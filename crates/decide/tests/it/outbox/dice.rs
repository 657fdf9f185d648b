//! Outboxes at random, most of them on an edge of the rule.

use sweepd_decide::outbox::{Next, OutboxPolicy, SinkState, Waiting, next};
use sweepd_decide::{Backoff, Span, Timestamp};

use crate::dice::{Dice, Sizes, edges, ms};

/// What waits for a sink, and how it stands.
#[derive(Debug, Clone)]
pub(super) struct Outbox {
    pub(super) policy: OutboxPolicy,
    pub(super) sink: SinkState,
    pub(super) waiting: Vec<Waiting>,
    pub(super) now: Timestamp,
    pub(super) seed: u64,
}

/// How long a sink is left alone after so many failures: what the rule itself says of a sink that
/// failed at 0, with an alert that is never given up.
pub(super) fn wait(policy: &OutboxPolicy, failures: u32, seed: u64) -> Span {
    let sink = SinkState { failures, failed_at: Some(ms(0)), ..SinkState::default() };
    let alert = alert(1);
    let said = next(policy, &sink, std::slice::from_ref(&alert), ms(-1), seed);
    assert_eq!(said.action, Next::Rest, "a failure is waited for");
    said.recheck.at().map_or(Span::MAX, |at| at.since(ms(0)))
}

/// One that waits since 0, untried.
pub(super) fn alert(id: i64) -> Waiting {
    Waiting {
        id,
        thread: format!("thread-{id}"),
        filed_at: ms(0),
        tries: 0,
        deferred_until: None,
        alone: false,
    }
}

impl Outbox {
    pub(super) fn edges(&self) -> Vec<Timestamp> {
        let sink = &self.sink;
        let of_sink = [sink.failed_at, sink.asked_until, sink.spent_at, sink.stopped_at];
        let of_alerts = self.waiting.iter().flat_map(|it| [Some(it.filed_at), it.deferred_until]);
        let instants: Vec<_> = of_sink.into_iter().chain(of_alerts).flatten().collect();
        let every = self.policy.every.as_millis();
        let several = (0..6).map(|times| Span::from_millis(every.saturating_mul(times)));
        let own = [self.policy.give_up, wait(&self.policy, sink.failures.max(1), self.seed)];
        edges(&instants, &own.into_iter().chain(several).collect::<Vec<_>>())
    }
}

fn policy(dice: &mut Dice, sizes: Sizes) -> OutboxPolicy {
    let mut positive = || sizes.span(dice).max(Span::ZERO);
    let backoff = Backoff { base: positive(), cap: positive() };
    OutboxPolicy {
        backoff,
        give_up: sizes.span(dice),
        longest_ask: sizes.span(dice),
        burst: dice.pick(&[1, 1, 2, 3, 5, u32::MAX]),
        every: Span::from_millis(sizes.span(dice).as_millis().max(1)),
        batch: dice.pick(&[0, 1, 2, 3, 3, 50, usize::MAX]),
    }
}

fn sink(dice: &mut Dice, sizes: Sizes) -> SinkState {
    let seldom = |dice: &mut Dice| dice.one_in(4).then(|| sizes.at(dice));
    SinkState {
        stopped_at: dice.one_in(8).then(|| sizes.at(dice)),
        failures: dice.pick(&[0, 0, 0, 1, 2, 3, 7, u32::MAX]),
        failing_since: sizes.maybe_at(dice),
        failed_at: sizes.maybe_at(dice),
        asked_until: seldom(dice),
        refused_at: seldom(dice),
        doubted_at: seldom(dice),
        spent: dice.pick(&[0, 1, 2, 3, 4, 5, 6, u32::MAX]),
        spent_at: sizes.maybe_at(dice),
    }
}

pub(super) fn outbox(dice: &mut Dice, sizes: Sizes) -> Outbox {
    let many = if dice.one_in(60) { 120 } else { dice.within(0, 7) };
    let threads = if many > 7 { 100 } else { dice.within(1, 5) };
    let mut ids: Vec<i64> = (1..=many).collect();
    if dice.one_in(4) {
        ids = ids
            .into_iter()
            .map(|id| if id % 2 == 0 { i64::MIN + id } else { i64::MAX - id })
            .collect();
    }
    for last in (1..ids.len()).rev() {
        let other = dice.within(0, i64::try_from(last).unwrap());
        ids.swap(last, usize::try_from(other).unwrap());
    }
    let waiting = ids.into_iter().map(|id| Waiting {
        thread: dice.within(1, threads).to_string(),
        filed_at: sizes.at(dice),
        tries: dice.pick(&[0, 0, 0, 1, 2, u32::MAX]),
        deferred_until: dice.one_in(4).then(|| sizes.at(dice)),
        alone: dice.one_in(4),
        ..alert(id)
    });
    let waiting = waiting.collect();
    let (policy, sink) = (policy(dice, sizes), sink(dice, sizes));
    let (now, seed) = (sizes.at(dice), dice.within(0, 3).unsigned_abs());
    let mut outbox = Outbox { policy, sink, waiting, now, seed };
    let edges = outbox.edges();
    if !edges.is_empty() {
        outbox.now = dice.near(&edges);
    }
    outbox
}
