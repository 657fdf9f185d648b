//! The world of one case: its directory, its clock, what runs in it, and an engine over it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, FileTimes};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use rusqlite::Connection;
use serde_json::{Map, Value, json};
use sweepd_decide::{AgentId, Policy, RunId, Timestamp};
use sweepd_schedule::Zone;
use sweepd_store::nanoclaw::Root;
use sweepd_store::state::StateDb;
use sweepd_sweep::adapters::{NanoclawSource, SqliteState};
use sweepd_sweep::sim::{ManualClock, SimRuntime, SimWaker, WakeScript};
use sweepd_sweep::{Engine, Mode, Options, SameForAll, SourceSetup};
use tempfile::TempDir;

use super::session::SessionDir;
use super::{Given, Tick};

pub(super) struct World {
    _dir: TempDir,
    clock: Arc<ManualClock>,
    runtime: SimRuntime,
    waker: SimWaker,
    engine: Engine,
    session: SessionDir,
    agent: AgentId,
    start_ms: i64,
    immortal: bool,
    script: WakeScript,
    given_ids: BTreeSet<String>,
    made_ids: BTreeMap<String, String>,
    wakes_seen: usize,
    stops_seen: usize,
}

impl World {
    pub(super) fn of(given: &Given) -> anyhow::Result<Self> {
        let dir = TempDir::new()?;
        let root = dir.path().join("root");
        let (group, id) = (&given.session.group, &given.session.id);
        let home = root.join("data/v2-sessions").join(group).join(id);
        std::fs::create_dir_all(&home)?;
        central(&root.join("data/v2.db"), given)?;
        let session = SessionDir::new(home.canonicalize()?);
        if let Some(inbound) = &given.inbound {
            session.create_inbound(inbound)?;
        }
        if let Some(outbound) = &given.outbound {
            session.create_outbound(outbound)?;
        }
        let now = Timestamp::from_millis(given.now_ms);
        let clock = Arc::new(ManualClock::at(now));
        let runtime = SimRuntime::new(Arc::clone(&clock));
        let agent = AgentId::new(format!("nanoclaw/{group}/{id}"));
        let homes = BTreeMap::from([(agent.clone(), session.path().to_owned())]);
        let waker = SimWaker::new(runtime.clone(), homes);
        let state = SqliteState::new(Some(StateDb::open(&dir.path().join("state"), now)?));
        let source = NanoclawSource::new("nanoclaw", Arc::new(Root::open(&root)?));
        let mut setup =
            SourceSetup::new(Arc::new(source), Arc::new(runtime.clone()), Arc::new(waker.clone()));
        setup.mode = Mode::Enforce;
        setup.zone = Zone::parse(&given.tz)?;
        setup.rules = Arc::new(SameForAll(Policy::nanoclaw()));
        let mut options = Options::default();
        options.mode = Mode::Enforce;
        let engine =
            Engine::new(clock.clone(), Arc::new(state), "conformance", vec![setup], options);
        let rows = given.inbound.iter().flat_map(|inbound| &inbound.rows);
        let world = Self {
            given_ids: rows.filter_map(id_of).collect(),
            _dir: dir,
            clock,
            runtime,
            waker,
            engine,
            session,
            agent,
            start_ms: given.now_ms,
            immortal: !given.kill_effective,
            script: WakeScript {
                succeeds: given.wake.succeeds,
                clears_heartbeat: given.wake.clears_heartbeat,
            },
            made_ids: BTreeMap::new(),
            wakes_seen: 0,
            stops_seen: 0,
        };
        world.waker.script(world.script);
        if given.container_alive {
            world.start();
        }
        world.heartbeat(given.heartbeat_age_ms)?;
        Ok(world)
    }

    /// Moves on to a tick and makes the changes before it.
    pub(super) fn prepare(&mut self, tick: &Tick) -> anyhow::Result<()> {
        self.clock.set(Timestamp::from_millis(self.start_ms + tick.at_ms));
        tick.before.iter().try_for_each(|change| {
            self.change(change).with_context(|| format!("before a tick: {change}"))
        })
    }

    fn change(&mut self, change: &Value) -> anyhow::Result<()> {
        let object = change.as_object().context("not an object")?;
        let message = || object.get("message_id").and_then(Value::as_str).context("no message_id");
        match object.get("op").and_then(Value::as_str).context("no op")? {
            "heartbeat" => self.heartbeat(object.get("age_ms").and_then(Value::as_i64)),
            "ack" => self.session.ack(object),
            "clear_claims" => self.session.clear_claims(),
            "container_exit" => {
                self.runtime.up().iter().for_each(|run| self.runtime.exit(run, 0));
                Ok(())
            }
            "container_start" => {
                self.start();
                Ok(())
            }
            "insert" => {
                let row = object.get("row").and_then(Value::as_object).context("no row")?;
                self.given_ids.extend(id_of(row));
                self.session.insert_later(row)
            }
            "tool" => self.session.tool(object.get("container_state").and_then(Value::as_object)),
            "wake_mode" => {
                let succeeds = object.get("succeeds").and_then(Value::as_bool);
                self.script.succeeds = succeeds.context("no succeeds")?;
                self.waker.script(self.script);
                Ok(())
            }
            "pause" => self.session.set_status(message()?, "pending", "paused"),
            "resume" => self.session.set_status(message()?, "paused", "pending"),
            other => anyhow::bail!("unknown op {other}"),
        }
    }

    /// One call; what it did to the agent.
    pub(super) async fn sweep(&mut self) -> anyhow::Result<Vec<Value>> {
        for run in self.runtime.up() {
            self.runtime.change(&run, |run| run.immortal = self.immortal);
        }
        let report = self.engine.sweep().await?;
        anyhow::ensure!(report.trouble.is_empty(), "trouble: {:?}", report.trouble);
        let wakes = self.waker.wakes();
        let stops = self.runtime.stops();
        let mut actions: Vec<Value> = wakes
            .iter()
            .skip(self.wakes_seen)
            .map(|(_, succeeded)| json!({ "type": "wake", "succeeded": succeeded }))
            .collect();
        let decision = report.agents.iter().find(|agent| agent.id == self.agent);
        let reason = match decision.map(|agent| agent.decision.action.as_str()) {
            Some("kill-ceiling") => "absolute-ceiling",
            Some("kill-claim") => "claim-stuck",
            _ => "?",
        };
        let kill = |_: &RunId| json!({ "type": "kill", "reason": reason });
        actions.extend(stops.iter().skip(self.stops_seen).map(kill));
        (self.wakes_seen, self.stops_seen) = (wakes.len(), stops.len());
        Ok(actions)
    }

    /// The queue, with rows that sweepd made under the names that the vectors give them.
    pub(super) fn messages(&mut self) -> anyhow::Result<Option<Vec<Map<String, Value>>>> {
        let Some(mut rows) = self.session.messages()? else { return Ok(None) };
        for row in &mut rows {
            let id = id_of(row).context("a row without an id")?;
            if self.given_ids.contains(&id) {
                continue;
            }
            let prefix = id.split('-').next().unwrap_or_default().to_owned();
            let number = self.made_ids.len() + 1;
            let made = || format!("<{prefix}-new-{number}>");
            let name = self.made_ids.entry(id).or_insert_with(made);
            row.insert("id".to_owned(), name.clone().into());
            row.insert("created_by_sweep".to_owned(), true.into());
        }
        Ok(Some(rows))
    }

    fn start(&self) {
        if self.runtime.up().is_empty() {
            self.runtime.start(self.session.path(), BTreeMap::new());
        }
    }

    fn heartbeat(&self, age_ms: Option<i64>) -> anyhow::Result<()> {
        use sweepd_sweep::ports::Clock as _;
        let path = self.session.path().join(".heartbeat");
        let Some(age) = age_ms else {
            if path.exists() {
                std::fs::remove_file(path)?;
            }
            return Ok(());
        };
        let at = u64::try_from(self.clock.now().as_millis() - age)?;
        let mtime: SystemTime = UNIX_EPOCH + Duration::from_millis(at);
        File::create(path)?.set_times(FileTimes::new().set_modified(mtime))?;
        Ok(())
    }
}

fn central(path: &std::path::Path, given: &Given) -> anyhow::Result<()> {
    let db = Connection::open(path)?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
         CREATE TABLE agent_groups (id TEXT PRIMARY KEY, name TEXT NOT NULL, \
           folder TEXT NOT NULL UNIQUE, agent_provider TEXT, created_at TEXT NOT NULL);
         CREATE TABLE sessions (id TEXT PRIMARY KEY, agent_group_id TEXT NOT NULL, \
           messaging_group_id TEXT, thread_id TEXT, agent_provider TEXT, \
           status TEXT DEFAULT 'active', container_status TEXT DEFAULT 'stopped', \
           last_active TEXT, created_at TEXT NOT NULL);",
    )?;
    let session = &given.session;
    if session.group_exists {
        db.execute(
            "INSERT INTO agent_groups VALUES (?1, ?1, ?1, NULL, '2026-01-01 00:00:00')",
            [&session.group],
        )?;
    }
    db.execute(
        "INSERT INTO sessions (id, agent_group_id, status, created_at) \
         VALUES (?1, ?2, ?3, '2026-01-01 00:00:00')",
        [&session.id, &session.group, &session.status],
    )?;
    Ok(())
}

fn id_of(row: &Map<String, Value>) -> Option<String> {
    row.get("id").and_then(Value::as_str).map(str::to_owned)
}
