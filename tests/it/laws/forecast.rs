//! What is forecast comes true: at each instant told, and at none before it, the answer is another.

use proptest::prelude::*;
use sweepd_decide::Span;
use sweepd_decide::stuck::{Action, decide_stuck, forecast};

use super::said::on_record;
use super::strategy::{Scene, nanoclaw_scenes, scenes};

const MOST: usize = 12;

proptest! {
    #[test]
    fn whoever_looks_on_time_finds_what_was_forecast(
        Scene { policy, snapshot, now } in prop_oneof![5 => scenes(), 1 => nanoclaw_scenes()],
    ) {
        let told = forecast(&policy, &snapshot, now, MOST);
        let mut judgment = decide_stuck(&policy, &snapshot, now);
        let mut seen = snapshot;
        let mut at = now;
        let mut told = told.iter();
        let mut looks = 0;
        while let Some(next) = judgment.decision.recheck.at().filter(|next| *next > at) {
            if !matches!(judgment.decision.action, Action::Ok | Action::Hold) || looks == 200 {
                break;
            }
            looks += 1;
            // A moment before, nothing has changed.
            let early = next.minus(Span::from_millis(1)).max(at);
            let before = decide_stuck(&policy, &on_record(&seen, &judgment), early);
            prop_assert_eq!(before.decision.action, judgment.decision.action);
            seen = on_record(&seen, &judgment);
            let then = decide_stuck(&policy, &seen, next);
            let differs = then.decision.action != judgment.decision.action
                || then.decision.evidence != judgment.decision.evidence
                || then.findings != judgment.findings;
            if differs && let Some(told) = told.next() {
                prop_assert_eq!(told.at, next);
                prop_assert_eq!(&told.judgment, &then);
            }
            (judgment, at) = (then, next);
        }
        prop_assert!(told.next().is_none(), "nothing more was told than what came");
    }
}
