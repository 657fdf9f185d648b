//! What silence is said to be agrees with the page, at every edge and for every instant there is.

use std::collections::BTreeMap;

use sweepd_decide::Timestamp;
use sweepd_decide::silent::{Role, all_silent};

use crate::dice::{ANY, Dice, for_all, ms, span};

use super::dice::{Case, asked_at, odd, session, session_talk, window};
use super::oracle;

fn agrees(case: &Case) -> Result<(), String> {
    let said = case.ask(case.now);
    let expect = oracle::silent(case, case.now);
    if (&said.action, &said.evidence) == (&expect.0, &expect.1) {
        return Ok(());
    }
    Err(format!("{said:?}, expected {expect:?}"))
}

#[test]
fn what_is_silent_is_what_the_page_says() {
    for_all(40_000, session, agrees);
}

#[test]
fn what_is_silent_is_what_the_page_says_of_instants_that_make_no_sense() {
    let make = |dice: &mut Dice| {
        let mut case = odd(dice);
        (case.policy.window, case.now) = (window(dice), asked_at(dice));
        case
    };
    for_all(8_000, make, agrees);
}

#[test]
fn it_is_asked_again_at_the_first_edge_at_which_the_page_answers_otherwise() {
    for_all(5_000, session, |case| {
        let said = case.ask(case.now);
        let expect = oracle::recheck(case, case.now);
        if said.recheck.at() == expect { Ok(()) } else { Err(format!("{said:?}, at {expect:?}")) }
    });
}

#[test]
fn every_way_of_being_silent_is_met_by_many_cases() {
    let mut met: BTreeMap<String, u32> = BTreeMap::new();
    for seed in 0..10_000 {
        let case = session(&mut Dice(seed));
        for it in case.ask(case.now).action {
            let since = if it.is_answered_since { "answered since" } else { "still" };
            *met.entry(format!("{:?}, {since}", it.because)).or_default() += 1;
        }
    }
    assert!(met.len() == 12 && met.values().all(|many| *many >= 10), "{met:?}");
}

/// Something that a look could have found otherwise.
type Change = (&'static str, fn(&mut Case));

const CHANGES: [Change; 12] = [
    ("due", |case| case.talk.asked.iter_mut().for_each(|it| it.due_at = None)),
    ("tries", |case| case.talk.asked.iter_mut().for_each(|it| it.tries = 0)),
    ("kind", |case| case.talk.asked.iter_mut().for_each(|it| "chat".clone_into(&mut it.kind))),
    ("role", |case| case.talk.asked.iter_mut().for_each(|it| it.role = Role::Asked)),
    ("series", |case| case.talk.asked.iter_mut().for_each(|it| "s".clone_into(&mut it.series))),
    ("queue", |case| case.talk.asked.reverse()),
    ("reply", |case| case.talk.outputs.iter_mut().for_each(|it| it.reply_to = None)),
    ("log", |case| case.talk.log.clear()),
    ("beat", |case| case.talk.beat_at = None),
    ("work", |case| case.talk.is_at_work = false),
    ("up", |case| case.talk.is_up = false),
    ("may be silent", |case| case.policy.may_be_silent.clear()),
];

#[test]
fn every_fact_decides_many_cases() {
    for (name, change) in CHANGES {
        let differs = |seed: &u64| {
            let case = session(&mut Dice(*seed));
            let mut other = case.clone();
            change(&mut other);
            case.ask(case.now) != other.ask(case.now)
        };
        let many = (0..2_500).filter(differs).count();
        assert!(many >= 15, "{name} decides {many}");
    }
}

#[test]
fn a_session_is_silent_when_the_page_says_so() {
    let windows = [0, 1000, 60_000, 7_200_000];
    for_all(
        10_000,
        |dice| {
            let (talk, window) = (session_talk(dice), span(dice.pick(&windows)));
            let all: Vec<Timestamp> = talk.acks.iter().chain(&talk.outputs).copied().collect();
            let from = if all.is_empty() { ms(0) } else { dice.pick(&all).floor_to_second() };
            let edges = [from.plus(window), from.plus(window).plus(span(1000)), from];
            (talk, window, dice.near(&edges))
        },
        |(talk, window, now)| {
            let said = all_silent(talk, *window, *now);
            let expect = oracle::all_silent(talk, *window, *now);
            if (said.action, said.evidence) == expect {
                return Ok(());
            }
            Err(format!("{said:?}, expected {expect:?}"))
        },
    );
}

#[test]
fn a_session_is_silent_when_the_page_says_so_of_instants_that_make_no_sense() {
    for_all(
        5_000,
        |dice| {
            let mut talk = session_talk(dice);
            for at in talk.acks.iter_mut().chain(&mut talk.outputs) {
                *at = ANY.at(dice);
            }
            (talk, window(dice), asked_at(dice))
        },
        |(talk, window, now)| {
            let said = all_silent(talk, *window, *now);
            let expect = oracle::all_silent(talk, *window, *now);
            if (said.action, said.evidence) == expect {
                return Ok(());
            }
            Err(format!("{said:?}, expected {expect:?}"))
        },
    );
}
