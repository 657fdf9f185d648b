//! An agent at work on a session of its own.

use std::ffi::OsStr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, SystemTime};

use agent_sim::fixture::{Root, Session};
use rusqlite::{Connection, OpenFlags};
use sweepd_decide::{Span, Timestamp};
use tempfile::TempDir;

/// A session in a root of its own.
pub(crate) struct Bench {
    pub(crate) session: Session,
    pub(crate) root: Root,
    pub(crate) dir: TempDir,
}

/// A running agent; killed when it is dropped.
pub(crate) struct Agent(Child);

impl Bench {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::create(dir.path(), past()).unwrap();
        let session = root.session("ag-1", "sess-1", past()).unwrap();
        Self { session, root, dir }
    }

    /// Starts an agent that polls and works fast.
    pub(crate) fn agent<S: AsRef<OsStr>>(&self, args: &[S]) -> Agent {
        let child = Command::new(env!("CARGO_BIN_EXE_agent-sim"))
            .arg("--workspace")
            .arg(self.session.dir())
            .args(["--poll-ms", "10", "--work-ms", "20", "--beat-ms", "5"])
            .args(args)
            .stdin(Stdio::null())
            .stderr(std::fs::File::create(self.dir.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        Agent(child)
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap()
    }

    /// The ids acked or claimed with this status.
    pub(crate) fn acked(&self, status: &str) -> Vec<String> {
        let acks = self.session.acks().unwrap_or_default();
        acks.into_iter().filter(|ack| ack.status == status).map(|ack| ack.message_id).collect()
    }

    /// Waits until this many messages have this status.
    pub(crate) async fn until_acked(&self, status: &str, count: usize) {
        until(status, || self.acked(status).len() == count).await;
    }

    /// What SQLite says to a reader that waits for nobody: an extended result code.
    pub(crate) fn read_code(&self) -> Option<i32> {
        let path = self.session.outbound_path();
        let reader = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        reader.busy_timeout(Duration::ZERO).unwrap();
        let read =
            reader.query_row("SELECT count(*) FROM processing_ack", [], |row| row.get::<_, i64>(0));
        read.err().map(|error| error.sqlite_error().unwrap().extended_code)
    }
}

impl Agent {
    pub(crate) fn terminate(&self) {
        let pid = i32::try_from(self.0.id()).unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    /// Waits until it hears SIGTERM and sleeps: its start is over.
    pub(crate) async fn settled(&self) {
        let path = format!("/proc/{}/status", self.0.id());
        until("the agent sleeps", || {
            let status = std::fs::read_to_string(&path).unwrap();
            let field =
                |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            let caught = u64::from_str_radix(field("SigCgt:").trim(), 16).unwrap();
            caught & (1 << 14) != 0 && field("State:").trim().starts_with('S')
        })
        .await;
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        until("the agent ends", || !self.is_running()).await;
        self.0.try_wait().unwrap().unwrap()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "the agent under test lives in real time")]
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
}

/// An hour ago.
pub(crate) fn past() -> Timestamp {
    now().minus(Span::from_mins(60))
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
