//! What a person may ask for by hand, and about whom.

use std::collections::BTreeSet;
use std::fmt;

use sweepd_decide::{AgentId, MessageId, RunId, Timestamp};

use crate::ports::Enlisted;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an unhandled order is a bug")]
pub enum Order {
    /// A pass, as the agenda has it.
    Look,
    /// Start it, although nothing may be due and the last wake may have failed just now.
    Wake,
    /// Stop it. Nobody is charged for that, and nothing is said to be wrong with it.
    Stop,
    /// Put a message that was given up back into its queue, with no try charged.
    Requeue(MessageId),
}

/// About whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "there is nothing else")]
pub enum Scope {
    /// Every agent of every source.
    All,
    /// Every agent of one source.
    Source(String),
    /// One agent.
    Agent(AgentId),
}

impl Scope {
    /// The scope that `text` names: `*`, the name of a source, or the id of an agent.
    pub fn named(text: &str) -> Self {
        if text == EVERYBODY {
            Self::All
        } else if text.contains('/') {
            Self::Agent(AgentId::new(text))
        } else {
            Self::Source(text.to_owned())
        }
    }

    /// Whether an agent is in it.
    pub fn holds(&self, agent: &AgentId) -> bool {
        match self {
            Self::All => true,
            Self::Source(name) => agent.source() == name,
            Self::Agent(one) => one == agent,
        }
    }

    /// Whether anybody of a source may be in it.
    pub(crate) fn concerns(&self, source: &str) -> bool {
        match self {
            Self::All => true,
            Self::Source(name) => name == source,
            Self::Agent(one) => one.source() == source,
        }
    }
}

/// What [`Scope::named`] takes for all.
const EVERYBODY: &str = "*";

impl From<AgentId> for Scope {
    fn from(agent: AgentId) -> Self {
        Self::Agent(agent)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str(EVERYBODY),
            Self::Source(name) => f.write_str(name),
            Self::Agent(one) => one.fmt(f),
        }
    }
}

/// Somebody wants agents to be left alone: they are looked at, and nothing is done to them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Pause {
    /// Whom.
    pub scope: Scope,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None`: until it is taken back.
    pub until: Option<Timestamp>,
}

impl Pause {
    /// The pause that an agent is under at `now`: of several the one that was first.
    pub(crate) fn of<'a>(pauses: &'a [Self], agent: &AgentId, now: Timestamp) -> Option<&'a Self> {
        let lasts = |pause: &&Self| pause.until.is_none_or(|until| now < until);
        let holds = |pause: &&Self| pause.scope.holds(agent);
        pauses.iter().filter(lasts).filter(holds).min_by_key(|pause| pause.since)
    }

    /// In one sentence.
    pub(crate) fn sentence(&self) -> String {
        let Self { scope, since, until } = self;
        let whom = match scope {
            Scope::All => "everybody is paused".to_owned(),
            Scope::Source(name) => format!("all of {name} is paused"),
            Scope::Agent(_) => "paused".to_owned(),
        };
        let until = until.map(|until| format!(", until {until}")).unwrap_or_default();
        format!("{whom} by hand since {since}{until}")
    }
}

/// Who is to be looked at in one round.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// These.
    pub(crate) agents: BTreeSet<AgentId>,
    /// Whoever these runs belong to, and the sources whose runtime told of them.
    pub(crate) runs: BTreeSet<(String, RunId)>,
    /// Whoever is new in these sources.
    pub(crate) newcomers: BTreeSet<String>,
    /// Everybody in these scopes.
    pub(crate) scopes: Vec<Scope>,
}

impl Wanted {
    pub(crate) fn everybody() -> Self {
        Self { scopes: vec![Scope::All], ..Self::default() }
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.scopes.contains(&Scope::All)
    }

    /// Whether rosters may show somebody that nobody has seen before.
    pub(crate) fn meets_newcomers(&self) -> bool {
        !self.scopes.is_empty() || !self.newcomers.is_empty()
    }

    /// Whether a source has to be looked at for it.
    pub(crate) fn concerns(&self, source: &str) -> bool {
        self.scopes.iter().any(|scope| scope.concerns(source))
            || self.newcomers.contains(source)
            || self.runs.iter().any(|(of, _)| of == source)
            || self.agents.iter().any(|agent| agent.source() == source)
    }

    /// Whether an agent is wanted; `known`: it was looked at before; `runs`: all that is known to
    /// run, or to have run, for it.
    pub(crate) fn holds<'a>(
        &self,
        enlisted: &Enlisted,
        known: bool,
        mut runs: impl Iterator<Item = &'a RunId>,
    ) -> bool {
        let agent = &enlisted.agent;
        self.agents.contains(agent)
            || self.scopes.iter().any(|scope| scope.holds(agent))
            || (!known && self.newcomers.contains(agent.source()))
            || (!self.runs.is_empty()
                && runs.any(|run| {
                    self.runs.iter().any(|(of, wanted)| of == agent.source() && wanted == run)
                }))
    }
}
