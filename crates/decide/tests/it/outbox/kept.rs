//! What an attempt does not take back.

use sweepd_decide::outbox::{Attempt, Hold, Next, OutboxPolicy, SinkState, Waiting, next, tried};
use sweepd_decide::{Setback, Span, Timestamp};

use super::dice::alert;
use crate::dice::{ms, span};

const HOUR: Span = Span::from_mins(60);

#[test]
fn only_an_arrival_opens_a_sink_that_stopped() {
    let policy = OutboxPolicy::default();
    let stopped = SinkState { stopped_at: Some(ms(5)), ..SinkState::default() };
    for setback in [Setback::Refused, Setback::Deferred(span(7)), Setback::Later(None)] {
        let attempt = Attempt::Failed(setback);
        let (sink, _) = tried(&policy, &stopped, attempt, 1, ms(10), ms(12));
        assert_eq!(sink.stopped_at, Some(ms(5)), "{setback:?}");
    }
    let (sink, _) = tried(&policy, &stopped, Attempt::Arrived, 1, ms(10), ms(12));
    assert_eq!(sink.stopped_at, None);
}

#[test]
fn a_sink_that_asked_for_an_hour_gets_it_whatever_else_fails() {
    let policy = OutboxPolicy::default();
    let asked = Attempt::Failed(Setback::Later(Some(HOUR)));
    let (sink, _) = tried(&policy, &SinkState::default(), asked, 1, ms(0), ms(0));
    let shorter = Setback::Later(Some(span(1)));
    for setback in [Setback::Later(None), shorter, Setback::Deferred(span(7)), Setback::Refused] {
        let attempt = Attempt::Failed(setback);
        let (sink, _) = tried(&policy, &sink, attempt, 1, ms(10), ms(12));
        let hold = next(&policy, &sink, &[alert(1)], ms(60_000), 0).evidence;
        assert_eq!(hold, Hold::Asked, "{setback:?}");
    }
    let (sink, _) = tried(&policy, &sink, Attempt::Arrived, 1, ms(10), ms(12));
    assert_eq!(sink.asked_until, None);
}

#[test]
fn a_bucket_holds_a_token_and_its_next_lies_ahead() {
    for (burst, every) in [(0, 10), (1, 0), (0, -2)] {
        let policy = OutboxPolicy { burst, every: span(every), ..OutboxPolicy::default() };
        let full = next(&policy, &SinkState::default(), &[alert(1)], ms(30), 0);
        assert_eq!(full.evidence, Hold::Due);
        let (sink, _) = tried(&policy, &SinkState::default(), Attempt::Arrived, 1, ms(30), ms(30));
        let said = next(&policy, &sink, &[alert(1)], ms(30), 0);
        assert_eq!(said.evidence, Hold::Paced, "{burst} {every}");
        assert!(said.recheck.at().is_some_and(|at| at > ms(30)), "{said:?}");
    }
}

#[test]
fn what_nobody_has_tried_for_long_is_tried_once_more_before_it_is_given_up() {
    let policy = OutboxPolicy::default();
    let day = Span::from_mins(24 * 60);
    let old = Waiting { tries: 1, ..alert(1) };
    let asleep = SinkState { failures: 1, failed_at: Some(ms(5)), ..SinkState::default() };
    let woke = ms(5).plus(day).plus(HOUR);
    let said = next(&policy, &asleep, std::slice::from_ref(&old), woke, 0);
    assert_eq!(said.action, Next::Send(vec![1]));
    let (failed, _) = tried(&policy, &asleep, Attempt::Failed(Setback::Later(None)), 1, woke, woke);
    let said = next(&policy, &failed, &[old], woke, 0);
    assert_eq!(said.action, Next::GiveUp(vec![1]));
}

#[test]
fn what_a_clock_set_back_has_left_ahead_is_not_believed() {
    let policy = OutboxPolicy::default();
    let now = ms(1_000);
    let sink = SinkState {
        failures: 1,
        failed_at: Some(now.plus(HOUR)),
        failing_since: Some(now.plus(HOUR)),
        asked_until: Some(now.plus(HOUR).plus(span(1))),
        ..SinkState::default()
    };
    let credible = sink.credible(&policy, now);
    assert_eq!((credible.failed_at, credible.asked_until), (None, None));
    assert_eq!((credible.failing_since, credible.failures), (Some(now), 1));
    assert_eq!(next(&policy, &credible, &[alert(1)], now, 0).evidence, Hold::Due);
    let believed = SinkState {
        failed_at: Some(now),
        failing_since: Some(Timestamp::from_millis(0)),
        asked_until: Some(now.plus(HOUR)),
        ..sink
    };
    assert_eq!(believed.credible(&policy, now), believed);
}
