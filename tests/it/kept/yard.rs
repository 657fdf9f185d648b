//! A yard of containers, and a clock at which things happen to them.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use sweepd_decide::keep::KeepPolicy;
use sweepd_decide::{AgentId, Policy, RunId, Span, Timestamp};
use sweepd_sweep::adapters::NoWaker;
use sweepd_sweep::ports::{
    Clock, ClockReading, Doing, Enlisted, Expected, Hint, Hints, HostState, PortError, Roster,
    Source, State as _,
};
use sweepd_sweep::sim::{ManualClock, SimKeeper, SimRuntime};
use sweepd_sweep::{
    AGENT_LABEL, AgentRules, Engine, INSTALL_LABEL, IncidentReport, Mode, Options, Report,
    SourceSetup,
};
use tokio::sync::Notify;

use super::lock;
use super::store::Store;

/// The beginning of every story.
pub(super) const BEGIN: Timestamp = Timestamp::from_millis(1_790_000_000_000);
/// Whose containers they are.
pub(super) const INSTALL: &str = "this-one";

/// So many milliseconds into the story.
pub(super) fn at(ms: i64) -> Timestamp {
    BEGIN.plus(Span::from_millis(ms))
}

pub(super) fn id(name: &str) -> AgentId {
    AgentId::new(format!("yard/{name}"))
}

/// Something that happens.
type Deed = Box<dyn Fn(&Yard) + Send>;

/// Everything there is.
#[derive(Clone)]
pub(super) struct Yard {
    pub(super) clock: Arc<ManualClock>,
    pub(super) store: Arc<Store>,
    pub(super) runtime: SimRuntime,
    pub(super) keeper: SimKeeper,
    pub(super) roster: Arc<Mutex<Names>>,
    script: Arc<Mutex<BTreeMap<Timestamp, Vec<Deed>>>>,
    pub(super) mode: Mode,
    pub(super) remove_orphans: Option<std::time::Duration>,
    /// An agent that is only looked at, whatever the mode.
    pub(super) observed: Option<AgentId>,
    /// Who tells of runs. `None`: nobody, and everybody is looked at each minute.
    pub(super) hints: Option<Arc<Told>>,
}

/// Runs that something has happened to.
#[derive(Default)]
pub(super) struct Told {
    runs: Mutex<Vec<RunId>>,
    more: Notify,
}

impl Told {
    pub(super) fn tell(&self, run: &RunId) {
        lock(&self.runs).push(run.clone());
        self.more.notify_one();
    }
}

impl Hints for Told {
    fn next(&self) -> Doing<'_, Vec<Hint>> {
        Box::pin(async move {
            loop {
                let told: Vec<RunId> = lock(&self.runs).drain(..).collect();
                if !told.is_empty() {
                    return told.into_iter().map(Hint::Run).collect();
                }
                self.more.notified().await;
            }
        })
    }

    fn watch<'a>(&'a self, _: &'a [Enlisted]) -> Doing<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Who is expected.
#[derive(Default)]
pub(super) struct Names {
    pub(super) expected: BTreeMap<String, KeepPolicy>,
    pub(super) resting: Vec<AgentId>,
    pub(super) refused: Vec<(String, String)>,
    pub(super) unread: Option<String>,
    pub(super) fails: bool,
}

impl Yard {
    /// Containers of these names are expected, and up.
    pub(super) fn with(names: &[&str]) -> Self {
        let yard = Self::expecting(names);
        for name in names {
            yard.make(name);
        }
        yard
    }

    /// They are expected, and not there.
    pub(super) fn expecting(names: &[&str]) -> Self {
        let clock = Arc::new(ManualClock::at(BEGIN));
        let runtime = SimRuntime::new(Arc::clone(&clock));
        let keeper = SimKeeper::new(runtime.clone(), INSTALL);
        let yard = Self {
            clock,
            store: Arc::new(Store::default()),
            runtime,
            keeper,
            roster: Arc::default(),
            script: Arc::default(),
            mode: Mode::Enforce,
            remove_orphans: None,
            observed: None,
            hints: None,
        };
        for name in names {
            yard.expect(name, KeepPolicy::default());
        }
        yard
    }

    pub(super) fn expect(&self, name: &str, policy: KeepPolicy) {
        lock(&self.roster).expected.insert(name.to_owned(), policy);
    }

    /// Somebody makes a container of this name.
    pub(super) fn make(&self, name: &str) -> RunId {
        self.runtime.make(name, BTreeMap::new()).unwrap()
    }

    /// sweepd makes one, as far as it comes.
    pub(super) fn make_ours(&self, name: &str) -> RunId {
        let labels = BTreeMap::from([
            (INSTALL_LABEL.to_owned(), INSTALL.to_owned()),
            (AGENT_LABEL.to_owned(), id(name).to_string()),
        ]);
        self.runtime.make(name, labels).unwrap()
    }

    /// Somebody does `docker rm -f`.
    pub(super) fn remove(&self, name: &str) {
        let run = self.runtime.named(name).unwrap();
        self.runtime.exit(&run, 137);
        self.runtime.vanish(&run);
    }

    /// Somebody does `docker stop`.
    pub(super) fn stop(&self, name: &str) {
        self.runtime.exit(&self.runtime.named(name).unwrap(), 143);
    }

    /// Something happens at an instant of the story, whoever waits meanwhile.
    pub(super) fn at(&self, ms: i64, deed: impl Fn(&Self) + Send + 'static) {
        lock(&self.script).entry(at(ms)).or_default().push(Box::new(deed));
    }

    pub(super) fn engine(&self) -> Engine {
        let source = Arc::new(self.clone());
        let runtime = Arc::new(self.runtime.clone());
        let mut setup = SourceSetup::new(source.clone(), runtime, Arc::new(NoWaker::new()));
        setup.keeper = Some(Arc::new(self.keeper.clone()));
        setup.learner = Some(Arc::new(self.keeper.clone()));
        setup.mode = self.mode;
        setup.remove_orphans = self.remove_orphans;
        setup.rules = source.clone();
        let mut options = Options::default();
        options.mode = self.mode;
        if let Some(hints) = &self.hints {
            setup.hints = vec![hints.clone()];
            options.resync = std::time::Duration::from_hours(1);
        }
        Engine::new(source, self.store.clone(), INSTALL, vec![setup], options)
    }

    /// One call of its own, by a process of its own.
    pub(super) async fn sweep(&self) -> Report {
        self.happen();
        self.engine().sweep().await.unwrap()
    }

    /// The daemon runs until that instant. What is open then is in the report.
    pub(super) async fn run_until(&self, ms: i64) -> Report {
        let over =
            poll_fn(|_| if self.clock.now() >= at(ms) { Poll::Ready(()) } else { Poll::Pending });
        let mut report = self.engine().run(over).await.unwrap();
        let open = self.store.incidents().await.unwrap();
        report.incidents = open.iter().map(IncidentReport::from).collect();
        report
    }

    /// Lets happen whatever is due by now.
    fn happen(&self) {
        loop {
            let due = {
                let mut script = lock(&self.script);
                script
                    .first_entry()
                    .filter(|first| *first.key() <= self.clock.now())
                    .map(|e| e.remove())
            };
            let Some(deeds) = due else { return };
            for deed in deeds {
                deed(self);
            }
        }
    }

    /// What has happened to a container so far, oldest first, and when.
    pub(super) fn events(&self, name: &str) -> Vec<(i64, &'static str)> {
        let own =
            self.store.events().into_iter().filter(|(_, event)| event.agent == Some(id(name)));
        let told = own.filter(|(_, event)| event.kind.as_str() != "decision_changed");
        told.map(|(at, event)| (at.since(BEGIN).as_millis(), event.kind.as_str())).collect()
    }

    /// The data of the last event of a kind.
    pub(super) fn last(&self, kind: &str) -> serde_json::Value {
        let events = self.store.events();
        let last = events.iter().rfind(|(_, event)| event.kind.as_str() == kind);
        last.map_or_else(|| panic!("no {kind}"), |(_, event)| event.data.clone())
    }

    /// How far the story has come.
    pub(super) fn clock_ms(&self) -> i64 {
        self.clock.now().since(BEGIN).as_millis()
    }

    /// Whether a container of this name is up.
    pub(super) fn is_up(&self, name: &str) -> bool {
        let run = self.runtime.named(name).and_then(|run| self.runtime.run(&run));
        run.is_some_and(|run| run.state.is_up())
    }
}

/// The keys of the incidents that are open.
pub(super) fn open(report: &Report) -> Vec<&str> {
    report.incidents.iter().map(|incident| incident.key.as_str()).collect()
}

/// What was done to one container, and how that went.
pub(super) fn done(report: &Report, name: &str) -> Vec<String> {
    let own = report.agents.iter().filter(|agent| agent.id == id(name));
    let effects = own.flat_map(|agent| &agent.effects);
    effects.map(|one| format!("{} {:?}", one.effect, one.outcome)).collect()
}

impl Clock for Yard {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn reading(&self) -> ClockReading {
        self.clock.reading()
    }

    /// Time passes up to `at`, or up to the next thing that happens.
    fn sleep_until(&self, at: Timestamp) -> Doing<'_, ()> {
        Box::pin(async move {
            let next = lock(&self.script).keys().next().copied();
            let at = next.map_or(at, |next| next.min(at));
            if at > self.now() {
                self.clock.set(at);
            }
            self.happen();
        })
    }
}

impl AgentRules for Yard {
    fn policy(&self, _: &AgentId) -> Policy {
        Policy::default()
    }

    fn mode(&self, agent: &AgentId) -> Option<Mode> {
        (self.observed.as_ref() == Some(agent)).then_some(Mode::Observe)
    }
}

impl Source for Yard {
    fn name(&self) -> &'static str {
        "yard"
    }

    fn roster(&self) -> Doing<'_, Result<Roster, PortError>> {
        Box::pin(async move {
            let names = lock(&self.roster);
            if names.fails {
                return Err(PortError::unreachable("read the registry", "it is torn"));
            }
            let enlisted = |(name, policy): (&String, &KeepPolicy)| Enlisted {
                agent: id(name),
                workspace: None,
                places: BTreeMap::new(),
                ghost: None,
                container: Some(Expected { name: name.clone(), policy: policy.clone() }),
            };
            Ok(Roster {
                agents: names.expected.iter().map(enlisted).collect(),
                resting: names.resting.clone(),
                refused: names.refused.clone(),
                unread: names.unread.clone(),
            })
        })
    }

    fn host(&self) -> Doing<'_, HostState> {
        Box::pin(std::future::ready(HostState::Absent))
    }
}
