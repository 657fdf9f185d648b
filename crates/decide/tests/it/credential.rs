//! How a credential stands, as the page's table says it, and until when that holds.

use sweepd_decide::{
    CredentialPolicy, CredentialState, Decision, Reading, Recheck, Severity, Span, Timestamp,
    credential,
};

use crate::dice::{
    ANY, Dice, REAL, SMALL, Sizes, edges, for_all, holds_between, holds_until_recheck, span,
};

mod renewing;

use CredentialState::{Expired, Expiring, Missing, Ok as Good, Unknown, Unreadable};
use Severity::{Error, Notice, Warning};

/// The end of all credentials made by hand.
const END: Timestamp = Timestamp::from_millis(1_795_341_600_000);

const MINUTE: i64 = 60_000;

type Said = Decision<(CredentialState, Option<Severity>), Option<Timestamp>>;

fn before_end(policy: &CredentialPolicy, millis: i64) -> Said {
    credential(policy, Reading::Until(END), END.minus(span(millis)))
}

/// One that nothing renews, and one that something may renew.
fn both() -> [CredentialPolicy; 2] {
    let plain = CredentialPolicy::default();
    [plain, CredentialPolicy { can_renew: true, ..plain }]
}

#[test]
fn it_stands_as_the_table_says() {
    let lines = [
        (120 * MINUTE, Good, None, None),
        (61 * MINUTE, Good, None, None),
        (60 * MINUTE + 1, Good, None, None),
        (60 * MINUTE, Expiring, Some(Warning), Some(Notice)),
        (59 * MINUTE, Expiring, Some(Warning), Some(Notice)),
        (10 * MINUTE + 1, Expiring, Some(Warning), Some(Notice)),
        (10 * MINUTE, Expiring, Some(Warning), Some(Warning)),
        (10 * MINUTE - 1, Expiring, Some(Warning), Some(Warning)),
        (1, Expiring, Some(Warning), Some(Warning)),
        (0, Expired, Some(Error), Some(Error)),
        (-1, Expired, Some(Error), Some(Error)),
        (-12 * MINUTE, Expired, Some(Error), Some(Error)),
    ];
    for (millis, state, alone, renewed) in lines {
        for (policy, severity) in both().iter().zip([alone, renewed]) {
            let said = before_end(policy, millis);
            assert_eq!(said.action, (state, severity), "{millis} ms before, {policy:?}");
            assert_eq!(said.evidence, Some(END));
            assert_eq!(state.wants_refresh(), [Expiring, Expired].contains(&state));
        }
    }
}

#[test]
fn it_is_asked_again_at_the_right_hand_edge_of_each_line() {
    let left = |millis| Recheck::At(END.minus(span(millis)));
    for (millis, alone, renewed) in [
        (61 * MINUTE, left(60 * MINUTE), left(60 * MINUTE)),
        (60 * MINUTE, left(0), left(10 * MINUTE)),
        (10 * MINUTE, left(0), left(0)),
        (0, Recheck::OnChange, Recheck::OnChange),
    ] {
        for (policy, recheck) in both().iter().zip([alone, renewed]) {
            assert_eq!(before_end(policy, millis).recheck, recheck, "{millis} ms, {policy:?}");
        }
    }
}

#[test]
fn what_has_no_end_stands_as_it_does_at_any_time() {
    let lines = [
        (Reading::NoEnd, Unknown, Notice),
        (Reading::Missing, Missing, Error),
        (Reading::Unreadable, Unreadable, Error),
    ];
    for (reading, state, severity) in lines {
        for now in [Timestamp::MIN, END, Timestamp::MAX] {
            for policy in both() {
                let said = credential(&policy, reading, now);
                let action = (state, Some(severity));
                assert_eq!(said, Decision { action, evidence: None, recheck: Recheck::OnChange });
                assert!(!state.wants_refresh());
            }
        }
    }
}

#[test]
fn a_shorter_time_to_warn_holds_for_both() {
    for policy in both() {
        let policy = CredentialPolicy { warn_before: span(5 * MINUTE), ..policy };
        let said = before_end(&policy, 5 * MINUTE + 1);
        assert_eq!(
            (said.action, said.recheck),
            ((Good, None), Recheck::At(END.minus(span(5 * MINUTE))))
        );
        let said = before_end(&policy, 5 * MINUTE);
        assert_eq!((said.action, said.recheck), ((Expiring, Some(Warning)), Recheck::At(END)));
        assert_eq!(before_end(&policy, 0).action, (Expired, Some(Error)));
    }
}

#[test]
fn one_that_is_over_is_never_ok_however_late_people_are_warned() {
    for warn_before in [Span::ZERO, span(-60 * MINUTE), span(i64::MIN)] {
        for policy in both() {
            let policy = CredentialPolicy { warn_before, ..policy };
            assert_eq!(before_end(&policy, 1).action, (Good, None));
            assert_eq!(before_end(&policy, 0).action, (Expired, Some(Error)));
        }
    }
}

#[derive(Debug, Clone)]
struct Case {
    policy: CredentialPolicy,
    reading: Reading,
    now: Timestamp,
    edges: Vec<Timestamp>,
}

fn reading(dice: &mut Dice, sizes: Sizes) -> Reading {
    let end = sizes.at(dice);
    dice.pick(&[
        Reading::Until(end),
        Reading::Until(end),
        Reading::Until(end),
        Reading::NoEnd,
        Reading::Missing,
        Reading::Unreadable,
    ])
}

fn case(dice: &mut Dice, sizes: Sizes) -> Case {
    let policy = CredentialPolicy {
        warn_before: sizes.span(dice),
        urgent_before: sizes.span(dice),
        can_renew: dice.one_in(2),
    };
    let (reading, plain) = (reading(dice, sizes), sizes.at(dice));
    let Reading::Until(end) = reading else {
        return Case { policy, reading, now: plain, edges: vec![plain] };
    };
    let edges = edges(&[end], &[policy.warn_before, policy.urgent_before]);
    Case { policy, reading, now: dice.near(&edges), edges }
}

/// The table, line by line: the first that fits.
fn table(case: &Case) -> (CredentialState, Option<Severity>) {
    let (policy, now) = (case.policy, i128::from(case.now.as_millis()));
    let end = match case.reading {
        Reading::Until(end) => i128::from(end.as_millis()),
        Reading::NoEnd => return (Unknown, Some(Notice)),
        Reading::Missing => return (Missing, Some(Error)),
        Reading::Unreadable => return (Unreadable, Some(Error)),
    };
    let warn = i128::from(policy.warn_before.as_millis());
    let urgent = warn.min(policy.urgent_before.as_millis().into());
    let lines = [
        (now >= end, Expired, Some(Error)),
        (now < end - warn, Good, None),
        (policy.can_renew && now < end - urgent, Expiring, Some(Notice)),
        (true, Expiring, Some(Warning)),
    ];
    let (_, state, severity) = lines.into_iter().find(|(fits, _, _)| *fits).unwrap();
    (state, severity)
}

#[test]
fn it_stands_as_the_table_says_at_every_edge_and_instant() {
    for (cases, sizes) in [(10_000, SMALL), (10_000, REAL), (10_000, ANY)] {
        for_all(
            cases,
            |dice| case(dice, sizes),
            |case| {
                let said = credential(&case.policy, case.reading, case.now).action;
                let expect = table(case);
                if said == expect { Ok(()) } else { Err(format!("{said:?}, expected {expect:?}")) }
            },
        );
    }
}

#[test]
fn an_answer_holds_until_its_recheck_and_not_longer() {
    let ask = |case: &Case, now| credential(&case.policy, case.reading, now);
    // People are warned before the end, and not after it.
    let case = |dice: &mut Dice, sizes| {
        let mut case = case(dice, sizes);
        let policy = &mut case.policy;
        policy.warn_before = policy.warn_before.max(Span::ZERO);
        policy.urgent_before = policy.urgent_before.max(Span::ZERO);
        case
    };
    for_all(
        3_000,
        |dice| case(dice, SMALL),
        |case| holds_until_recheck(case.now, |at| ask(case, at)),
    );
    for sizes in [REAL, ANY] {
        for_all(
            8_000,
            |dice| case(dice, sizes),
            |case| holds_between(case.now, &case.edges, |at| ask(case, at)),
        );
    }
}

#[test]
fn it_only_gets_worse_and_what_may_renew_it_only_makes_it_better() {
    for_all(
        8_000,
        |dice| (case(dice, REAL), span(dice.within(0, 7_200_000))),
        |(case, later)| {
            let at = |can_renew, now| {
                let policy = CredentialPolicy { can_renew, ..case.policy };
                credential(&policy, case.reading, now).action
            };
            let (alone, renewed) = (at(false, case.now), at(true, case.now));
            let worse = at(case.policy.can_renew, case.now.plus(*later)).1
                >= at(case.policy.can_renew, case.now).1;
            let fits = worse && alone.0 == renewed.0 && renewed.1 <= alone.1;
            if fits { Ok(()) } else { Err(format!("{alone:?}, {renewed:?}")) }
        },
    );
}
