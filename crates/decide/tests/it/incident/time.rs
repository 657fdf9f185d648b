//! Laws of time: until when an answer holds, when another one comes, and that no epoch matters.

use sweepd_decide::incident::{Case, Cause, Change, Life, Quiet, Told, flap, life, tell};
use sweepd_decide::{Recheck, Span, Timestamp};

use crate::dice::{
    ANY, REAL, SMALL, first_change, for_all, holds_between, holds_until_recheck, ms, span,
};

use super::dice::{Coming, coming, looked, telling};

#[test]
fn what_is_told_holds_until_its_recheck_and_not_longer() {
    for_all(
        5_000,
        |dice| telling(dice, SMALL),
        |case| holds_until_recheck(case.now, |at| tell(&case.policy, &case.case, at)),
    );
    for sizes in [REAL, ANY] {
        for_all(
            5_000,
            |dice| telling(dice, sizes),
            |case| holds_between(case.now, &case.edges(), |at| tell(&case.policy, &case.case, at)),
        );
    }
}

/// A clock that was set back has left some that are still to come.
fn some_lies_ahead(case: &Coming) -> bool {
    case.changes.iter().any(|change| change.at() > case.now)
}

/// Whether its answer is asked for when it changes, and else at most once for each that lies ahead.
fn wakes_for_each(case: &Coming, recheck: Option<Timestamp>, changes: Option<Timestamp>) -> bool {
    if !some_lies_ahead(case) {
        return recheck == changes;
    }
    let ask = |at| flap(&case.policy, &case.changes, case.flapped, at).recheck.at();
    let wakes = std::iter::successors(recheck, |at| ask(*at)).take(20).count();
    let in_time = changes.is_none_or(|change| recheck.is_some_and(|at| at <= change));
    in_time && recheck.is_none_or(|at| at > case.now) && wakes <= 2 * case.changes.len()
}

#[test]
fn whether_it_flaps_holds_until_its_recheck_and_not_longer() {
    for_all(
        8_000,
        |dice| coming(dice, SMALL),
        |case| {
            let ask = |at| flap(&case.policy, &case.changes, case.flapped, at);
            let recheck = ask(case.now).recheck.at();
            let changes = first_change(case.now, |at| (ask(at).action, ask(at).evidence));
            if wakes_for_each(case, recheck, changes) {
                return Ok(());
            }
            Err(format!("{recheck:?}, but it changes at {changes:?}"))
        },
    );
    for sizes in [REAL, ANY] {
        for_all(
            5_000,
            |dice| coming(dice, sizes),
            |case| {
                let ask = |at| flap(&case.policy, &case.changes, case.flapped, at);
                if some_lies_ahead(case) {
                    return Ok(());
                }
                holds_between(case.now, &case.edges(), ask)
            },
        );
    }
}

const LATER: Span = Span::from_millis(1_778_547_600_000);

fn later(at: Timestamp) -> Timestamp {
    at.plus(LATER)
}

fn recheck_later(recheck: Recheck) -> Option<Timestamp> {
    recheck.at().map(later)
}

fn case_later(case: &Case) -> Case {
    Case {
        opened_at: later(case.opened_at),
        told: case.told.map(|told| Told { at: later(told.at), ..told }),
        snoozed_until: case.snoozed_until.map(later),
        quiet: case.quiet.map(|quiet| match quiet {
            Quiet::Maintenance(until) => Quiet::Maintenance(later(until)),
            Quiet::Paused(until) => Quiet::Paused(later(until)),
        }),
        cause: case.cause.map(|cause| match cause {
            Cause::Open => Cause::Open,
            Cause::Over(end) => Cause::Over(later(end)),
        }),
        ..case.clone()
    }
}

#[test]
fn only_spans_matter_and_not_what_the_clock_shows() {
    let same = |same: bool| if same { Ok(()) } else { Err("it matters".into()) };
    for_all(
        5_000,
        |dice| telling(dice, SMALL),
        |case| {
            let now = tell(&case.policy, &case.case, case.now);
            let then = tell(&case.policy, &case_later(&case.case), later(case.now));
            let rechecks = recheck_later(now.recheck) == then.recheck.at();
            same((now.action, now.evidence) == (then.action, then.evidence) && rechecks)
        },
    );
    for_all(
        5_000,
        |dice| coming(dice, SMALL),
        |case| {
            let moved = case.changes.iter().map(|change| match change {
                Change::Opened(at) => Change::Opened(later(*at)),
                Change::Ended(at) => Change::Ended(later(*at)),
            });
            let moved: Vec<Change> = moved.collect();
            let now = flap(&case.policy, &case.changes, case.flapped, case.now);
            let then = flap(&case.policy, &moved, case.flapped, later(case.now));
            let rechecks = recheck_later(now.recheck) == then.recheck.at();
            same(now.action == then.action && now.evidence.map(later) == then.evidence && rechecks)
        },
    );
    for_all(
        5_000,
        |dice| looked(dice, SMALL),
        |case| {
            let moved = case.open.map(|open| Life {
                opened_at: later(open.opened_at),
                looked_at: open.looked_at.map(later),
                ..open
            });
            let now = life(case.kind, case.open.as_ref(), case.sight, case.now);
            same(now == life(case.kind, moved.as_ref(), case.sight, later(case.now)))
        },
    );
}

#[test]
fn an_instant_that_is_never_reached_is_not_waited_for() {
    let mut case = super::telling::case();
    case.quiet = Some(Quiet::Paused(Timestamp::MAX));
    assert_eq!(tell(&super::telling::POLICY, &case, ms(0)).recheck, Recheck::OnChange);
    case.quiet = Some(Quiet::Paused(Timestamp::MAX.minus(span(1))));
    let recheck = tell(&super::telling::POLICY, &case, ms(0)).recheck;
    assert_eq!(recheck, Recheck::At(Timestamp::MAX.minus(span(1))));
}
