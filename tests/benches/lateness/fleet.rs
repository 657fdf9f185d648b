//! The fleet: session directories with their databases, a run for each, and the engine over them.

use std::collections::BTreeMap;
use std::sync::Arc;

use agent_sim::fixture::{Root, Session};
use sweepd_decide::{AgentId, Policy, Span, Timestamp};
use sweepd_store::nanoclaw::Root as Opened;
use sweepd_store::state::StateDb;
use sweepd_sweep::adapters::{NanoclawHints, NanoclawSource, SqliteState};
use sweepd_sweep::sim::{ManualClock, SimRuntime, SimWaker};
use sweepd_sweep::{
    AGENT_LABEL, AgentRules, Engine, INSTALL_LABEL, Mode, Options, SourceSetup, SystemClock,
};
use tempfile::TempDir;

use crate::clock::now;
use crate::ports::{Stopwatch, TimedRuntime, TimedSource, TimedState, TimedWaker};

const INSTALL: &str = "lateness";
/// One agent.
#[derive(Debug, Clone)]
pub(crate) struct Agent {
    pub(crate) id: AgentId,
    pub(crate) session: Session,
    pub(crate) started: Timestamp,
    pub(crate) policy: Policy,
}

/// All of them, and what looks after them.
#[derive(Debug)]
pub(crate) struct Fleet {
    pub(crate) dir: TempDir,
    pub(crate) agents: Vec<Agent>,
    pub(crate) runtime: TimedRuntime,
    pub(crate) waker: TimedWaker,
}

impl Fleet {
    /// So many agents, each up for an hour and with a fresh heartbeat. A claim of theirs is
    /// tolerated for so long, and some milliseconds more: claims are written in whole seconds, and
    /// deadlines would all fall on the same instant of a second.
    pub(crate) fn new(size: usize, tolerance: Span, watch: &Arc<Stopwatch>) -> Self {
        let dir = TempDir::new().unwrap();
        let started = now().minus(Span::from_mins(60));
        let root = Root::create(dir.path().join("nanoclaw"), started).unwrap();
        let hands = Arc::new(ManualClock::at(started));
        let sim = SimRuntime::new(Arc::clone(&hands));
        let mut agents = Vec::new();
        let mut homes = BTreeMap::new();
        for n in 0..size {
            let (group, name) = (format!("ag-{}", n % 20), format!("sess-{n:04}"));
            let session = root.session(&group, &name, started).unwrap();
            let id = AgentId::new(format!("nanoclaw/{group}/{name}"));
            let labels = BTreeMap::from([
                (INSTALL_LABEL.to_owned(), INSTALL.to_owned()),
                (AGENT_LABEL.to_owned(), id.to_string()),
            ]);
            sim.start(session.dir(), labels);
            session.heartbeat(now()).unwrap();
            homes.insert(id.clone(), session.dir().to_owned());
            let mut policy = Policy::default();
            let more = i64::try_from(n * 7919 % 1000).unwrap();
            policy.claim_tolerance = tolerance.plus(Span::from_millis(more));
            agents.push(Agent { id, session, started, policy });
        }
        let waker = SimWaker::new(sim.clone(), homes).labeled(INSTALL);
        let runtime = TimedRuntime::new(sim, Arc::clone(&hands), Arc::clone(watch));
        let waker = TimedWaker::new(waker, hands);
        Self { dir, agents, runtime, waker }
    }

    /// The engine as `sweepd run` has it, but for the runtime and the brake.
    pub(crate) fn engine(&self, watch: &Arc<Stopwatch>) -> Engine {
        let root = Arc::new(Opened::open(&self.dir.path().join("nanoclaw")).unwrap());
        let db = StateDb::open(&self.dir.path().join("state"), now()).unwrap();
        let state = TimedState::new(SqliteState::new(Some(db)), Arc::clone(watch));
        let hints = NanoclawHints::new(root.data());
        let source = TimedSource::new(NanoclawSource::new("nanoclaw", root), Arc::clone(watch));
        let (runtime, waker) = (Arc::new(self.runtime.clone()), Arc::new(self.waker.clone()));
        let mut setup = SourceSetup::new(Arc::new(source), runtime, waker);
        setup.mode = Mode::Enforce;
        setup.hints = vec![Arc::new(hints)];
        let policies = self.agents.iter().map(|on| (on.id.clone(), on.policy.clone())).collect();
        setup.rules = Arc::new(Rules(policies));
        let mut options = Options::default();
        options.mode = Mode::Enforce;
        // Everybody hangs within a minute, and that is no reason to hold anything here.
        options.brake.floor = u32::MAX;
        let clock = Arc::new(SystemClock::new());
        Engine::new(clock, Arc::new(state), INSTALL, vec![setup], options)
    }
}

/// Limits agent by agent.
struct Rules(BTreeMap<AgentId, Policy>);

impl AgentRules for Rules {
    fn policy(&self, agent: &AgentId) -> Policy {
        self.0.get(agent).cloned().unwrap_or_default()
    }

    fn mode(&self, _agent: &AgentId) -> Option<Mode> {
        None
    }
}
