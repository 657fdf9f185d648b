//! What a look means for an incident: the page's lines by hand, and what ends what.

use sweepd_decide::FindingKind;
use sweepd_decide::incident::{
    AGED_OUT, BY_HAND, Course, LIFE_APART, Life, NO_LONGER_ACTIVE, NOT_CONFIGURED, Sight, lasts,
    life, recovered,
};

use crate::dice::{ANY, SMALL, for_all, ms};

use super::dice::looked;
use super::oracle::LASTING;

const DAY: i64 = 86_400_000;
const GONE: &str = "not seen any more";

/// Opened at 0, with so many good looks, the last that counted at that second.
fn open(good_looks: u32, looked: i64) -> Life {
    Life { opened_at: ms(0), good_looks, looked_at: Some(ms(looked * 1000)) }
}

#[test]
fn the_lines_of_the_page() {
    let (down, failed) = (FindingKind::ContainerDown, FindingKind::MessageFailed);
    let ended = Sight::Ended("it runs");
    let (unseen, blind) = (Sight::Unseen, Sight::Blind);
    let table = [
        (down, None, Sight::Seen, 0, Course::Opens),
        (down, None, ended, 0, Course::Nothing),
        (down, None, unseen, 0, Course::Nothing),
        (failed, None, blind, DAY, Course::Nothing),
        (down, Some(open(1, 0)), Sight::Seen, 1, Course::Stays),
        (down, Some(open(0, 0)), ended, 1, Course::Ends("it runs")),
        // Age is for those nobody sees or ends just then, and for one kind alone.
        (failed, Some(open(0, 0)), Sight::Seen, DAY, Course::Stays),
        (failed, Some(open(0, 0)), ended, DAY, Course::Ends("it runs")),
        (failed, Some(open(0, 0)), unseen, DAY, Course::Ends("aged-out")),
        (failed, Some(open(0, 0)), blind, DAY, Course::Ends("aged-out")),
        (failed, Some(open(0, 0)), blind, DAY - 1, Course::Waits),
        (failed, Some(open(0, 0)), unseen, DAY - 1, Course::Waits),
        (FindingKind::DeadLetter, Some(open(1, 0)), unseen, DAY, Course::Waits),
        (FindingKind::DeadLetter, Some(open(1, 0)), blind, DAY, Course::Waits),
        // Too soon after a look that counted, also after the one that saw it.
        (down, Some(open(0, 0)), unseen, 4_999, Course::Waits),
        (down, Some(open(1, 5)), unseen, 9_999, Course::Waits),
        (down, Some(open(1, 5)), blind, 10_000, Course::Waits),
        (down, Some(open(0, 0)), unseen, 5_000, Course::Good(1)),
        (down, Some(open(1, 5)), unseen, 10_000, Course::Ends(GONE)),
        (down, Some(open(0, 0)), unseen, DAY, Course::Good(1)),
    ];
    for (nth, (kind, open, sight, now, expect)) in table.into_iter().enumerate() {
        assert_eq!(life(kind, open.as_ref(), sight, ms(now)), expect, "line {nth}");
    }
    assert_eq!(LIFE_APART.as_millis(), 5_000);
}

#[test]
fn a_look_of_a_call_from_cron_always_counts() {
    let open = |good_looks| Life { looked_at: None, ..open(good_looks, 0) };
    let look = |open: Life| life(FindingKind::Unreadable, Some(&open), Sight::Unseen, ms(1));
    assert_eq!(look(open(0)), Course::Good(1));
    assert_eq!(look(open(1)), Course::Ends(GONE));
    assert_eq!(look(open(u32::MAX)), Course::Ends(GONE), "whatever was kept");
}

#[test]
fn kinds_that_last_are_those_of_the_page() {
    for kind in FindingKind::ALL {
        assert_eq!(lasts(*kind), LASTING.contains(&kind.as_str()), "{kind:?}");
    }
    let named = FindingKind::ALL.iter().filter(|kind| lasts(**kind)).count();
    assert_eq!(named, LASTING.len());
}

#[test]
fn of_those_that_only_went_out_of_sight_nobody_claims_that_they_are_well() {
    assert_eq!((AGED_OUT, BY_HAND), ("aged-out", "by hand"));
    for how in [AGED_OUT, BY_HAND, NO_LONGER_ACTIVE, NOT_CONFIGURED] {
        assert!(!recovered(how), "{how}");
    }
    for how in [GONE, "it runs again", "", "aged", "by hand "] {
        assert!(recovered(how), "{how}");
    }
}

#[test]
fn a_look_that_could_not_see_ends_nothing_but_by_age() {
    for sizes in [SMALL, ANY] {
        for_all(
            20_000,
            |dice| looked(dice, sizes),
            |case| {
                let blind = life(case.kind, case.open.as_ref(), Sight::Blind, case.now);
                let fits = match blind {
                    Course::Nothing => case.open.is_none(),
                    Course::Waits => case.open.is_some(),
                    Course::Ends(how) => how == AGED_OUT && case.kind == FindingKind::MessageFailed,
                    Course::Opens | Course::Stays | Course::Good(_) => false,
                };
                if fits { Ok(()) } else { Err(format!("{blind:?}")) }
            },
        );
    }
}

#[test]
fn what_is_seen_is_there_and_what_ends_it_ends_it_whenever_that_is() {
    for_all(
        20_000,
        |dice| looked(dice, ANY),
        |case| {
            let look = |sight| life(case.kind, case.open.as_ref(), sight, case.now);
            let (seen, ended) = (look(Sight::Seen), look(Sight::Ended("so")));
            let expect = match case.open {
                None => (Course::Opens, Course::Nothing),
                Some(_) => (Course::Stays, Course::Ends("so")),
            };
            if (seen, ended) == expect { Ok(()) } else { Err(format!("{seen:?}, {ended:?}")) }
        },
    );
}
