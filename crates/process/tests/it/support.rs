//! Scripts as runs, and waiting for what they do.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sweepd_decide::Timestamp;
use sweepd_process::{Look, ProcessId, Spec, Started, StopTimes, Supervisor, log};
use tempfile::TempDir;

/// A supervisor, a directory for logs, and one run at a time.
pub(crate) struct Bench {
    pub(crate) supervisor: Supervisor,
    dir: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { supervisor: Supervisor::new().unwrap(), dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.path("run.log")
    }

    /// Runs a shell script.
    pub(crate) async fn sh(&self, script: &str) -> ProcessId {
        self.start(&shell(script, &self.log())).await.id
    }

    /// Runs a shell script and waits until it says `ready`.
    pub(crate) async fn sh_ready(&self, script: &str) -> ProcessId {
        let id = self.sh(script).await;
        until("the script is ready", || self.logged().contains("ready")).await;
        id
    }

    pub(crate) async fn start(&self, spec: &Spec) -> Started {
        self.supervisor.start(spec, Timestamp::from_millis(7)).await.unwrap()
    }

    pub(crate) fn logged(&self) -> String {
        log::tail(&self.log(), 1000, 100_000).unwrap().lines.join("\n")
    }

    /// The pid the script wrote as `<name> <pid>`.
    pub(crate) fn logged_pid(&self, name: &str) -> i32 {
        let text = self.logged();
        text.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().parse().unwrap()
    }

    pub(crate) fn look(&self, id: &ProcessId) -> Look {
        self.supervisor.look(id).unwrap()
    }

    /// Waits until the run itself is over.
    pub(crate) async fn over(&self, id: &ProcessId) -> Look {
        until("the run is over", || !matches!(self.look(id), Look::Running { .. })).await;
        self.look(id)
    }
}

pub(crate) fn shell(script: &str, log: &Path) -> Spec {
    Spec {
        argv: vec!["/bin/sh".into(), "-c".into(), script.into()],
        env: vec![("PATH".into(), "/usr/bin:/bin".into())],
        cwd: None,
        log: log.to_owned(),
    }
}

/// Little grace, much time to be seen dead.
pub(crate) fn impatient() -> StopTimes {
    StopTimes { grace: Duration::from_millis(100), exit_within: Duration::from_secs(20) }
}

/// Whether a process exists and is no zombie.
pub(crate) fn is_alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// Waits for a level, at most 20 s.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    for _ in 0..4000 {
        if holds() {
            return;
        }
        ticks.tick().await;
    }
    assert!(holds(), "waited in vain until {what}");
}

pub(crate) fn send(signal: rustix::process::Signal, pid: i32) {
    rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), signal).unwrap();
}
