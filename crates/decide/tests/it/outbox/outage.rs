//! What an outage leaves is delivered after it: days told by hand.

use std::collections::{BTreeMap, BTreeSet};

use sweepd_decide::outbox::OutboxPolicy;

use super::driver::{Left, Log, deliver};
use super::week::{HOUR, MINUTE, Mood, SECOND, Week};

/// A sink for so many alerts, each a thread of its own, one each so often; posts take no time.
fn week(many: i64, apart: i64, moods: &[(i64, Mood)]) -> Week {
    Week {
        policy: OutboxPolicy::default(),
        seed: 7,
        filings: (0..many).map(|nth| (nth * apart, nth)).collect(),
        moods: moods.to_vec(),
        repairs: Vec::new(),
        refused: BTreeSet::new(),
        deferred: BTreeMap::new(),
        takes: vec![0],
    }
}

fn all_delivered(log: &Log, many: i64) -> bool {
    let delivered = log.left.values().filter(|(_, left)| *left == Left::Delivered);
    i64::try_from(delivered.count()).unwrap() == many
}

#[test]
fn three_hours_of_outage_are_delivered_together_soon_after_it() {
    let week = week(180, MINUTE, &[(0, Mood::Down), (3 * HOUR, Mood::Up)]);
    let log = deliver(&week).unwrap();
    assert!(all_delivered(&log, 180));
    let later: Vec<_> = log.posts.iter().filter(|post| post.began >= 3 * HOUR).collect();
    // At the latest after the longest wait, in four posts of 50, and those at once.
    assert_eq!(later.len(), 4);
    assert_eq!(later.iter().map(|post| post.ids.len()).collect::<Vec<_>>(), [50, 50, 50, 30]);
    assert!(later.iter().all(|post| post.began == later[0].began));
    assert!(later[0].began <= 3 * HOUR + 375 * SECOND);
    // 1, 2, 4 … 256 s, and then one each 5 min, give or take a quarter.
    for (nth, pair) in log.posts.windows(2).take(log.posts.len() - later.len()).enumerate() {
        let wait = (SECOND << nth.min(20)).min(5 * MINUTE);
        let rest = pair[1].began - pair[0].ended;
        assert!(3 * wait <= 4 * rest && 4 * rest <= 5 * wait, "{nth}: {pair:?}");
    }
}

#[test]
fn one_by_one_they_follow_as_the_bucket_fills() {
    let mut week = week(180, MINUTE, &[(0, Mood::Down), (3 * HOUR, Mood::Up)]);
    week.policy.batch = 1;
    let log = deliver(&week).unwrap();
    assert!(all_delivered(&log, 180));
    let later: Vec<_> = log.posts.iter().filter(|post| post.began >= 3 * HOUR).collect();
    assert_eq!(later.len(), 180);
    let began: Vec<i64> = later.iter().map(|post| post.began - later[0].began).collect();
    assert_eq!(began[..6], [0, 0, 0, 0, 0, 10 * SECOND]);
    assert_eq!(began[179], 175 * 10 * SECOND);
    assert!(later.windows(2).all(|pair| pair[0].ids < pair[1].ids), "oldest first");
}

#[test]
fn a_sink_that_asks_for_an_hour_gets_it_and_not_more() {
    for (asks, expect) in [(30 * SECOND, 30 * SECOND), (HOUR, HOUR), (5 * HOUR, HOUR)] {
        let week = week(1, 0, &[(0, Mood::Busy(asks)), (1, Mood::Up)]);
        let log = deliver(&week).unwrap();
        let began: Vec<i64> = log.posts.iter().map(|post| post.began).collect();
        assert_eq!(began, [0, expect]);
    }
}

#[test]
fn a_sink_that_stopped_keeps_what_waits_for_a_day_and_takes_it_when_it_is_well_again() {
    let mut week = week(3, HOUR, &[(0, Mood::Gone), (25 * HOUR, Mood::Up)]);
    let given_up = |tries| Left::GivenUp { tries, stopped: true };
    let first = (24 * HOUR, given_up(1));
    let log = deliver(&week).unwrap();
    let left: Vec<_> = log.left.into_values().collect();
    assert_eq!(left, [first, (25 * HOUR, given_up(0)), (26 * HOUR, given_up(0))]);
    assert_eq!(log.posts.len(), 1);
    // The second is a day old just then, but was never tried.
    week.repairs = vec![25 * HOUR];
    let log = deliver(&week).unwrap();
    let left: Vec<_> = log.left.into_values().collect();
    assert_eq!(left, [first, (25 * HOUR, Left::Delivered), (25 * HOUR, Left::Delivered)]);
}

#[test]
fn one_that_is_refused_takes_none_along() {
    let mut week = week(20, 0, &[]);
    week.refused = [4, 11].into();
    let log = deliver(&week).unwrap();
    let refused: Vec<i64> = log
        .left
        .iter()
        .filter(|(_, (_, left))| *left == Left::Refused)
        .map(|(id, _)| *id)
        .collect();
    assert_eq!(refused, [4, 11]);
    assert_eq!(log.left.values().filter(|(_, left)| *left == Left::Delivered).count(), 18);
    assert_eq!(log.posts[0].ids.len(), 20);
    assert!(log.posts[1..].iter().all(|post| post.ids.len() == 1));
}

#[test]
fn what_is_deferred_holds_back_its_thread_and_no_other() {
    let mut week = week(4, 0, &[]);
    week.filings = vec![(0, 1), (0, 1), (0, 2), (0, 1)];
    week.deferred = [(1, (1, HOUR))].into();
    let log = deliver(&week).unwrap();
    let posts: Vec<(i64, i64)> = log.posts.iter().map(|post| (post.began, post.ids[0])).collect();
    assert_eq!(posts, [(0, 1), (0, 3), (HOUR, 1), (HOUR, 2), (HOUR, 4)]);
}

#[test]
fn what_was_never_tried_is_tried_however_old_it_is() {
    // A batch of one, and a sink that is down for two days: each is tried once before it is given up.
    let mut week = week(40, 0, &[(0, Mood::Down), (48 * HOUR, Mood::Up)]);
    week.policy.batch = 1;
    let log = deliver(&week).unwrap();
    for (id, (at, left)) in &log.left {
        assert!(*at >= 24 * HOUR, "{id}");
        assert!(matches!(left, Left::GivenUp { tries: 1.., stopped: false }), "{id}: {left:?}");
    }
    assert_eq!(log.left.len(), 40);
}
