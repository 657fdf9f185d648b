//! Runs found by their mark, when nobody wrote down that they were started.

use std::time::Duration;

use sweepd_decide::{Span, Timestamp};
use sweepd_process::{Spec, StopTimes, Supervisor, tagged};

const TIMES: StopTimes =
    StopTimes { grace: Duration::from_secs(5), exit_within: Duration::from_secs(10) };

#[expect(clippy::disallowed_methods, reason = "test code")]
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
}

/// So long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_marked_leader_is_found_with_its_start_and_its_children_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let mark = format!("test-{}", std::process::id());
    let spec = Spec {
        argv: ["/bin/sh", "-c", "sleep 60 & wait"].map(str::to_owned).to_vec(),
        env: vec![("MARK".to_owned(), mark.clone()), ("AGENT".to_owned(), "s/a".to_owned())],
        cwd: None,
        log: dir.path().join("log"),
    };
    let supervisor = Supervisor::new().unwrap();
    let before = now();
    let started = supervisor.start(&spec, before).await.unwrap();

    // For a moment after its start a process has no environment to read yet.
    let found = async {
        loop {
            let found = tagged(("MARK", &mark), "AGENT").unwrap();
            if !found.is_empty() {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, found).await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0].id, found[0].value.as_str()), (&started.id, "s/a"));
    let off = found[0].started_at.since(before).as_millis().abs();
    assert!(off < Span::from_secs(3).as_millis(), "{off} ms off");
    assert!(tagged(("MARK", "another"), "AGENT").unwrap().is_empty());
    assert!(tagged(("MARK", &mark), "NOT_THERE").unwrap().is_empty());

    supervisor.stop(&started.id, TIMES).await.unwrap();
    assert!(tagged(("MARK", &mark), "AGENT").unwrap().is_empty());
}
