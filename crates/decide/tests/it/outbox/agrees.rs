//! What is delivered next agrees with the page, at every edge and for every instant there is.

use sweepd_decide::Timestamp;
use sweepd_decide::outbox::{Hold, Next, next};

use crate::dice::{ANY, REAL, SMALL, first_change, for_all};

use super::dice::{Outbox, outbox, wait};
use super::oracle;

fn expect(case: &Outbox, now: Timestamp) -> (Next, Hold) {
    let wait = |failures| wait(&case.policy, failures, case.seed);
    oracle::next(&case.policy, &case.sink, &case.waiting, now, wait)
}

#[test]
fn the_next_is_what_the_page_says() {
    for (cases, sizes) in [(12_000, SMALL), (4_000, REAL), (10_000, ANY)] {
        for_all(
            cases,
            |dice| outbox(dice, sizes),
            |case| {
                let got = next(&case.policy, &case.sink, &case.waiting, case.now, case.seed);
                let (got, expect) = ((got.action, got.evidence), expect(case, case.now));
                if got == expect { Ok(()) } else { Err(format!("{got:?}, expected {expect:?}")) }
            },
        );
    }
}

#[test]
fn it_is_asked_again_at_the_first_instant_at_which_the_page_answers_otherwise() {
    for_all(
        6_000,
        |dice| outbox(dice, SMALL),
        |case| {
            let got = next(&case.policy, &case.sink, &case.waiting, case.now, case.seed);
            // What is due is done at once, and that is a change.
            if got.evidence == Hold::Due {
                return Ok(());
            }
            let expect = first_change(case.now, |at| expect(case, at));
            if got.recheck.at() == expect {
                return Ok(());
            }
            Err(format!("{got:?}, but it changes at {expect:?}"))
        },
    );
}
