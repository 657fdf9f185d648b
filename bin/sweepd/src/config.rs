//! What is sweepd told to do?
//!
//! [`Config`] is complete and parsed: defaults are filled in, paths are absolute, names are known.
//! How it got that way is in the files below: `load` finds and reads the file, `resolve` turns
//! its shape into this, `check` finds what is allowed but hardly meant, `show` writes it down
//! again. Nothing here acts.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use sweepd_decide::{AgentId, Policy};
use sweepd_schedule::Zone;

pub(crate) mod alerts;
mod check;
mod containers;
pub(crate) mod dotenv;
pub(crate) mod duration;
mod examine;
mod file;
mod find;
mod finding;
mod glob;
pub(crate) mod health;
mod later;
mod load;
mod origin;
mod place;
mod policy;
mod regular;
mod resolve;
mod shape;
mod show;
mod size;
mod standing;
mod suggest;
mod surroundings;
mod template;

pub(crate) use alerts::{Alerts, Kept};
pub(crate) use check::{check, warnings};
pub(crate) use containers::{Container, Containers, OnStopped, RECREATE, Registry};
pub(crate) use find::FindError;
pub(crate) use finding::{Finding, Severity};
pub(crate) use glob::Glob;
pub(crate) use health::{Credential, HealthMonitor, SilentFailure};
pub(crate) use load::{LoadError, Loaded, load};
pub(crate) use policy::Change;
pub(crate) use resolve::value::{instant, no_instant};
pub(crate) use show::{show, show_agent};
pub(crate) use standing::state_dir_fault;
pub(crate) use suggest::nearest;
pub(crate) use surroundings::Surroundings;
pub(crate) use template::{Placeholder, Template};

/// A complete configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    /// Where sweepd keeps its own database and logs. Absolute.
    pub(crate) state_dir: PathBuf,
    /// What it may do where nothing else is said.
    pub(crate) mode: Mode,
    /// How often it looks at everybody, and at how many at once.
    pub(crate) sweep: Sweep,
    /// Changes to the default policy, for all agents.
    pub(crate) policy: Vec<Change>,
    /// Changes for some agents, in the file's order.
    pub(crate) overrides: Vec<Override>,
    /// Where the container engine listens, `unix:///…`.
    pub(crate) docker_host: String,
    /// NanoClaw installations, in the file's order; names are unique among all sources.
    pub(crate) sources: Vec<Source>,
    /// Sources of always-on containers, in the file's order.
    pub(crate) containers: Vec<Containers>,
    /// Whom to tell, how, and when not.
    pub(crate) alerts: Alerts,
    /// How silence is looked for.
    pub(crate) silent_failure: SilentFailure,
    /// Which credentials are watched, in the file's order.
    pub(crate) credentials: Vec<Credential>,
}

/// How much sweepd may do to an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mode {
    /// Look, and say.
    #[default]
    Observe,
    /// Help a live host that sweeps itself.
    Assist,
    /// Do everything.
    Enforce,
}

/// How passes are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sweep {
    /// Between two looks at everybody.
    pub(crate) interval: Duration,
    /// How many agents are looked at at once. At least 1.
    pub(crate) concurrency: usize,
    /// How long one agent may take in a pass.
    pub(crate) agent_budget: Duration,
}

/// An `[[agent]]`: what is different for the agents whose ids fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Override {
    pub(crate) pattern: Glob,
    pub(crate) mode: Option<Mode>,
    pub(crate) changes: Vec<Change>,
}

/// A `[[source]]` of kind `nanoclaw`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// Its number among all `[[source]]` tables.
    pub(crate) nth: usize,
    /// What its agents' ids start with. No `/` in it.
    pub(crate) name: String,
    /// The installation's directory. Absolute, not yet canonical.
    pub(crate) root: PathBuf,
    /// What sweepd may do to its agents.
    pub(crate) mode: Mode,
    /// The zone its cron expressions are read in.
    pub(crate) timezone: Zone,
    /// The value of label `nanoclaw-install` on its containers, where it is not the usual one.
    pub(crate) install: Option<String>,
    /// Whether its host is known not to sweep itself.
    pub(crate) sole_sweeper: bool,
    /// Changes to the policy, for its agents.
    pub(crate) policy: Vec<Change>,
    /// How an agent of it is started.
    pub(crate) wake: Wake,
    /// The monitor within it.
    pub(crate) monitor: HealthMonitor,
}

/// A `[source.wake]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wake {
    /// Not at all.
    None,
    /// As a container.
    Docker(DockerWake),
    /// As the last container of its group that was seen up.
    Learned,
    /// By a command that starts it and ends.
    Command(CommandWake),
    /// As a supervised child process.
    Process(ProcessWake),
}

/// A container to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DockerWake {
    pub(crate) image: Template,
    /// `None`: the image's.
    pub(crate) command: Option<Vec<Template>>,
    /// `None`: the image's.
    pub(crate) entrypoint: Option<Vec<Template>>,
    pub(crate) mounts: Vec<Mount>,
    /// `None`: the image's.
    pub(crate) user: Option<Template>,
    pub(crate) env: Env,
}

/// A path of the host in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mount {
    /// On the host. Absolute once filled.
    pub(crate) source: Template,
    /// In the container. Absolute once filled.
    pub(crate) target: Template,
    pub(crate) read_only: bool,
}

/// A command that starts an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandWake {
    /// Never empty. No shell.
    pub(crate) argv: Vec<Template>,
    /// `None`: where sweepd runs.
    pub(crate) cwd: Option<Template>,
    /// How long it may take to end.
    pub(crate) timeout: Duration,
    pub(crate) env: Env,
}

/// A process that is an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProcessWake {
    /// Never empty. No shell.
    pub(crate) argv: Vec<Template>,
    /// `None`: where sweepd runs.
    pub(crate) cwd: Option<Template>,
    /// How large its log may grow, in bytes.
    pub(crate) log_cap: u64,
    pub(crate) env: Env,
}

/// An environment. It may hold secrets: its values are never shown.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Env(pub(crate) BTreeMap<String, Template>);

impl Config {
    /// The limits an agent of `source` is held to: the defaults, changed by `[policy]`, then by
    /// the source's, then by each override that fits, in the file's order.
    pub(crate) fn policy_for(&self, source: &Source, agent: &AgentId) -> Policy {
        let overrides = self.overrides_for(agent).flat_map(|(_, over)| &over.changes);
        policy::merged(self.policy.iter().chain(&source.policy).chain(overrides))
    }

    /// What sweepd may do to an agent of a source of that mode: what the last override that fits
    /// and names a mode says, else the source's.
    pub(crate) fn mode_for(&self, source: Mode, agent: &AgentId) -> Mode {
        self.overrides_for(agent).filter_map(|(_, over)| over.mode).last().unwrap_or(source)
    }

    /// The mode of the source of this name, of whatever kind.
    pub(crate) fn source_mode(&self, name: &str) -> Option<Mode> {
        let containers = || self.containers.iter().find(|source| source.name == name);
        let nanoclaw = self.source(name).map(|source| source.mode);
        nanoclaw.or_else(|| containers().map(|source| source.mode))
    }

    /// The names of all sources, in the file's order.
    pub(crate) fn names(&self) -> Vec<&str> {
        let nanoclaw = self.sources.iter().map(|source| (source.nth, source.name.as_str()));
        let containers = self.containers.iter().map(|source| (source.nth, source.name.as_str()));
        let mut names: Vec<_> = nanoclaw.chain(containers).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, name)| name).collect()
    }

    /// The NanoClaw source of this name.
    pub(crate) fn source(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.name == name)
    }

    /// The overrides that fit, with their numbers in the file.
    fn overrides_for(&self, agent: &AgentId) -> impl Iterator<Item = (usize, &Override)> {
        let fits = |(_, over): &(usize, &Override)| over.pattern.matches(agent.as_str());
        self.overrides.iter().enumerate().filter(fits)
    }
}

impl Mode {
    pub(crate) const ALL: [(&'static str, Self); 3] =
        [("observe", Self::Observe), ("assist", Self::Assist), ("enforce", Self::Enforce)];

    /// As the file and `--json` have it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Assist => "assist",
            Self::Enforce => "enforce",
        }
    }
}

impl Wake {
    /// As the file has it.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Docker(_) => "docker",
            Self::Learned => "learned",
            Self::Command(_) => "command",
            Self::Process(_) => "process",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Without the values.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What a file says.
#[cfg(test)]
pub(crate) fn config_of(text: &str) -> Config {
    tests::loaded(text).config
}

/// What a file says about alerts.
#[cfg(test)]
pub(crate) fn alerts_of(text: &str) -> Alerts {
    tests::loaded(text).config.alerts
}

#[cfg(test)]
mod tests;
