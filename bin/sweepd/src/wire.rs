//! From a configuration to an engine: everything is constructed here, top to bottom.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::anyhow;
use sweepd_decide::{AgentId, Memory, Policy, RunId};
use sweepd_docker::Client;
use sweepd_store::nanoclaw::{Root, RootLock};
use sweepd_store::state::StateDb;
use sweepd_sweep::adapters::{
    CommandWake, CommandWaker, DockerHints, DockerRuntime, DockerWake, DockerWaker, FixedContainer,
    Handover, KeptContainers, LearnedWaker, NanoclawHints, NanoclawSource, NoWaker, ProcessRuntime,
    ProcessWake, ProcessWaker, SqliteState, WakeMount,
};
use sweepd_sweep::ports::{Clock, Hints, Learner, Runtime, Waker};
use sweepd_sweep::{AgentRules, Engine, Mode, Options, SameForAll, SourceSetup, SystemClock};

use crate::config::{self, Config, Containers, Env, Registry, Source, Template, Wake};
use crate::exit::{Exit, Failure};
use crate::ground::{check_ground, lock};
use crate::sinks::Absent;

pub(crate) mod alerts;
mod health;
mod state;

use state::{open_state, remembered};
pub(crate) use state::{remembered_state, some_state};

/// An engine, and what it stands on.
pub(crate) struct Wired {
    pub(crate) engine: Engine,
    pub(crate) state: SqliteState,
    /// Who there is, by source.
    pub(crate) rosters: BTreeMap<String, Arc<dyn sweepd_sweep::ports::Source>>,
    /// Where a damaged state was put: what it knew is lost, so this call only looks.
    pub(crate) damaged: Option<PathBuf>,
    /// What the next engine of this process has to go on with.
    pub(crate) kept: Kept,
    /// Held for as long as anything may be written below the roots.
    _locks: Vec<RootLock>,
}

/// The process runtimes, by source.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept(BTreeMap<String, ProcessRuntime>);

/// What an engine is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To do what the modes allow, for as long as it is let.
    Serve,
    /// To do what the modes allow, once.
    Act,
    /// To do what a person asks for.
    ByHand,
    /// To say what would be done: nothing is written, nothing locked.
    DryRun,
    /// As a dry run, and without waiting for confirmations.
    Glance,
}

impl Purpose {
    /// Whether anything is written.
    const fn acts(self) -> bool {
        matches!(self, Self::Serve | Self::Act | Self::ByHand)
    }
}

/// Has people told that sweepd cannot begin at all, from memory: at most once an hour.
pub(crate) async fn tell_sick(config: &Config, failure: &Failure) {
    let state = SqliteState::new(None);
    let Ok(mut told) = alerts::setup(config, &state, Absent::Mute) else { return };
    told.aside = alerts::aside(&config.state_dir);
    let options = options(config, Purpose::ByHand);
    let clock = Arc::new(SystemClock::new());
    let engine = Engine::new(clock, Arc::new(state), "none", Vec::new(), options);
    engine.with_alerts(told).tell_sick(&failure.in_one_line()).await;
}

/// Puts an engine together.
pub(crate) async fn wire(config: Arc<Config>, purpose: Purpose) -> Result<Wired, Failure> {
    wire_with(config, purpose, Kept::default()).await
}

/// The same, with what an earlier engine of this process has left: the children of a host are
/// reaped by whoever started them.
pub(crate) async fn wire_with(
    config: Arc<Config>,
    purpose: Purpose,
    kept: Kept,
) -> Result<Wired, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let roots = check_ground(&config)?;
    let locks = if purpose.acts() { lock(&config, &roots)? } else { Vec::new() };
    let db = open_state(&config, purpose, clock.as_ref())?;
    let damaged = db.as_ref().and_then(StateDb::set_aside).map(PathBuf::from);
    let install = db.as_ref().map_or_else(|| "none".to_owned(), StateDb::install);
    let state = SqliteState::new(db);
    let remembered = remembered(&state).await?;
    let docker = connect(&config)?;
    let mut setups = Vec::new();
    let mut keeping = kept;
    for (source, (_, root)) in config.sources.iter().zip(&roots) {
        let (config, install, docker, clock) = (&config, &install, &docker, &clock);
        let (state, kept) = (&state, &mut keeping);
        let mut parts = Parts { config, install, state, docker, clock, purpose, kept };
        setups.push(parts.source(source, Arc::clone(root), &remembered)?);
    }
    for source in &config.containers {
        let (config, install, docker, clock) = (&config, &install, &docker, &clock);
        let (state, kept) = (&state, &mut keeping);
        let parts = Parts { config, install, state, docker, clock, purpose, kept };
        setups.push(parts.containers(source));
    }
    let named = |setup: &SourceSetup| (setup.source.name().to_owned(), Arc::clone(&setup.source));
    let rosters = setups.iter().map(named).collect();
    if damaged.is_some() {
        for setup in &mut setups {
            setup.mode = Mode::Observe;
            setup.rules = Arc::new(SameForAll(Policy::default()));
        }
    }
    let options = options(&config, purpose);
    let aside = alerts::aside(&config.state_dir);
    let engine = Engine::new(clock, Arc::new(state.clone()), install, setups, options);
    let engine = match health::credentials(&config) {
        Some(credentials) => engine.with_credentials(Arc::new(credentials)),
        None => engine,
    };
    let engine = if purpose.acts() {
        let absent = if purpose == Purpose::ByHand { Absent::Mute } else { Absent::Refused };
        let mut told = alerts::setup(&config, &state, absent)?;
        told.aside = aside;
        engine.with_alerts(told)
    } else {
        engine
    };
    Ok(Wired { engine, state, rosters, damaged, kept: keeping, _locks: locks })
}

fn options(config: &Config, purpose: Purpose) -> Options {
    let mut options = Options::default();
    options.dry_run = !purpose.acts();
    options.mode = config.mode.into();
    options.concurrency = config.sweep.concurrency;
    options.agent_budget = config.sweep.agent_budget;
    options.resync = config.sweep.interval;
    if purpose == Purpose::Glance {
        options.patience = std::time::Duration::ZERO;
        options.forecast = true;
    }
    options
}

impl Wired {
    /// What a call says that began with a damaged state.
    pub(crate) fn damage(&self) -> Option<String> {
        let aside = self.damaged.as_ref()?;
        Some(format!(
            "the state database was damaged and is kept as {}; this call only looked, the next one \
             begins with a fresh state",
            aside.display()
        ))
    }
}

fn connect(config: &Config) -> Result<Client, Failure> {
    let mut options = sweepd_docker::Options::default();
    options.host.clone_from(&config.docker_host);
    Client::connect(options).map_err(|error| {
        Failure::new(Exit::Usage, error).with_hint("`host` of [docker] names the engine's socket")
    })
}

struct Parts<'a> {
    config: &'a Arc<Config>,
    install: &'a str,
    state: &'a SqliteState,
    docker: &'a Client,
    clock: &'a Arc<dyn Clock>,
    purpose: Purpose,
    kept: &'a mut Kept,
}

impl Parts<'_> {
    fn source(
        &mut self,
        source: &Source,
        root: Arc<Root>,
        remembered: &BTreeMap<AgentId, Memory>,
    ) -> Result<SourceSetup, Failure> {
        let docker: Arc<dyn Runtime> = Arc::new(DockerRuntime::new(self.docker.clone()));
        let engine = Arc::clone(&docker);
        let mut learner: Option<Arc<dyn Learner>> = None;
        let (runtime, waker): (Arc<dyn Runtime>, Arc<dyn Waker>) = match &source.wake {
            Wake::None => (docker, Arc::new(NoWaker::new())),
            Wake::Docker(wake) => {
                let wake = docker_wake(wake);
                (docker, Arc::new(DockerWaker::new(self.docker.clone(), wake, self.install)))
            }
            Wake::Learned => {
                let state = Arc::new(self.state.clone());
                let waker = LearnedWaker::new(self.docker.clone(), state, self.install);
                learner = Some(Arc::new(waker.clone()));
                (docker, Arc::new(waker))
            }
            Wake::Command(wake) => {
                let wake = CommandWake {
                    argv: texts(&wake.argv),
                    cwd: wake.cwd.as_ref().map(ToString::to_string),
                    env: env(&wake.env),
                    timeout: wake.timeout,
                };
                let (runtime, clock) = (Arc::clone(&docker), Arc::clone(self.clock));
                (docker, Arc::new(CommandWaker::new(wake, runtime, clock, self.install)))
            }
            Wake::Process(wake) => {
                let runtime = self.processes(source, wake.log_cap, remembered)?;
                let mut made = ProcessWake::default();
                made.argv = texts(&wake.argv);
                made.cwd = wake.cwd.as_ref().map(ToString::to_string);
                made.env = env(&wake.env);
                (Arc::new(runtime.clone()), Arc::new(ProcessWaker::new(runtime, made)))
            }
        };
        let runtime = self.with_what_is_left(source, runtime, engine, remembered)?;
        let hints = if self.purpose == Purpose::Serve { self.hints(source, &root) } else { vec![] };
        let monitor = health::monitor(source, &root, self.clock);
        let nanoclaw = NanoclawSource::new(&source.name, root);
        let mut setup = SourceSetup::new(Arc::new(nanoclaw), runtime, waker);
        setup.learner = learner;
        setup.mode = source.mode.into();
        setup.zone = source.timezone.clone();
        setup.sole_sweeper = source.sole_sweeper;
        setup.host_label.clone_from(&source.install);
        let (config, name) = (Arc::clone(self.config), source.name.clone());
        setup.silence = health::silence(&config);
        setup.monitor = monitor;
        setup.rules = Arc::new(Rules { config, name });
        setup.hints = hints;
        Ok(setup)
    }

    /// Containers that are expected to be up at all times.
    fn containers(&self, source: &Containers) -> SourceSetup {
        let mut kept = KeptContainers::new(&source.name, self.install, self.docker.clone());
        kept.prefix.clone_from(&source.prefix);
        kept.default_image.clone_from(&source.default_image);
        kept.policy = source.policy(None);
        if let Some(Registry { path, query }) = &source.registry {
            kept.registry = Some((path.clone(), query.clone()));
        }
        let fixed = source.fixed.iter().map(|one| FixedContainer {
            name: one.name.clone(),
            enabled: one.enabled,
            declared: one.declared.clone(),
            policy: source.policy(Some(one)),
        });
        kept.fixed = fixed.collect();
        let kept = Arc::new(kept);
        let runtime = Arc::new(DockerRuntime::new(self.docker.clone()));
        let mut setup = SourceSetup::new(kept.clone(), runtime, Arc::new(NoWaker::new()));
        setup.learner = Some(kept.clone());
        setup.keeper = Some(kept);
        setup.mode = source.mode.into();
        setup.remove_orphans = source.remove_orphans;
        let (config, name) = (Arc::clone(self.config), source.name.clone());
        setup.rules = Arc::new(Rules { config, name });
        if self.purpose == Purpose::Serve {
            let docker = DockerHints::new(self.docker.clone(), Arc::clone(self.clock));
            setup.hints = vec![Arc::new(docker)];
        }
        setup
    }

    /// Who tells the daemon when to look.
    fn hints(&self, source: &Source, root: &Root) -> Vec<Arc<dyn Hints>> {
        let files = NanoclawHints::new(root.data());
        let mut hints: Vec<Arc<dyn Hints>> = vec![Arc::new(files)];
        if !matches!(source.wake, Wake::Process(_)) {
            let docker = DockerHints::new(self.docker.clone(), Arc::clone(self.clock));
            hints.push(Arc::new(docker));
        }
        hints
    }

    /// Runs that another wake kind has started are asked of whoever runs them, until they end.
    fn with_what_is_left(
        &mut self,
        source: &Source,
        runtime: Arc<dyn Runtime>,
        engine: Arc<dyn Runtime>,
        remembered: &BTreeMap<AgentId, Memory>,
    ) -> Result<Arc<dyn Runtime>, Failure> {
        let processes = matches!(source.wake, Wake::Process(_));
        let is_of_before = if processes { is_no_process } else { is_process };
        let own = remembered.iter().filter(|(agent, _)| agent.source() == source.name);
        let mut runs = own.filter_map(|(_, memory)| memory.run.as_ref());
        if !runs.any(|run| is_of_before(&run.id)) {
            return Ok(runtime);
        }
        let before = if processes {
            engine
        } else {
            Arc::new(self.processes(source, u64::MAX, remembered)?)
        };
        Ok(Arc::new(Handover::new(runtime, before, is_of_before)))
    }

    fn processes(
        &mut self,
        source: &Source,
        log_cap: u64,
        remembered: &BTreeMap<AgentId, Memory>,
    ) -> Result<ProcessRuntime, Failure> {
        let own = remembered.iter().filter(|(agent, _)| agent.source() == source.name);
        let own = own.map(|(agent, memory)| (agent.clone(), memory.clone()));
        let logs: PathBuf = self.config.state_dir.join("logs");
        // To cut a log is to write.
        let log_cap = if self.purpose.acts() { log_cap } else { u64::MAX };
        let runtime = match self.kept.0.remove(&source.name) {
            Some(kept) => kept.with_log_cap(log_cap),
            None => ProcessRuntime::new(self.install, logs, log_cap, own)
                .map_err(|error| Failure::new(Exit::Blind, error))?,
        };
        self.kept.0.insert(source.name.clone(), runtime.clone());
        Ok(runtime)
    }
}

/// By how runs are called: see [`RunId`].
fn is_process(run: &RunId) -> bool {
    run.as_str().starts_with("pid:")
}

fn is_no_process(run: &RunId) -> bool {
    !is_process(run)
}

/// What the configuration says about single agents.
struct Rules {
    config: Arc<Config>,
    name: String,
}

impl AgentRules for Rules {
    fn policy(&self, agent: &AgentId) -> Policy {
        let source = self.config.source(&self.name);
        source.map_or_else(Policy::default, |source| self.config.policy_for(source, agent))
    }

    fn mode(&self, agent: &AgentId) -> Option<Mode> {
        let source = self.config.source_mode(&self.name)?;
        Some(self.config.mode_for(source, agent).into())
    }
}

impl From<config::Mode> for Mode {
    fn from(mode: config::Mode) -> Self {
        match mode {
            config::Mode::Observe => Self::Observe,
            config::Mode::Assist => Self::Assist,
            config::Mode::Enforce => Self::Enforce,
        }
    }
}

fn docker_wake(wake: &config::DockerWake) -> DockerWake {
    let mount = |mount: &config::Mount| WakeMount {
        source: mount.source.to_string(),
        target: mount.target.to_string(),
        read_only: mount.read_only,
    };
    let mut made = DockerWake::default();
    made.image = wake.image.to_string();
    made.command = wake.command.as_deref().map(texts);
    made.entrypoint = wake.entrypoint.as_deref().map(texts);
    made.mounts = wake.mounts.iter().map(mount).collect();
    made.env = env(&wake.env);
    made.user = wake.user.as_ref().map(ToString::to_string);
    made
}

fn texts(templates: &[Template]) -> Vec<String> {
    templates.iter().map(ToString::to_string).collect()
}

fn env(env: &Env) -> Vec<(String, String)> {
    env.0.iter().map(|(key, value)| (key.clone(), value.to_string())).collect()
}

/// A source that nobody has.
pub(crate) fn no_such_agent(id: &str) -> Failure {
    let failure = Failure::new(Exit::Usage, anyhow!("there is no agent {id:?}"));
    failure.with_hint("`sweepd status` lists them")
}
