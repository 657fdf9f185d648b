//! What a host hands to the engine: sources with their runtimes and wakers, policies, options.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sweepd_decide::silent::SilencePolicy;
use sweepd_decide::{AgentId, BrakePolicy, Policy, Span};
use sweepd_schedule::Zone;

use crate::mode::Mode;
use crate::ports::{Hints, Keeper, Learner, Monitor, Runtime, Source, Waker};

/// A source, what runs its agents, how they are woken, and what they are held to.
#[non_exhaustive]
pub struct SourceSetup {
    /// Where agents and work come from.
    pub source: Arc<dyn Source>,
    /// What runs them.
    pub runtime: Arc<dyn Runtime>,
    /// How they are woken.
    pub waker: Arc<dyn Waker>,
    /// How those of them that are always-on containers are brought back. Nobody.
    pub keeper: Option<Arc<dyn Keeper>>,
    /// Who learns what their runs are made of. Nobody.
    pub learner: Option<Arc<dyn Learner>>,
    /// A container with our label that is nobody's, or one too many, is removed after this. Never.
    pub remove_orphans: Option<Duration>,
    /// How far sweepd goes here.
    pub mode: Mode,
    /// The zone in which cron expressions are read.
    pub zone: Zone,
    /// The host was built without its own sweep: rows may be written beside it.
    pub sole_sweeper: bool,
    /// The value of the host's own label on its containers, where it is known.
    pub host_label: Option<String>,
    /// Limits and mode of single agents.
    pub rules: Arc<dyn AgentRules>,
    /// How silence is looked for. Not at all.
    pub silence: Option<Silence>,
    /// Who, within the installation, looks into silence. Nobody.
    pub monitor: Option<Arc<dyn Monitor>>,
    /// Who tells the daemon when to look before a limit or the resync says so. Nobody.
    pub hints: Vec<Arc<dyn Hints>>,
}

impl SourceSetup {
    /// A source in `observe`, with UTC schedules and default limits for everybody.
    pub fn new(source: Arc<dyn Source>, runtime: Arc<dyn Runtime>, waker: Arc<dyn Waker>) -> Self {
        Self {
            source,
            runtime,
            waker,
            keeper: None,
            learner: None,
            remove_orphans: None,
            mode: Mode::Observe,
            zone: Zone::utc(),
            sole_sweeper: false,
            host_label: None,
            rules: Arc::new(SameForAll(Policy::default())),
            silence: None,
            monitor: None,
            hints: Vec::new(),
        }
    }
}

impl fmt::Debug for SourceSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceSetup")
            .field("source", &self.source.name())
            .field("runtime", &self.runtime.kind())
            .field("waker", &self.waker.kind())
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

/// How silence is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct Silence {
    /// By which rule.
    pub rule: SilenceRule,
    /// Its limits.
    pub policy: SilencePolicy,
    /// At least so often, though nothing changes. 5 min.
    pub every: Span,
}

impl Default for Silence {
    fn default() -> Self {
        let policy = SilencePolicy::default();
        Self { rule: SilenceRule::PerMessage, policy, every: Span::from_mins(5) }
    }
}

/// By which rule silence is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum SilenceRule {
    /// Over turns, message by message.
    PerMessage,
    /// The original's: a session that said nothing at all.
    PerSession,
}

/// The limits an agent is held to, and its mode where it has one of its own.
pub trait AgentRules: Send + Sync {
    /// The limits of one agent.
    fn policy(&self, agent: &AgentId) -> Policy;

    /// Its own mode, if it differs from the source's.
    fn mode(&self, agent: &AgentId) -> Option<Mode>;
}

/// The same limits for everybody.
#[derive(Debug, Clone)]
pub struct SameForAll(pub Policy);

impl AgentRules for SameForAll {
    fn policy(&self, _agent: &AgentId) -> Policy {
        self.0.clone()
    }

    fn mode(&self, _agent: &AgentId) -> Option<Mode> {
        None
    }
}

/// How the engine works, whatever it looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Write nothing, anywhere.
    pub dry_run: bool,
    /// The mode that reports name on top.
    pub mode: Mode,
    /// Agents served at once. 8.
    pub concurrency: usize,
    /// How long one agent may take in one pass. 20 s.
    pub agent_budget: Duration,
    /// Between a polite stop and a kill. 10 s.
    pub grace: Duration,
    /// How long a one-shot call may wait for confirmations, and begin stops: with none at all it
    /// begins no stop. 20 s.
    pub patience: Duration,
    /// A pass over everybody at least this often in `run`. 60 s.
    pub resync: Duration,
    /// Report what comes next for each agent that runs, if nothing changes. No.
    pub forecast: bool,
    /// When so many agents look stuck at once that stops are held.
    pub brake: BrakePolicy,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dry_run: false,
            mode: Mode::Observe,
            concurrency: 8,
            agent_budget: Duration::from_secs(20),
            grace: Duration::from_secs(10),
            patience: Duration::from_secs(20),
            resync: Duration::from_mins(1),
            brake: BrakePolicy::default(),
            forecast: false,
        }
    }
}
