//! The stage: a NanoClaw-shaped directory, an engine over it, and the agents' words.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use agent_sim::fixture::{Message, Root, Session};
use anyhow::Context as _;
use sweepd_decide::{AgentId, Policy, Timestamp};
use sweepd_store::state::StateDb;
use sweepd_sweep::adapters::{
    NanoclawSource, ProcessRuntime, ProcessWake, ProcessWaker, SqliteState,
};
use sweepd_sweep::ports::{Commit, Incident, Runtime as _, State as _};
use sweepd_sweep::{AgentRules, Engine, Mode, Options, SourceSetup, SystemClock};
use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedSender;

use super::agent::WORDS;
use super::cast::{CAST, Outcome, Part, policy};
use super::log::Log;
use super::tee::TeeState;

/// Source and agent group of everybody here.
const SOURCE: &str = "demo";
const GROUP: &str = "ag-1";

/// Everything the demo plays on; removed with it.
pub(super) struct Stage {
    dir: TempDir,
    engine: Engine,
    state: SqliteState,
    runtime: ProcessRuntime,
    sessions: Vec<(&'static Part, Session)>,
}

impl Stage {
    pub(super) fn set(now: Timestamp, told: UnboundedSender<Commit>) -> anyhow::Result<Self> {
        let dir = TempDir::with_prefix("sweepd-demo-").context("cannot make a directory")?;
        let root = Root::create(dir.path().join("nanoclaw"), now)?;
        let mut sessions = Vec::new();
        for part in CAST {
            let session = root.session(GROUP, part.name, now)?;
            std::fs::write(session.dir().join(WORDS), part.words)?;
            session.message(&Message::chat("msg-1", now))?;
            sessions.push((part, session));
        }
        let db = StateDb::open(&dir.path().join("state"), now)?;
        let install = db.install();
        let state = SqliteState::new(Some(db));
        let logs = dir.path().join("logs");
        let runtime = ProcessRuntime::new(install.as_str(), logs, 1 << 20, [])?;
        let opened = sweepd_store::nanoclaw::Root::open(root.path())?;
        let source = NanoclawSource::new(SOURCE, Arc::new(opened));
        let waker = ProcessWaker::new(runtime.clone(), wake()?);
        let mut setup =
            SourceSetup::new(Arc::new(source), Arc::new(runtime.clone()), Arc::new(waker));
        setup.mode = Mode::Enforce;
        setup.rules = Arc::new(DemoRules);
        let mut options = Options::default();
        options.mode = Mode::Enforce;
        options.resync = Duration::from_secs(1);
        options.grace = Duration::from_secs(2);
        let tee = TeeState::new(state.clone(), told);
        let clock = Arc::new(SystemClock::new());
        let engine = Engine::new(clock, tee, install, vec![setup], options);
        Ok(Self { dir, engine, state, runtime, sessions })
    }

    pub(super) fn root(&self) -> &Path {
        self.dir.path()
    }

    pub(super) const fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn sessions(&self) -> &[(&'static Part, Session)] {
        &self.sessions
    }

    pub(super) async fn incidents(&self) -> anyhow::Result<Vec<Incident>> {
        Ok(self.state.incidents().await?)
    }

    /// Agents that get better after their first stop do.
    pub(super) fn react(&self, log: &Log) -> anyhow::Result<()> {
        for (part, session) in &self.sessions {
            if let Some(words) = part.after_stop.filter(|_| log.of(part).stopped.is_some()) {
                std::fs::write(session.dir().join(WORDS), words)?;
            }
        }
        Ok(())
    }

    /// Ends whatever still runs, and removes the files.
    pub(super) async fn clear(&self) -> anyhow::Result<()> {
        // A wake that was cut short may still have begun a process: look again.
        for _ in 0..3 {
            let listed = self.runtime.list().await.context("failed to list the demo's agents")?;
            let up: Vec<_> = listed.into_iter().filter(|seen| seen.state.is_up()).collect();
            if up.is_empty() {
                break;
            }
            for seen in up {
                let run = sweepd_decide::Run { id: seen.run, started_at: seen.created };
                // A process that survives this is named by the operating system's own tools.
                drop(self.runtime.stop(&run, Duration::from_secs(1)).await);
            }
        }
        let dir = self.dir.path();
        std::fs::remove_dir_all(dir).with_context(|| format!("failed to remove {}", dir.display()))
    }
}

/// The id of a part.
pub(super) fn agent(part: &Part) -> AgentId {
    AgentId::new(format!("{SOURCE}/{GROUP}/{}", part.name))
}

/// The agent is this very program.
fn wake() -> anyhow::Result<ProcessWake> {
    let own = std::env::current_exe().context("cannot find this program")?;
    let mut wake = ProcessWake::default();
    wake.argv =
        vec![own.display().to_string(), "demo-agent".to_owned(), "{session_dir}".to_owned()];
    Ok(wake)
}

/// Everybody is held to the demo's limits.
struct DemoRules;

impl AgentRules for DemoRules {
    fn policy(&self, id: &AgentId) -> Policy {
        let part = CAST.iter().find(|part| agent(part) == *id);
        part.map_or_else(Policy::default, policy)
    }

    fn mode(&self, _agent: &AgentId) -> Option<Mode> {
        None
    }
}

impl Part {
    /// The status its message has to end with.
    pub(super) const fn ends(&self) -> &'static str {
        match self.outcome {
            Outcome::DeadLetter => "failed",
            Outcome::Answered | Outcome::Stopped { .. } | Outcome::Unmasked | Outcome::Reaped => {
                "completed"
            }
        }
    }
}
