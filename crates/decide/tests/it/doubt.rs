//! What the clocks say about the time between two looks.

use sweepd_decide::{ClockReading, Doubt, Span, Suspend, Timestamp, Upset, doubt};

const NOW: Timestamp = Timestamp::from_millis(1_795_341_600_000);

fn ms(millis: i64) -> Span {
    Span::from_millis(millis)
}

/// Clocks that have moved on by `realtime`, `boottime` and `monotonic` milliseconds.
fn moved(realtime: i64, boottime: i64, monotonic: i64) -> ClockReading {
    let (realtime, boottime, monotonic) =
        (NOW.as_millis() + realtime, 5_000_000 + boottime, 4_000_000 + monotonic);
    ClockReading { boot_id: "b".to_owned(), realtime, boottime, monotonic }
}

fn judged(clocks: &ClockReading, late: Span) -> (Doubt, Vec<Upset>) {
    let last = moved(0, 0, 0);
    doubt(&Doubt::default(), Some(&last), clocks, late, Timestamp::from_millis(clocks.realtime))
}

#[test]
fn time_that_passes_alike_on_all_clocks_is_beyond_doubt() {
    for passed in [0, 60_000, 86_400_000] {
        let (doubt, upsets) = judged(&moved(passed, passed, passed), Span::ZERO);
        assert_eq!((doubt, upsets), (Doubt::default(), vec![]), "{passed}");
    }
}

#[test]
fn a_suspend_is_slept_time_that_ended_now_and_holds_for_a_minute() {
    let slept = 31 * 60_000;
    let (doubt, upsets) = judged(&moved(slept + 60_000, slept + 60_000, 60_000), Span::ZERO);
    let now = NOW.plus(ms(slept + 60_000));
    assert_eq!(upsets, [Upset::Suspend(ms(slept))]);
    assert_eq!(doubt.slept, [Suspend { from: now.minus(ms(slept)), to: now }]);
    assert_eq!(doubt.hold_until, Some(now.plus(Span::from_secs(60))));
}

#[test]
fn the_edges_of_what_counts() {
    let upsets = |clocks: &ClockReading, late: i64| judged(clocks, ms(late)).1;
    // Two clocks are not read at one instant.
    assert_eq!(upsets(&moved(9999, 9999, 9000), 0), []);
    assert_eq!(upsets(&moved(10_000, 10_000, 9000), 0), [Upset::Suspend(ms(1000))]);
    assert_eq!(upsets(&moved(5000, 0, 0), 0), []);
    assert_eq!(upsets(&moved(5001, 0, 0), 0), [Upset::Step(ms(5001))]);
    assert_eq!(upsets(&moved(-5000, 0, 0), 0), []);
    assert_eq!(upsets(&moved(-5001, 0, 0), 0), [Upset::Step(ms(-5001))]);
    assert_eq!(upsets(&moved(0, 5000, 5000), 0), []);
    assert_eq!(upsets(&moved(0, 5001, 5001), 0), [Upset::Step(ms(-5001))]);
    assert_eq!(upsets(&moved(0, 0, 0), 5000), []);
    assert_eq!(upsets(&moved(0, 0, 0), 5001), [Upset::Pause(ms(5001))]);
    // Who sleeps wakes late: that is one thing, not two.
    assert_eq!(upsets(&moved(9000, 9000, 0), 9000), [Upset::Suspend(ms(9000))]);
}

#[test]
fn a_jump_ahead_is_nobodys_time_and_one_back_is_only_doubted() {
    let (ahead, _) = judged(&moved(3_600_000, 0, 0), Span::ZERO);
    let now = NOW.plus(ms(3_600_000));
    assert_eq!(ahead.slept, [Suspend { from: NOW, to: now }]);
    let (back, _) = judged(&moved(-3_600_000, 0, 0), Span::ZERO);
    assert_eq!(back.slept, []);
    let now = NOW.minus(ms(3_600_000));
    assert_eq!(back.hold_until, Some(now.plus(Span::from_secs(60))));
    let (paused, _) = judged(&moved(60_000, 60_000, 60_000), ms(20_000));
    assert_eq!(paused.slept, [], "the agents went on");
    assert!(paused.hold_until.is_some());
}

#[test]
fn a_sleep_and_a_jump_seen_at_once_are_one_span_of_nobodys_time() {
    let (doubt, upsets) = judged(&moved(600_000, 400_000, 0), Span::ZERO);
    assert_eq!(upsets, [Upset::Suspend(ms(400_000)), Upset::Step(ms(200_000))]);
    let now = NOW.plus(ms(600_000));
    assert_eq!(doubt.slept, [Suspend { from: now.minus(ms(400_000)), to: now }]);
}

#[test]
fn clocks_of_another_boot_and_the_first_ever_say_nothing() {
    let last = ClockReading { boot_id: "another".to_owned(), ..moved(0, 0, 0) };
    let clocks = moved(9_000_000, 99, 1);
    for last in [Some(&last), None] {
        let answer = doubt(&Doubt::default(), last, &clocks, Span::ZERO, NOW);
        assert_eq!(answer, (Doubt::default(), vec![]));
    }
}

#[test]
fn a_hold_lasts_to_its_end_and_slept_time_stays_known_and_disjoint() {
    let (first, _) = judged(&moved(600_000, 600_000, 0), Span::ZERO);
    let awake = NOW.plus(ms(600_000));
    let still = |later: i64| {
        let clocks = moved(600_000 + later, 600_000 + later, later);
        let last = moved(600_000, 600_000, 0);
        doubt(&first, Some(&last), &clocks, Span::ZERO, awake.plus(ms(later))).0
    };
    assert_eq!(still(59_999).hold_until, first.hold_until);
    assert_eq!(still(60_000).hold_until, None);
    assert_eq!(still(60_000).slept, first.slept);
    // After a week no limit reaches back that far.
    assert_eq!(still(7 * 86_400_000).slept, []);
    assert_eq!(still(7 * 86_400_000 - 1).slept, first.slept);
    // A second one that would reach into the first begins where that ended.
    let clocks = moved(601_000, 1_201_000, 0);
    let (second, _) =
        doubt(&first, Some(&moved(600_000, 600_000, 0)), &clocks, Span::ZERO, awake.plus(ms(1000)));
    assert_eq!(second.slept[1], Suspend { from: awake, to: awake.plus(ms(1000)) });
    assert_eq!(second.hold_until, Some(awake.plus(ms(61_000))));
}

#[test]
fn slept_spans_are_bounded_and_never_in_the_future() {
    let mut known = Doubt::default();
    let mut last = moved(0, 0, 0);
    for n in 1..=100 {
        let clocks = moved(n * 10_000, n * 10_000, n * 5000);
        let now = Timestamp::from_millis(clocks.realtime);
        known = doubt(&known, Some(&last), &clocks, Span::ZERO, now).0;
        last = clocks;
    }
    assert_eq!(known.slept.len(), 64);
    assert!(known.slept.is_sorted_by(|a, b| a.to <= b.from));
    let back = NOW.plus(ms(500_000));
    let (known, _) = doubt(&known, None, &last, Span::ZERO, back);
    assert!(known.slept.iter().all(|slept| slept.to <= back));
}
