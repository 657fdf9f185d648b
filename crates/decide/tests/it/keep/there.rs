//! Stories told by hand of one that is there: stopped, stopped by a person, renamed.

use sweepd_decide::keep::{
    KeepPolicy, Kept, Recreate, Sight, Standing, Step, Why, keep, stopped_by_hand,
};
use sweepd_decide::{Recheck, Span};

use super::life::{LEFT, Life, MISSING, TRUSTED, at};

#[test]
fn the_limits_are_those_of_the_page() {
    let policy = KeepPolicy::default();
    assert_eq!((policy.looks, policy.failures), (2, 3));
    assert_eq!((policy.apart, policy.trust), (Span::from_secs(5), Span::from_secs(60)));
    assert_eq!((policy.steady, policy.start_stopped), (Span::from_mins(10), false));
    assert_eq!(policy.recreate, Recreate::Own);
    let waits: Vec<i64> = (0..7).map(|n| policy.backoff.after(n).as_millis() / 1000).collect();
    assert_eq!(waits, [10, 20, 40, 80, 160, 300, 300]);
}

#[test]
fn words_of_where_it_stands_are_those_of_the_looks() {
    let stands = [Sight::Up, LEFT, TRUSTED, MISSING, Sight::Renamed].map(Sight::standing);
    let expect =
        [Standing::Up, Standing::Stopped, Standing::Stopped, Standing::Missing, Standing::Renamed];
    assert_eq!(stands, expect);
    let (_, decision) = keep(&KeepPolicy::default(), Sight::Up, &Kept::default(), true, at(0));
    assert!(decision.evidence.changed, "at the first look");
    assert_eq!(decision.recheck, Recheck::OnChange);
}

#[test]
fn one_that_was_stopped_by_hand_stays_down_without_a_finding() {
    let mut life = Life::new(|policy| policy.start_stopped = true);
    life.look(0, Sight::Up);
    life.kept = stopped_by_hand(&life.kept);
    for sight in [LEFT, TRUSTED] {
        for second in [1, 61, 100_000] {
            assert_eq!(life.said(second, sight), (Step::Report(Why::ByHand), "", None));
        }
    }
    // A wake brings it back, and from then on it is kept up as ever.
    life.works(100_001);
    assert!(!life.kept.by_hand);
    assert_eq!(life.look(100_100, LEFT), Step::Start);
    // So does anybody who starts it.
    life.kept = stopped_by_hand(&life.kept);
    assert_eq!(life.look(100_101, Sight::Up), Step::Nothing);
    assert_eq!(life.look(100_102, LEFT), Step::Start);
}

#[test]
fn a_restart_policy_is_trusted_for_a_minute() {
    let mut told = Life::ordinary();
    assert_eq!(told.said(0, TRUSTED), (Step::Wait(Why::RestartPolicy), "", Some(60)));
    assert_eq!(told.said(59, TRUSTED), (Step::Wait(Why::RestartPolicy), "", Some(60)));
    assert_eq!(told.said(60, TRUSTED), (Step::Report(Why::Configured), "down", None));
    let mut started = Life::new(|policy| policy.start_stopped = true);
    assert_eq!(started.look(59, TRUSTED), Step::Wait(Why::RestartPolicy));
    assert_eq!(started.said(119, TRUSTED), (Step::Start, "down", None));
    // Without one there is nothing to wait for.
    assert_eq!(Life::ordinary().said(0, LEFT), (Step::Report(Why::Configured), "down", None));
    let mut left = Life::new(|policy| policy.start_stopped = true);
    assert_eq!(left.said(0, LEFT), (Step::Start, "down", None));
    left.fails(0);
    assert_eq!(left.said(1, LEFT), (Step::Wait(Why::Backoff), "down", Some(10)));
    assert_eq!(left.look(10, LEFT), Step::Start);
}

#[test]
fn one_with_another_name_is_left_to_whoever_renamed_it_and_told_of_after_a_minute() {
    let mut life = Life::new(|policy| policy.recreate = Recreate::Always);
    life.look(0, Sight::Up);
    for second in [1, 6, 60] {
        let said = life.said(second, Sight::Renamed);
        assert_eq!(said, (Step::Report(Why::Renamed), "", Some(61)));
    }
    assert_eq!(life.said(61, Sight::Renamed), (Step::Report(Why::Renamed), "down", None));
    assert_eq!(life.said(62, Sight::Up), (Step::Nothing, "", None));
}
