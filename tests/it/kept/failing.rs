//! Attempts that do not work, or do not last.

use std::sync::Arc;

use sweepd_decide::RunState;
use sweepd_sweep::sim::KeepScript;

use super::lock;
use super::yard::{Yard, done, open};

fn attempts(yard: &Yard, kind: &str) -> Vec<i64> {
    yard.events("a").iter().filter(|(_, told)| *told == kind).map(|(at, _)| *at).collect()
}

#[tokio::test]
async fn refusals_are_told_in_the_engine_s_words_wait_longer_each_time_and_are_an_incident_after_three()
 {
    let yard = Yard::expecting(&["a", "b"]);
    yard.keeper.script_for("a", KeepScript::Refuses);
    let report = yard.run_until(34_000).await;
    assert_eq!(open(&report), Vec::<&str>::new());
    assert!(yard.is_up("b"), "the next one is made all the same");
    let report = yard.run_until(36_000).await;
    assert_eq!(open(&report), ["recreate-failing:yard/a"]);
    yard.run_until(1_000_000).await;
    let told = attempts(&yard, "container_recreate_failed");
    assert_eq!(told, [5_000, 15_000, 35_000, 75_000, 155_000, 315_000, 615_000, 915_000]);
    let error = yard.last("container_recreate_failed")["error"].to_string();
    assert!(error.contains("the script says so"), "{error}");
    yard.keeper.script_for("a", KeepScript::Works);
    let report = yard.run_until(1_300_000).await;
    assert_eq!(open(&report), ["recreate-failing:yard/a"], "it is up, and has to stay so");
    let report = yard.run_until(1_900_000).await;
    assert_eq!(open(&report), Vec::<&str>::new(), "up for ten minutes");
}

#[tokio::test]
async fn want_of_something_is_an_incident_at_once_that_says_of_what() {
    let yard = Yard::expecting(&["a"]);
    yard.keeper.script(KeepScript::Lacks);
    let report = yard.run_until(10_000).await;
    assert_eq!(open(&report), ["recreate-failing:yard/a"]);
    assert!(report.incidents[0].summary.contains("/srv/gone"), "{}", report.incidents[0].summary);
}

#[tokio::test]
async fn one_that_vanishes_again_and_again_waits_longer_each_time() {
    let yard = Yard::with(&["a"]);
    for minute in 1..40 {
        yard.at(minute * 60_000 - 1, |yard| {
            if yard.is_up("a") {
                yard.remove("a");
            }
        });
    }
    let report = yard.run_until(2_400_000).await;
    let made = attempts(&yard, "container_recreated");
    let waits = [60, 60, 60, 80, 160, 300, 300, 300, 300, 300, 300];
    let made: Vec<i64> = made.windows(2).map(|two| (two[1] - two[0]) / 1000).collect();
    assert_eq!(made, waits, "doubled from 10 s, and five minutes at the most");
    assert_eq!(open(&report), ["recreate-failing:yard/a"]);
}

#[tokio::test]
async fn ten_minutes_up_and_earlier_attempts_are_forgotten() {
    let yard = Yard::with(&["a"]);
    yard.at(1_000, |yard| yard.remove("a"));
    yard.at(700_000, |yard| yard.remove("a"));
    yard.at(760_000, |yard| yard.remove("a"));
    yard.run_until(1_000_000).await;
    let made = attempts(&yard, "container_recreated");
    assert_eq!(made, [65_000, 725_000, 785_000], "the second was the first again");
}

#[tokio::test]
async fn an_answer_that_is_lost_is_looked_for_and_not_done_again() {
    let yard = Yard::expecting(&["a"]);
    yard.keeper.script(KeepScript::MadeUnheard);
    let report = yard.run_until(60_000).await;
    assert_eq!(yard.keeper.recreations().len(), 1);
    assert_eq!(yard.runtime.up().len(), 1);
    assert_eq!(yard.last("container_recreated")["recovered"], true);
    assert_eq!(open(&report), Vec::<&str>::new());
}

#[tokio::test]
async fn one_that_ends_at_once_has_failed_and_lies_there() {
    let yard = Yard::expecting(&["a"]);
    yard.keeper.script(KeepScript::Ends);
    let report = yard.run_until(30_000).await;
    assert_eq!(yard.keeper.recreations().len(), 1, "it is there, and not missing any more");
    assert!(open(&report).contains(&"container-down:yard/a"), "{:?}", open(&report));
    let error = yard.last("container_recreate_failed")["error"].to_string();
    assert!(error.contains("exit code 3"), "{error}");
}

#[tokio::test]
async fn mounts_that_differ_are_an_incident_for_as_long_as_it_lives() {
    let yard = Yard::expecting(&["a"]);
    yard.keeper.script(KeepScript::Differs);
    let report = yard.run_until(2_000_000).await;
    assert_eq!(open(&report), ["recreate-failing:yard/a"]);
    assert!(report.incidents[0].summary.contains("/state is not mounted"));
    yard.keeper.script(KeepScript::Works);
    yard.at(2_000_000, |yard| yard.remove("a"));
    let report = yard.run_until(2_200_000).await;
    assert_eq!(open(&report), Vec::<&str>::new());
}

#[tokio::test]
async fn sweepd_killed_amid_an_attempt_makes_no_second_one() {
    let yard = Yard::expecting(&["a"]);
    yard.sweep().await;
    yard.keeper.script(KeepScript::MadeUnheard);
    // The answer is lost with the process: what is written down is that it has begun.
    let store = Arc::clone(&yard.store);
    yard.keeper.before_next(move || store.set_full(true));
    drop(yard.sweep().await);
    yard.store.set_full(false);
    let report = yard.sweep().await;
    assert_eq!(yard.keeper.recreations().len(), 1);
    assert_eq!(done(&report, "a"), Vec::<String>::new());
    assert!(yard.is_up("a"));
}

/// Ours, and never started: its networks may be missing, and starting it would hide that.
#[tokio::test]
async fn what_was_made_by_half_is_removed_and_made_anew() {
    for start in [true, false] {
        let yard = Yard::with(&["a"]);
        lock(&yard.roster).expected.get_mut("a").unwrap().start_stopped = start;
        yard.sweep().await;
        yard.remove("a");
        yard.sweep().await;
        let half = yard.make_ours("a");
        yard.runtime.change(&half, |run| run.state = RunState::Created);
        yard.run_until(60_000).await;
        assert_eq!(yard.runtime.run(&half), None, "{start}");
        assert!(yard.is_up("a") && yard.keeper.starts().is_empty(), "{start}");
        assert!(yard.last("container_recreate_failed")["error"].as_str().unwrap().contains("half"));
    }
}

#[tokio::test]
async fn one_that_somebody_else_made_and_has_not_started_is_left_as_it_is() {
    let yard = Yard::with(&["a"]);
    let run = yard.runtime.named("a").unwrap();
    yard.runtime.change(&run, |run| run.state = RunState::Created);
    yard.run_until(200_000).await;
    assert!(yard.runtime.run(&run).is_some());
}

#[tokio::test]
async fn one_that_is_down_is_told_of_until_it_is_up_whatever_else_is_wrong() {
    let yard = Yard::with(&["a"]);
    lock(&yard.roster).expected.get_mut("a").unwrap().start_stopped = true;
    yard.keeper.script(KeepScript::Refuses);
    yard.at(1_000, |yard| yard.stop("a"));
    let report = yard.run_until(300_000).await;
    assert_eq!(open(&report), ["container-down:yard/a", "recreate-failing:yard/a"]);
}
