//! Which of several causes is named, and for how long one that is over still explains.

use sweepd_decide::incident::{Happening, Reach, reach};
use sweepd_decide::{FindingKind, Timestamp};

use crate::dice::{Dice, for_all, ms, span};

const KINDS: [FindingKind; 5] = [
    FindingKind::RuntimeUnreachable,
    FindingKind::HostDown,
    FindingKind::BrakeEngaged,
    FindingKind::AgentStuck,
    FindingKind::DeadLetter,
];
const KEYS: [&str; 4] = ["a", "aa", "b", ""];

type Plain = (&'static str, FindingKind, i64, Option<i64>);

fn plain(dice: &mut Dice) -> Plain {
    let ended = dice.one_in(2).then(|| dice.within(0, 6));
    (dice.pick(&KEYS), dice.pick(&KINDS), dice.within(0, 6), ended)
}

fn happening((key, kind, opened, ended): Plain) -> Happening<'static> {
    Happening { key, kind, opened_at: ms(opened), ended_at: ended.map(ms) }
}

/// The page's order, said once more: points for being open, then for age, then for the end.
fn named(causes: &[Plain]) -> Option<Plain> {
    let open: Vec<Plain> = causes.iter().copied().filter(|one| one.3.is_none()).collect();
    let pool = if open.is_empty() { causes.to_vec() } else { open };
    let last_end = pool.iter().map(|one| one.3).max()?;
    let pool: Vec<Plain> = pool.into_iter().filter(|one| one.3 == last_end).collect();
    let first = pool.iter().map(|one| one.2).min()?;
    let pool = pool.into_iter().filter(|one| one.2 == first);
    pool.min_by(|a, b| a.0.cmp(b.0))
}

#[test]
fn the_cause_that_is_named_is_the_pages_and_does_not_depend_on_the_order_of_the_list() {
    for_all(
        20_000,
        |dice: &mut Dice| {
            let many = dice.within(0, 6);
            (0..many).map(|_| plain(dice)).collect::<Vec<Plain>>()
        },
        |causes| {
            let mut all: Vec<Happening<'static>> = causes.iter().copied().map(happening).collect();
            let shown = |one: &Happening<'static>| (one.key, one.opened_at, one.ended_at);
            let expect = named(causes).map(happening);
            all.sort_by(Happening::by_precedence);
            let there = all.first().map(shown);
            all.reverse();
            all.sort_by(Happening::by_precedence);
            let back = all.first().map(shown);
            let expect = expect.as_ref().map(shown);
            if there == expect && back == expect {
                Ok(())
            } else {
                Err(format!("{there:?}, {back:?}"))
            }
        },
    );
}

#[test]
fn a_cause_explains_what_began_before_it_was_over_and_for_as_long_as_it_counts() {
    let cause = |ended| happening(("c", FindingKind::HostDown, 10, ended));
    let effect = |opened| happening(("e", FindingKind::AgentStuck, opened, None));
    for opened in [i64::MIN, 0, 10, 50] {
        assert!(cause(None).explains(&effect(opened)), "an open one explains also what it found");
        assert!(cause(Some(50)).explains(&effect(opened)));
    }
    assert!(!cause(Some(50)).explains(&effect(51)));
    assert!(!effect(0).explains(&cause(None)));
    assert!(!cause(None).explains(&happening(("d", FindingKind::DeadLetter, 10, None))));

    let counts = |one: Happening<'_>, now: i64| one.is_cause(span(100), ms(now));
    assert!(counts(cause(None), i64::MAX));
    assert!(counts(cause(Some(50)), 149));
    assert!(!counts(cause(Some(50)), 150));
    assert!(cause(Some(i64::MAX)).is_cause(span(100), Timestamp::MIN), "nothing overflows");
    for kind in FindingKind::ALL {
        let open = Happening { kind: *kind, ..cause(None) };
        assert_eq!(counts(open, 0), reach(*kind) != Reach::Nobody, "{kind:?}");
    }
}
