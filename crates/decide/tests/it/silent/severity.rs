//! How bad silence is, and who was answered since: each line of the table by hand.

use sweepd_decide::Severity;
use sweepd_decide::silent::Because::{
    Alone, AnsweredTogether, InARow, Internal, Sign as Signed, Task,
};
use sweepd_decide::silent::{Asked, LogLine, MayBeSilent, Output, Role, Sign};

use super::dice::{Case, line};
use super::hand::{HOUR, MINUTE, at, chat, gone, of_role, said, task};

fn with<const L: usize>(mut case: Case, log: [LogLine; L]) -> Case {
    case.talk.log = log.into();
    case
}

fn failed(second: i64) -> LogLine {
    line(at(second), true, false, Some(Sign::Authentication))
}

fn result(second: i64) -> LogLine {
    line(at(second), true, false, None)
}

fn internal(second: i64) -> LogLine {
    line(at(second), true, true, None)
}

#[test]
fn a_sign_of_a_failure_between_its_begin_and_the_next_turns_is_an_error() {
    // What is told of the chat that somebody else was not answered after.
    let why = |second| {
        let case = gone([chat("a", 10, 20), chat("b", 100, 120)], [said(100)]);
        with(case, [failed(second)]).why()
    };
    assert_eq!([9, 10, 99, 100].map(why), [[Alone], [Signed], [Signed], [Alone]]);
}

#[test]
fn the_last_sign_of_a_turn_is_the_one_that_is_told() {
    let error = line(at(15), false, false, Some(Sign::Overloaded));
    let case = with(gone([chat("a", 10, 20)], []), [failed(11), error, internal(16)]);
    let silent = case.ask(at(HOUR)).action;
    assert_eq!((silent[0].because, silent[0].severity), (Signed, Severity::Error));
    assert_eq!(silent[0].sign, Some(Sign::Overloaded), "in spite of what came of it at last");
    let plain = with(gone([chat("a", 10, 20)], []), [result(15)]).ask(at(HOUR)).action;
    assert_eq!((plain[0].sign, plain[0].severity), (None, Severity::Notice));
}

#[test]
fn what_was_meant_for_nobody_is_a_notice() {
    let a = || gone([task("a", 10, 20)], []);
    assert_eq!(with(a(), [internal(15)]).why(), [Internal]);
    assert_eq!(with(a(), [internal(15), result(16)]).why(), [Task], "only the last result counts");
    assert_eq!(with(a(), [result(15), internal(16)]).why(), [Internal]);
    assert_eq!(with(a(), [internal(9)]).why(), [Task], "that was before");
    let error = line(at(17), false, false, None);
    assert_eq!(with(a(), [internal(15), error]).why(), [Internal], "an error is no result");
    assert_eq!(with(a(), [internal(15)]).ask(at(HOUR)).action[0].severity, Severity::Notice);
}

#[test]
fn who_is_overtaken_by_two_outputs_was_answered_together_with_the_next() {
    let why = |next: i64, outputs: &[i64]| {
        let mut case = gone([task("a", 10, 20), chat("b", next, next + 10)], []);
        case.talk.outputs = outputs.iter().map(|it| said(*it)).collect();
        case.ask(case.now).action.into_iter().map(|it| it.because).next()
    };
    assert_eq!(why(100, &[105]), Some(Task));
    assert_eq!(why(100, &[100, 100]), Some(AnsweredTogether));
    assert_eq!(why(100, &[105, 3000]), Some(AnsweredTogether));
    let quarter = 20 + 15 * MINUTE;
    assert_eq!(why(quarter - 1, &[quarter, quarter]), Some(AnsweredTogether));
    assert_eq!(why(quarter, &[quarter, quarter]), Some(Task));
    // Those of the turn after the next are not of the next.
    let turns = [task("a", 10, 20), chat("b", 100, 110), chat("c", 200, 210)];
    assert_eq!(gone(turns.clone(), [said(105), said(200)]).why(), [Task]);
    assert_eq!(gone(turns, [said(105), said(199), said(200)]).why(), [AnsweredTogether]);
}

#[test]
fn a_task_among_the_silent_ones_makes_all_of_them_an_error() {
    let case = gone([task("t", 10, 20), chat("a", 15, 20)], []);
    assert_eq!(case.why(), [Task, Task]);
    assert!(case.ask(at(HOUR)).action.iter().all(|it| it.severity == Severity::Error));
    assert_eq!(gone([task("t", 10, 20), chat("a", 15, 20)], [said(12)]).why(), [Alone]);
    let mut case = gone([task("t", 10, 20), chat("a", 15, 20)], []);
    case.policy.may_be_silent = vec![MayBeSilent::Kind("task".to_owned())];
    assert_eq!(case.why(), [Alone], "one that may be silent is not among them");
    // Nor is one that is reported no longer.
    let case = gone([task("t", 10, 20), chat("a", 15, 40)], []);
    assert_eq!(case.ask(at(20 + 2 * HOUR)).action[0].because, Alone);
}

fn three(outputs: &[Output]) -> Case {
    let mut case = gone([chat("a", 0, 10), chat("b", 1000, 1010), chat("c", 2000, 2010)], []);
    case.talk.outputs = outputs.to_vec();
    case
}

#[test]
fn the_last_two_turns_that_were_all_silent_are_a_row() {
    assert_eq!(three(&[]).why(), [InARow; 3]);
    assert_eq!(three(&[said(5)]).why(), [InARow; 2]);
    assert_eq!(
        three(&[said(1005)]).why(),
        [Alone; 2],
        "one is no row, and that before is not the last"
    );
    assert_eq!(three(&[said(2005)]).why(), [Alone; 2]);
    assert_eq!(three(&[]).ask(at(HOUR)).action[0].severity, Severity::Error);
    // One that is answered of two breaks it.
    let case = gone([chat("a", 0, 10), chat("b", 1000, 1010), chat("c", 1005, 1010)], [said(1002)]);
    assert_eq!(case.why(), [Alone; 2]);
}

#[test]
fn only_turns_that_are_over_and_have_judged_messages_are_in_the_row() {
    let mut case = three(&[]);
    case.talk.asked[1].role = Role::Command;
    assert_eq!(case.why(), [InARow; 2]);
    case.talk.asked[2].role = Role::OnWake;
    assert_eq!(case.why(), [Alone]);
    let mut case = three(&[said(2005)]);
    case.talk.is_up = true;
    let because = |case: &Case, now| -> Vec<_> {
        case.ask(at(now)).action.into_iter().map(|it| it.because).collect()
    };
    assert_eq!(
        because(&case, 2100),
        [InARow; 2],
        "the third may still be answered, for all it knows"
    );
    assert_eq!(because(&case, 2010 + 5 * MINUTE), [Alone; 2]);
    // One that is reported no longer is in it all the same.
    assert_eq!(because(&three(&[]), 1010 + 2 * HOUR), [InARow]);
}

#[test]
fn what_was_meant_for_nobody_breaks_the_row() {
    let row = |second| with(three(&[]), [internal(second)]).why();
    assert_eq!(row(2005), [Alone, Alone, Internal]);
    assert_eq!(row(1005), [Alone, Internal, Alone]);
    assert_eq!(row(5), [Internal, InARow, InARow]);
    // With a sign of a failure it is an error, and breaks the row all the same.
    let case = with(three(&[]), [failed(1003), internal(1005)]);
    assert_eq!(case.why(), [Alone, Signed, Alone]);
}

fn answered_since(case: &Case) -> Vec<bool> {
    case.ask(case.now).action.into_iter().map(|it| it.is_answered_since).collect()
}

#[test]
fn a_chat_is_answered_since_once_a_later_turn_has_an_answered_message() {
    let two = || [chat("a", 0, 10), chat("b", 1000, 1010)];
    assert_eq!(answered_since(&gone(two(), [])), [false, false]);
    assert_eq!(answered_since(&gone(two(), [said(1005)])), [true]);
    assert_eq!(
        answered_since(&gone([chat("a", 0, 10), task("b", 1000, 1010)], [said(1005)])),
        [true]
    );
    assert_eq!(answered_since(&gone(two(), [said(5)])), [false], "a turn before is not later");
    // One of its own turn is none of a later one.
    let case = gone([chat("a", 0, 10), chat("b", 8, 10)], [said(3)]);
    assert_eq!((case.silent(), answered_since(&case)), (vec!["b".to_owned()], vec![false]));
    // Whoever it is, judged or not.
    let case =
        gone([chat("a", 0, 10), of_role(Role::Command, chat("b", 1000, 1010))], [said(1005)]);
    assert_eq!(answered_since(&case), [true]);
}

#[test]
fn a_task_is_answered_since_once_a_later_turn_has_an_answered_message_of_its_series() {
    let of = |series: &str, message: Asked| Asked { series: series.to_owned(), ..message };
    let since = |series| {
        let (a, b) = (of("s", task("a", 0, 10)), of(series, task("b", 1000, 1010)));
        answered_since(&gone([a, b], [said(1005)]))
    };
    assert_eq!(since("s"), [true]);
    assert_eq!(since("another"), [false]);
}
