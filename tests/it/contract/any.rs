//! What every runtime keeps to: list, inspect, stop, exit, logs, remove.

use std::time::Duration;

use sweepd_decide::{Run, RunState};
use sweepd_sweep::ports::{PortError, Seen, Stopped};

use super::lab::{Does, GRACE, LINES, Lab, POLITE, start};

/// A test of each sentence in `$lab`.
macro_rules! keeps_to_the_contract_of_any_runtime {
    ($lab:ty) => {
        $crate::contract::lab::holds! { $lab:
            any::a_run_that_is_up_is_listed_with_its_state_and_start
            any::a_run_that_ended_by_itself_stays_listed_and_its_exit_code_is_told
            any::a_run_that_never_was_is_gone
            any::a_polite_run_is_ended_by_a_stop_and_its_exit_code_is_told
            any::a_run_that_ignores_a_polite_stop_is_killed_after_the_grace
            any::stopping_what_has_ended_is_success
            any::stopping_what_is_gone_is_success
            any::a_stop_ends_one_run_and_no_other
            any::a_paused_run_is_up
            any::a_paused_run_can_be_stopped
            any::a_run_that_is_up_is_not_removed
            any::a_run_that_has_ended_is_removed_and_then_gone
            any::the_last_lines_of_a_log_are_told_also_after_the_end
        }
    };
}

pub(super) use keeps_to_the_contract_of_any_runtime;

pub(super) async fn a_run_that_is_up_is_listed_with_its_state_and_start(lab: &impl Lab) {
    let run = start(lab, Does::Listens).await;
    assert_eq!(listed(lab, &run).await.unwrap().state, RunState::Running);
    let seen = lab.runtime().inspect(&run.id).await.unwrap();
    assert_eq!((seen.state, seen.exit_code), (RunState::Running, None));
    assert!(seen.started_at.is_some() && !seen.oom_killed, "{seen:?}");
}

pub(super) async fn a_run_that_ended_by_itself_stays_listed_and_its_exit_code_is_told(
    lab: &impl Lab,
) {
    for code in [0, 3] {
        let run = start(lab, Does::Ends(code)).await;
        assert_eq!(listed(lab, &run).await.unwrap().state, RunState::Exited);
        let seen = lab.runtime().inspect(&run.id).await.unwrap();
        assert_eq!((seen.state, seen.exit_code), (RunState::Exited, Some(code)));
    }
}

pub(super) async fn a_run_that_never_was_is_gone(lab: &impl Lab) {
    let nobody = lab.nobody();
    let gone = lab.runtime().inspect(&nobody).await;
    assert!(matches!(gone, Err(PortError::Gone { .. })), "{gone:?}");
    let gone = lab.runtime().logs(&nobody, 1).await;
    assert!(matches!(gone, Err(PortError::Gone { .. })), "{gone:?}");
}

pub(super) async fn a_polite_run_is_ended_by_a_stop_and_its_exit_code_is_told(lab: &impl Lab) {
    let run = start(lab, Does::Listens).await;
    let stopped = lab.runtime().stop(&run, GRACE).await.unwrap();
    assert_eq!(stopped, Stopped { exit_code: Some(POLITE), killed: false });
    let seen = lab.runtime().inspect(&run.id).await.unwrap();
    assert_eq!((seen.state, seen.exit_code), (RunState::Exited, Some(POLITE)));
}

pub(super) async fn a_run_that_ignores_a_polite_stop_is_killed_after_the_grace(lab: &impl Lab) {
    let run = start(lab, Does::Ignores).await;
    let stop = lab.runtime().stop(&run, Duration::from_millis(200));
    let stopped = tokio::time::timeout(Duration::from_secs(20), stop).await.unwrap().unwrap();
    assert_eq!(stopped, Stopped { exit_code: Some(137), killed: true });
    assert_eq!(listed(lab, &run).await.unwrap().state, RunState::Exited);
}

pub(super) async fn stopping_what_has_ended_is_success(lab: &impl Lab) {
    let run = start(lab, Does::Ends(3)).await;
    let expected = Stopped { exit_code: Some(3), killed: false };
    for _ in 0..2 {
        assert_eq!(lab.runtime().stop(&run, GRACE).await.unwrap(), expected);
    }
}

pub(super) async fn stopping_what_is_gone_is_success(lab: &impl Lab) {
    let run = start(lab, Does::Ends(3)).await;
    lab.runtime().remove(&run.id).await.unwrap();
    for gone in [run, Run { id: lab.nobody(), started_at: None }] {
        let stopped = lab.runtime().stop(&gone, GRACE).await.unwrap();
        assert_eq!(stopped, Stopped { exit_code: None, killed: false });
    }
}

pub(super) async fn a_stop_ends_one_run_and_no_other(lab: &impl Lab) {
    let (one, other) = (start(lab, Does::Listens).await, start(lab, Does::Listens).await);
    lab.runtime().stop(&one, GRACE).await.unwrap();
    assert_eq!(listed(lab, &other).await.unwrap().state, RunState::Running);
}

pub(super) async fn a_paused_run_is_up(lab: &impl Lab) {
    let run = start(lab, Does::Listens).await;
    lab.pause(&run.id).await;
    assert_eq!(listed(lab, &run).await.unwrap().state, RunState::Paused);
    let seen = lab.runtime().inspect(&run.id).await.unwrap();
    assert_eq!((seen.state, seen.exit_code), (RunState::Paused, None));
    assert_eq!(seen.started_at, run.started_at);
    assert!(RunState::Paused.is_up());
}

pub(super) async fn a_paused_run_can_be_stopped(lab: &impl Lab) {
    let run = start(lab, Does::Listens).await;
    lab.pause(&run.id).await;
    lab.runtime().stop(&run, Duration::from_millis(200)).await.unwrap();
    assert_eq!(listed(lab, &run).await.unwrap().state, RunState::Exited);
}

pub(super) async fn a_run_that_is_up_is_not_removed(lab: &impl Lab) {
    let run = start(lab, Does::Listens).await;
    let refused = lab.runtime().remove(&run.id).await;
    assert!(matches!(refused, Err(PortError::Refused { .. })), "{refused:?}");
    assert_eq!(listed(lab, &run).await.unwrap().state, RunState::Running);
}

pub(super) async fn a_run_that_has_ended_is_removed_and_then_gone(lab: &impl Lab) {
    let run = start(lab, Does::Ends(0)).await;
    lab.runtime().remove(&run.id).await.unwrap();
    assert_eq!(listed(lab, &run).await, None);
    let gone = lab.runtime().inspect(&run.id).await;
    assert!(matches!(gone, Err(PortError::Gone { .. })), "{gone:?}");
    lab.runtime().remove(&run.id).await.unwrap();
}

pub(super) async fn the_last_lines_of_a_log_are_told_also_after_the_end(lab: &impl Lab) {
    let run = start(lab, Does::Ends(0)).await;
    let [_, two, three] = LINES;
    assert_eq!(lab.runtime().logs(&run.id, 2).await.unwrap(), format!("{two}\n{three}"));
    assert_eq!(lab.runtime().logs(&run.id, 10).await.unwrap(), LINES.join("\n"));
}

/// The run's one entry in the list.
async fn listed(lab: &impl Lab, run: &Run) -> Option<Seen> {
    let mut list = lab.runtime().list().await.unwrap();
    list.retain(|seen| seen.run == run.id);
    assert!(list.len() <= 1, "{list:?}");
    list.pop()
}
