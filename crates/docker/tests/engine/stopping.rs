//! How runs end.

use std::time::Duration;

use sweepd_docker::{Error, Exit, RunState, Stop};

use crate::rig::{Rig, until};

const POLITE: &str = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done";
const STUBBORN: &str = "trap '' TERM; echo ready; while :; do sleep 0.05; done";

fn order(grace: Duration) -> Stop {
    Stop { grace, exit_within: Duration::from_mins(1), started_at: None }
}

/// Never to be waited out.
const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_container_that_heeds_sigterm_ends_by_itself() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.start_ready(POLITE).await;
    let started_at = rig.client.inspect(&id).await.unwrap().started_at;
    let stop = Stop { started_at, ..order(LONG) };
    let exit = rig.client.stop(&id, &stop).await.unwrap();
    let at = rig.client.inspect(&id).await.unwrap().finished_at;
    assert!(at > started_at);
    let expected = Exit { code: Some(7), oom_killed: Some(false), at, ..Exit::default() };
    assert_eq!(exit, expected);
}

#[tokio::test]
async fn a_container_that_ignores_sigterm_is_killed() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.start_ready(STUBBORN).await;
    let exit = rig.client.stop(&id, &order(Duration::from_millis(200))).await.unwrap();
    assert_eq!((exit.code, exit.killed, exit.gone), (Some(137), true, false));
    assert_eq!(exit.oom_killed, Some(false), "our own SIGKILL is no lack of memory");
    assert!(rig.client.inspect(&id).await.unwrap().state.is_stopped());
}

#[tokio::test]
async fn a_paused_container_is_stopped_too() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.start_ready(POLITE).await;
    rig.docker(&["pause", &id]);
    let exit = rig.client.stop(&id, &order(LONG)).await.unwrap();
    assert_eq!(exit.code, Some(7), "{exit:?}");
}

#[tokio::test]
async fn stopping_what_has_ended_or_never_began_is_success() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.start("exit 3").await;
    let seen = rig.until_seen(&id, |seen| seen.state == RunState::Exited).await;
    let exit = rig.client.stop(&id, &order(LONG)).await.unwrap();
    let at = seen.finished_at;
    let expected = Exit { code: Some(3), oom_killed: Some(false), at, ..Exit::default() };
    assert_eq!(exit, expected);
    assert_eq!(rig.client.stop(&id, &order(LONG)).await.unwrap(), expected);
}

#[tokio::test]
async fn stopping_what_is_gone_is_success() {
    let Some(rig) = Rig::new().await else { return };
    let exit = rig.client.stop(&"0".repeat(64), &order(LONG)).await.unwrap();
    assert_eq!(exit, Exit { gone: true, ..Exit::default() });
}

#[tokio::test]
async fn one_that_removes_itself_is_gone_and_its_code_is_known() {
    let Some(rig) = Rig::new().await else { return };
    for (script, grace, code) in [(POLITE, LONG, 7), (STUBBORN, Duration::from_millis(200), 137)] {
        let id = rig.run(&["--rm"], script);
        rig.until_logged(&id, "ready").await;
        let exit = rig.client.stop(&id, &order(grace)).await.unwrap();
        assert_eq!(exit.code, Some(code), "{exit:?}");
        assert_eq!(exit.killed, code == 137);
    }
}

#[tokio::test]
async fn a_later_run_of_the_same_container_is_left_alone() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.start_ready(POLITE).await;
    let started_at = rig.client.inspect(&id).await.unwrap().started_at;
    rig.docker(&["restart", "-t", "0", &id]);
    let later = rig.client.inspect(&id).await.unwrap();
    let error = rig.client.stop(&id, &Stop { started_at, ..order(LONG) }).await.unwrap_err();
    let Error::Superseded { meant, found, .. } = error else { panic!("{error:?}") };
    assert_eq!((Some(meant), found), (started_at, later.started_at));
    assert_eq!(rig.client.inspect(&id).await.unwrap().started_at, later.started_at);
}

#[tokio::test]
async fn a_restart_policy_does_not_bring_a_stopped_container_back() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.run(&["--restart=always"], POLITE);
    rig.until_logged(&id, "ready").await;
    let exit = rig.client.stop(&id, &order(LONG)).await.unwrap();
    assert_eq!((exit.code, exit.restarted), (Some(7), false));
    assert!(rig.client.inspect(&id).await.unwrap().state.is_stopped());
}

#[tokio::test]
async fn a_restart_policy_does_not_bring_a_killed_container_back() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.run(&["--restart=always"], STUBBORN);
    rig.until_logged(&id, "ready").await;
    let exit = rig.client.stop(&id, &order(Duration::from_millis(200))).await.unwrap();
    assert_eq!((exit.code, exit.killed, exit.restarted), (Some(137), true, false));
    let seen = rig.client.inspect(&id).await.unwrap();
    assert!(seen.state.is_stopped() && seen.restart_count == 0, "{seen:?}");
}

#[tokio::test]
async fn a_container_that_restarts_on_sigterm_is_not_killed_in_its_next_run() {
    let Some(rig) = Rig::new().await else { return };
    // With another stop signal the engine does not take SIGTERM for a wish to stop.
    let id = rig.run(&["--restart=always", "--stop-signal=SIGINT"], POLITE);
    rig.until_logged(&id, "ready").await;
    let before = rig.client.inspect(&id).await.unwrap();
    let exit = rig.client.stop(&id, &order(LONG)).await.unwrap();
    assert!(exit.restarted && !exit.killed, "{exit:?}");
    let after = rig.until_seen(&id, |seen| seen.state == RunState::Running).await;
    assert!(after.started_at > before.started_at);
}

#[tokio::test]
async fn a_crash_loop_is_stopped_between_two_runs() {
    let Some(rig) = Rig::new().await else { return };
    if rig.engine().is_podman() {
        // It stops only what runs at that moment, as this does most of the time. Whether that was
        // so is told.
        let id = rig.run(&["--restart=always"], "sleep 0.5; exit 5");
        rig.until_seen(&id, |seen| seen.restart_count > 0).await;
        let exit = until(async || match rig.client.stop(&id, &order(LONG)).await {
            Ok(exit) => (!exit.restarted).then_some(exit),
            Err(Error::Refused { status: 500, .. }) => None,
            Err(error) => panic!("{error:?}"),
        });
        assert_eq!(exit.await.code, Some(5));
        assert!(rig.client.inspect(&id).await.unwrap().state.is_stopped());
        return;
    }
    let id = rig.run(&["--restart=always"], "exit 5");
    rig.until_seen(&id, |seen| seen.restart_count > 5 && seen.state == RunState::Restarting).await;
    let exit = rig.client.stop(&id, &order(LONG)).await.unwrap();
    assert_eq!(exit.code, Some(5), "{exit:?}");
    assert!(rig.client.inspect(&id).await.unwrap().state.is_stopped());
}
