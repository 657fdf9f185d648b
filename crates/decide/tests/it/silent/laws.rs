//! Laws of silence: what is never reported, what does not matter, and what only adds.
//!
//! That one more output makes nobody silent is none of them: it may end a turn earlier, and what was
//! one turn with one answer is two. See `page`.

use std::collections::BTreeSet;

use sweepd_decide::Severity;
use sweepd_decide::silent::{Because, MayBeSilent, Output, Role, Silent};

use crate::dice::{Dice, for_all, span};

use super::dice::{Case, session};

const CASES: u64 = 4_000;

fn ids(case: &Case) -> BTreeSet<String> {
    case.silent_at(case.now).into_iter().collect()
}

fn check(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why()) }
}

/// Holds the same answer, its recheck included, against one of facts that should not matter.
fn same(case: &Case, other: &Case) -> Result<(), String> {
    let (said, then) = (case.ask(case.now), other.ask(case.now));
    check(said == then, || format!("{said:?}, but {then:?} of {other:?}"))
}

#[test]
fn in_whatever_order_the_outputs_are_read() {
    for_all(CASES, session, |case| {
        let mut other = case.clone();
        for _ in 1..case.talk.outputs.len() {
            other.talk.outputs.rotate_left(1);
            same(case, &other)?;
        }
        other.talk.outputs.reverse();
        same(case, &other)
    });
}

#[test]
fn in_whatever_order_messages_are_queued_that_do_not_begin_at_once() {
    for_all(CASES, session, |case| {
        let begin = |nth: usize| {
            let it = &case.talk.asked[nth];
            it.due_at.unwrap_or(it.written_at).max(it.written_at).floor_to_second()
        };
        let begins: BTreeSet<_> = (0..case.talk.asked.len()).map(begin).collect();
        if begins.len() < case.talk.asked.len() {
            return Ok(());
        }
        let mut other = case.clone();
        other.talk.asked.reverse();
        same(case, &other)
    });
}

#[test]
fn what_is_in_no_turn_changes_nothing() {
    for_all(CASES, session, |case| {
        let mut other = case.clone();
        other.talk.asked.retain(|it| {
            let none = matches!(it.role, Role::Context | Role::System | Role::Gated);
            !none && it.acked_at.is_some()
        });
        same(case, &other)
    });
}

#[test]
fn nothing_is_reported_while_it_is_at_work() {
    for_all(CASES, session, |case| {
        let mut other = case.clone();
        (other.talk.is_up, other.talk.is_at_work) = (true, true);
        let said = other.ask(case.now);
        let nothing = said.action.is_empty() && said.evidence.over == 0;
        check(nothing && said.recheck.at().is_none(), || format!("{said:?}"))
    });
}

/// What holds of each that is reported.
fn is_sound(case: &Case, it: &Silent) -> bool {
    let asked = case.talk.asked.iter().find(|asked| asked.id == it.message_id).unwrap();
    let judged = !case.policy.may_be_silent.iter().any(|named| match named {
        MayBeSilent::Message(id) => *id == asked.id,
        MayBeSilent::Series(series) => *series == asked.series,
        MayBeSilent::Kind(kind) => *kind == asked.kind,
    });
    let errors = [Because::Sign, Because::Task, Because::InARow];
    let severity = if errors.contains(&it.because) { Severity::Error } else { Severity::Notice };
    let in_window = asked.acked_at.is_some_and(|at| {
        it.acked_at == at.floor_to_second() && case.now < it.acked_at.plus(case.policy.window)
    });
    let answered_at_once =
        case.talk.outputs.iter().any(|output| output.at.floor_to_second() == it.begin);
    judged
        && in_window
        && asked.role == Role::Asked
        && it.severity == severity
        && it.series == asked.series
        && it.sign.is_some() == (it.because == Because::Sign)
        && !answered_at_once
}

#[test]
fn only_what_was_acknowledged_within_the_window_and_may_not_be_silent_is_reported() {
    for_all(4 * CASES, session, |case| {
        let said = case.ask(case.now);
        let sound = said.action.iter().all(|it| is_sound(case, it));
        let ordered = said.action.is_sorted_by_key(|it| it.begin);
        check(sound && ordered, || format!("{said:?}"))
    });
}

#[test]
fn what_is_weighed_adds_up() {
    for_all(CASES, session, |case| {
        let mut other = case.clone();
        other.policy.window = span(i64::MAX);
        let (said, all) = (case.ask(case.now), other.ask(case.now));
        let it = said.evidence;
        let adds_up = it.over <= it.turns
            && said.evidence == all.evidence
            && it.judged - it.answered == all.action.len();
        check(adds_up && ids(case).is_subset(&ids(&other)), || format!("{said:?}, {all:?}"))
    });
}

#[test]
fn what_may_be_silent_is_taken_out_and_nobody_else_comes_or_goes() {
    for_all(CASES, session, |case| {
        for it in case.ask(case.now).action {
            let mut other = case.clone();
            other.policy.may_be_silent.push(MayBeSilent::Message(it.message_id.clone()));
            let mut expect = ids(case);
            expect.remove(it.message_id.as_str());
            check(ids(&other) == expect, || format!("{:?}", other.ask(case.now)))?;
        }
        Ok(())
    });
}

#[test]
fn a_container_that_goes_down_only_adds_and_all_is_over() {
    for_all(CASES, session, |case| {
        let mut other = case.clone();
        other.talk.is_up = false;
        let said = other.ask(case.now);
        let all = said.evidence.over == said.evidence.turns;
        check(all && ids(case).is_subset(&ids(&other)), || format!("{said:?}"))
    });
}

#[test]
fn a_later_heartbeat_only_delays() {
    let make = |dice: &mut Dice| (session(dice), span(1000 * dice.within(0, 1200)));
    for_all(CASES, make, |(case, later)| {
        let mut other = case.clone();
        let beat = case.talk.beat_at.unwrap_or_else(|| case.now.minus(span(600_000)));
        other.talk.beat_at = Some(beat.plus(*later));
        check(ids(&other).is_subset(&ids(case)), || format!("{:?}", other.ask(case.now)))
    });
}

#[test]
fn what_is_said_when_a_message_begins_answers_it() {
    for_all(CASES, session, |case| {
        for it in case.ask(case.now).action {
            let mut other = case.clone();
            other.talk.outputs.push(Output { at: it.begin, reply_to: None });
            let still = ids(&other).contains(it.message_id.as_str());
            check(!still, || format!("{:?}", other.ask(case.now)))?;
        }
        Ok(())
    });
}

#[test]
fn the_log_changes_only_how_bad_it_is() {
    for_all(CASES, session, |case| {
        let mut other = case.clone();
        other.talk.log.clear();
        let (said, then) = (case.ask(case.now), other.ask(case.now));
        check(ids(case) == ids(&other) && said.evidence == then.evidence, || format!("{then:?}"))
    });
}
