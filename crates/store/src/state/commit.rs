//! Writes what one pass decided about one agent: everything or nothing.
//!
//! A commit that failed or never finished has left no trace: the next pass looks again.

use rusqlite::{Transaction, TransactionBehavior};
use serde_json::json;
use sweepd_decide::{AgentId, EventKind, Timestamp};

use super::incidents::{self, Change, Incident, IncidentChange};
use super::{
    AgentUpdate, ClockReading, NewAlert, NewDecision, NewEvent, NewIntent, NewSpec, Pause, Place,
    Settled, SinkNoted, SinkRecord, SourceUpdate, StateDb, TellingChange, Tried, agents, alerts,
    clock, decisions, events, expected, intents, pauses, sinks, sources, specs, telling,
};
use crate::cell;
use crate::error::Error;

/// Everything to be written at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a request is all there is")]
pub struct Commit {
    /// The instant of everything in it.
    pub at: Timestamp,
    /// A new memory of an agent.
    pub agent: Option<AgentUpdate>,
    /// A new memory of a source.
    pub source: Option<SourceUpdate>,
    /// The clocks as this look read them.
    pub clock: Option<ClockReading>,
    /// Promises made.
    pub intents: Vec<NewIntent>,
    /// Promises kept or void.
    pub settle: Vec<Settled>,
    /// What the look means for incidents, in this order.
    pub incidents: Vec<IncidentChange>,
    /// What happened, in this order; before the events of the incidents.
    pub events: Vec<NewEvent>,
    /// A decision worth keeping.
    pub decision: Option<NewDecision>,
    /// A pause that begins, in place of an earlier one of the same scope.
    pub pause: Option<Pause>,
    /// The scope whose pause is over.
    pub resume: Option<String>,
    /// Agents, and series of theirs whose silence is no news from now on.
    pub expected: Vec<(AgentId, String)>,
    /// What an agent's container is made of, in place of what was learned before.
    pub spec: Option<NewSpec>,
    /// The agent whose spec is to be forgotten; one that is learned in the same commit stays.
    pub forget_spec: Option<AgentId>,
    /// What changes about what people did and were told, in this order, after the incidents.
    pub telling: Vec<TellingChange>,
    /// Alerts promised.
    pub alerts: Vec<NewAlert>,
    /// What became of deliveries.
    pub tried: Vec<Tried>,
    /// How sinks stand, in place of what was known.
    pub sinks: Vec<SinkRecord>,
    /// What was promised to sinks beside incidents.
    pub noted: Vec<SinkNoted>,
    /// Where at a sink a thread is.
    pub places: Vec<Place>,
}

impl Commit {
    /// A commit with nothing in it yet.
    pub const fn new(at: Timestamp) -> Self {
        Self {
            at,
            agent: None,
            source: None,
            clock: None,
            intents: Vec::new(),
            settle: Vec::new(),
            incidents: Vec::new(),
            events: Vec::new(),
            decision: None,
            pause: None,
            expected: Vec::new(),
            resume: None,
            spec: None,
            forget_spec: None,
            telling: Vec::new(),
            alerts: Vec::new(),
            tried: Vec::new(),
            sinks: Vec::new(),
            noted: Vec::new(),
            places: Vec::new(),
        }
    }
}

/// What a commit wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Committed {
    /// Numbers of the new intents, in the order of the commit.
    pub intents: Vec<i64>,
    /// Numbers of all new events: first the commit's own, then those of its incidents.
    pub events: Vec<i64>,
    /// Number of the decision record, if there was one.
    pub decision: Option<i64>,
    /// Keys of the incidents that were opened.
    pub opened: Vec<String>,
    /// Keys of the incidents that were resolved.
    pub resolved: Vec<String>,
    /// Keys of the open incidents whose severity is another one now.
    pub updated: Vec<String>,
}

impl StateDb {
    /// Writes everything in one transaction. It is on the disk when this returns.
    ///
    /// An incident that opens, changes its severity or is resolved writes its own event
    /// (`incident_opened`, `incident_updated`, `incident_resolved`) in the same transaction.
    ///
    /// # Errors
    /// [`Error::Unwritable`], [`Error::Corrupt`], [`Error::Query`]. Nothing was written.
    pub fn commit(&mut self, commit: &Commit) -> Result<Committed, Error> {
        self.for_writing()?;
        self.write(commit).map_err(|error| self.failed("commit", error))
    }

    fn write(&mut self, commit: &Commit) -> rusqlite::Result<Committed> {
        let whole = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let committed = write_all(&whole, commit)?;
        whole.commit()?;
        Ok(committed)
    }
}

fn write_all(whole: &Transaction<'_>, commit: &Commit) -> rusqlite::Result<Committed> {
    let at = commit.at;
    if let Some(update) = &commit.agent {
        agents::write(whole, at, update)?;
    }
    if let Some(update) = &commit.source {
        sources::write(whole, at, update)?;
    }
    if let Some(reading) = &commit.clock {
        clock::write(whole, reading)?;
    }
    if let Some(pause) = &commit.pause {
        pauses::write(whole, pause)?;
    }
    if let Some(scope) = &commit.resume {
        pauses::remove(whole, scope)?;
    }
    for one in &commit.expected {
        expected::write(whole, at, one)?;
    }
    if let Some(agent) = &commit.forget_spec {
        specs::remove(whole, agent)?;
    }
    if let Some(spec) = &commit.spec {
        specs::write(whole, at, spec)?;
    }
    let mut committed = Committed::default();
    for intent in &commit.intents {
        committed.intents.push(intents::add(whole, at, intent)?);
    }
    for settled in &commit.settle {
        intents::settle(whole, at, settled)?;
    }
    if let Some(decision) = &commit.decision {
        committed.decision = Some(decisions::add(whole, at, decision)?);
    }
    for event in &commit.events {
        committed.events.push(events::add(whole, at, event)?);
    }
    for change in &commit.incidents {
        committed.incident(whole, at, change)?;
    }
    write_alerts(whole, commit)?;
    Ok(committed)
}

fn write_alerts(whole: &Transaction<'_>, commit: &Commit) -> rusqlite::Result<()> {
    let at = commit.at;
    for change in &commit.telling {
        telling::change(whole, at, change)?;
    }
    for alert in &commit.alerts {
        alerts::add(whole, at, alert)?;
    }
    for tried in &commit.tried {
        alerts::tried(whole, at, tried)?;
    }
    for sink in &commit.sinks {
        sinks::write(whole, sink)?;
    }
    for noted in &commit.noted {
        sinks::noted(whole, at, noted)?;
    }
    for place in &commit.places {
        sinks::put(whole, at, place)?;
    }
    Ok(())
}

impl Committed {
    fn incident(
        &mut self,
        whole: &Transaction<'_>,
        at: Timestamp,
        change: &IncidentChange,
    ) -> rusqlite::Result<()> {
        let Some(change) = incidents::change(whole, at, change)? else { return Ok(()) };
        let event = match &change {
            Change::Opened(incident) => told(EventKind::IncidentOpened, incident),
            Change::Updated(incident) => told(EventKind::IncidentUpdated, incident),
            Change::Resolved(incident) => told(EventKind::IncidentResolved, incident),
        };
        self.events.push(events::add(whole, at, &event)?);
        match change {
            Change::Opened(incident) => self.opened.push(incident.key),
            Change::Resolved(incident) => self.resolved.push(incident.key),
            Change::Updated(incident) => self.updated.push(incident.key),
        }
        Ok(())
    }
}

/// The event that tells of an incident. Its evidence stays with the incident.
fn told(kind: EventKind, incident: &Incident) -> NewEvent {
    let data = json!({
        "id": incident.id,
        "key": incident.key,
        "kind": incident.kind,
        "severity": cell::severity_text(incident.severity),
        "summary": incident.summary,
        "opened_at": incident.opened_at.to_string(),
        "resolved_at": incident.resolved_at.map(|at| at.to_string()),
        "resolution": incident.resolution,
    });
    NewEvent {
        kind: kind.as_str().to_owned(),
        agent: incident.agent.clone(),
        source: incident.source.clone(),
        incarnation: None,
        data: data.to_string(),
    }
}
