//! Whoever asks only when a fact changes or a recheck falls due tells what somebody tells who asks
//! each second; and what is told of an incident makes sense from its beginning to its end.

use std::cell::RefCell;
use std::collections::BTreeMap;

use sweepd_decide::Span;
use sweepd_decide::incident::{Case, Stage, Tell, TellPolicy, Why, tell};

use crate::dice::{for_all, ms};

use super::key::{Key, Said};
use super::plot::{LENGTH, SECOND, plot};

/// Holds a law against what is told of each incident of many plots.
fn law(law: impl Fn(&TellPolicy, &Case, &[Said]) -> Result<(), String>) {
    for_all(1_200, plot, |plot| {
        let key = Key::new(plot).live(false);
        for (number, case) in key.cases.iter().enumerate() {
            let said = key.said.iter().filter(|said| said.number == number);
            let said: Vec<Said> = said.copied().collect();
            law(&plot.policy, case, &said).map_err(|why| format!("{why}: {case:#?} {said:#?}"))?;
        }
        Ok(())
    });
}

fn check(fits: bool, why: &str) -> Result<(), String> {
    if fits { Ok(()) } else { Err(why.into()) }
}

#[test]
fn whoever_asks_only_when_called_tells_what_one_tells_who_asks_each_second() {
    for_all(1_200, plot, |plot| {
        let (called, steady) = (Key::new(plot).live(false), Key::new(plot).live(true));
        check(called.said == steady.said, &format!("{:#?} {:#?}", called.said, steady.said))?;
        // Two answers for each fact and each promise, and what a cause, a snooze, a window, the wait
        // and a repeat may hold back in turn.
        let facts = plot.facts.len() + 2 * called.said.len();
        check(called.asked <= 7 * facts, &format!("asked {} times", called.asked))
    });
}

#[test]
fn one_opening_first_and_further_ones_only_for_worse() {
    law(|_, _, said| {
        let mut worst = None;
        for said in said {
            let opens = worst.is_none_or(|worst| said.severity > worst);
            match said.tell {
                Tell::Opening => check(opens, "told twice")?,
                Tell::Still => check(!opens && worst.is_some(), "lasts before it is told")?,
                Tell::End => check(worst.is_some(), "ends before it is told")?,
                Tell::Nothing => check(false, "nothing was told")?,
            }
            worst = Some(said.severity);
        }
        Ok(())
    });
}

#[test]
fn one_end_last_exactly_if_it_was_told_and_is_over() {
    law(|_, case, said| {
        let ends = said.iter().filter(|said| said.tell == Tell::End).count();
        let last = said.last().is_some_and(|said| said.tell == Tell::End);
        let over = case.stage != Stage::Open;
        check(ends == usize::from(over && !said.is_empty()), "ends")?;
        check(last == (ends == 1), "told of after its end")
    });
}

#[test]
fn repeats_are_so_far_apart_at_least() {
    law(|policy, _, said| {
        for pair in said.windows(2).filter(|pair| pair[1].tell == Tell::Still) {
            let apart = Span::from_secs(pair[1].second - pair[0].second);
            check(policy.repeat.is_some_and(|repeat| apart >= repeat), "too soon")?;
        }
        Ok(())
    });
}

#[test]
fn what_nothing_holds_back_at_the_end_was_told() {
    law(|policy, case, said| {
        let why = tell(policy, case, ms(LENGTH * SECOND)).evidence;
        let held = [Why::Notice, Why::Flapping, Why::Folded, Why::Acknowledged, Why::Paused];
        let held = held.contains(&why) || case.stage != Stage::Open;
        let told = case.told.is_some_and(|told| told.severity >= case.severity);
        check(held || (told && !said.is_empty()), "never told")?;
        check(case.told.is_some() != said.is_empty(), "a promise nobody made")
    });
}

#[test]
fn the_stories_tried_here_meet_every_answer() {
    let met = RefCell::new(BTreeMap::<&str, u32>::new());
    for_all(1_200, plot, |plot| {
        for why in Key::new(plot).live(false).whys {
            *met.borrow_mut().entry(why.as_str()).or_default() += 1;
        }
        Ok(())
    });
    let often: Vec<&str> =
        met.borrow().iter().filter(|(_, times)| **times >= 50).map(|(why, _)| *why).collect();
    let all = [
        "acknowledged",
        "ended",
        "flapping",
        "folded",
        "gathering",
        "lasts",
        "maintenance",
        "never-told",
        "new",
        "notice",
        "over",
        "paused",
        "snoozed",
        "told",
        "under-way",
        "worse",
    ];
    assert_eq!(often, all, "{met:#?}");
}
