//! The host's own state: maps behind one lock. A commit is taken whole, or not at all.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::Value;
use sweepd_sweep::Pause;
use sweepd_sweep::decide::{AgentId, Timestamp};
use sweepd_sweep::ports::{
    AgentRecord, ClockRecord, Commit, Committed, Doing, Incident, IncidentChange, Intent, NewEvent,
    PortError, SourceRecord, State,
};

use super::lock;

/// What is remembered, until the example ends.
#[derive(Debug, Default)]
pub(crate) struct Store(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    full: bool,
    agents: BTreeMap<AgentId, AgentRecord>,
    sources: BTreeMap<String, SourceRecord>,
    clock: Option<ClockRecord>,
    number: i64,
    intents: BTreeMap<i64, Intent>,
    incidents: BTreeMap<String, Incident>,
    pauses: Vec<Pause>,
    specs: BTreeMap<AgentId, Value>,
    events: Vec<(Timestamp, NewEvent)>,
}

impl Store {
    /// From now on every commit fails, or none.
    pub(crate) fn set_full(&self, full: bool) {
        lock(&self.0).full = full;
    }

    /// What happened, oldest first.
    pub(crate) fn events(&self) -> Vec<(Timestamp, NewEvent)> {
        lock(&self.0).events.clone()
    }

    fn read<T>(&self, read: impl FnOnce(&Kept) -> T) -> Doing<'_, Result<T, PortError>>
    where
        T: Send + 'static,
    {
        let read = read(&lock(&self.0));
        Box::pin(async move { Ok(read) })
    }
}

impl Kept {
    /// Nothing in here can fail half-way.
    fn take(&mut self, commit: Commit) -> Committed {
        let at = commit.at;
        let mut committed = Committed::default();
        self.agents.extend(commit.agent.map(|record| (record.agent.clone(), record)));
        self.sources.extend(commit.source);
        let clock = commit.clock.map(|(clocks, doubt)| ClockRecord { at, clocks, doubt });
        self.clock = clock.or_else(|| self.clock.take());
        for (agent, verb, change) in commit.intents {
            self.number += 1;
            let id = self.number;
            self.intents.insert(id, Intent { id, agent, verb, change });
            committed.intents.push(id);
        }
        for (id, _how) in commit.settled {
            self.intents.remove(&id);
        }
        for change in commit.incidents {
            self.change(change, &mut committed);
        }
        if let Some(pause) = commit.paused {
            self.pauses.retain(|other| other.scope != pause.scope);
            self.pauses.push(pause);
        }
        self.pauses.retain(|pause| Some(&pause.scope) != commit.resumed.as_ref());
        self.specs.extend(commit.spec.map(|spec| (spec.agent, spec.spec)));
        self.events.extend(commit.events.into_iter().map(|event| (at, event)));
        committed
    }

    fn change(&mut self, change: IncidentChange, committed: &mut Committed) {
        match change {
            IncidentChange::Seen(seen) => {
                let opened_at = self.incidents.get(&seen.key).map(|open| open.opened_at);
                committed.opened.extend(opened_at.is_none().then(|| seen.key.clone()));
                let opened_at = opened_at.unwrap_or(seen.opened_at);
                self.incidents
                    .insert(seen.key.clone(), Incident { opened_at, good_looks: 0, ..seen });
            }
            IncidentChange::Good { key } => {
                if let Some(open) = self.incidents.get_mut(&key) {
                    open.good_looks += 1;
                }
            }
            IncidentChange::Resolved { key, .. } => {
                committed.resolved.extend(self.incidents.remove(&key).map(|over| over.key));
            }
        }
    }
}

impl State for Store {
    fn agents(&self) -> Doing<'_, Result<Vec<AgentRecord>, PortError>> {
        self.read(|kept| kept.agents.values().cloned().collect())
    }

    fn intents(&self) -> Doing<'_, Result<Vec<Intent>, PortError>> {
        self.read(|kept| kept.intents.values().cloned().collect())
    }

    fn incidents(&self) -> Doing<'_, Result<Vec<Incident>, PortError>> {
        self.read(|kept| kept.incidents.values().cloned().collect())
    }

    fn source<'a>(&'a self, name: &'a str) -> Doing<'a, Result<SourceRecord, PortError>> {
        self.read(|kept| kept.sources.get(name).cloned().unwrap_or_default())
    }

    fn spec<'a>(&'a self, agent: &'a AgentId) -> Doing<'a, Result<Option<Value>, PortError>> {
        self.read(|kept| kept.specs.get(agent).cloned())
    }

    fn pauses(&self) -> Doing<'_, Result<Vec<Pause>, PortError>> {
        self.read(|kept| kept.pauses.clone())
    }

    fn last_clock(&self) -> Doing<'_, Result<Option<ClockRecord>, PortError>> {
        self.read(|kept| kept.clock.clone())
    }

    fn forget(&self, before: Timestamp) -> Doing<'_, Result<(), PortError>> {
        lock(&self.0).events.retain(|(at, _)| *at >= before);
        Box::pin(async { Ok(()) })
    }

    fn commit(&self, commit: Commit) -> Doing<'_, Result<Committed, PortError>> {
        Box::pin(async move {
            let mut kept = lock(&self.0);
            if kept.full {
                return Err(PortError::refused("write the state", "no space left"));
            }
            Ok(kept.take(commit))
        })
    }
}
