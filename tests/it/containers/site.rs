//! sweepd as an operator has it: a configuration, a state directory, and the program itself.
//!
//! Nothing of it is called but through the command line; the state database is only read.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use agent_sim::fixture::Root;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use sweepd_decide::parse_utc;
use sweepd_sweep::SystemClock;
use sweepd_sweep::ports::Clock as _;
use sweepd_tests::image::program;
use sweepd_tests::quiet::unheard;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::call::{Call, text};
use super::rig::Rig;
use super::wait::{later_than, now};

/// No call takes longer, whatever hangs.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

/// One installation of sweepd.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site<'a> {
    rig: &'a Rig,
    name: &'a str,
}

impl<'a> Site<'a> {
    /// In a directory of its own below the rig's.
    pub(crate) fn new(rig: &'a Rig, name: &'a str) -> Self {
        let site = Self { rig, name };
        std::fs::create_dir(site.dir()).unwrap();
        site
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.rig.dir().join(self.name)
    }

    /// A NanoClaw directory below it.
    pub(crate) fn root(&self, name: &str) -> Root {
        Root::create(self.dir().join(name), now()).unwrap()
    }

    /// Writes `sweepd.toml`. In the text stand `HERE` for the directory, `IMAGE`, `ENGINE`, and
    /// `USER` for what these are.
    pub(crate) fn configure(&self, toml: &str) {
        self.configure_for(self.rig.host(), toml);
    }

    /// The same, with another socket for the engine.
    pub(crate) fn configure_for(&self, engine: &str, toml: &str) {
        let text = format!("{toml}{}", unheard(toml))
            .replace("HERE", &self.dir().display().to_string())
            .replace("IMAGE", self.rig.image())
            .replace("ENGINE", engine)
            .replace("USER", &Rig::user());
        std::fs::write(self.dir().join("sweepd.toml"), text).unwrap();
    }

    /// `sweepd sweep --json` with these words behind it, to its end.
    pub(crate) async fn sweep(&self, words: &[&str]) -> Call {
        let mut sweepd = self.sweepd(&[&["sweep", "--json"], words].concat());
        let began = now();
        let ended = timeout(DEADLINE, sweepd.output()).await;
        let output = ended.expect("the call ends within its deadline").unwrap();
        Call::new(output, began, now())
    }

    /// The same, at each instant until which a wake of this agent is held, until it runs; how often
    /// it was held.
    pub(crate) async fn sweep_until_it_runs(&self, agent: &str) -> usize {
        for held in 0..5 {
            let call = self.sweep(&[]).await;
            let seen = call.agent(agent);
            if seen["state"] == "running" {
                return held;
            }
            let recheck = text(&seen["decision"]["recheck_at"]);
            let recheck = parse_utc(&recheck).unwrap_or_else(|| panic!("{}", call.line(agent)));
            later_than(recheck).await;
        }
        panic!("{agent} is not woken any more");
    }

    /// The same, under way.
    pub(crate) fn begin_sweep(&self) -> Child {
        let mut sweepd = self.sweepd(&["sweep", "--json"]);
        sweepd.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// The program with these words, in surroundings of its own.
    pub(crate) fn sweepd(&self, words: &[&str]) -> Command {
        let mut command = Command::new(program("sweepd"));
        command.args(words).env_clear().env("HOME", self.dir()).env("TZ", "UTC");
        command.current_dir(self.dir()).stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    pub(crate) fn state_dir(&self) -> PathBuf {
        self.dir().join("state")
    }

    /// The data of every event of a kind so far, with the agent it is about.
    pub(crate) fn events(&self, kind: &str) -> Vec<(Option<String>, Value)> {
        let sql = "SELECT agent, data FROM events WHERE kind = ?1 ORDER BY seq";
        self.query(sql, kind, |row| {
            let data: String = row.get(1)?;
            Ok((row.get(0)?, serde_json::from_str(&data).unwrap()))
        })
    }

    /// The number of every event of a kind so far, with the agent it is about.
    pub(crate) fn numbered(&self, kind: &str) -> Vec<(i64, Option<String>)> {
        let sql = "SELECT seq, agent FROM events WHERE kind = ?1 ORDER BY seq";
        self.query(sql, kind, |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// How many events of any kind there are about an agent.
    pub(crate) fn about(&self, agent: &str) -> usize {
        self.query("SELECT seq FROM events WHERE agent = ?1", agent, |row| row.get::<_, i64>(0))
            .len()
    }

    /// What was decided about an agent last.
    pub(crate) fn decided(&self, agent: &str) -> Option<String> {
        let sql = "SELECT json_extract(data, '$.to') FROM events
                   WHERE kind = 'decision_changed' AND agent = ?1 ORDER BY seq";
        self.query(sql, agent, |row| row.get(0)).pop()
    }

    /// Every action decided about an agent that called for a stop, so far.
    pub(crate) fn decisions(&self, agent: &str) -> Vec<String> {
        self.query("SELECT action FROM decisions WHERE agent = ?1 ORDER BY id", agent, |row| {
            row.get(0)
        })
    }

    fn query<T>(
        &self,
        sql: &str,
        about: &str,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Vec<T> {
        let path = self.state_dir().join("sweepd.db");
        if !Path::new(&path).exists() {
            return Vec::new();
        }
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        db.busy_timeout(Duration::from_secs(5)).unwrap();
        // A state that is only being made has no tables yet.
        let Ok(mut statement) = db.prepare(sql) else { return Vec::new() };
        statement.query_map([about], read).unwrap().collect::<Result<_, _>>().unwrap()
    }
}

/// What a child printed and how it ended, within the deadline.
pub(crate) async fn ended(child: Child) -> Call {
    let began = SystemClock::new().now();
    let output = timeout(DEADLINE, child.wait_with_output()).await;
    Call::new(output.expect("the call ends within its deadline").unwrap(), began, now())
}
