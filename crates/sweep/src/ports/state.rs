//! What sweepd itself remembers, and the only place where it is written.

use serde_json::Value;
use sweepd_decide::{
    AgentId, Doubt, EventKind, FindingKind, Memory, RowChange, RunId, Severity, Timestamp,
};

use super::{ClockReading, Doing, PortError};
use crate::order::{Pause, Scope};

/// The state. One writer; a commit is one transaction.
pub trait State: Send + Sync {
    /// Everything remembered about every agent.
    ///
    /// # Errors
    /// The state cannot be read: the engine must not act.
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn agents(&self) -> Doing<'_, Result<Vec<AgentRecord>, PortError>>;

    /// Row changes committed and not yet settled, oldest first.
    ///
    /// # Errors
    /// As [`State::agents`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn intents(&self) -> Doing<'_, Result<Vec<Intent>, PortError>>;

    /// Open incidents.
    ///
    /// # Errors
    /// As [`State::agents`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn incidents(&self) -> Doing<'_, Result<Vec<Incident>, PortError>>;

    /// What is remembered about a source.
    ///
    /// # Errors
    /// As [`State::agents`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn source<'a>(&'a self, name: &'a str) -> Doing<'a, Result<SourceRecord, PortError>>;

    /// What an agent's container was made of when it was seen up last. It may hold secrets.
    ///
    /// # Errors
    /// As [`State::agents`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn spec<'a>(&'a self, agent: &'a AgentId) -> Doing<'a, Result<Option<Value>, PortError>>;

    /// Who is to be left alone by somebody's order.
    ///
    /// # Errors
    /// As [`State::agents`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn pauses(&self) -> Doing<'_, Result<Vec<Pause>, PortError>>;

    /// The series of an agent whose silence is no news, by somebody's word.
    ///
    /// # Errors
    /// As [`State::agents`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn expected<'a>(&'a self, agent: &'a AgentId) -> Doing<'a, Result<Vec<String>, PortError>> {
        let _ = agent;
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// The clocks at the last pass.
    ///
    /// # Errors
    /// As [`State::agents`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn last_clock(&self) -> Doing<'_, Result<Option<ClockRecord>, PortError>>;

    /// Forgets what is older than `before`, or too much to keep.
    ///
    /// # Errors
    /// As [`State::agents`]; nothing depends on it.
    ///
    /// # Cancel safety
    /// Some of it may be forgotten.
    fn forget(&self, before: Timestamp) -> Doing<'_, Result<(), PortError>>;

    /// Writes all of it in one transaction, or nothing.
    ///
    /// # Errors
    /// Nothing was written: whatever was to follow must not be done.
    ///
    /// # Cancel safety
    /// The transaction is committed or it is not; what it was is found at the next start.
    fn commit(&self, commit: Commit) -> Doing<'_, Result<Committed, PortError>>;
}

/// What is remembered about one agent.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentRecord {
    /// The agent.
    pub agent: AgentId,
    /// What the rules remember.
    pub memory: Memory,
    /// The last report about it, as printed.
    pub report: Value,
    /// When that was.
    pub at: Timestamp,
}

/// What is remembered about a source.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct SourceRecord {
    /// Agents found at the last good pass.
    pub agents: usize,
    /// The host was seen alive.
    pub host_seen: bool,
    /// Looks in a row at which the host, once seen, was absent.
    pub host_absent_looks: u32,
    /// When the last of them was.
    pub host_looked_at: Option<Timestamp>,
    /// Since when the runtime has not answered.
    pub runtime_lost_at: Option<Timestamp>,
}

/// The clocks as a pass left them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockRecord {
    /// When it ended.
    pub at: Timestamp,
    /// The clocks.
    pub clocks: ClockReading,
    /// What was doubted about them.
    pub doubt: Doubt,
}

/// A row change that was committed before it was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Its number.
    pub id: i64,
    /// Whose row.
    pub agent: AgentId,
    /// What it is called.
    pub verb: String,
    /// What it does.
    pub change: RowChange,
}

/// One transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// When.
    pub at: Timestamp,
    /// What is remembered about an agent from now on.
    pub agent: Option<AgentRecord>,
    /// What is remembered about a source from now on.
    pub source: Option<(String, SourceRecord)>,
    /// The clocks, and what is doubted about them.
    pub clock: Option<(ClockReading, Doubt)>,
    /// Row changes about to be applied: agent, verb, change.
    pub intents: Vec<(AgentId, String, RowChange)>,
    /// Row changes that are settled, and how.
    pub settled: Vec<(i64, String)>,
    /// What happened.
    pub events: Vec<NewEvent>,
    /// What became of incidents.
    pub incidents: Vec<IncidentChange>,
    /// A decision worth keeping with its inputs.
    pub decision: Option<DecisionRecord>,
    /// Who is left alone from now on: another pause of the same scope is replaced.
    pub paused: Option<Pause>,
    /// Whose pause is over.
    pub resumed: Option<Scope>,
    /// What an agent's container is made of, in place of what was known.
    pub spec: Option<LearnedSpec>,
}

impl Commit {
    /// A commit of nothing yet.
    pub const fn new(at: Timestamp) -> Self {
        Self {
            at,
            agent: None,
            source: None,
            clock: None,
            intents: Vec::new(),
            settled: Vec::new(),
            events: Vec::new(),
            incidents: Vec::new(),
            decision: None,
            paused: None,
            resumed: None,
            spec: None,
        }
    }
}

/// What the container of an agent is made of.
#[derive(Clone, PartialEq)]
pub struct LearnedSpec {
    /// Whose.
    pub agent: AgentId,
    /// The run it was learned from.
    pub run: RunId,
    /// For its keeper. May hold secrets: not to be shown, and kept from other users' eyes.
    pub spec: Value,
}

impl std::fmt::Debug for LearnedSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LearnedSpec").field("agent", &self.agent).finish_non_exhaustive()
    }
}

/// What a commit gave numbers to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Committed {
    /// Numbers of the intents, in order.
    pub intents: Vec<i64>,
    /// Keys of the incidents that it opened.
    pub opened: Vec<String>,
    /// Keys of the incidents that it resolved.
    pub resolved: Vec<String>,
    /// Keys of the open incidents whose severity is another one now.
    pub updated: Vec<String>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Its published name.
    pub kind: EventKind,
    /// Whom it is about.
    pub agent: Option<AgentId>,
    /// Which source it is about.
    pub source: Option<String>,
    /// Which run it is about.
    pub run: Option<RunId>,
    /// The rest.
    pub data: Value,
}

/// The life of a finding.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Incident {
    /// `<kind>:<subject>`.
    pub key: String,
    /// What it is.
    pub kind: FindingKind,
    /// How bad it is.
    pub severity: Severity,
    /// Whom it is about.
    pub agent: Option<AgentId>,
    /// One sentence.
    pub summary: String,
    /// What was found.
    pub evidence: Value,
    /// Since when it is open.
    pub opened_at: Timestamp,
    /// Good looks in a row since it was last seen.
    pub good_looks: u32,
}

/// What becomes of an incident.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "an unhandled change is a bug")]
pub enum IncidentChange {
    /// Seen: it opens, or stays open.
    Seen(Incident),
    /// Not seen in a good look.
    Good {
        /// Which.
        key: String,
    },
    /// Over.
    Resolved {
        /// Which.
        key: String,
        /// How it ended.
        how: String,
    },
}

/// A decision with what it was made from, so that it can be explained and made again.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionRecord {
    /// About whom.
    pub agent: AgentId,
    /// Its published name.
    pub action: String,
    /// The snapshot and the policy.
    pub inputs: Value,
    /// The answer.
    pub decision: Value,
}
