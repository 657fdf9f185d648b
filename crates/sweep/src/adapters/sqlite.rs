//! The state in SQLite: typed on our side, JSON texts on the store's.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sweepd_decide::{AgentId, FindingKind, Timestamp};
use sweepd_store::state::{self, IncidentFilter, StateDb};

use crate::order::{Pause, Scope};
use crate::ports::{
    AgentRecord, ClockReading, ClockRecord, Commit, Committed, Doing, Incident, IncidentChange,
    Intent, LearnedSpec, NewEvent, PortError, SourceRecord, State,
};

mod outbox;

/// Rows of a kind that are kept at most.
const MOST_ROWS: u32 = 1_000_000;
/// Resolving is the engine's; the store only counts.
const NEVER: u32 = u32::MAX;

/// A state database, or, read-only, none yet.
#[derive(Clone)]
pub struct SqliteState {
    db: Arc<Mutex<Option<StateDb>>>,
}

impl std::fmt::Debug for SqliteState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteState").finish_non_exhaustive()
    }
}

impl SqliteState {
    /// The state in `db`. `None` is a state that remembers nothing and takes no commit: what a
    /// dry run has that finds no state.
    pub fn new(db: Option<StateDb>) -> Self {
        Self { db: Arc::new(Mutex::new(db)) }
    }

    /// How many incidents are open, also those that [`State::incidents`] leaves out because only a
    /// newer version knows their kind.
    ///
    /// # Errors
    /// The state cannot be read.
    ///
    /// # Cancel safety
    /// Safe: reads only.
    pub async fn open_incidents(&self) -> Result<u32, PortError> {
        self.on("count the open incidents", || 0, |db| db.open_incidents()).await
    }

    /// Runs `work` on the database, on a thread that may block.
    async fn on<T: Send + 'static>(
        &self,
        doing: &'static str,
        empty: impl FnOnce() -> T,
        work: impl FnOnce(&mut StateDb) -> Result<T, sweepd_store::Error> + Send + 'static,
    ) -> Result<T, PortError> {
        let db = Arc::clone(&self.db);
        let done = tokio::task::spawn_blocking(move || {
            let mut db = db.lock().unwrap_or_else(PoisonError::into_inner);
            db.as_mut().map(work)
        });
        match done.await {
            Ok(Some(Ok(value))) => Ok(value),
            Ok(Some(Err(error))) => Err(PortError::refused(doing, error)),
            Ok(None) => Ok(empty()),
            Err(error) => Err(PortError::refused(doing, error)),
        }
    }
}

impl State for SqliteState {
    fn agents(&self) -> Doing<'_, Result<Vec<AgentRecord>, PortError>> {
        Box::pin(async move {
            let rows = self.on("read the agents", Vec::new, |db| db.agents()).await?;
            rows.into_iter().map(agent).collect()
        })
    }

    fn intents(&self) -> Doing<'_, Result<Vec<Intent>, PortError>> {
        Box::pin(async move {
            let rows = self.on("read the intents", Vec::new, |db| db.open_intents(None)).await?;
            let intent = |row: state::Intent| {
                let change = read("an intent", &row.payload)?;
                Ok(Intent { id: row.id, agent: row.agent, verb: row.kind, change })
            };
            rows.into_iter().map(intent).collect()
        })
    }

    fn incidents(&self) -> Doing<'_, Result<Vec<Incident>, PortError>> {
        Box::pin(async move {
            let open = |db: &mut StateDb| db.incidents(IncidentFilter::Open);
            let rows = self.on("read the incidents", Vec::new, open).await?;
            rows.into_iter().map(incident).collect()
        })
    }

    fn source<'a>(&'a self, name: &'a str) -> Doing<'a, Result<SourceRecord, PortError>> {
        let name = name.to_owned();
        Box::pin(async move {
            let row = self.on("read a source", || None, move |db| db.source(&name)).await?;
            row.map_or_else(|| Ok(SourceRecord::default()), |row| read("a source", &row.memory))
        })
    }

    fn spec<'a>(&'a self, agent: &'a AgentId) -> Doing<'a, Result<Option<Value>, PortError>> {
        let agent = agent.clone();
        Box::pin(async move {
            let row = self.on("read a spec", || None, move |db| db.spec(&agent)).await?;
            row.map(|row| read("what was learned of an agent", &row.spec)).transpose()
        })
    }

    fn expected<'a>(&'a self, agent: &'a AgentId) -> Doing<'a, Result<Vec<String>, PortError>> {
        let agent = agent.clone();
        let list = move |db: &mut StateDb| db.expected(&agent);
        Box::pin(self.on("read which series may be silent", Vec::new, list))
    }

    fn pauses(&self) -> Doing<'_, Result<Vec<Pause>, PortError>> {
        Box::pin(async move {
            let rows = self.on("read the pauses", Vec::new, |db| db.pauses()).await?;
            let pause = |row: state::Pause| Pause {
                scope: Scope::named(&row.scope),
                since: row.since,
                until: row.until,
            };
            Ok(rows.into_iter().map(pause).collect())
        })
    }

    fn last_clock(&self) -> Doing<'_, Result<Option<ClockRecord>, PortError>> {
        Box::pin(async move {
            let row = self.on("read the clocks", || None, |db| db.last_clock()).await?;
            let record = |row| {
                let state::ClockReading { boot_id, realtime, boottime, monotonic, at, doubt } = row;
                let clocks = ClockReading { boot_id, realtime, boottime, monotonic };
                Ok(ClockRecord { at, clocks, doubt: read("what is doubted", &doubt)? })
            };
            row.map(record).transpose()
        })
    }

    fn forget(&self, before: Timestamp) -> Doing<'_, Result<(), PortError>> {
        Box::pin(async move {
            let prune = move |db: &mut StateDb| {
                while db.prune(MOST_ROWS, before)?.more {}
                Ok(())
            };
            self.on("forget old events", || (), prune).await
        })
    }

    fn commit(&self, commit: Commit) -> Doing<'_, Result<Committed, PortError>> {
        Box::pin(async move {
            let commit = to_store(commit)?;
            let none = || state::Committed::default();
            let done = self.on("write the state", none, move |db| db.commit(&commit)).await?;
            let state::Committed { intents, opened, resolved, updated, .. } = done;
            Ok(Committed { intents, opened, resolved, updated })
        })
    }
}

fn agent(row: state::AgentRecord) -> Result<AgentRecord, PortError> {
    Ok(AgentRecord {
        memory: read("an agent's memory", &row.memory)?,
        report: read("an agent's report", row.facts.as_deref().unwrap_or("null"))?,
        at: row.updated_at,
        agent: row.agent,
    })
}

fn incident(row: state::Incident) -> Result<Incident, PortError> {
    let kind = FindingKind::ALL.iter().find(|kind| kind.as_str() == row.kind);
    let kind = *kind.ok_or_else(|| {
        PortError::refused("read an incident", format!("its kind {:?} is not known", row.kind))
    })?;
    Ok(Incident {
        kind,
        severity: row.severity,
        agent: row.agent,
        summary: row.summary,
        evidence: read("an incident", &row.evidence)?,
        opened_at: row.opened_at,
        good_looks: row.good_looks,
        key: row.key,
    })
}

fn to_store(commit: Commit) -> Result<state::Commit, PortError> {
    let at = commit.at;
    let agent = commit.agent.map(|record| {
        Ok::<_, PortError>(state::AgentUpdate {
            source: record.agent.source().to_owned(),
            memory: text(&record.memory)?,
            facts: Some(text(&record.report)?),
            agent: record.agent,
        })
    });
    let source = commit.source.map(|(name, record)| {
        Ok::<_, PortError>(state::SourceUpdate {
            name,
            last_good_count: u32::try_from(record.agents).ok(),
            memory: text(&record)?,
        })
    });
    let intents = commit.intents.into_iter().map(|(agent, kind, change)| {
        Ok::<_, PortError>(state::NewIntent { agent, kind, payload: text(&change)? })
    });
    let decision = commit.decision.map(|record| {
        Ok::<_, PortError>(state::NewDecision {
            agent: record.agent,
            action: record.action,
            inputs: text(&record.inputs)?,
            decision: text(&record.decision)?,
        })
    });
    let clock = commit.clock.map(|(clocks, doubt)| {
        let ClockReading { boot_id, realtime, boottime, monotonic } = clocks;
        let doubt = text(&doubt)?;
        Ok::<_, PortError>(state::ClockReading {
            boot_id,
            realtime,
            boottime,
            monotonic,
            at,
            doubt,
        })
    });
    let spec = commit.spec.map(|learned| {
        let LearnedSpec { agent, run, spec } = learned;
        Ok::<_, PortError>(state::NewSpec { agent, run: run.to_string(), spec: text(&spec)? })
    });
    let settle = commit.settled.into_iter().map(|(id, outcome)| state::Settled { id, outcome });
    Ok(state::Commit {
        at,
        agent: agent.transpose()?,
        source: source.transpose()?,
        clock: clock.transpose()?,
        intents: intents.collect::<Result<_, _>>()?,
        settle: settle.collect(),
        incidents: commit.incidents.into_iter().map(change).collect::<Result<_, _>>()?,
        events: commit.events.into_iter().map(event).collect::<Result<_, _>>()?,
        decision: decision.transpose()?,
        pause: commit.paused.map(|pause| state::Pause {
            scope: pause.scope.to_string(),
            since: pause.since,
            until: pause.until,
        }),
        resume: commit.resumed.map(|scope| scope.to_string()),
        spec: spec.transpose()?,
        ..state::Commit::new(at)
    })
}

fn event(event: NewEvent) -> Result<state::NewEvent, PortError> {
    Ok(state::NewEvent {
        kind: event.kind.as_str().to_owned(),
        agent: event.agent,
        source: event.source,
        incarnation: event.run.map(|run| run.to_string()),
        data: text(&event.data)?,
    })
}

fn change(change: IncidentChange) -> Result<state::IncidentChange, PortError> {
    Ok(match change {
        IncidentChange::Seen(incident) => state::IncidentChange::Seen {
            kind: incident.kind.as_str().to_owned(),
            severity: incident.severity,
            source: incident.agent.as_ref().map(|agent| agent.source().to_owned()),
            agent: incident.agent,
            summary: incident.summary,
            evidence: text(&incident.evidence)?,
            key: incident.key,
        },
        IncidentChange::Good { key } => state::IncidentChange::Good { key, needed: NEVER },
        IncidentChange::Resolved { key, how } => state::IncidentChange::Resolve { key, how },
    })
}

fn read<T: DeserializeOwned>(what: &str, json: &str) -> Result<T, PortError> {
    serde_json::from_str(json)
        .map_err(|error| PortError::refused(format!("read {what} from the state"), error))
}

fn text(value: &impl Serialize) -> Result<String, PortError> {
    serde_json::to_string(value).map_err(|error| PortError::refused("write the state", error))
}
