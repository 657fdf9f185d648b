//! The rules of incidents agree with the page, at every edge and for every instant there is.

use sweepd_decide::incident::{flap, life, tell};

use crate::dice::{ANY, REAL, SMALL, Sizes, first_change, for_all};

use super::{dice, oracle};

const SIZES: [(u64, Sizes); 3] = [(20_000, SMALL), (10_000, REAL), (20_000, ANY)];

fn same<A: PartialEq + std::fmt::Debug>(got: &A, expect: &A) -> Result<(), String> {
    if got == expect { Ok(()) } else { Err(format!("{got:?}, expected {expect:?}")) }
}

#[test]
fn every_look_means_what_the_page_says() {
    for (cases, sizes) in SIZES {
        for_all(
            cases,
            |dice| dice::looked(dice, sizes),
            |case| {
                let open = case.open.as_ref();
                let got = life(case.kind, open, case.sight, case.now);
                same(&got, &oracle::life(case.kind, open, case.sight, case.now))
            },
        );
    }
}

#[test]
fn a_key_flaps_where_the_page_says_so() {
    for (cases, sizes) in SIZES {
        for_all(
            cases,
            |dice| dice::coming(dice, sizes),
            |case| {
                let got = flap(&case.policy, &case.changes, case.flapped, case.now);
                let expect = oracle::flap(&case.policy, &case.changes, case.flapped, case.now);
                same(&(got.action, got.evidence), &expect)
            },
        );
    }
}

#[test]
fn people_are_told_what_the_page_says() {
    for (cases, sizes) in SIZES {
        for_all(
            cases,
            |dice| dice::telling(dice, sizes),
            |case| {
                let got = tell(&case.policy, &case.case, case.now);
                let expect = oracle::tell(&case.policy, &case.case, case.now);
                same(&(got.action, got.evidence), &expect)
            },
        );
    }
}

#[test]
fn it_is_asked_again_at_the_first_instant_at_which_the_page_answers_otherwise() {
    for_all(
        6_000,
        |dice| dice::telling(dice, SMALL),
        |case| {
            let got = tell(&case.policy, &case.case, case.now).recheck.at();
            let ask = |at| oracle::tell(&case.policy, &case.case, at);
            same(&got, &first_change(case.now, ask))
        },
    );
    for_all(
        6_000,
        |dice| dice::coming(dice, SMALL),
        |case| {
            // What lies ahead is looked at when it comes: see the laws of time.
            if case.changes.iter().any(|change| change.at() > case.now) {
                return Ok(());
            }
            let got = flap(&case.policy, &case.changes, case.flapped, case.now).recheck.at();
            let ask = |at| oracle::flap(&case.policy, &case.changes, case.flapped, at);
            same(&got, &first_change(case.now, ask))
        },
    );
}
