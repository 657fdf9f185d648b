//! Laws 1 and 2: same facts, same answer, until the recheck; a different one at the recheck.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sweepd_decide::Span;
use sweepd_decide::stuck::decide_stuck;
use sweepd_tests::oracle::edges;

use super::said::{answer, on_record, recheck};
use super::strategy::{Scene, nanoclaw_scenes, scenes};

proptest! {
    #[test]
    fn until_the_recheck_the_answer_stays_the_same(Scene { policy, snapshot, now } in both()) {
        let judgment = decide_stuck(&policy, &snapshot, now);
        let later = on_record(&snapshot, &judgment);
        let horizon = recheck(&judgment);
        prop_assert!(horizon.is_none_or(|at| at > now));

        let far = now.plus(Span::from_mins(60 * 24 * 365 * 1000));
        let last = horizon.map_or(far, |at| at.minus(Span::from_millis(1)));
        let half = now.plus(Span::from_millis(last.since(now).as_millis() / 2));
        let mut looks = edges(&policy, &later, now);
        looks.extend([now, half, last]);
        for at in looks.range(now..=last) {
            let again = decide_stuck(&policy, &later, *at);
            prop_assert_eq!(answer(&again), answer(&judgment), "at {}", at);
        }
    }
}

#[test]
fn at_the_recheck_the_answer_differs() {
    let (all, idle) = (Cell::new(0_u32), Cell::new(0_u32));
    let mut runner = TestRunner::new(Config::with_source_file(file!()));
    let outcome = runner.run(&both(), |Scene { policy, snapshot, now }| {
        let judgment = decide_stuck(&policy, &snapshot, now);
        if let Some(at) = recheck(&judgment) {
            let then = decide_stuck(&policy, &on_record(&snapshot, &judgment), at);
            all.set(all.get() + 1);
            idle.set(idle.get() + u32::from(answer(&then) == answer(&judgment)));
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(all.get() > 0);
    assert!(idle.get() * 100 < all.get(), "{} of {} wakes are idle", idle.get(), all.get());
}

fn both() -> impl Strategy<Value = Scene> {
    prop_oneof![5 => scenes(), 1 => nanoclaw_scenes()]
}
