//! What an attempt means for the sink and for what was sent: the page's lines, and what a post costs.

use sweepd_decide::outbox::{Attempt, Fate, OutboxPolicy, SinkState, tried};
use sweepd_decide::{Setback, Span, Timestamp};

use crate::dice::{Dice, SMALL, WATCHED, for_all, ms, span};

use super::dice::{Outbox, outbox};
use super::oracle::tokens;

const HOUR: i64 = 3_600_000;

/// A sink that failed twice, from 1 s on, and has refused before.
const FAILED: SinkState = SinkState {
    stopped_at: None,
    failures: 2,
    failing_since: Some(ms(1_000)),
    failed_at: Some(ms(2_000)),
    asked_until: Some(ms(3_000)),
    refused_at: Some(ms(500)),
    doubted_at: None,
    spent: 0,
    spent_at: None,
};

/// An attempt from 10 s to 12 s, with one token spent for it.
fn after(sink: SinkState, setback: Option<Setback>, posted: usize) -> (SinkState, Fate) {
    let attempt = setback.map_or(Attempt::Arrived, Attempt::Failed);
    let policy = OutboxPolicy::default();
    let (sink, fate) = tried(&policy, &sink, attempt, posted, ms(10_000), ms(12_000));
    assert!(sink.spent > 0 && sink.spent_at.is_some(), "a post is paid for");
    (SinkState { spent: 0, spent_at: None, ..sink }, fate)
}

#[test]
fn what_arrived_makes_everything_well() {
    for (stopped_at, doubted_at) in [(None, None), (Some(ms(5)), None), (None, Some(ms(5)))] {
        for posted in [1, 50] {
            let sink = SinkState { stopped_at, doubted_at, ..FAILED };
            assert_eq!(after(sink, None, posted), (SinkState::default(), Fate::Delivered));
        }
    }
}

#[test]
fn later_is_one_failure_more() {
    let later = |asked: Option<i64>| Some(Setback::Later(asked.map(span)));
    for posted in [1, 50] {
        let (sink, fate) = after(SinkState::default(), later(None), posted);
        let once = SinkState {
            failures: 1,
            failing_since: Some(ms(12_000)),
            failed_at: Some(ms(12_000)),
            ..SinkState::default()
        };
        assert_eq!((sink, fate), (once, Fate::Wait));
    }
    let asks = [(0, 0), (90_000, 90_000), (HOUR, HOUR), (HOUR + 1, HOUR), (i64::MAX, HOUR)];
    for (asks, gets) in asks {
        let expect = SinkState {
            failures: 3,
            failed_at: Some(ms(12_000)),
            asked_until: Some(ms(12_000 + gets)),
            ..FAILED
        };
        assert_eq!(after(FAILED, later(Some(asks)), 1), (expect, Fate::Wait));
    }
    let most = SinkState { failures: u32::MAX, ..FAILED };
    assert_eq!(after(most, later(None), 1).0.failures, u32::MAX);
}

#[test]
fn what_is_deferred_or_refused_was_at_a_sink_that_is_fine() {
    let fine = SinkState { refused_at: FAILED.refused_at, ..SinkState::default() };
    for posted in [1, 50] {
        let deferred = Some(Setback::Deferred(span(7_000)));
        assert_eq!(after(FAILED, deferred, posted), (fine, Fate::WaitUntil(ms(19_000))));
    }
    let forever = Some(Setback::Deferred(Span::MAX));
    assert_eq!(after(FAILED, forever, 1).1, Fate::WaitUntil(Timestamp::MAX));
    let refused = Some(Setback::Refused);
    assert_eq!(after(FAILED, refused, 1), (fine, Fate::GivenUp), "it refuses since the first");
    assert_eq!(after(FAILED, refused, 2), (fine, Fate::WaitAlone));
    // Together it is not known yet which of them it refuses.
    assert_eq!(after(SinkState::default(), refused, 2).0, SinkState::default());
    let first = SinkState { refused_at: Some(ms(12_000)), ..SinkState::default() };
    assert_eq!(after(SinkState::default(), refused, 1).0, first);
}

#[test]
fn a_sink_stops_once_and_keeps_what_was_sent() {
    for posted in [1, 50] {
        let stopped = SinkState { stopped_at: Some(ms(12_000)), asked_until: None, ..FAILED };
        assert_eq!(after(FAILED, Some(Setback::Stopped), posted), (stopped, Fate::Wait));
        assert_eq!(after(stopped, Some(Setback::Stopped), posted), (stopped, Fate::Wait));
        let before = SinkState { stopped_at: Some(ms(3)), asked_until: None, ..FAILED };
        assert_eq!(after(before, Some(Setback::Stopped), posted).0, before, "since the first");
    }
}

#[test]
fn one_that_somebody_has_seen_to_is_doubted_until_it_takes_something() {
    let stopped =
        SinkState { stopped_at: Some(ms(12_000)), spent: 2, spent_at: Some(ms(9)), ..FAILED };
    assert_eq!(stopped.renewed(true, ms(16_999)), None, "it may have been asked with the new ones");
    assert_eq!(FAILED.renewed(true, ms(i64::MAX)), None, "it has not stopped");
    let fresh = SinkState { spent: 2, spent_at: Some(ms(9)), ..SinkState::default() };
    let refused_at = FAILED.refused_at;
    let doubted = SinkState { doubted_at: Some(ms(12_000)), refused_at, ..fresh };
    assert_eq!(stopped.renewed(true, ms(17_000)), Some(doubted));
    assert_eq!(stopped.renewed(false, ms(17_000)), Some(fresh), "nothing waits: nothing is held");
    // It stops again, and is seen to again: it is doubted since the first.
    let again = SinkState { stopped_at: Some(ms(20_000)), ..doubted };
    assert_eq!(again.renewed(true, ms(25_000)), Some(doubted));
    assert_eq!(again.renewed(false, ms(25_000)), Some(fresh));
    // What does not arrive takes no doubt away.
    for setback in
        [Setback::Later(None), Setback::Deferred(span(5)), Setback::Refused, Setback::Stopped]
    {
        assert_eq!(after(doubted, Some(setback), 1).0.doubted_at, Some(ms(12_000)), "{setback:?}");
    }
    assert_eq!(after(doubted, None, 1).0, SinkState::default());
}

/// A post at a sink, and what comes of it.
fn posted(dice: &mut Dice) -> (Outbox, Attempt, Timestamp) {
    let case = outbox(dice, SMALL);
    let setbacks = [
        Setback::Later(None),
        Setback::Later(Some(span(5))),
        Setback::Deferred(span(5)),
        Setback::Refused,
        Setback::Stopped,
    ];
    let failed = Attempt::Failed(dice.pick(&setbacks));
    let attempt = if dice.one_in(3) { Attempt::Arrived } else { failed };
    let took = span(dice.within(0, 30));
    let now = case.now.plus(took);
    (case, attempt, now)
}

#[test]
fn a_post_takes_one_token_when_it_begins_whatever_comes_of_it() {
    for_all(6_000, posted, |(case, attempt, now)| {
        let (policy, began) = (&case.policy, case.now);
        let had = tokens(policy, &case.sink, began);
        if had == 0 {
            return Ok(());
        }
        let (sink, _) = tried(policy, &case.sink, *attempt, 1, began, *now);
        // A full bucket gains nothing; one that is not goes on gaining when it would have.
        let full = had == policy.burst;
        let every = policy.every.as_millis();
        for later in 0..=WATCHED {
            let at = began.plus(span(later));
            let gained = if full {
                u32::try_from(later / every).unwrap_or(u32::MAX)
            } else {
                let unbounded = SinkState { spent: u32::MAX, ..case.sink };
                let wide = OutboxPolicy { burst: u32::MAX, ..*policy };
                tokens(&wide, &unbounded, at) - tokens(&wide, &unbounded, began)
            };
            let expect = (had - 1).saturating_add(gained).min(policy.burst);
            let got = tokens(policy, &sink, at);
            if got != expect {
                return Err(format!("{got} tokens at {at}, expected {expect}, {sink:?}"));
            }
        }
        Ok(())
    });
}

#[test]
fn a_bucket_that_is_full_again_begins_anew() {
    let policy = OutboxPolicy::default();
    // Two tokens from 0 on are back at 20 s; nothing is gained before the next post.
    let spent = SinkState { spent: 2, spent_at: Some(ms(0)), ..SinkState::default() };
    let bucket = |began: i64| {
        let (sink, _) = tried(&policy, &spent, Attempt::Arrived, 1, ms(began), ms(began));
        (sink.spent, sink.spent_at.map(Timestamp::as_millis))
    };
    assert_eq!(bucket(19_999), (2, Some(10_000)));
    assert_eq!(bucket(20_000), (1, Some(20_000)));
    assert_eq!(bucket(20_001), (1, Some(20_001)));
    assert_eq!(bucket(29_999), (1, Some(29_999)));
    assert_eq!(bucket(95_000), (1, Some(95_000)));
}
