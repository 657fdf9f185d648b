//! Laws of time: until when an answer holds, and that only whole seconds and what lies between them
//! matter.

use sweepd_decide::silent::{Silent, silent};
use sweepd_decide::{Recheck, Timestamp};

use crate::dice::{Dice, for_all, holds_between, ms, span};

use super::dice::{BASE, Case, odd, session};
use super::hand::{HOUR, MINUTE, at, chat, up};

/// All instants of a look, moved.
fn moved(case: &Case, mut to: impl FnMut(Timestamp) -> Timestamp) -> Case {
    let mut case = case.clone();
    for message in &mut case.talk.asked {
        message.written_at = to(message.written_at);
        message.due_at = message.due_at.map(&mut to);
        message.acked_at = message.acked_at.map(&mut to);
    }
    for output in &mut case.talk.outputs {
        output.at = to(output.at);
    }
    for line in &mut case.talk.log {
        line.at = to(line.at);
    }
    case.talk.beat_at = case.talk.beat_at.map(to);
    case
}

#[test]
fn an_answer_holds_until_its_recheck_and_not_longer() {
    let holds = |case: &Case| holds_between(case.now, &case.edges(), |at| case.ask(at));
    for_all(4_000, session, holds);
    for_all(1_500, odd, holds);
}

#[test]
fn it_holds_at_each_second_before_and_for_ever_where_there_is_none() {
    for_all(24, session, |case| {
        let said = case.ask(case.now);
        let from = case.now.floor_to_second();
        let later = (1..2 * 3600).map(|second| from.plus(span(1000 * second)));
        let first = later.into_iter().find(|at| {
            let then = case.ask(*at);
            (then.action, then.evidence) != (said.action.clone(), said.evidence)
        });
        let until = from.plus(span(1000 * 2 * 3600));
        let expect = said.recheck.at().filter(|at| *at < until);
        if first == expect { Ok(()) } else { Err(format!("{said:?}, but it changes at {first:?}")) }
    });
}

#[test]
fn it_is_asked_again_later_than_now_also_when_an_edge_is_now() {
    let case = up([chat("m", 0, 10)], []);
    let [calm, late, left] = [10 + 5 * MINUTE, 10 + 15 * MINUTE, 10 + 2 * HOUR].map(at);
    assert_eq!(case.ask(calm.minus(span(1))).recheck, Recheck::At(calm));
    for now in [calm, calm.plus(span(1)), late, left.minus(span(1))] {
        assert_eq!(case.ask(now).recheck, Recheck::At(left));
    }
    assert_eq!(case.ask(left).recheck, Recheck::OnChange);
    for_all(500, session, |case| {
        let soon = |now: &Timestamp| case.ask(*now).recheck.at().is_some_and(|at| at <= *now);
        match case.edges().into_iter().find(soon) {
            Some(now) => Err(format!("at {now} {:?}", case.ask(now))),
            None => Ok(()),
        }
    });
}

#[test]
fn long_after_the_last_edge_nobody_is_reported_and_nothing_is_asked_again() {
    for_all(3_000, session, |case| {
        let last = case.edges().into_iter().max().unwrap();
        let said = case.ask(last);
        let fits = said.action.is_empty() && said.recheck.at().is_none();
        if fits { Ok(()) } else { Err(format!("{said:?}")) }
    });
}

#[test]
fn only_what_lies_between_instants_matters_and_not_what_the_clock_shows() {
    for_all(4_000, session, |case| {
        for by in [1000, -1000 * 3600 * 24 * 365, 7 * 1000, -BASE] {
            let later = |at: Timestamp| at.plus(span(by));
            let (now, then) = (case.ask(case.now), moved(case, later).ask(later(case.now)));
            let expect = now.action.into_iter().map(|it| {
                let (begin, acked_at) = (later(it.begin), later(it.acked_at));
                Silent { begin, acked_at, ..it }
            });
            let same = expect.collect::<Vec<_>>() == then.action && now.evidence == then.evidence;
            if !same || now.recheck.at().map(later) != then.recheck.at() {
                return Err(format!("{then:?}"));
            }
        }
        Ok(())
    });
}

#[test]
fn only_whole_seconds_matter() {
    let make = |dice: &mut Dice| {
        let case = session(dice);
        let mut other = moved(&case, |at| {
            let within = dice.pick(&[0, 1, 500, 998, 999]);
            at.floor_to_second().plus(span(within))
        });
        other.now = case.now.floor_to_second().plus(span(dice.within(0, 999)));
        (case, other)
    };
    for_all(6_000, make, |(case, other)| {
        let (said, then) = (case.ask(case.now), other.ask(other.now));
        if said == then { Ok(()) } else { Err(format!("{said:?}, {then:?}")) }
    });
}

#[test]
fn whatever_is_written_down_has_an_answer() {
    for_all(3_000, odd, |case| {
        let all = case.edges().into_iter().chain([case.now, ms(i64::MIN), ms(i64::MAX)]);
        for now in all {
            let said = silent(&case.policy, &case.talk, now);
            if said.recheck.at().is_some_and(|at| at <= now) {
                return Err(format!("at {now} {said:?}"));
            }
        }
        Ok(())
    });
}
