//! The world of a scenario: a NanoClaw directory, containers that are entries in a map, a clock.
//!
//! It does what the upper half says and knows nothing of what should come of it.

use std::collections::BTreeMap;
use std::os::unix::net::UnixListener;
use std::sync::Arc;

use agent_sim::fixture::{self, Session};
use anyhow::{Context as _, Result, bail};
use rusqlite::Connection;
use sweepd_decide::{AgentId, RunId, Timestamp};
use sweepd_sweep::sim::{ManualClock, SimRuntime, SimWaker, WakeScript};
use tempfile::TempDir;

use super::act::What;
use super::clock::StepClock;
use super::faults::Faults;
use super::names::Names;
use super::settings::{PREFIX, Settings};
use super::time::Origin;

mod container;
mod damage;
mod queue;
mod rows;
mod sweepd;

pub(super) use rows::{Change, Rows};
pub(super) use sweepd::start;

/// The group that every session belongs to.
const GROUP: &str = "ag";

/// Everything outside of sweepd, and the state that it keeps.
#[derive(Debug)]
pub(super) struct World {
    dir: TempDir,
    pub(super) origin: Origin,
    pub(super) hands: Arc<ManualClock>,
    pub(super) clock: Arc<StepClock>,
    pub(super) runtime: SimRuntime,
    pub(super) waker: SimWaker,
    pub(super) faults: Arc<Faults>,
    pub(super) names: Names,
    root: fixture::Root,
    sessions: BTreeMap<String, Session>,
    host: Option<UnixListener>,
    /// `outbound.db` of a session before it was damaged.
    spare: BTreeMap<String, Vec<u8>>,
    /// Whoever holds `outbound.db` of a session locked.
    locks: BTreeMap<String, Connection>,
}

impl World {
    /// An empty directory with the header's sessions, at the instant `begin`.
    pub(super) fn new(settings: &Settings, begin: Timestamp) -> Result<Self> {
        let dir = TempDir::new().context("make a directory")?;
        let root = fixture::Root::create(dir.path().canonicalize()?.join("root"), begin)?;
        let hands = Arc::new(ManualClock::at(begin));
        let runtime = SimRuntime::new(Arc::clone(&hands));
        let mut sessions = BTreeMap::new();
        let mut homes = BTreeMap::new();
        for agent in &settings.agents {
            let session = root.session(GROUP, agent, begin)?;
            let id = AgentId::new(format!("{PREFIX}{agent}"));
            homes.insert(id, session.dir().to_owned());
            sessions.insert(agent.clone(), session);
        }
        Ok(Self {
            origin: Origin(settings.start),
            clock: Arc::new(StepClock::new(Arc::clone(&hands))),
            waker: SimWaker::new(runtime.clone(), homes),
            faults: Arc::default(),
            names: Names::default(),
            host: None,
            spare: BTreeMap::new(),
            locks: BTreeMap::new(),
            dir,
            hands,
            runtime,
            root,
            sessions,
        })
    }

    /// Now.
    pub(super) fn now(&self) -> Timestamp {
        use sweepd_sweep::ports::Clock as _;
        self.hands.now()
    }

    /// Does what does not concern sweepd itself.
    pub(super) async fn act(&mut self, what: &What) -> Result<()> {
        match what {
            What::Suspend(span) => self.hands.suspend(*span),
            What::Stall(span) => self.hands.advance(*span),
            What::Step(span) => self.hands.step(*span),
            What::State { writable } => self.faults.set_unwritable(!writable),
            What::Runtime { up } => {
                self.runtime.set_down(!up);
                self.faults.speak();
            }
            What::Silent(question) => self.faults.fall_silent(*question),
            What::Host { alive: true } => self.host = Some(self.root.host()?),
            What::Host { alive: false } => self.host = None,
            What::Wakes { succeed, clear_heartbeat } => self
                .waker
                .script(WakeScript { succeeds: *succeed, clears_heartbeat: *clear_heartbeat }),
            What::Agent { agent, deed } => self.deed(agent, deed).await?,
            What::Sweep
            | What::Run
            | What::End
            | What::Kill
            | What::Mode(_)
            | What::Crash(_)
            | What::Amid(_) => bail!("that is not the world's to do"),
        }
        Ok(())
    }

    /// Gives a name to every run that sweepd has started.
    pub(super) async fn meet_runs(&mut self) -> Result<()> {
        use sweepd_sweep::ports::Runtime as _;
        let unknown = |run: &RunId| self.names.run(run).is_none();
        if !self.runtime.up().iter().any(unknown) {
            return Ok(());
        }
        for seen in self.runtime.list().await? {
            let home = |(_, session): &(&String, &Session)| {
                Some(session.dir()) == seen.workspace.as_deref()
            };
            if let Some((agent, _)) = self.sessions.iter().find(home) {
                self.names.meet(agent, &seen.run);
            }
        }
        Ok(())
    }

    fn session(&self, agent: &str) -> Result<&Session> {
        self.sessions.get(agent).with_context(|| format!("there is no {agent}"))
    }
}
