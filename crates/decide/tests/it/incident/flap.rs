//! When the coming and going of a key is one thing of its own: histories told by hand.

use sweepd_decide::incident::{Change, FlapPolicy, Flapping, flap};
use sweepd_decide::{Recheck, Span};

use crate::dice::{ms, span};

const POLICY: FlapPolicy =
    FlapPolicy { openings: 3, window: Span::from_mins(30), calm: Span::from_mins(30) };
const MINUTE: i64 = 60_000;

fn up(minutes: i64) -> Change {
    Change::Opened(ms(minutes * MINUTE))
}

fn down(minutes: i64) -> Change {
    Change::Ended(ms(minutes * MINUTE))
}

/// What is said, and the milliseconds of the evidence and of the recheck.
fn said(changes: &[Change], flapped: bool, now: i64) -> (bool, Option<i64>, Option<i64>) {
    let said = flap(&POLICY, changes, flapped, ms(now));
    let at = |at: sweepd_decide::Timestamp| at.as_millis();
    (said.action == Flapping::Yes, said.evidence.map(at), said.recheck.at().map(at))
}

#[test]
fn it_begins_with_the_fourth_opening_in_half_an_hour() {
    let four = [up(0), down(1), up(2), down(3), up(4), down(5), up(29)];
    assert_eq!(said(&four[..6], false, 29 * MINUTE), (false, None, None));
    assert_eq!(said(&four, false, 29 * MINUTE), (true, Some(0), Some(30 * MINUTE)));
    // The millisecond before the first lies half an hour back, and that one.
    assert_eq!(said(&four, false, 30 * MINUTE - 1), (true, Some(0), Some(30 * MINUTE)));
    assert_eq!(said(&four, false, 30 * MINUTE), (false, None, None));
    // Endings count for nothing here, however many there are.
    let endings = [down(1), down(2), down(3), down(4), up(5), up(6), up(7)];
    assert_eq!(said(&endings, false, 7 * MINUTE), (false, None, None));
}

#[test]
fn it_ends_half_an_hour_after_the_newest_of_both() {
    let end = Some(60 * MINUTE);
    for last in [up(30), down(30)] {
        let changes = [up(0), last, down(3)];
        assert_eq!(said(&changes, true, 30 * MINUTE), (true, None, end), "one is enough");
        assert_eq!(said(&changes, true, 60 * MINUTE - 1), (true, None, end));
        assert_eq!(said(&changes, true, 60 * MINUTE), (false, None, None));
    }
    assert_eq!(said(&[], true, 0), (false, None, None), "nothing is known of it");
}

#[test]
fn what_is_still_to_come_counts_when_it_has_come() {
    let ahead = [up(0), up(1), up(2), up(5)];
    assert_eq!(said(&ahead, false, 3 * MINUTE), (false, None, Some(5 * MINUTE)));
    assert_eq!(said(&ahead, false, 5 * MINUTE), (true, Some(0), Some(30 * MINUTE)));
    assert_eq!(said(&[up(5)], true, 0), (false, None, Some(5 * MINUTE)));
}

#[test]
fn in_whatever_order_they_are_given() {
    let mut changes = vec![up(3), down(4), up(0), up(1), down(2), up(2)];
    for now in [3, 4, 29, 30, 31, 33, 34] {
        for flapped in [false, true] {
            let first = said(&changes, flapped, now * MINUTE);
            for _ in 0..changes.len() {
                changes.rotate_left(1);
                assert_eq!(said(&changes, flapped, now * MINUTE), first);
            }
        }
    }
}

#[test]
fn a_key_that_calms_down_stops_flapping_and_may_begin_again() {
    let mut changes = Vec::new();
    let mut flapped = false;
    let mut turns = Vec::new();
    // Ten minutes of coming and going, an hour of calm: twice.
    for minute in 0..140 {
        match minute % 70 {
            0 | 2 | 4 | 6 | 8 => changes.push(up(minute)),
            1 | 3 | 5 | 7 | 9 => changes.push(down(minute)),
            _ => {}
        }
        let said = flap(&POLICY, &changes, flapped, ms(minute * MINUTE));
        let flaps = said.action == Flapping::Yes;
        if flaps != flapped {
            turns.push((minute, flaps));
        }
        if !flaps && minute % 70 > 40 {
            assert_eq!(said.recheck, Recheck::OnChange);
        }
        flapped = flaps;
    }
    assert_eq!(turns, [(6, true), (39, false), (76, true), (109, false)]);
}

#[test]
fn it_does_not_begin_and_end_at_once() {
    let policy = FlapPolicy { openings: 1, window: span(60), calm: span(30) };
    let changes = [Change::Opened(ms(1)), Change::Opened(ms(10))];
    for now in 10..200 {
        let begins = flap(&policy, &changes, false, ms(now)).action == Flapping::Yes;
        let ends = flap(&policy, &changes, true, ms(now)).action == Flapping::No;
        assert!(!(begins && ends), "{now}");
    }
}
