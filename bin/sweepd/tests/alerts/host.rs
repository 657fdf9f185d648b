//! A host of a test's own: an agent that nothing runs, an incident of it, and places to be told.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use agent_sim::fixture::Root;
use serde_json::Value;
use sweepd_decide::{AgentId, FindingKind, Span, Timestamp};
use sweepd_store::state::StateDb;
use sweepd_sweep::SystemClock;
use sweepd_sweep::adapters::SqliteState;
use sweepd_sweep::ports::{Clock as _, Filing, Incident, IncidentChange, Outbox as _};
use tempfile::TempDir;

/// So long a daemon is waited for.
const PATIENCE: u32 = 600;

/// The one agent.
pub(crate) const AGENT: &str = "nanoclaw/ag-1/s-1";

/// Everything below one temporary directory.
pub(crate) struct Host {
    dir: TempDir,
    env: Vec<(String, String)>,
}

/// What a command came to. Its directory is `HOST`, and times of day are `HH:MMZ`.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

/// The daemon. It ends when this is dropped.
pub(crate) struct Daemon {
    child: Child,
    pub(crate) log: PathBuf,
}

pub(crate) fn now() -> Timestamp {
    SystemClock::new().now()
}

impl Host {
    /// With one agent that nothing is wrong with, and these sinks.
    pub(crate) fn new(sinks: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::create(dir.path().join("root"), now()).unwrap();
        root.session("ag-1", "s-1", now()).unwrap();
        let host = Self { dir, env: Vec::new() };
        host.configure(sinks);
        host
    }

    pub(crate) fn configure(&self, sinks: &str) {
        let text = format!(
            "state-dir = \"HERE/state\"\n[docker]\nhost = \"unix://HERE/engine.sock\"\n[[source]]\n\
             kind = \"nanoclaw\"\nroot = \"HERE/root\"\ntimezone = \"UTC\"\n[source.wake]\nkind = \
             \"process\"\nargv = [\"/bin/true\"]\n[alerts]\nhost = \"box\"\n{sinks}"
        );
        self.write("sweepd.toml", &text.replace("HERE", &self.here()));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn here(&self) -> String {
        self.dir.path().display().to_string()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// A file that is its owner's alone.
    pub(crate) fn secret(&self, name: &str, text: &str) -> String {
        self.write(name, text);
        let path = self.path(name);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path.display().to_string()
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// Opens an incident of the agent, of a kind that lasts.
    pub(crate) async fn opens(&self, kind: FindingKind) -> String {
        let agent = AgentId::new(AGENT);
        let key = format!("{}:{agent}", kind.as_str());
        let incident = Incident {
            key: key.clone(),
            kind,
            severity: kind.severity(),
            agent: Some(agent),
            summary: format!("{AGENT}: something is wrong with it"),
            evidence: Value::Null,
            // Ages are read to minutes.
            opened_at: now().minus(Span::from_secs(605)),
            good_looks: 0,
        };
        let db = StateDb::open(&self.path("state"), now()).unwrap();
        let mut filing = Filing::new(now());
        filing.incidents.push(IncidentChange::Seen(incident));
        SqliteState::new(Some(db)).file(filing).await.unwrap();
        key
    }

    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("sweepd"));
        command.env_clear().env("HOME", self.dir.path()).env("TZ", "UTC");
        command.env("RUST_LOG", "trace").env("SWEEPD_LOG", "trace");
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.dir.path()).args(words.split_whitespace());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn sweepd(&self, words: &str) -> Said {
        let mut command = assert_cmd::Command::from_std(self.command(words));
        let output = command.timeout(Duration::from_mins(2)).output().unwrap();
        let (out, err) = (self.plain(&output.stdout), self.plain(&output.stderr));
        Said { out, err, code: output.status.code().unwrap() }
    }

    fn plain(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes).replace(&self.here(), "HOST");
        without_times(&text)
    }

    /// What the program answers with `--json`.
    pub(crate) fn json(&self, words: &str) -> Value {
        let said = self.sweepd(&format!("{words} --json"));
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{words}: {error}: {said:?}"))
    }

    /// Starts the daemon, and waits until it can be asked.
    pub(crate) fn run(&self) -> Daemon {
        let log = self.path("log");
        let file = std::fs::File::create(&log).unwrap();
        let mut command = self.command("run");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        let daemon = Daemon { child: command.spawn().unwrap(), log };
        daemon.until("sweepd runs");
        daemon
    }

    /// Every file below the host's directory that holds this text.
    pub(crate) fn holds(&self, text: &str, but: &[&str]) -> Vec<PathBuf> {
        let mut found = Vec::new();
        search(self.dir.path(), text.as_bytes(), &mut found);
        found.retain(|path| !but.iter().any(|but| path.ends_with(but)));
        found
    }
}

impl Daemon {
    /// Waits until its log says so.
    pub(crate) fn until(&self, text: &str) {
        self.until_times(text, 1);
    }

    pub(crate) fn until_times(&self, text: &str, times: usize) {
        for _ in 0..PATIENCE {
            let log = std::fs::read_to_string(&self.log).unwrap();
            if log.matches(text).count() >= times {
                return;
            }
            pause();
        }
        panic!("{text:?} is not in {}", std::fs::read_to_string(&self.log).unwrap());
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Ends it politely.
    pub(crate) fn end(mut self) {
        self.signal(rustix::process::Signal::TERM);
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "a test waits for another process")]
pub(crate) fn pause() {
    std::thread::sleep(Duration::from_millis(50));
}

fn search(dir: &Path, text: &[u8], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path, text, found);
        } else if let Ok(bytes) = std::fs::read(&path)
            && bytes.windows(text.len()).any(|part| part == text)
        {
            found.push(path);
        }
    }
}

/// With `HH:MMZ` and `INSTANT` for times, and never more than two spaces in a row.
fn without_times(text: &str) -> String {
    let mut plain = String::new();
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    let digits = |at: usize, pattern: &str| {
        let fits = |(nth, wanted): (usize, char)| {
            chars.get(at + nth).is_some_and(|found| match wanted {
                '0' => found.is_ascii_digit(),
                wanted => *found == wanted,
            })
        };
        pattern.chars().enumerate().all(fits)
    };
    let patterns = [
        ("0000-00-00T00:00:00.000Z", "INSTANT"),
        ("0000-00-00 00:00Z", "HH:MMZ"),
        ("00:00Z", "HH:MMZ"),
        // How long a short one lasted depends on the machine.
        ("after 0 ms:", "after AGE:"),
        ("after 0 s:", "after AGE:"),
        ("after 00 s:", "after AGE:"),
    ];
    while let Some(c) = chars.get(at) {
        if let Some((pattern, name)) = patterns.iter().find(|(pattern, _)| digits(at, pattern)) {
            plain.push_str(name);
            at += pattern.len();
        } else if digits(at, "   ") {
            // How wide a column is depends on times.
            at += 1;
        } else {
            plain.push(*c);
            at += 1;
        }
    }
    plain
}
