//! What a call found and did, as it is printed with `--json`. The published schema, version 1.

use serde::Serialize;
use serde_json::Value;
use sweepd_decide::stuck::Health;
use sweepd_decide::{AgentId, Severity, Timestamp};

use crate::mode::Mode;
use crate::ports::Incident;

/// A whole call.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Version of this shape: 1.
    pub schema: u32,
    /// The configured mode.
    pub mode: Mode,
    /// Nothing was written, sent or locked.
    pub dry_run: bool,
    /// Why nothing was looked at, if so.
    pub skipped: Option<String>,
    /// Every agent, by id.
    pub agents: Vec<AgentReport>,
    /// Open incidents, by key.
    pub incidents: Vec<IncidentReport>,
    /// Probes; none in this version.
    pub probes: Vec<Value>,
    /// Counts.
    pub summary: Summary,
    /// What kept sweepd itself from looking or remembering, in plain words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trouble: Vec<String>,
}

/// One agent.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AgentReport {
    /// Its id.
    pub id: AgentId,
    /// Its source.
    pub source: String,
    /// The mode it was served in.
    pub mode: Mode,
    /// What runs it.
    pub runtime: &'static str,
    /// The state at the last look.
    pub state: AgentState,
    /// In one word.
    pub health: Health,
    /// The decision that led to a stop, else the last.
    pub decision: DecisionReport,
    /// What was done, in order, over the whole call.
    pub effects: Vec<EffectReport>,
    /// What comes next if nothing changes, where [`Options::forecast`](crate::Options) asks for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forecast: Vec<ProspectReport>,
    /// When there may be something to do next.
    #[serde(skip)]
    pub(crate) recheck: Option<Timestamp>,
}

/// A decision to come.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ProspectReport {
    /// When.
    pub at: String,
    /// What is decided then.
    pub action: String,
    /// Why, in one sentence; or what will be found wrong.
    pub sentence: String,
}

/// Where an agent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum AgentState {
    /// Something runs.
    Running,
    /// Nothing runs.
    Stopped,
    /// It is listed, but there is nothing to look at.
    Missing,
    /// We could not look.
    Unknown,
}

/// A decision as printed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DecisionReport {
    /// ok, kill-ceiling, kill-claim, kill-silent, kill-start, hold, none.
    pub action: String,
    /// The instants, limits and ids that decided.
    pub evidence: Value,
    /// When it is asked again if nothing changes.
    pub recheck_at: Option<String>,
}

/// One effect and how it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EffectReport {
    /// sync, wake, stop, release, retry, complete, dead-letter, recur.
    pub effect: &'static str,
    /// How it went.
    pub outcome: Outcome,
    /// What it was about, or why it went that way.
    pub detail: Option<String>,
}

/// How an effect went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum Outcome {
    /// Done.
    Done,
    /// It was so already.
    AlreadyDone,
    /// It would be done: dry run, observe, assist.
    Planned,
    /// Not yet.
    Held,
    /// The world has moved on; nothing was done.
    Superseded,
    /// It did not work.
    Failed,
}

/// An open incident as printed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct IncidentReport {
    /// `<kind>:<subject>`.
    pub key: String,
    /// What it is.
    pub kind: String,
    /// How bad it is.
    pub severity: Severity,
    /// Whom it is about.
    pub agent: Option<AgentId>,
    /// One sentence.
    pub summary: String,
    /// Since when.
    pub opened_at: String,
}

/// Counts over a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Agents looked at.
    pub agents: usize,
    /// Fine.
    pub ok: usize,
    /// In trouble.
    pub failing: usize,
    /// Could not be judged.
    pub unknown: usize,
    /// Effects, planned ones included.
    pub effects: usize,
}

impl Report {
    /// A call that did nothing, and why.
    pub fn skipped(mode: Mode, why: impl Into<String>) -> Self {
        Self { skipped: Some(why.into()), ..Self::empty(mode, false) }
    }

    pub(crate) fn empty(mode: Mode, dry_run: bool) -> Self {
        Self {
            schema: 1,
            mode,
            dry_run,
            skipped: None,
            agents: Vec::new(),
            incidents: Vec::new(),
            probes: Vec::new(),
            summary: Summary::default(),
            trouble: Vec::new(),
        }
    }

    /// In order, and counted.
    pub(crate) fn tidy(&mut self) {
        self.agents.sort_by(|a, b| a.id.cmp(&b.id));
        self.summarize();
    }

    /// Whether anything was done, not only planned or held back.
    pub(crate) fn did_something(&self) -> bool {
        let done = |effect: &EffectReport| effect.outcome == Outcome::Done;
        self.agents.iter().any(|agent| agent.effects.iter().any(done))
    }

    pub(crate) fn summarize(&mut self) {
        let count = |health| self.agents.iter().filter(|agent| agent.health == health).count();
        self.summary = Summary {
            agents: self.agents.len(),
            ok: count(Health::Ok),
            failing: count(Health::Failing),
            unknown: count(Health::Unknown),
            effects: self.agents.iter().map(|agent| agent.effects.len()).sum(),
        };
    }

    /// The earliest instant at which there may be something to do for somebody; `None`: time alone
    /// changes nothing for anybody that is known of. What could not be looked at or written down
    /// names no instant, and the world changes without telling: look now and then all the same.
    pub fn next_look(&self) -> Option<Timestamp> {
        self.agents.iter().filter_map(|agent| agent.recheck).min()
    }

    /// Whether an incident of severity warning or error is open.
    pub fn is_failing(&self) -> bool {
        self.incidents.iter().any(|incident| incident.severity > Severity::Notice)
    }
}

impl From<&Incident> for IncidentReport {
    fn from(incident: &Incident) -> Self {
        Self {
            key: incident.key.clone(),
            kind: incident.kind.as_str().to_owned(),
            severity: incident.severity,
            agent: incident.agent.clone(),
            summary: incident.summary.clone(),
            opened_at: incident.opened_at.to_string(),
        }
    }
}

impl DecisionReport {
    pub(crate) fn none() -> Self {
        Self {
            action: "none".to_owned(),
            evidence: Value::Object(serde_json::Map::new()),
            recheck_at: None,
        }
    }
}
