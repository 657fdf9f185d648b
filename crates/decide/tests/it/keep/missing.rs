//! Stories told by hand of one that is missing: when it is made anew, and when it is only told of.

use sweepd_decide::RunId;
use sweepd_decide::keep::{KeepPolicy, Kept, Recreate, Sight, Standing, Step, Why, keep, learned};

use super::life::{LEFT, Life, MISSING, at};

#[test]
fn one_that_an_updater_makes_again_before_the_second_look_is_left_alone() {
    let mut life = Life::ordinary();
    assert_eq!(life.said(0, Sight::Up), (Step::Nothing, "", None));
    assert_eq!(life.said(60, MISSING), (Step::Wait(Why::Confirmation), "", Some(65)));
    assert_eq!(life.look(64, Sight::Up), Step::Nothing);
    // The next time it is missed is a first time again.
    assert_eq!(life.look(66, MISSING), Step::Wait(Why::Confirmation));
    assert_eq!(life.look(70, MISSING), Step::Wait(Why::Confirmation));
    assert_eq!(life.look(71, MISSING), Step::Recreate);
}

#[test]
fn an_updater_that_takes_twenty_seconds_is_overtaken_if_it_is_looked_at_after_five() {
    let mut life = Life::ordinary();
    life.look(0, Sight::Up);
    assert_eq!(life.look(1, MISSING), Step::Wait(Why::Confirmation));
    assert_eq!(life.look(6, MISSING), Step::Recreate);
    // With a look a minute, or while the old one lives on under another name, it is not.
    let mut seldom = Life::ordinary();
    assert_eq!(seldom.look(1, MISSING), Step::Wait(Why::Confirmation));
    assert_eq!(seldom.look(61, Sight::Up), Step::Nothing);
    let mut renamed = Life::ordinary();
    assert_eq!(renamed.look(1, MISSING), Step::Wait(Why::Confirmation));
    assert_eq!(renamed.said(6, Sight::Renamed), (Step::Report(Why::Renamed), "", Some(66)));
    assert_eq!(renamed.look(11, MISSING), Step::Wait(Why::Confirmation), "from the beginning");
    // Where the updater was first all the same, the attempt is superseded and not charged.
    assert_eq!(life.look(21, Sight::Up), Step::Nothing);
    assert_eq!(life.kept.attempts, 0);
}

#[test]
fn what_is_made_there_and_not_started_ends_the_series_as_well() {
    let mut life = Life::ordinary();
    life.look(0, MISSING);
    assert_eq!(life.said(3, LEFT), (Step::Report(Why::Configured), "down", None));
    assert_eq!(life.look(6, MISSING), Step::Wait(Why::Confirmation));
}

#[test]
fn looks_before_it_stood_otherwise_are_not_taken_along() {
    let mut life = Life::ordinary();
    life.look(0, MISSING);
    life.look(5, MISSING);
    life.works(5);
    assert_eq!((life.kept.looks, life.kept.counted_at), (0, None));
    // Nor where a memory that was written otherwise has them still.
    for stands in [None, Some(Standing::Up), Some(Standing::Stopped), Some(Standing::Renamed)] {
        let mut life = Life::ordinary();
        (life.kept.stands, life.kept.since) = (stands, Some(at(0)));
        (life.kept.looks, life.kept.counted_at) = (1, Some(at(0)));
        assert_eq!(life.look(5, MISSING), Step::Wait(Why::Confirmation), "{stands:?}");
        assert_eq!((life.kept.looks, life.kept.counted_at), (1, Some(at(5))));
    }
}

#[test]
fn in_one_shot_calls_the_second_look_of_a_call_does_not_count() {
    let policy = KeepPolicy::default();
    let look = |kept: &Kept, counts: bool, second: i64| {
        let (kept, decision) = keep(&policy, MISSING, kept, counts, at(second));
        (kept, decision.action)
    };
    let (kept, step) = look(&Kept::default(), true, 0);
    assert_eq!(step, Step::Wait(Why::Confirmation));
    let (kept, step) = look(&kept, false, 30);
    assert_eq!((step, kept.looks), (Step::Wait(Why::Confirmation), 1));
    // A call right after another waits until they are 5 s apart.
    assert_eq!(look(&kept, true, 4).1, Step::Wait(Why::Confirmation));
    assert_eq!(look(&kept, true, 5).1, Step::Recreate);
}

#[test]
fn one_of_a_compose_project_is_only_reported_unless_it_is_always_made_anew() {
    for (recreate, step) in [
        (Recreate::Own, Step::Report(Why::Compose)),
        (Recreate::Always, Step::Recreate),
        (Recreate::Never, Step::Report(Why::Configured)),
    ] {
        let mut life = Life::new(|policy| policy.recreate = recreate);
        life.kept = learned(&life.kept, &RunId::new("r"), 1, Some("shop"));
        assert_eq!(life.kept.project.as_deref(), Some("shop"));
        life.look(0, MISSING);
        assert_eq!(life.look(5, MISSING), step);
        assert_eq!(life.said(59, MISSING), (step, "", Some(60)));
        assert_eq!(life.said(60, MISSING), (step, "down", None));
    }
    // It has left the project since.
    let mut life = Life::ordinary();
    life.kept = learned(&life.kept, &RunId::new("r"), 1, Some("shop"));
    life.kept = learned(&life.kept, &RunId::new("s"), 2, None);
    assert_eq!((life.kept.learned.clone(), life.kept.print), (Some(RunId::new("s")), Some(2)));
    life.look(0, MISSING);
    assert_eq!(life.look(5, MISSING), Step::Recreate);
}

#[test]
fn with_never_it_is_only_reported_and_told_of_after_a_minute() {
    let mut life = Life::new(|policy| policy.recreate = Recreate::Never);
    assert_eq!(life.said(0, MISSING), (Step::Report(Why::Configured), "", Some(60)));
    assert_eq!(life.said(60, MISSING), (Step::Report(Why::Configured), "down", None));
    assert_eq!(life.said(99_999, MISSING), (Step::Report(Why::Configured), "down", None));
}

#[test]
fn three_failures_are_an_incident_until_it_has_been_up_for_ten_minutes() {
    let mut life = Life::ordinary();
    life.look(0, MISSING);
    assert_eq!(life.said(5, MISSING), (Step::Recreate, "", Some(60)));
    life.fails(5);
    assert_eq!(life.said(6, MISSING), (Step::Wait(Why::Backoff), "", Some(15)));
    assert_eq!(life.look(15, MISSING), Step::Recreate);
    life.fails(15);
    assert_eq!(life.said(34, MISSING), (Step::Wait(Why::Backoff), "", Some(35)));
    assert_eq!(life.look(35, MISSING), Step::Recreate);
    life.fails(35);
    assert_eq!(life.said(36, MISSING), (Step::Wait(Why::Backoff), "failing", Some(60)));
    assert_eq!(life.said(60, MISSING), (Step::Wait(Why::Backoff), "down and failing", Some(75)));
    assert_eq!(life.kept.last_error.as_deref(), Some("no such image"));
    life.works(75);
    assert_eq!(life.kept.last_error, None);
    assert_eq!(life.said(76, Sight::Up), (Step::Nothing, "failing", Some(675)));
    assert_eq!(life.said(674, Sight::Up), (Step::Nothing, "failing", Some(675)));
    assert_eq!(life.said(675, Sight::Up), (Step::Nothing, "", None));
    assert_eq!(life.kept.attempts, 0);
}

#[test]
fn attempts_that_work_and_do_not_last_are_charged_like_those_that_fail() {
    let mut life = Life::ordinary();
    let mut second = 0;
    for (wait, wrong) in [(10, ""), (20, ""), (40, "failing"), (80, "failing")] {
        life.works(second);
        assert_eq!(life.said(second + 1, Sight::Up).0, Step::Nothing);
        assert_eq!(life.look(second + 2, MISSING), Step::Wait(Why::Confirmation));
        let (step, said, _) = life.said(second + 7, MISSING);
        assert_eq!((step, said), (Step::Wait(Why::Backoff), wrong), "{second}");
        second += wait;
        assert_eq!(life.look(second - 1, MISSING), Step::Wait(Why::Backoff), "{second}");
        assert_eq!(life.look(second, MISSING), Step::Recreate, "{second}");
    }
}

#[test]
fn a_clock_that_is_set_back_makes_now_the_first_time_it_was_seen_so() {
    let mut life = Life::ordinary();
    life.look(1_000, MISSING);
    assert_eq!(life.look(1_005, MISSING), Step::Recreate);
    assert_eq!(life.said(500, MISSING), (Step::Wait(Why::Confirmation), "", Some(505)));
    assert_eq!((life.kept.since, life.kept.counted_at), (Some(at(500)), Some(at(500))));
    assert_eq!(life.said(505, MISSING), (Step::Recreate, "", Some(560)));
}
