//! How silence that was reported ends: by hand, and where nothing but time passes.

use sweepd_decide::incident::AGED_OUT;
use sweepd_decide::silent::{ANSWERED, Because, SilencePolicy, Silent, ended};
use sweepd_decide::{MessageId, Severity, Span, Timestamp};

use crate::dice::{Dice, for_all, span};

use super::dice::{Case, session};
use super::hand::{HOUR, at, chat, gone, said};

/// One that nobody was answered after.
fn open(id: &str, acked: i64) -> Silent {
    Silent {
        message_id: MessageId::new(id),
        series: id.to_owned(),
        severity: Severity::Notice,
        because: Because::Alone,
        sign: None,
        begin: at(0),
        acked_at: at(acked),
        is_answered_since: false,
    }
}

/// One that somebody was answered after.
fn since(id: &str, acked: i64) -> Silent {
    Silent { is_answered_since: true, ..open(id, acked) }
}

fn end(before: &[Silent], after: &[Silent], now: Timestamp) -> Option<&'static str> {
    ended(&SilencePolicy::default(), before, after, now)
}

/// Within the window of all made by hand, and after it.
const TIMES: [i64; 2] = [HOUR, 9 * HOUR];

#[test]
fn what_was_not_reported_does_not_end() {
    for now in TIMES.map(at) {
        assert_eq!(end(&[], &[], now), None);
        assert_eq!(end(&[since("a", 0)], &[], now), None, "it was over before");
        assert_eq!(end(&[since("a", 0)], &[since("a", 0)], now), None);
        assert_eq!(end(&[], &[since("a", 0)], now), None);
        assert_eq!(end(&[], &[open("a", 0)], now), None);
    }
}

#[test]
fn it_has_not_ended_while_one_is_silent() {
    for now in TIMES.map(at) {
        assert_eq!(end(&[open("a", 0)], &[open("a", 0)], now), None);
        assert_eq!(end(&[open("a", 0)], &[open("b", 9)], now), None, "whoever it is");
        let after = [since("a", 0), open("b", 9)];
        assert_eq!(end(&[open("a", 0), open("b", 9)], &after, now), None);
        let after = [open("a", 0), since("b", 9)];
        assert_eq!(end(&[open("a", 0), open("b", 9)], &after, now), None);
    }
}

#[test]
fn it_has_answered_once_each_is_answered_or_answered_since() {
    let now = at(HOUR);
    assert_eq!(end(&[open("a", 0)], &[], now), Some(ANSWERED));
    assert_eq!(end(&[open("a", 0)], &[since("a", 0)], now), Some(ANSWERED));
    let before = [open("a", 0), since("b", 9), open("c", 9)];
    assert_eq!(end(&before, &[], now), Some(ANSWERED));
    assert_eq!(end(&before, &[since("b", 9)], now), Some(ANSWERED));
    assert_eq!(end(&before, &[since("a", 0), since("b", 9), since("c", 9)], now), Some(ANSWERED));
    assert_eq!(ANSWERED, "it has answered since");
}

#[test]
fn what_has_left_the_window_unanswered_has_aged_out() {
    let left = at(10 + 2 * HOUR);
    let around = [left.minus(span(1)), left, left.plus(span(1))];
    let how = around.map(|now| end(&[open("a", 10)], &[], now));
    assert_eq!(how, [Some(ANSWERED), Some(AGED_OUT), Some(AGED_OUT)]);
    let policy = SilencePolicy { window: Span::from_mins(1), ..SilencePolicy::default() };
    let how = [69, 70].map(|second| ended(&policy, &[open("a", 10)], &[], at(second)));
    assert_eq!(how, [Some(ANSWERED), Some(AGED_OUT)], "by the window that is configured");
}

#[test]
fn it_has_aged_out_only_if_all_have() {
    let left = at(10 + 2 * HOUR);
    let how = |before: &[Silent]| end(before, &[], left);
    assert_eq!(how(&[open("a", 5), open("b", 10)]), Some(AGED_OUT));
    assert_eq!(how(&[open("a", 10), open("b", 11)]), Some(ANSWERED), "one of them was answered");
    assert_eq!(how(&[open("a", 11), open("b", 10)]), Some(ANSWERED));
    assert_eq!(how(&[open("a", 10), since("b", 11)]), Some(AGED_OUT), "nobody waited for that");
    assert_eq!(end(&[open("a", 10), open("b", 11)], &[since("b", 11)], left), Some(ANSWERED));
}

#[test]
fn a_message_that_is_answered_at_last_ends_it_and_one_that_never_is_ages_out() {
    let silent = |case: &Case, now| case.ask(now).action;
    let case = gone([chat("a", 0, 10)], []);
    let before = silent(&case, at(HOUR));
    let answered = gone([chat("a", 0, 10)], [said(HOUR)]);
    assert_eq!(end(&before, &silent(&answered, at(HOUR)), at(HOUR)), Some(ANSWERED));
    let more = gone([chat("a", 0, 10), chat("b", HOUR, HOUR)], [said(HOUR)]);
    assert_eq!(end(&before, &silent(&more, at(HOUR)), at(HOUR)), Some(ANSWERED));
    let left = at(10 + 2 * HOUR);
    for (now, how) in [(left.minus(span(1)), None), (left, Some(AGED_OUT))] {
        assert_eq!(end(&before, &silent(&case, now), now), how);
    }
}

#[test]
fn where_only_time_passes_silence_ages_out_once_nobody_is_reported() {
    let make = |dice: &mut Dice| {
        let mut case = session(dice);
        case.talk.is_up = false;
        let edges = case.edges();
        case.now = dice.near(&edges);
        let later = dice.near(&edges).max(case.now);
        (case, later)
    };
    for_all(4_000, make, |(case, later)| {
        let (before, after) = (case.ask(case.now).action, case.ask(*later).action);
        let open = |all: &[Silent]| all.iter().any(|it| !it.is_answered_since);
        // Nobody says anything, so nobody is answered in between.
        let expect = match (open(&before), open(&after)) {
            (true, false) => Some(AGED_OUT),
            (_, true) | (false, _) => None,
        };
        let said = ended(&case.policy, &before, &after, *later);
        if said == expect { Ok(()) } else { Err(format!("{said:?} at {later}")) }
    });
}
