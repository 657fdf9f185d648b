//! Logs: capped while agents write, read from their end.

use sweepd_process::log;

use crate::support::{Bench, impatient, until};

#[tokio::test]
async fn a_running_log_is_capped_and_goes_on() {
    let bench = Bench::new();
    let cue = bench.path("cue");
    let script = format!(
        "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); echo line $i; done; echo ready
         while [ ! -e {} ]; do sleep 0.01; done; echo after; sleep 1000",
        cue.display()
    );
    let id = bench.sh_ready(&script).await;
    log::cap(&bench.log(), 100).unwrap();
    let size = |name: &str| std::fs::metadata(bench.path(name)).unwrap().len();
    assert_eq!(size("run.log"), 0);
    assert!(size("run.log.1") <= 100);
    std::fs::write(cue, "").unwrap();
    until("the run writes on", || bench.logged().contains("after")).await;
    assert_eq!(size("run.log"), 6, "it appends at the new end: no hole");
    let tail = log::tail(&bench.log(), 4, 1000).unwrap();
    assert_eq!(tail.lines, ["line 999", "line 1000", "ready", "after"]);
    assert!(tail.truncated);
    bench.supervisor.stop(&id, impatient()).await.unwrap();
}
