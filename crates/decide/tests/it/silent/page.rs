//! Each sentence of the page about turns, what is over and what is answered, by hand and at its edges.

use sweepd_decide::silent::{Asked, MayBeSilent, Output, Role};
use sweepd_decide::{MessageId, Recheck};

use crate::dice::span;

use super::hand::{HOUR, MINUTE, NOBODY, again, at, chat, gone, of_role, reply, said, task, up};

#[test]
fn a_message_that_was_acknowledged_and_not_answered_is_silent() {
    assert_eq!(gone([chat("m", 0, 5)], []).silent(), ["m"]);
    assert_eq!(gone([chat("m", 0, 5)], [said(3)]).silent(), NOBODY);
    let unacked = Asked { acked_at: None, ..chat("m", 0, 0) };
    assert_eq!(gone([unacked], []).silent(), NOBODY);
    assert_eq!(gone([], [said(3)]).ask(at(0)).recheck, Recheck::OnChange);
}

#[test]
fn it_begins_when_it_was_written_or_was_due_whatever_is_later() {
    let due = |due| Asked { due_at: Some(at(due)), ..chat("m", 10, 30) };
    assert_eq!(gone([due(20)], [said(19)]).silent(), ["m"], "an answer to somebody else");
    assert_eq!(gone([due(20)], [said(20)]).silent(), NOBODY);
    assert_eq!(gone([due(0)], [said(9)]).silent(), ["m"]);
    assert_eq!(gone([due(0)], [said(10)]).silent(), NOBODY);
    let silent = gone([due(20)], []).ask(at(HOUR)).action;
    assert_eq!((silent[0].begin, silent[0].acked_at), (at(20), at(30)));
}

#[test]
fn instants_are_compared_in_whole_seconds() {
    let late = Asked { written_at: at(10).plus(span(999)), ..chat("m", 0, 30) };
    assert_eq!(gone([late.clone()], [said(10)]).silent(), NOBODY);
    let early = Output { at: at(10).minus(span(1)), reply_to: None };
    assert_eq!(gone([late], [early]).silent(), ["m"]);
}

#[test]
fn a_turn_takes_what_begins_within_a_minute_of_its_end() {
    let turns = |begin| gone([chat("a", 0, 100), chat("b", begin, 400)], []).turns();
    assert_eq!((turns(160), turns(161)), (1, 2));
    let b = Asked { written_at: at(160).plus(span(999)), ..chat("b", 0, 400) };
    assert_eq!(gone([chat("a", 0, 100), b], []).turns(), 1);
}

#[test]
fn it_ends_with_the_acknowledgement_or_the_first_output_whatever_is_earlier() {
    let turns =
        |outputs: [Output; 2]| gone([chat("a", 10, 100), chat("b", 160, 400)], outputs).turns();
    assert_eq!(turns([said(100), said(300)]), 1);
    assert_eq!(turns([said(99), said(300)]), 2);
    assert_eq!(turns([said(9), said(300)]), 1, "one from before its begin ends nothing");
    // An acknowledgement that is older than the message: it ends when it begins.
    let turns = |begin| gone([chat("a", 100, 0), chat("b", begin, 400)], []).turns();
    assert_eq!((turns(160), turns(161)), (1, 2));
}

#[test]
fn a_turn_ends_with_the_latest_end_in_it() {
    let turns = |begin| {
        let (a, b) = (chat("a", 0, 200), chat("b", 10, 50));
        gone([a, b, chat("c", begin, 400)], []).turns()
    };
    assert_eq!((turns(260), turns(261)), (1, 2));
}

#[test]
fn a_task_that_begins_after_the_end_opens_a_turn_of_its_own() {
    let turns = |begin| gone([chat("a", 0, 100), task("t", begin, 400)], []).turns();
    assert_eq!((turns(100), turns(101)), (1, 2));
    assert_eq!(gone([task("t", 0, 100), chat("a", 160, 400)], []).turns(), 1, "a chat joins it");
}

#[test]
fn what_begins_at_once_keeps_the_order_of_the_queue() {
    let (a, t, b) = (chat("a", 0, 100), task("t", 130, 400), chat("b", 130, 400));
    // The task opens a turn that the chat joins, or the chat joins the turn and the task the chat.
    assert_eq!(gone([a.clone(), t.clone(), b.clone()], []).turns(), 2);
    assert_eq!(gone([a.clone(), b.clone(), t.clone()], []).turns(), 1);
    assert_eq!(gone([b, t, a], []).silent(), ["a", "b", "t"], "in the order of their begin");
}

#[test]
fn what_is_not_for_the_agent_is_in_no_turn() {
    for role in [Role::Context, Role::System, Role::Gated] {
        let said = gone([of_role(role, chat("m", 0, 5))], []).ask(at(HOUR));
        assert_eq!((said.action.len(), said.evidence.turns), (0, 0), "{role:?}");
    }
}

#[test]
fn what_may_be_silent_is_in_a_turn_and_not_judged() {
    for role in [Role::Command, Role::OnWake] {
        let case = gone([of_role(role, chat("m", 0, 5))], []);
        let told = case.ask(at(HOUR));
        assert_eq!((told.action.len(), told.evidence.turns, told.evidence.judged), (0, 1, 0));
        assert_eq!(told.recheck, Recheck::OnChange);
        // What it answered was not for the one before.
        let case = gone([chat("a", 0, 5), of_role(role, chat("m", 66, 99))], [said(66)]);
        assert_eq!(case.silent(), ["a"], "{role:?}");
    }
    let named = [
        MayBeSilent::Message(MessageId::new("m")),
        MayBeSilent::Series("s".to_owned()),
        MayBeSilent::Kind("task".to_owned()),
    ];
    for named in named {
        let series = "s".to_owned();
        let mut case = gone([Asked { series, ..task("m", 0, 5) }, chat("a", 0, 5)], []);
        assert_eq!(case.silent(), ["m", "a"]);
        case.policy.may_be_silent = vec![named];
        assert_eq!(case.silent(), ["a"]);
    }
}

#[test]
fn a_turn_is_over_once_nothing_moved_for_five_minutes() {
    let mut case = up([chat("m", 0, 10)], [said(5)]);
    let mut over_after = |last: i64| {
        let end = at(last + 5 * MINUTE);
        assert_eq!(case.over_at(end.minus(span(1))), 0, "{last}");
        assert_eq!(case.over_at(end), 1, "{last}");
        assert_eq!(case.ask(at(0)).recheck, Recheck::At(end));
        case.talk.outputs.push(said(20));
        case.talk.beat_at = (last == 20).then(|| at(30));
    };
    for last in [10, 20, 30] {
        over_after(last);
    }
    case.talk.is_at_work = true;
    assert_eq!(case.over_at(at(HOUR)), 0);
    assert_eq!(case.ask(at(HOUR)).recheck, Recheck::OnChange);
    case.talk.is_up = false;
    assert_eq!(case.over_at(at(0)), 1, "nobody works any more");
}

#[test]
fn a_turn_is_over_a_quarter_of_an_hour_after_its_end_although_the_heart_beats() {
    let mut case = up([chat("m", 0, 10), chat("n", 500, 600)], []);
    case.talk.beat_at = Some(at(HOUR));
    let end = at(10 + 15 * MINUTE);
    assert_eq!((case.over_at(end.minus(span(1))), case.over_at(end)), (0, 1));
    assert_eq!(case.over_at(at(501)), 0, "the begin of the next turn ends nothing");
    assert_eq!(case.silent_at(end), ["m"]);
    assert_eq!(case.ask(end).recheck, Recheck::At(at(600 + 15 * MINUTE)));
}

#[test]
fn it_is_answered_from_its_begin_up_to_the_begin_of_the_next_turn() {
    let silent = |output| gone([chat("a", 10, 20), chat("b", 100, 120)], [output]).silent();
    assert_eq!(silent(said(9)), ["a", "b"]);
    assert_eq!(silent(said(10)), ["b"]);
    assert_eq!(silent(said(99)), ["b"]);
    assert_eq!(silent(said(100)), ["a"]);
    // All of a turn are answered by one output.
    assert_eq!(gone([chat("a", 10, 20), chat("b", 15, 20)], [said(15)]).silent(), NOBODY);
    assert_eq!(gone([chat("a", 10, 20), chat("b", 16, 20)], [said(15)]).silent(), ["b"]);
}

#[test]
fn in_an_overtaken_turn_it_is_answered_by_a_later_reply_too() {
    let silent = |next: i64, output: Output| {
        let b = chat("b", next, next);
        gone([chat("a", 0, 20), b], [output]).silent()
    };
    let (soon, late) = (20 + 15 * MINUTE - 1, 20 + 15 * MINUTE);
    assert_eq!(silent(soon, reply(3000, "a")), NOBODY);
    assert_eq!(silent(soon, reply(3000, "b")), ["a"]);
    assert_eq!(silent(soon, said(3000)), ["a"]);
    assert_eq!(silent(late, reply(3000, "a")), ["a"]);
    // What was said before it began is no later reply.
    let b = chat("b", 100, 120);
    assert_eq!(gone([chat("a", 10, 20), b], [reply(9, "a")]).silent(), ["a", "b"]);
}

#[test]
fn one_that_is_tried_again_may_have_been_answered_since_it_was_written() {
    let silent = |output| gone([again("a", 50, 300, 310)], [said(output)]).silent();
    assert_eq!(silent(49), ["a"]);
    assert_eq!(silent(50), NOBODY);
    let first = Asked { tries: 0, ..again("a", 50, 300, 310) };
    assert_eq!(gone([first], [said(299)]).silent(), ["a"]);
    // But not by what the turn before ended with.
    let silent = |output| {
        let b = again("b", 10, 300, 310);
        gone([chat("a", 0, 20), b], [said(output)]).silent()
    };
    assert_eq!(silent(20), ["b"]);
    assert_eq!(silent(21), NOBODY);
}

#[test]
fn it_is_reported_for_two_hours_after_it_was_acknowledged() {
    let case = gone([chat("m", 0, 5)], []);
    let end = at(5 + 2 * HOUR);
    assert_eq!(case.silent_at(end.minus(span(1))), ["m"]);
    assert_eq!(case.silent_at(end), NOBODY);
    assert_eq!(case.ask(at(0)).recheck, Recheck::At(end));
    assert_eq!(case.ask(end).recheck, Recheck::OnChange);
}

#[test]
fn one_more_output_may_end_a_turn_earlier_and_leave_another_message_silent() {
    let asked = [chat("a", 0, 1000), chat("b", 100, 320), chat("d", 990, 1000)];
    assert_eq!(gone(asked.clone(), [said(1000)]).silent(), NOBODY, "one turn, one answer");
    let case = gone(asked, [said(10), said(1000)]);
    assert_eq!((case.turns(), case.silent()), (3, vec!["b".to_owned()]));
}
