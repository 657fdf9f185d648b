//! Stopping: politely, by force, whole groups, never a stranger.

use std::time::Duration;

use sweepd_process::{Exit, Look, StopTimes, Stopped, StoppedBy};

use crate::look::others;
use crate::support::{Bench, impatient, is_alive, until};

#[tokio::test]
async fn a_polite_run_ends_at_sigterm() {
    let bench = Bench::new();
    let id = bench.sh("exec sleep 1000").await;
    let stopped = bench.supervisor.stop(&id, patient()).await.unwrap();
    assert_eq!(stopped, Stopped { exit: Exit::Signal(15), by: StoppedBy::Sigterm });
    assert_eq!(bench.look(&id), Look::Exited { exit: Exit::Signal(15), leftovers: 0 });
}

#[tokio::test]
async fn a_run_may_choose_its_exit_code_at_sigterm() {
    let bench = Bench::new();
    let id = bench.sh_ready("trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done").await;
    let stopped = bench.supervisor.stop(&id, patient()).await.unwrap();
    assert_eq!(stopped, Stopped { exit: Exit::Code(3), by: StoppedBy::Sigterm });
}

#[tokio::test]
async fn a_run_that_ignores_sigterm_is_killed_after_its_grace() {
    let bench = Bench::new();
    let id = bench.sh_ready("trap '' TERM; echo ready; while :; do sleep 0.01; done").await;
    let stopped = bench.supervisor.stop(&id, impatient()).await.unwrap();
    assert_eq!(stopped, Stopped { exit: Exit::Signal(9), by: StoppedBy::Sigkill });
}

#[tokio::test]
async fn a_paused_run_is_killed_after_its_grace() {
    let bench = Bench::new();
    let id = bench.sh("kill -STOP $$").await;
    until("it is paused", || bench.look(&id) == Look::Running { paused: true }).await;
    let stopped = bench.supervisor.stop(&id, impatient()).await.unwrap();
    assert_eq!(stopped, Stopped { exit: Exit::Signal(9), by: StoppedBy::Sigkill });
}

#[tokio::test]
async fn the_whole_group_ends() {
    let bench = Bench::new();
    let script = "sleep 1000 & echo child $!; sh -c 'sleep 1000' & echo ready; wait";
    let id = bench.sh_ready(script).await;
    let child = bench.logged_pid("child");
    assert!(is_alive(child));
    let stopped = bench.supervisor.stop(&id, patient()).await.unwrap();
    assert_eq!(stopped.by, StoppedBy::Sigterm);
    assert!(!is_alive(child));
}

#[tokio::test]
async fn a_member_that_outlives_its_polite_leader_is_killed() {
    let bench = Bench::new();
    let script = "sh -c 'trap \"\" TERM; echo child $$; echo ready; while :; do sleep 0.01; done' &
        wait";
    let id = bench.sh_ready(script).await;
    let child = bench.logged_pid("child");
    let stopped = bench.supervisor.stop(&id, impatient()).await.unwrap();
    assert_eq!(stopped, Stopped { exit: Exit::Signal(15), by: StoppedBy::Sigkill });
    assert!(!is_alive(child));
}

#[tokio::test]
async fn a_process_that_took_over_the_pid_is_not_touched() {
    let bench = Bench::new();
    let id = bench.sh("exec sleep 1000").await;
    for other in others(&id) {
        let stopped = bench.supervisor.stop(&other, impatient()).await.unwrap();
        assert_eq!(stopped, Stopped { exit: Exit::Unknown, by: StoppedBy::Itself });
        assert_eq!(bench.look(&id), Look::Running { paused: false }, "{other}");
    }
    bench.supervisor.stop(&id, patient()).await.unwrap();
}

#[tokio::test]
async fn a_run_that_is_over_needs_no_signal() {
    let bench = Bench::new();
    let id = bench.sh("exit 4").await;
    bench.over(&id).await;
    for _ in 0..2 {
        let stopped = bench.supervisor.stop(&id, patient()).await.unwrap();
        assert_eq!(stopped, Stopped { exit: Exit::Code(4), by: StoppedBy::Itself });
    }
}

#[tokio::test]
async fn a_kill_comes_no_later_than_the_end_of_the_waiting() {
    let bench = Bench::new();
    let id = bench.sh_ready("trap '' TERM; echo ready; while :; do sleep 0.01; done").await;
    let times = StopTimes { grace: Duration::from_hours(1), exit_within: Duration::ZERO };
    // Whether the exit is seen at once or not, the SIGKILL was sent.
    if let Err(error) = bench.supervisor.stop(&id, times).await {
        assert!(matches!(error, sweepd_process::Error::StillRunning { .. }), "{error:?}");
    }
    bench.over(&id).await;
    let stopped = bench.supervisor.stop(&id, patient()).await.unwrap();
    assert_eq!(stopped.exit, Exit::Signal(9));
}

/// So much grace that a test which needs the SIGKILL fails by its deadline.
fn patient() -> StopTimes {
    StopTimes { grace: Duration::from_mins(5), exit_within: Duration::from_mins(5) }
}
