//! How soon is a container that vanished seen to be missing, and how soon is it back?
//!
//! The program as it is built for use, a Docker engine, containers that do nothing. One after the
//! other some are removed with `docker rm -f`, so few of all that the brake stays off.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a bench")]
#![expect(clippy::print_stdout, reason = "its figures")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rusqlite::{Connection, OpenFlags};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use sweepd_decide::{Span, Timestamp, parse_utc};
use sweepd_sweep::SystemClock;
use sweepd_sweep::ports::Clock as _;
use sweepd_tests::docker::Rig;
use sweepd_tests::image::{program, rebuild};

/// Between two removals.
const APART: Span = Span::from_secs(3);
/// Whoever is not back by then has missed it.
const PATIENCE: Span = Span::from_secs(30);
const CONTAINERS: usize = 100;
const REMOVED: usize = 15;

#[tokio::main]
async fn main() {
    let Some(rig) = Rig::new().await else { return };
    rebuild();
    let names: Vec<String> = (0..CONTAINERS).map(|_| rig.name()).collect();
    for name in &names {
        rig.run(&["--name", name], "exec sleep 3600");
    }
    let mut daemon = Daemon(daemon(&rig.dir(), rig.client().host(), &names));
    let clock = SystemClock::new();
    wait(&clock, || count(&rig.dir(), "pass_finished") > 0).await;
    let removed = &names[..REMOVED];
    for name in removed {
        rig.docker(&["rm", "-f", name]);
        clock.sleep_until(clock.now().plus(APART)).await;
    }
    wait(&clock, || count(&rig.dir(), "container_recreated") == REMOVED).await;
    kill_process(Pid::from_child(&daemon.0), Signal::TERM).unwrap();
    daemon.0.wait().unwrap();

    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    println!("\n{REMOVED} of {CONTAINERS} containers removed one after the other, {build}\n");
    println!("| | median | worst, ms |\n|---|---|---|");
    let missing = events(&rig.dir(), "container_missing");
    let back = events(&rig.dir(), "container_recreated");
    let seen = removed.iter().map(|name| {
        let (at, data) = of(&missing, name);
        at.since(destroyed(data)).as_millis()
    });
    println!("| Docker's `destroy` to `container_missing` | {} |", row(seen.collect()));
    let confirmed = removed.iter().map(|name| {
        let due = of(&missing, name).0.plus(Span::from_secs(5));
        of(&back, name).0.since(due).as_millis()
    });
    println!(
        "| second look due to `container_recreated`, seen running | {} |",
        row(confirmed.collect())
    );
}

/// Ended also when something fails.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.0.kill());
    }
}

fn daemon(dir: &Path, engine: &str, names: &[String]) -> Child {
    let mut config = format!(
        "state-dir = \"{0}/state\"\nmode = \"enforce\"\n[docker]\nhost = \"{engine}\"\n[[source]]\n\
         kind = \"containers\"\nname = \"bench\"\n",
        dir.display()
    );
    for name in names {
        writeln!(config, "[[source.container]]\nname = \"{name}\"").unwrap();
    }
    let file = dir.join("sweepd.toml");
    std::fs::write(&file, config).unwrap();
    let mut sweepd = Command::new(program("sweepd"));
    sweepd.arg("--config").arg(file).arg("run").stdout(Stdio::null()).stderr(Stdio::null());
    sweepd.spawn().unwrap()
}

async fn wait(clock: &SystemClock, mut holds: impl FnMut() -> bool) {
    let deadline = clock.now().plus(PATIENCE);
    while !holds() {
        assert!(clock.now() < deadline, "in vain");
        clock.sleep_until(clock.now().plus(Span::from_millis(100))).await;
    }
}

fn count(dir: &Path, kind: &str) -> usize {
    events(dir, kind).len()
}

/// Every event of a kind: whose, when, and its data.
fn events(dir: &Path, kind: &str) -> Vec<(String, Timestamp, Value)> {
    let path = dir.join("state/sweepd.db");
    let Ok(db) = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY) else {
        return Vec::new();
    };
    // A state that is only being made has no tables yet.
    let sql = "SELECT coalesce(agent, ''), at, data FROM events WHERE kind = ?1";
    let Ok(mut statement) = db.prepare(sql) else { return Vec::new() };
    let rows = statement.query_map([kind], |row| {
        let (at, data): (i64, String) = (row.get(1)?, row.get(2)?);
        Ok((row.get(0)?, Timestamp::from_millis(at), serde_json::from_str(&data).unwrap()))
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

fn of<'a>(events: &'a [(String, Timestamp, Value)], name: &str) -> (Timestamp, &'a Value) {
    let id = format!("bench/{name}");
    let (_, at, data) = events.iter().find(|(agent, ..)| *agent == id).expect("it was told");
    (*at, data)
}

/// When the engine says that it was removed.
fn destroyed(missing: &Value) -> Timestamp {
    let history = missing["history"].as_array().unwrap();
    let last = history.iter().rfind(|one| one["what"] == "destroy").unwrap();
    parse_utc(last["at"].as_str().unwrap()).unwrap()
}

fn row(mut all: Vec<i64>) -> String {
    all.sort_unstable();
    format!("{} | {}", all[all.len() / 2], all[all.len() - 1])
}
