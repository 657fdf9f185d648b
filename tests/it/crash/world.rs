//! Sessions in trouble, everything outside of sweepd, and sweepd's lives over them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use agent_sim::fixture::{Root, Session};
use sweepd_decide::{AgentId, RunId, Timestamp};
use sweepd_store::nanoclaw;
use sweepd_store::state::StateDb;
use sweepd_sweep::adapters::{NanoclawSource, SqliteState};
use sweepd_sweep::ports::{Clock as _, Runtime, Source, State, Waker};
use sweepd_sweep::sim::{ManualClock, SimRuntime, SimWaker, WakeScript};
use sweepd_sweep::{
    AGENT_LABEL, Engine, INSTALL_LABEL, Mode, Options, Outcome, Report, SourceSetup,
};
use sweepd_tests::faulty::{Faulty, Fuse};
use tempfile::TempDir;

use super::disk::put_back;
use super::trouble::{self, DEAF};

/// When the call under test begins: not on a whole second, so that rounding would show.
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_795_341_600_789);

/// The sessions, and everything outside of sweepd.
pub(super) struct World {
    pub(super) sessions: &'static [&'static str],
    pub(super) clock: Arc<ManualClock>,
    pub(super) runtime: SimRuntime,
    root: Root,
    dir: TempDir,
    waker: SimWaker,
    /// What ran before the call under test.
    before: SimRuntime,
}

impl World {
    /// These sessions as they are before the call at [`NOW`].
    pub(super) async fn of(sessions: &'static [&'static str]) -> Self {
        let dir = place();
        let path = dir.path().canonicalize().unwrap().join(LIVE);
        let root = Root::create(path, trouble::BEGIN).unwrap();
        for name in sessions {
            root.session(GROUP, name, trouble::BEGIN).unwrap();
        }
        let clock = Arc::new(ManualClock::at(trouble::BEGIN));
        let runtime = SimRuntime::new(Arc::clone(&clock));
        let (before, waker) = (runtime.fork(), waker(&root, sessions, &runtime));
        let mut world = Self { sessions, clock, runtime, root, dir, waker, before };
        trouble::make(&world).await;
        world.clock.set(NOW);
        world.before = world.runtime.fork();
        put_back(world.root.path(), &world.dir.path().join(KEPT));
        world.rewind();
        world
    }

    /// Everything as it was when it was new.
    pub(super) fn rewind(&mut self) {
        put_back(&self.dir.path().join(KEPT), self.root.path());
        self.clock.set(NOW);
        self.runtime = self.before.fork();
        self.waker = waker(&self.root, self.sessions, &self.runtime);
    }

    /// A process: a fresh engine over the files, one call, and its end. `None`: it was killed.
    pub(super) async fn life(&self, fuse: &Arc<Fuse>) -> Option<Report> {
        let state = StateDb::open(&self.state_dir(), self.clock.now()).unwrap();
        let state: Arc<dyn State> = Arc::new(SqliteState::new(Some(state)));
        let root = Arc::new(nanoclaw::Root::open(self.root.path()).unwrap());
        let source: Arc<dyn Source> = Arc::new(NanoclawSource::new(SOURCE, root));
        let runtime: Arc<dyn Runtime> = Arc::new(self.runtime.clone());
        let waker: Arc<dyn Waker> = Arc::new(self.waker.clone());
        let mut setup = SourceSetup::new(
            Arc::new(Faulty::new(source, fuse)),
            Arc::new(Faulty::new(runtime, fuse)),
            Arc::new(Faulty::new(waker, fuse)),
        );
        setup.mode = Mode::Enforce;
        let mut options = Options::default();
        options.mode = Mode::Enforce;
        // One after the other, so that step n is the same step each time.
        options.concurrency = 1;
        let state = Arc::new(Faulty::new(state, fuse));
        let engine = Engine::new(self.clock.clone(), state, INSTALL, vec![setup], options);
        tokio::select! {
            biased;
            () = fuse.blown() => None,
            report = engine.sweep() => Some(report.unwrap()),
        }
    }

    /// Calls until one finds nothing more to do. `false`: it was killed.
    pub(super) async fn until_quiet(&self, fuse: &Arc<Fuse>) -> bool {
        for _ in 0..ENOUGH {
            let Some(report) = self.life(fuse).await else { return false };
            assert_eq!(report.trouble, Vec::<String>::new());
            let mut effects = report.agents.iter().flat_map(|agent| &agent.effects);
            if effects.all(|effect| effect.outcome == Outcome::Held) {
                return true;
            }
        }
        unreachable!("after {ENOUGH} calls there is still something to do");
    }

    pub(super) fn session(&self, name: &str) -> Session {
        self.root.find(GROUP, name)
    }

    pub(super) fn state_dir(&self) -> PathBuf {
        self.root.path().join("state")
    }

    /// Starts a run of ours.
    pub(super) fn start(&self, name: &str) -> RunId {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let labels = [pair(INSTALL_LABEL, INSTALL), pair(AGENT_LABEL, agent(name).as_str())];
        self.runtime.start(self.session(name).dir(), labels.into())
    }

    /// The run of a session that is up.
    pub(super) async fn run_of(&self, name: &str) -> RunId {
        let dir = self.session(name).dir().to_owned();
        let list = self.runtime.list().await.unwrap();
        let mut up = list.into_iter().filter(|run| run.state.is_up());
        up.find(|run| run.workspace.as_deref() == Some(&*dir)).unwrap().run
    }
}

pub(super) fn agent(name: &str) -> AgentId {
    AgentId::new(format!("{SOURCE}/{GROUP}/{name}"))
}

fn waker(root: &Root, sessions: &[&str], runtime: &SimRuntime) -> SimWaker {
    let home = |name: &&str| (agent(name), root.find(GROUP, name).dir().to_owned());
    let homes = sessions.iter().map(home).collect();
    let waker = SimWaker::new(runtime.clone(), homes).labeled(INSTALL);
    let deaf = WakeScript { succeeds: false, ..WakeScript::default() };
    waker.script_for(&agent(DEAF), deaf);
    waker
}

/// In memory where there is such a place: thousands of commits wait for the disk otherwise.
fn place() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap()
}

/// Root and state directory, and the same as they were before the call under test.
const LIVE: &str = "live";
const KEPT: &str = "kept";
const SOURCE: &str = "nanoclaw";
const GROUP: &str = "ag-1";
const INSTALL: &str = "crash-tests";
/// More calls than anything here takes.
const ENOUGH: usize = 8;
