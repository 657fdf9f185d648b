//! Runs outlive their supervisor, be it dropped or its process gone.

use std::path::Path;
use std::process::Command;

use rustix::process::Signal;
use sweepd_decide::Timestamp;
use sweepd_process::{Exit, Look, ProcessId, StoppedBy, Supervisor};

use crate::support::{Bench, impatient, is_alive, send, shell, until};

#[tokio::test]
async fn the_next_supervisor_finds_a_run_but_not_its_exit_code() {
    let bench = Bench::new();
    let id = bench.sh("exec sleep 1000").await;
    let next = Supervisor::new().unwrap();
    let look = || next.look(&id).unwrap();
    assert_eq!(look(), Look::Running { paused: false });
    send(Signal::KILL, id.pid());
    until("the next sees its end", || look() != Look::Running { paused: false }).await;
    // A zombie until its own supervisor looks.
    assert_eq!(look(), Look::Exited { exit: Exit::Unknown, leftovers: 0 });
    bench.over(&id).await;
    assert_eq!(look(), Look::Gone);
}

#[tokio::test]
async fn the_next_supervisor_stops_a_run_with_its_group() {
    let bench = Bench::new();
    let id = bench.sh_ready("sh -c 'trap \"\" TERM; echo ready; sleep 1000' & wait").await;
    let next = Supervisor::new().unwrap();
    let stopped = next.stop(&id, impatient()).await.unwrap();
    assert_eq!((stopped.exit, stopped.by), (Exit::Unknown, StoppedBy::Sigkill));
    assert_eq!(bench.over(&id).await, Look::Exited { exit: Exit::Signal(15), leftovers: 0 });
}

#[tokio::test]
async fn children_of_a_dropped_supervisor_are_reaped() {
    let bench = Bench::new();
    let id = bench.sh("exec sleep 1000").await;
    let Bench { supervisor, .. } = bench;
    drop(supervisor);
    let next = Supervisor::new().unwrap();
    assert_eq!(next.look(&id).unwrap(), Look::Running { paused: false });
    send(Signal::KILL, id.pid());
    until("it is reaped", || next.look(&id).unwrap() == Look::Gone).await;
}

#[tokio::test]
async fn a_group_is_killed_although_its_leader_is_gone_and_reaped_amid_the_stop() {
    let bench = Bench::new();
    let script = "sh -c 'trap \"\" TERM; echo child $$; echo ready; sleep 1000' & wait";
    let id = bench.sh_ready(script).await;
    let child = bench.logged_pid("child");
    // Without its supervisor the leader is reaped at once.
    drop(bench);
    let stopped = Supervisor::new().unwrap().stop(&id, impatient()).await.unwrap();
    assert_eq!((stopped.exit, stopped.by), (Exit::Unknown, StoppedBy::Sigkill));
    assert!(!is_alive(child));
}

/// As `sweepd sweep` in a crontab: it starts an agent and exits.
#[tokio::test]
async fn a_run_and_its_log_outlive_the_process_that_started_it() {
    let bench = Bench::new();
    let id: ProcessId = start_and_exit(&bench.path("")).parse().unwrap();
    let look = || bench.look(&id);
    assert_eq!(look(), Look::Running { paused: false });
    std::fs::write(bench.path("cue"), "").unwrap();
    until("it goes on and writes", || {
        let text = bench.logged();
        text.contains("after") && text.contains("child")
    })
    .await;
    let child = bench.logged_pid("child");
    assert!(is_alive(child));
    let stopped = bench.supervisor.stop(&id, impatient()).await.unwrap();
    assert_eq!((stopped.exit, stopped.by), (Exit::Unknown, StoppedBy::Sigkill));
    assert!(!is_alive(child), "a member that ignored SIGTERM outlived its leader");
    let over = [Look::Gone, Look::Exited { exit: Exit::Unknown, leftovers: 0 }];
    assert!(over.contains(&look()));
}

/// Runs `starter` below in a process of its own and returns the id it leaves in `dir`.
fn start_and_exit(dir: &Path) -> String {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "restart::starter", "--ignored"])
        .current_dir(dir)
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    std::fs::read_to_string(dir.join("id")).unwrap()
}

/// Not a test: what `start_and_exit` runs, in the directory it names.
#[tokio::test]
#[ignore = "run by a_run_and_its_log_outlive_the_process_that_started_it"]
async fn starter() {
    if Path::new("Cargo.toml").exists() {
        return;
    }
    let script = "sh -c 'trap \"\" TERM; echo child $$; while :; do sleep 0.01; done' &
        while [ ! -e cue ]; do sleep 0.01; done; echo after; exec sleep 1000";
    let spec = shell(script, Path::new("run.log"));
    let started = Supervisor::new().unwrap().start(&spec, Timestamp::from_millis(0)).await;
    std::fs::write("id", started.unwrap().id.to_string()).unwrap();
}
