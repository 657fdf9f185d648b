//! The original's rule by hand, and until when its answer holds.

use sweepd_decide::silent::{SessionTalk, all_silent};
use sweepd_decide::{Recheck, Span, Timestamp};

use crate::dice::{Dice, edges, for_all, holds_between, span};

use super::dice::{session_talk, window};
use super::hand::{HOUR, at};

const WINDOW: Span = Span::from_mins(120);

fn session(acks: &[i64], outputs: &[i64]) -> SessionTalk {
    let all = |seconds: &[i64]| seconds.iter().map(|it| at(*it)).collect();
    SessionTalk { is_up: false, acks: all(acks), outputs: all(outputs) }
}

#[test]
fn a_session_that_acknowledged_something_and_said_nothing_is_silent() {
    let silent = |talk: &SessionTalk| all_silent(talk, WINDOW, at(HOUR)).action;
    assert!(silent(&session(&[10], &[])));
    assert!(!silent(&session(&[], &[])));
    assert!(!silent(&session(&[10], &[5])), "whatever it said, and to whom");
    assert!(!silent(&SessionTalk { is_up: true, ..session(&[10], &[]) }));
}

#[test]
fn the_window_takes_its_last_second_whole() {
    let end = at(10 + 2 * HOUR + 1);
    let said = |now: Timestamp| all_silent(&session(&[10], &[]), WINDOW, now);
    assert!(said(end.minus(span(1))).action);
    assert!(!said(end).action);
    assert_eq!(said(at(HOUR)).recheck, Recheck::At(end));
    assert_eq!(said(end).recheck, Recheck::OnChange);
    assert_eq!(said(end).evidence, Some(at(10)));
    // An output leaves it as an acknowledgement does.
    let said = |now: Timestamp| all_silent(&session(&[10, 50], &[20]), WINDOW, now);
    let out = at(20 + 2 * HOUR + 1);
    assert!(!said(out.minus(span(1))).action);
    assert_eq!((said(out).action, said(out).evidence), (true, Some(at(50))));
    assert_eq!(said(at(HOUR)).recheck, Recheck::At(out));
    assert_eq!(said(out).recheck, Recheck::At(at(50 + 2 * HOUR + 1)));
}

#[test]
fn its_answer_holds_until_its_recheck() {
    for_all(
        6_000,
        |dice: &mut Dice| {
            let talk = session_talk(dice);
            let window =
                if dice.one_in(8) { window(dice) } else { span(1000 * dice.pick(&[0, 60, 7200])) };
            let all: Vec<Timestamp> =
                talk.acks.iter().chain(&talk.outputs).map(|it| it.floor_to_second()).collect();
            let edges = edges(&all, &[window, window.plus(span(1000))]);
            let now = if edges.is_empty() { at(0) } else { dice.near(&edges) };
            (talk, window, edges, now)
        },
        |(talk, window, edges, now)| holds_between(*now, edges, |at| all_silent(talk, *window, at)),
    );
}
