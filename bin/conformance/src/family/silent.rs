//! Silent failures: the real engine and store on a session's real databases, with what earlier looks
//! have remembered, by both rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, FileTimes};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Context as _;
use rusqlite::Connection;
use serde::Deserialize as _;
use serde_json::{Map, Value, json};
use sweepd_decide::silent::{Hearing, KeptLine, MayBeSilent, SilencePolicy, Stamps};
use sweepd_decide::{AgentId, Memory, MessageId, Severity, Span, Timestamp, parse_utc};
use sweepd_store::nanoclaw::Root;
use sweepd_store::state::StateDb;
use sweepd_sweep::adapters::{NanoclawSource, SqliteState};
use sweepd_sweep::ports::{AgentRecord, Commit, State as _};
use sweepd_sweep::sim::{ManualClock, SimRuntime, SimWaker};
use sweepd_sweep::{Engine, Options, Silence, SilenceRule, SourceSetup};
use tempfile::TempDir;

use super::sweep::session::SessionDir;
use crate::case::{Case, Outcome};

pub(crate) struct Silent;

/// One case as the file has it.
#[derive(serde::Deserialize)]
struct Given {
    now_ms: i64,
    container_running: bool,
    heartbeat_ms: Option<i64>,
    container_state: Option<Map<String, Value>>,
    messages_in: Vec<Map<String, Value>>,
    processing_ack: Vec<Map<String, Value>>,
    messages_out: Vec<Map<String, Value>>,
    first_acked: BTreeMap<String, String>,
    log_tail: Option<Vec<String>>,
    policy: Policy,
    expect: Expected,
}

#[derive(serde::Deserialize)]
struct Policy {
    window_s: i64,
    may_be_silent: Vec<String>,
}

#[derive(serde::Deserialize)]
struct Expected {
    per_message: Vec<Reported>,
    per_session: bool,
}

#[derive(serde::Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Reported {
    message_id: String,
    severity: String,
}

impl Case for Silent {
    fn run(&self, case: &Value) -> anyhow::Result<Outcome> {
        let given = Given::deserialize(case)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let hearing = World::of(&given)?.swept(&given, SilenceRule::PerMessage).await?;
            let severity = |severity: Severity| match severity {
                Severity::Notice => "notice",
                Severity::Warning => "warning",
                Severity::Error => "error",
            };
            let reported = hearing.silent.iter().map(|silent| Reported {
                message_id: silent.message_id.to_string(),
                severity: severity(silent.severity).to_owned(),
            });
            let got: BTreeSet<Reported> = reported.collect();
            let hearing = World::of(&given)?.swept(&given, SilenceRule::PerSession).await?;
            let expected: BTreeSet<Reported> = given.expect.per_message.iter().cloned().collect();
            Ok(Outcome::of(
                &(expected, given.expect.per_session),
                &(got, hearing.silent_since.is_some()),
            ))
        })
    }
}

/// The world of one look.
struct World {
    dir: TempDir,
    clock: Arc<ManualClock>,
    runtime: SimRuntime,
    session: SessionDir,
}

impl World {
    fn of(given: &Given) -> anyhow::Result<Self> {
        let dir = TempDir::new()?;
        let home = dir.path().join("root/data/v2-sessions/ag/s");
        std::fs::create_dir_all(&home)?;
        central(&dir.path().join("root/data/v2.db"))?;
        let session = SessionDir::new(home.canonicalize()?);
        let rows = json!({ "schema": "current", "rows": given.messages_in });
        session.create_inbound(&serde_json::from_value(rows)?)?;
        let rows = json!({
            "schema": "current",
            "processing_ack": given.processing_ack,
            "container_state": given.container_state,
        });
        session.create_outbound(&serde_json::from_value(rows)?)?;
        for row in &given.messages_out {
            session.say(row)?;
        }
        if let Some(beat) = given.heartbeat_ms {
            let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(beat)?);
            let file = File::create(session.path().join(".heartbeat"))?;
            file.set_times(FileTimes::new().set_modified(at))?;
        }
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(given.now_ms)));
        let runtime = SimRuntime::new(Arc::clone(&clock));
        Ok(Self { dir, clock, runtime, session })
    }

    /// One call, given what earlier looks have seen; what is remembered of it.
    async fn swept(self, given: &Given, rule: SilenceRule) -> anyhow::Result<Hearing> {
        let now = Timestamp::from_millis(given.now_ms);
        let agent = AgentId::new("nanoclaw/ag/s");
        let policy = SilencePolicy {
            window: Span::from_secs(given.policy.window_s),
            may_be_silent: given
                .policy
                .may_be_silent
                .iter()
                .map(|text| MayBeSilent::of(text))
                .collect(),
        };
        let mut memory = Memory::default();
        for (id, at) in &given.first_acked {
            let at = parse_utc(at).context("no time in first_acked")?;
            memory.hearing.acks.insert(MessageId::new(id), Stamps { first: at, last: at });
        }
        let log = given.log_tail.clone().unwrap_or_default();
        if given.container_running {
            let run = self.runtime.start(self.session.path(), BTreeMap::new());
            self.runtime.change(&run, |run| run.log = log);
        } else {
            // Its log was taken while it was up.
            let heard = sweepd_signs::heard(&log.join("\n"));
            let kept = |one: sweepd_signs::RunnerLine| KeptLine {
                line: one.line,
                excerpt: one.excerpt,
                until: one.reset_at,
            };
            let lines = heard.lines.into_iter().map(kept).collect();
            memory.hearing.listen(lines, Hearing::horizon(policy.window, now));
            memory.hearing.let_through = heard.let_through;
        }
        let state = SqliteState::new(Some(StateDb::open(&self.dir.path().join("state"), now)?));
        let record = AgentRecord { agent: agent.clone(), memory, report: json!({}), at: now };
        state.commit(Commit { agent: Some(record), ..Commit::new(now) }).await?;
        let root = Arc::new(Root::open(&self.dir.path().join("root"))?);
        let source = NanoclawSource::new("nanoclaw", root);
        let waker = SimWaker::new(self.runtime.clone(), BTreeMap::new());
        let mut setup =
            SourceSetup::new(Arc::new(source), Arc::new(self.runtime.clone()), Arc::new(waker));
        setup.silence = Some(Silence { rule, policy, ..Silence::default() });
        let options = Options::default();
        let state = Arc::new(state);
        let shown = Arc::<SqliteState>::clone(&state);
        let engine = Engine::new(self.clock.clone(), state, "conformance", vec![setup], options);
        let report = engine.sweep().await?;
        anyhow::ensure!(report.trouble.is_empty(), "trouble: {:?}", report.trouble);
        let records = shown.agents().await?;
        let record = records.into_iter().find(|record| record.agent == agent);
        Ok(record.context("nothing is remembered of the session")?.memory.hearing)
    }
}

fn central(path: &Path) -> anyhow::Result<()> {
    Connection::open(path)?.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
         CREATE TABLE agent_groups (id TEXT PRIMARY KEY, name TEXT NOT NULL, \
           folder TEXT NOT NULL UNIQUE, agent_provider TEXT, created_at TEXT NOT NULL);
         CREATE TABLE sessions (id TEXT PRIMARY KEY, agent_group_id TEXT NOT NULL, \
           messaging_group_id TEXT, thread_id TEXT, agent_provider TEXT, \
           status TEXT DEFAULT 'active', container_status TEXT DEFAULT 'stopped', \
           last_active TEXT, created_at TEXT NOT NULL);
         INSERT INTO agent_groups VALUES ('ag', 'ag', 'ag', NULL, '2026-01-01 00:00:00');
         INSERT INTO sessions (id, agent_group_id, created_at) \
           VALUES ('s', 'ag', '2026-01-01 00:00:00');",
    )?;
    Ok(())
}
