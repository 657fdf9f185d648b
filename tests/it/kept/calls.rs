//! Where a container stands, in one call after another and as a daemon.

use sweepd_decide::keep::KeepPolicy;
use sweepd_sweep::AgentState;

use super::yard::{Yard, at, done, id, open};

#[tokio::test]
async fn one_that_is_up_causes_nothing() {
    let yard = Yard::with(&["a"]);
    let report = yard.sweep().await;
    assert_eq!(report.agents[0].state, AgentState::Running);
    assert_eq!((report.agents[0].decision.action.as_str(), open(&report)), ("ok", vec![]));
    yard.run_until(600_000).await;
    assert_eq!(yard.events("a"), []);
}

#[tokio::test]
async fn one_that_is_missing_is_told_by_the_first_call_and_made_anew_by_the_next() {
    let yard = Yard::with(&["a", "b"]);
    yard.sweep().await;
    yard.clock.set(at(60_000));
    yard.remove("a");
    let report = yard.sweep().await;
    assert_eq!(report.agents[0].state, AgentState::Missing);
    assert_eq!(report.agents[0].decision.action, "hold");
    assert_eq!(yard.events("a"), [(60_000, "container_died"), (60_000, "container_missing")]);
    assert!(!yard.is_up("a"));
    yard.clock.set(at(120_000));
    let report = yard.sweep().await;
    assert_eq!(done(&report, "a"), ["recreate Done"]);
    assert!(yard.is_up("a"));
    assert_eq!(yard.events("a").last(), Some(&(120_000, "container_recreated")));
    assert_eq!(yard.events("b"), [], "the other is not touched");
    let spec = yard.keeper.recreations()[0].learned.clone().unwrap();
    assert_eq!(spec, serde_json::json!({ "name": "a" }), "learned while it was up");
}

#[tokio::test]
async fn a_second_call_right_after_the_first_waits_until_the_looks_are_apart() {
    let yard = Yard::with(&["a"]);
    yard.sweep().await;
    yard.remove("a");
    yard.sweep().await;
    assert_eq!(yard.clock_ms(), 0, "one call is one look, and waits for none");
    let report = yard.sweep().await;
    assert_eq!(done(&report, "a"), ["recreate Done"]);
    assert_eq!(yard.events("a").last(), Some(&(5_000, "container_recreated")));
}

#[tokio::test]
async fn as_a_daemon_it_is_made_anew_five_seconds_after_it_was_missed() {
    let yard = Yard::with(&["a"]);
    yard.at(90_000, |yard| yard.remove("a"));
    yard.run_until(300_000).await;
    let missed = (120_000, "container_missing");
    assert_eq!(
        yard.events("a"),
        [(120_000, "container_died"), missed, (125_000, "container_recreated")]
    );
}

#[tokio::test]
async fn one_never_seen_is_missing_at_first_sight() {
    let yard = Yard::expecting(&["a"]);
    yard.run_until(30_000).await;
    assert_eq!(yard.events("a"), [(0, "container_missing"), (5_000, "container_recreated")]);
    assert_eq!(yard.keeper.recreations()[0].learned, None);
}

#[tokio::test]
async fn one_that_is_stopped_is_told_once_and_left_to_its_policy_for_a_minute() {
    let yard = Yard::with(&["a"]);
    let run = yard.runtime.named("a").unwrap();
    yard.runtime.change(&run, |run| run.revives = true);
    yard.at(10_000, |yard| yard.stop("a"));
    let report = yard.run_until(119_000).await;
    assert_eq!(yard.events("a"), [(60_000, "container_died"), (61_000, "container_stopped")]);
    assert_eq!(open(&report), Vec::<&str>::new());
    let report = yard.run_until(700_000).await;
    assert_eq!(open(&report), ["container-down:yard/a"]);
    assert_eq!(yard.events("a").len(), 2, "told once");
    assert!(yard.keeper.starts().is_empty() && yard.keeper.recreations().is_empty());
    let data = yard.last("container_stopped");
    assert_eq!((&data["exit_code"], &data["restart_policy"]), (&143.into(), &true.into()));
    assert_eq!(data["history"][0]["what"], "die");
}

#[tokio::test]
async fn without_a_restart_policy_one_that_is_stopped_is_down_at_once() {
    let yard = Yard::with(&["a"]);
    yard.sweep().await;
    yard.stop("a");
    assert_eq!(open(&yard.sweep().await), ["container-down:yard/a"]);
    let run = yard.runtime.named("a").unwrap();
    yard.runtime.restart(&run);
    yard.clock.set(at(10_000));
    yard.sweep().await;
    yard.clock.set(at(20_000));
    assert_eq!(open(&yard.sweep().await), Vec::<&str>::new());
}

#[tokio::test]
async fn where_that_is_wished_one_that_stays_stopped_is_started() {
    let yard = Yard::with(&[]);
    let mut policy = KeepPolicy::default();
    policy.start_stopped = true;
    yard.expect("a", policy);
    let run = yard.make("a");
    yard.runtime.change(&run, |run| run.revives = true);
    yard.at(10_000, |yard| yard.stop("a"));
    yard.run_until(200_000).await;
    assert_eq!(yard.keeper.starts(), [run]);
    let told = yard.events("a");
    assert_eq!(told.last(), Some(&(120_000, "agent_woken")), "{told:?}");
}

#[tokio::test]
async fn a_runtime_that_does_not_answer_is_don_t_know() {
    let yard = Yard::with(&["a"]);
    yard.sweep().await;
    yard.remove("a");
    yard.runtime.set_down(true);
    let report = yard.sweep().await;
    assert_eq!(report.agents[0].state, AgentState::Unknown);
    assert_eq!(yard.events("a"), []);
    assert_ne!(yard.last("tick_skipped")["why"].as_str().unwrap(), "");
    yard.runtime.set_down(false);
    yard.sweep().await;
    assert_eq!(yard.events("a").last().unwrap().1, "container_missing");
}

#[tokio::test]
async fn one_that_is_paused_is_up() {
    let yard = Yard::with(&["a"]);
    let run = yard.runtime.named("a").unwrap();
    yard.runtime.change(&run, |run| run.state = sweepd_decide::RunState::Paused);
    let report = yard.sweep().await;
    let sentence = report.agents[0].decision.evidence["sentence"].to_string();
    assert!(sentence.contains("somebody has paused it"), "{sentence}");
    assert_eq!(report.agents[0].id, id("a"));
}

#[tokio::test]
async fn its_health_is_that_it_is_up() {
    let yard = Yard::with(&["a", "b", "c"]);
    yard.sweep().await;
    yard.remove("b");
    yard.stop("c");
    let report = yard.sweep().await;
    let health: Vec<String> =
        report.agents.iter().map(|agent| format!("{:?} {:?}", agent.state, agent.health)).collect();
    assert_eq!(health, ["Running Ok", "Missing Failing", "Stopped Failing"]);
}
