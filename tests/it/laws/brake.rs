//! The brake counts, and nothing else: who it is, in which order, and what was let go do not matter.

use proptest::collection::vec;
use proptest::prelude::*;
use sweepd_decide::{BrakePolicy, RunId, Span, Timestamp, Wish, brake, canary_is_free, wish};

const HOUR: i64 = 3_600_000;

fn instants() -> impl Strategy<Value = Timestamp> {
    (0..HOUR).prop_map(Timestamp::from_millis)
}

fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let one = (0..8_u8, instants(), any::<bool>(), any::<bool>());
    let one = one.prop_map(|(run, at, done, released)| Wish {
        run: RunId::new(format!("r{run}")),
        at,
        done,
        released,
    });
    vec(one, 0..40)
}

fn policies() -> impl Strategy<Value = BrakePolicy> {
    (0..5_u32, 0..=100_u32, 1..HOUR).prop_map(|(floor, percent, window)| BrakePolicy {
        floor,
        percent,
        window: Span::from_millis(window),
    })
}

proptest! {
    /// The definition, once more and slowly.
    #[test]
    fn it_is_on_where_more_are_wanted_than_the_limit(
        policy in policies(), all in wishes(), running in 0..200_u32, now in instants(),
    ) {
        let mut wanted = 0;
        for one in &all {
            let over = one.done && now.since(one.at) >= policy.window;
            if !one.released && !over {
                wanted += 1;
            }
        }
        let limit = (0..=running).filter(|n| u64::from(*n) * 100 <= u64::from(running) * u64::from(policy.percent)).max();
        let limit = limit.unwrap_or(0).max(policy.floor);
        let found = brake(&policy, &all, running, now);
        prop_assert_eq!((found.wanted, found.limit), (wanted, limit));
        prop_assert_eq!(found.is_engaged(), wanted > limit);
    }

    #[test]
    fn one_more_that_wants_never_lets_it_go_and_one_more_that_runs_never_stops_it(
        policy in policies(), mut all in wishes(), more in wishes(),
        running in 0..200_u32, now in instants(),
    ) {
        let before = brake(&policy, &all, running, now);
        prop_assert!(brake(&policy, &all, running + 1, now).limit >= before.limit);
        all.extend(more);
        prop_assert!(brake(&policy, &all, running, now).wanted >= before.wanted);
    }

    #[test]
    fn what_was_let_go_is_as_if_it_had_never_been(
        policy in policies(), all in wishes(), running in 0..200_u32, now in instants(),
    ) {
        let kept: Vec<&Wish> = all.iter().filter(|one| !one.released).collect();
        prop_assert_eq!(brake(&policy, &all, running, now), brake(&policy, kept, running, now));
    }

    #[test]
    fn time_alone_never_puts_it_on(
        policy in policies(), all in wishes(), running in 0..200_u32,
        now in instants(), later in instants(),
    ) {
        let (now, later) = (now.min(later), now.max(later));
        let (first, then) =
            (brake(&policy, &all, running, now), brake(&policy, &all, running, later));
        prop_assert!(then.wanted <= first.wanted);
    }

    /// While the brake is on, whoever was let through as a canary is the only one, for ever.
    #[test]
    fn there_is_one_canary_in_an_engagement(
        policy in policies(), engaged in instants(), canary in instants(), later in instants(),
    ) {
        let canary = canary.max(engaged.minus(policy.window));
        prop_assert!(!canary_is_free(&policy, [canary], Some(engaged), later.max(canary)));
        prop_assert!(canary_is_free(&policy, [], Some(engaged), later));
    }

    /// A look that calls for no stop takes a wish back, whatever it was, but not a deed.
    #[test]
    fn a_good_look_takes_back_what_is_only_wanted(
        policy in policies(), all in wishes(), run in 0..8_u8, now in instants(),
    ) {
        let run = RunId::new(format!("r{run}"));
        for before in &all {
            let after = wish(&policy, Some(before), &run, false, now);
            prop_assert!(after.is_none_or(|after| after == *before && after.done));
            let wanted = wish(&policy, Some(before), &run, true, now).unwrap();
            prop_assert_eq!((&wanted.run, wanted.at, wanted.done), (&run, now, false));
        }
    }
}
