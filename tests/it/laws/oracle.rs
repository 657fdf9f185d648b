//! Law 13: the decision agrees with the oracle, which knows nothing about deadlines.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sweepd_decide::stuck::{Health, decide_stuck};
use sweepd_decide::{Span, Timestamp};
use sweepd_tests::oracle::{edges, judge, judge_nanoclaw, recheck_by_scan, record};

use super::said::{recheck, said, word};
use super::strategy::{Scene, nanoclaw_scenes, scenes};

proptest! {
    #[test]
    fn the_decision_is_what_the_oracle_says(Scene { policy, snapshot, now } in scenes()) {
        let judgment = decide_stuck(&policy, &snapshot, now);
        prop_assert_eq!(said(&judgment), judge(&policy, &snapshot, now));
        prop_assert_eq!(judgment.record, record(&policy, &snapshot, now));
    }

    #[test]
    fn the_scan_misses_no_millisecond(Scene { policy, snapshot, now } in scenes()) {
        let found = recheck_by_scan(&policy, &snapshot, now);
        let expect = judge(&policy, &snapshot, now);
        let mut later = snapshot.clone();
        later.previous = record(&policy, &snapshot, now);
        // Every millisecond would be 10 000 judgments; a window that slides over the case is enough.
        let first = now.plus(Span::from_millis(now.as_millis().rem_euclid(17) * 500));
        for off in 1..=500 {
            let at = first.plus(Span::from_millis(off));
            if found.is_some_and(|found| at >= found) {
                break;
            }
            prop_assert_eq!(judge(&policy, &later, at), expect.clone(), "at {}", at);
        }
    }

    #[test]
    fn profile_nanoclaw_is_what_its_oracle_says_until_its_recheck(
        Scene { policy, snapshot, now } in nanoclaw_scenes(),
    ) {
        let judgment = decide_stuck(&policy, &snapshot, now);
        let expect = judge_nanoclaw(&policy, &snapshot, now);
        let overdue = judgment.decision.evidence.overdue.as_ref();
        prop_assert_eq!(word(judgment.decision.action), expect.action);
        prop_assert_eq!(overdue.is_some_and(|o| o.idle), expect.idle);
        prop_assert_eq!(overdue.map(|o| o.since.as_millis()), expect.since);
        prop_assert_eq!(overdue.map(|o| o.limit.as_millis()), expect.limit_ms);
        let named = overdue.and_then(|o| o.message_id.as_ref()).map(ToString::to_string);
        prop_assert_eq!(&named, &expect.message_id);
        let blind = snapshot.heartbeat.is_unknown()
            || snapshot.tool.is_unknown()
            || snapshot.claims.is_unknown();
        prop_assert_eq!(judgment.health, match expect.action {
            "ok" if blind => Health::Unknown,
            "ok" => Health::Ok,
            _ if expect.idle => Health::Ok,
            _ => Health::Failing,
        });

        let differs = |at: &Timestamp| *at > now && judge_nanoclaw(&policy, &snapshot, *at) != expect;
        let truth = edges(&policy, &snapshot, now).into_iter().find(differs);
        prop_assert_eq!(recheck(&judgment), truth);
    }
}

#[test]
fn the_recheck_is_never_late_and_seldom_early() {
    let (all, early) = (Cell::new(0_u32), Cell::new(0_u32));
    let mut runner = TestRunner::new(Config::with_source_file(file!()));
    let outcome = runner.run(&scenes(), |Scene { policy, snapshot, now }| {
        let recheck = recheck(&decide_stuck(&policy, &snapshot, now));
        let truth = recheck_by_scan(&policy, &snapshot, now);
        let far = Timestamp::MAX;
        prop_assert!(recheck.is_none_or(|at| at > now), "{:?} is not after now", recheck);
        prop_assert!(recheck.unwrap_or(far) <= truth.unwrap_or(far), "{recheck:?} > {truth:?}");
        all.set(all.get() + 1);
        early.set(early.get() + u32::from(recheck != truth));
        Ok(())
    });
    outcome.unwrap();
    assert!(early.get() * 100 < all.get(), "{} of {} wakes are idle", early.get(), all.get());
}
