//! What a look says of a run, and of one that is not ours any more.

use rustix::process::Signal;
use sweepd_process::{Exit, Look, ProcessId};

use crate::support::{Bench, impatient, is_alive, send, until};

#[tokio::test]
async fn the_exit_code_is_seen() {
    let bench = Bench::new();
    let id = bench.sh("exit 42").await;
    assert_eq!(bench.over(&id).await, Look::Exited { exit: Exit::Code(42), leftovers: 0 });
}

#[tokio::test]
async fn the_signal_that_ended_a_run_is_seen() {
    let bench = Bench::new();
    let id = bench.sh("kill -KILL $$").await;
    assert_eq!(bench.over(&id).await, Look::Exited { exit: Exit::Signal(9), leftovers: 0 });
}

#[tokio::test]
async fn an_exit_is_remembered_until_it_is_forgotten() {
    let bench = Bench::new();
    let id = bench.sh("exit 3").await;
    let exited = bench.over(&id).await;
    assert_eq!(bench.look(&id), exited);
    bench.supervisor.forget(&id);
    assert_eq!(bench.look(&id), Look::Gone);
}

#[tokio::test]
async fn a_running_child_is_not_forgotten() {
    let bench = Bench::new();
    let id = bench.sh_ready("trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done").await;
    bench.supervisor.forget(&id);
    send(Signal::TERM, id.pid());
    assert_eq!(bench.over(&id).await, Look::Exited { exit: Exit::Code(3), leftovers: 0 });
}

#[tokio::test]
async fn a_run_held_by_a_signal_is_running_and_paused() {
    let bench = Bench::new();
    let id = bench.sh("sleep 1000").await;
    send(Signal::STOP, id.pid());
    let paused = Look::Running { paused: true };
    until("it is paused", || bench.look(&id) == paused).await;
    send(Signal::CONT, id.pid());
    until("it goes on", || bench.look(&id) == Look::Running { paused: false }).await;
    bench.supervisor.stop(&id, impatient()).await.unwrap();
}

#[tokio::test]
async fn what_a_run_leaves_behind_is_counted_and_a_stop_kills_it() {
    let bench = Bench::new();
    let id = bench.sh_ready("sleep 1000 & echo child $!; echo ready; exit 5").await;
    let child = bench.logged_pid("child");
    assert_eq!(bench.over(&id).await, Look::Exited { exit: Exit::Code(5), leftovers: 1 });
    assert!(is_alive(child));
    let stopped = bench.supervisor.stop(&id, impatient()).await.unwrap();
    assert_eq!(stopped.exit, Exit::Code(5));
    assert!(!is_alive(child));
    assert_eq!(bench.look(&id), Look::Exited { exit: Exit::Code(5), leftovers: 0 });
}

#[tokio::test]
async fn another_start_or_another_boot_is_another_process() {
    let bench = Bench::new();
    let id = bench.sh("sleep 1000").await;
    for other in others(&id) {
        assert_eq!(bench.look(&other), Look::Gone, "{other}");
    }
    assert_eq!(bench.look(&id), Look::Running { paused: false });
    bench.supervisor.stop(&id, impatient()).await.unwrap();
}

pub(crate) fn others(id: &ProcessId) -> [ProcessId; 3] {
    let (pid, ticks, boot) = (id.pid(), id.start_ticks(), id.boot_id());
    [
        ProcessId::new(pid, ticks - 1, boot).unwrap(),
        ProcessId::new(pid, ticks + 1, boot).unwrap(),
        ProcessId::new(pid, ticks, "0000").unwrap(),
    ]
}
