//! Since when something is wrong with a sink: by hand, and as it is read from all its posts.

use sweepd_decide::outbox::SinkState;
use sweepd_decide::{Setback, Span, Timestamp};

use crate::dice::{Dice, SMALL, for_all, ms, span};

use super::days::{check, law};
use super::dice::{Outbox, outbox};
use super::driver::Post;
use super::week::{MINUTE, Week};

/// Since when something is wrong with the sink, read from all posts.
fn wrong_since(week: &Week, posts: &[Post], at: i64) -> Option<i64> {
    let mut failing: Vec<i64> = Vec::new();
    let mut refused = None;
    for post in posts {
        match post.setback {
            Some(Setback::Later(_)) => failing.push(post.ended),
            Some(Setback::Stopped) => {}
            Some(Setback::Deferred(_)) => failing.clear(),
            Some(Setback::Refused) => {
                failing.clear();
                if post.ids.len() == 1 {
                    refused = refused.or(Some(post.ended));
                }
            }
            None => {
                failing.clear();
                refused = None;
            }
        }
    }
    // Nothing is sent to one that stopped before that is repaired.
    let last = posts.last().filter(|it| it.setback == Some(Setback::Stopped));
    let repaired = |post: &Post| week.repairs.iter().any(|it| post.began < *it && *it <= at);
    let stopped = last.filter(|post| !repaired(post)).map(|post| post.ended);
    let failed = failing.first().copied().filter(|since| at >= since + 10 * MINUTE);
    [stopped, refused, failed.filter(|_| failing.len() >= 3)].into_iter().flatten().min()
}

#[test]
fn a_sink_that_fails_for_long_refuses_or_stops_is_known_to() {
    law(|week, log| {
        for asked in &log.asked {
            let expect = wrong_since(week, &log.posts[..asked.posts], asked.at);
            check(asked.wrong_since == expect, || format!("{asked:?}, expected {expect:?}"))?;
        }
        Ok(())
    });
}

#[test]
fn something_is_wrong_after_ten_minutes_and_three_failures_or_at_once() {
    let at = |sink: SinkState, now: i64| sink.wrong_since(ms(now)).map(Timestamp::as_millis);
    let failing = |failures| SinkState {
        failures,
        failing_since: Some(ms(7)),
        failed_at: Some(ms(8)),
        ..SinkState::default()
    };
    assert_eq!(at(SinkState::default(), i64::MAX), None);
    assert_eq!(at(failing(3), 600_006), None);
    assert_eq!(at(failing(3), 600_007), Some(7));
    assert_eq!(at(failing(u32::MAX), 600_007), Some(7));
    assert_eq!(at(failing(2), 600_007), None);
    for (stopped, refused, expect) in [(5, 9, 5), (9, 5, 5), (20, 30, 7)] {
        let (stopped_at, refused_at) = (Some(ms(stopped)), Some(ms(refused)));
        let sink = SinkState { stopped_at, refused_at, ..failing(3) };
        assert_eq!(at(sink, 600_007), Some(expect), "the first of them");
        assert_eq!(at(SinkState { stopped_at, ..SinkState::default() }, 0), Some(stopped));
        assert_eq!(at(SinkState { refused_at, ..SinkState::default() }, 0), Some(refused));
        let doubted_at = refused_at;
        assert_eq!(at(SinkState { doubted_at, ..SinkState::default() }, 0), Some(refused));
        let first = SinkState { stopped_at, doubted_at, ..SinkState::default() };
        assert_eq!(at(first, 0), Some(stopped.min(refused)));
    }
}

#[test]
fn from_when_on_something_is_wrong_is_known_before() {
    for_all(
        5_000,
        |dice: &mut Dice| outbox(dice, SMALL),
        |Outbox { sink, .. }| {
            let failing = sink.failing_since.filter(|_| sink.failures >= 3);
            let failed = failing.map(|since| since.plus(Span::from_mins(10)));
            let at_once = [sink.stopped_at, sink.refused_at, sink.doubted_at];
            let expect = at_once.into_iter().chain([failed]).flatten().min();
            if sink.wrong_at() != expect {
                return Err(format!("{:?}, expected {expect:?}", sink.wrong_at()));
            }
            let Some(at) = expect else {
                return Ok(());
            };
            // Not before, but for what is so at once.
            let before = sink.wrong_since(at.minus(span(1))).is_some();
            let known = before == at_once.iter().any(Option::is_some);
            if known && sink.wrong_since(at).is_some() { Ok(()) } else { Err(format!("at {at}")) }
        },
    );
}
