//! Does each misbehavior do exactly what it says?

use std::os::unix::process::ExitStatusExt;

use agent_sim::fixture::Message;
use sweepd_decide::Span;

use crate::support::{Bench, now, past, until};

/// `SQLITE_READONLY_ROLLBACK`: the journal is hot, and a reader may not roll it back.
const READONLY_ROLLBACK: i32 = 776;
const SQLITE_BUSY: i32 = 5;

fn bench_with_a_message() -> Bench {
    let bench = Bench::new();
    bench.session.message(&Message::chat("m-1", past())).unwrap();
    bench
}

#[tokio::test]
async fn a_hanging_agent_keeps_its_claim_and_stops_beating() {
    let bench = bench_with_a_message();
    bench.session.heartbeat(past()).unwrap();
    let beat = bench.session.heartbeat_at().unwrap();
    let mut agent = bench.agent(&["--behave", "hang-after-claim"]);
    until("it has hung itself up", || bench.log().contains("Processing")).await;
    assert_eq!(bench.acked("processing"), ["m-1"]);
    assert_eq!(bench.session.heartbeat_at().unwrap(), beat);
    assert!(agent.is_running());
    agent.terminate();
    assert_eq!(agent.ended().await.code(), Some(143));
    assert_eq!(bench.acked("processing"), ["m-1"]);
}

#[tokio::test]
async fn a_crashing_agent_exits_with_its_code_and_leaves_its_claim() {
    for (behave, code) in [("crash-mid-message", 1), ("crash-mid-message=77", 77)] {
        let bench = bench_with_a_message();
        let mut agent = bench.agent(&["--behave", behave]);
        assert_eq!(agent.ended().await.code(), Some(code));
        assert_eq!(bench.acked("processing"), ["m-1"]);
        assert!(bench.session.heartbeat_at().unwrap().is_some());
        assert!(bench.session.outputs().unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_agent_that_never_starts_touches_nothing() {
    let bench = bench_with_a_message();
    std::fs::remove_file(bench.session.outbound_path()).unwrap();
    let mut agent = bench.agent(&["--behave", "never-start"]);
    agent.settled().await;
    agent.terminate();
    assert_eq!(agent.ended().await.code(), Some(143));
    assert!(!bench.session.outbound_path().exists());
    assert_eq!(bench.session.heartbeat_at().unwrap(), None);
}

#[tokio::test]
async fn an_agent_can_exit_at_once() {
    let bench = bench_with_a_message();
    for (behave, code) in [("exit-at-once", 1), ("exit-at-once=0", 0)] {
        assert_eq!(bench.agent(&["--behave", behave]).ended().await.code(), Some(code));
    }
    assert!(bench.session.acks().unwrap().is_empty());
}

#[tokio::test]
async fn heartbeats_can_come_from_the_future() {
    let bench = bench_with_a_message();
    let _agent = bench.agent(&["--behave", "future-heartbeat"]);
    bench.until_acked("completed", 1).await;
    let beat = bench.session.heartbeat_at().unwrap().unwrap();
    assert!(beat > now().plus(Span::from_mins(50)), "{beat}");
}

#[tokio::test]
async fn a_long_bash_call_declares_its_time_and_is_silent() {
    let bench = bench_with_a_message();
    let mut agent = bench.agent(&["--behave", "long-bash"]);
    let shown = || bench.session.tool_row().unwrap().unwrap_or_default();
    until("Bash runs", || shown().current_tool.as_deref() == Some("Bash")).await;
    assert_eq!(shown().declared_ms, Some(600_000));
    assert_eq!(bench.acked("processing"), ["m-1"]);
    assert!(agent.is_running());
}

#[tokio::test]
async fn an_idle_agent_beats_once_and_takes_nothing() {
    let bench = bench_with_a_message();
    bench.session.claim("m-1", past()).unwrap();
    let mut agent = bench.agent(&["--behave", "idle"]);
    until("it has beaten", || bench.session.heartbeat_at().unwrap().is_some()).await;
    assert!(bench.session.acks().unwrap().is_empty());
    assert!(agent.is_running());
}

#[tokio::test]
async fn an_ack_can_come_without_an_answer() {
    let bench = bench_with_a_message();
    let args = ["--behave", "ack-without-answer", "--result", "API Error: 401"];
    let _agent = bench.agent(&args);
    bench.until_acked("completed", 1).await;
    assert!(bench.session.outputs().unwrap().is_empty());
    until("it logs", || bench.log().contains("Result: API Error: 401")).await;
}

#[tokio::test]
async fn an_ack_can_say_failed() {
    let bench = bench_with_a_message();
    let _agent = bench.agent(&["--behave", "fail-ack"]);
    bench.until_acked("failed", 1).await;
    assert!(bench.session.outputs().unwrap().is_empty());
}

#[tokio::test]
async fn sigterm_can_be_ignored() {
    let bench = bench_with_a_message();
    let mut agent = bench.agent(&["--behave", "ignore-term"]);
    bench.until_acked("completed", 1).await;
    agent.terminate();
    bench.session.message(&Message::chat("m-2", past())).unwrap();
    bench.until_acked("completed", 2).await;
    assert!(agent.is_running());
}

#[tokio::test]
async fn a_lock_can_be_held_on_the_outbound_database() {
    let bench = bench_with_a_message();
    let mut agent = bench.agent(&["--behave", "hold-lock"]);
    until("nobody can read", || bench.read_code() == Some(SQLITE_BUSY)).await;
    assert!(agent.is_running());
    agent.terminate();
    agent.ended().await;
    assert_eq!(bench.read_code(), None);
}

#[tokio::test]
async fn a_hot_journal_can_be_left_which_only_a_successor_rolls_back() {
    let bench = bench_with_a_message();
    let mut agent = bench.agent(&["--behave", "hot-journal"]);
    assert_eq!(agent.ended().await.signal(), Some(9));
    assert_eq!(bench.read_code(), Some(READONLY_ROLLBACK));
    let journal = bench.session.dir().join("outbound.db-journal");
    assert!(journal.exists());
    let _successor = bench.agent::<&str>(&[]);
    bench.until_acked("completed", 1).await;
    assert!(!journal.exists());
    let halves: i64 = bench
        .session
        .outbound()
        .unwrap()
        .query_row("SELECT count(*) FROM session_state", [], |row| row.get(0))
        .unwrap();
    assert_eq!(halves, 0, "nothing of the transaction stayed");
}
