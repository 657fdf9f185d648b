//! A host of a test's own: a NanoClaw directory, a configuration, and the program run on it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use agent_sim::fixture::{Message, Root, Session};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use sweepd_decide::{Span, Timestamp};
use sweepd_sweep::SystemClock;
use sweepd_sweep::ports::Clock as _;
use tempfile::TempDir;

use super::wait::{PATIENCE, until, until_some};
use super::{files, program};

/// Everything below one temporary directory. Dropped, it takes the agents that run in it along.
pub(crate) struct Host {
    dir: TempDir,
    pub(crate) root: Root,
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

/// A program that runs in the background.
pub(crate) struct Background {
    child: Child,
    log: PathBuf,
}

/// A process that names this host in its command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) words: Vec<String>,
}

/// Limits in seconds instead of minutes.
pub(crate) const QUICK: &str = r#"
[policy]
claim-tolerance = "100ms"
confirmation-gap = "200ms"
"#;

/// Agents as processes, each behaving as the file `behave` in its directory says.
pub(crate) const PROCESS: &str = r#"
[source.wake]
kind = "process"
argv = ["AGENT", "--workspace", "{session_dir}", "--behave-file", "{session_dir}/behave",
        "--poll-ms", "20", "--work-ms", "20", "--beat-ms", "10"]
"#;

pub(crate) const GROUP: &str = "ag-1";

impl Host {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::create(dir.path().join("root"), now()).unwrap();
        std::fs::create_dir(dir.path().join("tmp")).unwrap();
        Self { dir, root }
    }

    /// Another host with the same sessions, and no configuration yet.
    pub(crate) fn copy(template: &Self) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("tmp")).unwrap();
        files::copy(template.root.path(), dir.path());
        let root = Root::create(dir.path().join("root"), now()).unwrap();
        Self { dir, root }
    }

    /// A session by its name, whether it exists or not.
    pub(crate) fn find(&self, name: &str) -> Session {
        self.root.find(GROUP, name)
    }

    /// Writes `sweepd.toml`: `mode` on top, limits, and what is in the table of the one source.
    /// `HERE` stands for this host's directory, `AGENT` for the test agent. There is nothing to
    /// warn of in it: a source that says nothing of waking wakes nobody. Unless a test is about that,
    /// nobody minds that its agents answer nothing.
    pub(crate) fn configure(&self, mode: &str, policy: &str, source: &str) {
        let wake =
            if source.contains("[source.wake]") { "" } else { "[source.wake]\nkind = \"none\"\n" };
        let text = format!(
            "state-dir = \"HERE/state\"\nmode = \"{mode}\"\n\
             [docker]\nhost = \"unix://HERE/engine.sock\"\n{policy}\n\
             [[source]]\nkind = \"nanoclaw\"\nroot = \"HERE/root\"\n\
             timezone = \"Europe/Madrid\"\n{source}\n{wake}{}",
            sweepd_tests::quiet::unheard(&format!("{policy}{source}"))
        );
        self.write("sweepd.toml", &text);
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let agent = program::agent().display().to_string();
        let text = text.replace("HERE", &self.here()).replace("AGENT", &agent);
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn here(&self) -> String {
        self.dir.path().display().to_string()
    }

    /// An active session without messages.
    pub(crate) fn session(&self, name: &str) -> Session {
        self.root.session(GROUP, name, now()).unwrap()
    }

    /// A session with one message that has been due for a minute.
    pub(crate) fn due(&self, name: &str) -> Session {
        let session = self.session(name);
        session.message(&Message::chat("m-1", ago(60))).unwrap();
        session
    }

    /// A session whose next agent behaves like this, with a message that is due.
    pub(crate) fn due_to(&self, name: &str, behave: &str) -> Session {
        let session = self.due(name);
        std::fs::write(session.dir().join("behave"), behave).unwrap();
        session
    }

    /// Runs the program to its end.
    pub(crate) fn sweepd(&self, words: &str) -> Said {
        self.sweepd_with(words, &[])
    }

    /// The same with something in its environment.
    pub(crate) fn sweepd_with(&self, words: &str, env: &[(&str, &str)]) -> Said {
        let mut command = assert_cmd::Command::from_std(self.command(words));
        let output = command.envs(env.iter().copied()).timeout(PATIENCE).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let (out, err) = (text(output.stdout), text(output.stderr));
        let code = output.status.code().unwrap_or_else(|| panic!("{words}: killed: {out}{err}"));
        assert!(!err.contains("panicked") && !err.contains("backtrace"), "{words}: {err}");
        Said { out, err, code }
    }

    /// The program, ready to be started: nothing of the tests' environment gets to it.
    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = Command::new(program::sweepd());
        command.env_clear().env("HOME", self.dir.path()).env("TMPDIR", self.path("tmp"));
        command.env("TZ", "Europe/Madrid").env("PATH", "/usr/bin:/bin");
        command.current_dir(self.dir.path()).args(words.split_whitespace());
        command
    }

    /// Starts the program and lets it run.
    pub(crate) fn start(&self, words: &str) -> Background {
        let log = self.path(&format!("log-{}", words.replace(' ', "-")));
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let mut command = self.command(words);
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        Background { child: command.spawn().unwrap(), log }
    }

    /// How often this has happened, by the journal.
    pub(crate) fn events(&self, kind: &str) -> i64 {
        self.count("SELECT count(*) FROM events WHERE kind = ?1", kind)
    }

    /// When this agent was looked at last, in milliseconds.
    pub(crate) fn looked_at(&self, agent: &str) -> i64 {
        self.count("SELECT updated_at FROM agents WHERE agent = ?1", agent)
    }

    fn count(&self, sql: &str, what: &str) -> i64 {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let db = rusqlite::Connection::open_with_flags(self.path("state/sweepd.db"), flags);
        db.and_then(|db| db.query_row(sql, [what], |row| row.get(0))).unwrap_or(0)
    }

    /// The agents that run in this host: never the program itself.
    pub(crate) fn agents(&self) -> Vec<Process> {
        let mut all = processes(&self.here());
        all.retain(|process| process.words.iter().any(|word| word == "--workspace"));
        all
    }

    /// The one agent of this session.
    pub(crate) fn agent_of(&self, session: &Session) -> Option<Process> {
        let dir = session.dir().display().to_string();
        let mut own = self.agents();
        own.retain(|process| process.words.contains(&dir));
        assert!(own.len() <= 1, "two agents at once: {own:?}");
        own.pop()
    }

    /// Wakes this session's agent, and returns when its claim is overdue by [`QUICK`]'s limits.
    pub(crate) fn hang(&self, session: &Session) -> Process {
        let said = self.sweepd("sweep --json");
        assert_eq!((said.err.as_str(), said.code), ("", 0), "{}", said.out);
        until("a claim", || !session.acks().unwrap().is_empty());
        let overdue = now().plus(Span::from_millis(150));
        until("an overdue claim", || now() > overdue);
        until_some("an agent", || self.agent_of(session))
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        for agent in processes(&self.here()) {
            // It may have ended by itself.
            let _gone = signal(agent.pid, Signal::KILL);
        }
    }
}

impl Said {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Background {
    pub(crate) fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// What it has said so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    pub(crate) fn signal(&self, signal_: Signal) {
        signal(self.pid(), signal_).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let what = format!("the end of {}", self.log.display());
        until_some(&what, || self.child.try_wait().unwrap())
    }

    pub(crate) fn is_up(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Processes with this text in a word of their command line, zombies not among them.
pub(crate) fn processes(text: &str) -> Vec<Process> {
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.ok()?;
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let bytes = std::fs::read(entry.path().join("cmdline")).ok()?;
        let words = String::from_utf8_lossy(&bytes);
        let words: Vec<String> = words.split_terminator('\0').map(str::to_owned).collect();
        words.iter().any(|word| word.contains(text)).then_some(Process { pid, words })
    };
    std::fs::read_dir("/proc").unwrap().filter_map(read).collect()
}

pub(crate) fn signal(pid: i32, signal: Signal) -> rustix::io::Result<()> {
    kill_process(Pid::from_raw(pid).unwrap(), signal)
}

/// An agent of a call's answer.
#[track_caller]
pub(crate) fn agent<'v>(call: &'v Value, session: &str) -> &'v Value {
    let id = format!("nanoclaw/{GROUP}/{session}");
    let mut agents = call["agents"].as_array().unwrap().iter();
    agents.find(|agent| agent["id"] == *id).unwrap_or_else(|| panic!("no {id} in {call}"))
}

/// What was done about it: `stop done`, `wake planned` …
#[track_caller]
pub(crate) fn effects(call: &Value, session: &str) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let effects = agent(call, session)["effects"].as_array().unwrap();
    effects
        .iter()
        .map(|one| format!("{} {}", word(&one["effect"]), word(&one["outcome"])))
        .collect()
}

/// Kinds of open incidents, in the order of their keys.
pub(crate) fn incidents(call: &Value) -> Vec<&str> {
    call["incidents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|open| open["kind"].as_str().unwrap())
        .collect()
}

pub(crate) fn now() -> Timestamp {
    SystemClock::new().now()
}

pub(crate) fn ago(seconds: i64) -> Timestamp {
    now().minus(Span::from_secs(seconds))
}

pub(crate) fn ahead(seconds: i64) -> Timestamp {
    now().plus(Span::from_secs(seconds))
}

/// Whether nothing of this process is left but perhaps an entry of its parent's.
pub(crate) fn is_gone(process: &Process) -> bool {
    let stat =
        std::fs::read_to_string(Path::new("/proc").join(process.pid.to_string()).join("cmdline"));
    stat.is_ok_and(|words| words.is_empty())
        || !Path::new("/proc").join(process.pid.to_string()).exists()
}
