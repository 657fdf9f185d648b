//! The host's own state, in memory. A commit is taken whole, or refused and leaves no trace.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use sweepd_decide::{AgentId, Timestamp};
use sweepd_sweep::Pause;
use sweepd_sweep::ports::{
    AgentRecord, ClockRecord, Commit, Committed, Doing, Incident, IncidentChange, Intent,
    PortError, SourceRecord, State,
};

use super::diary::{Diary, Entry};
use super::host::{lock, moment};

/// What is remembered.
pub(super) struct Store {
    diary: Arc<Diary>,
    kept: Mutex<Kept>,
    /// How many more commits it takes.
    room: Mutex<usize>,
}

#[derive(Default)]
struct Kept {
    agents: BTreeMap<AgentId, AgentRecord>,
    sources: BTreeMap<String, SourceRecord>,
    clock: Option<ClockRecord>,
    number: i64,
    intents: BTreeMap<i64, Intent>,
    incidents: BTreeMap<String, Incident>,
    pauses: Vec<Pause>,
    told: Vec<(&'static str, AgentId)>,
    specs: BTreeMap<AgentId, Value>,
}

impl Store {
    pub(super) fn new(diary: &Arc<Diary>) -> Self {
        let room = Mutex::new(usize::MAX);
        Self { diary: Arc::clone(diary), kept: Mutex::default(), room }
    }

    /// So many more commits, and then none: its disk is full.
    pub(super) fn leave_room_for(&self, commits: usize) {
        *lock(&self.room) = commits;
    }

    pub(super) fn open_intents(&self) -> usize {
        lock(&self.kept).intents.len()
    }

    /// Whom events of a kind were about, so far.
    pub(super) fn told(&self, kind: &str) -> Vec<AgentId> {
        let kept = lock(&self.kept);
        let told = kept.told.iter().filter(|(told, _)| *told == kind);
        told.map(|(_, agent)| agent.clone()).collect()
    }

    async fn read<T>(&self, read: impl FnOnce(&Kept) -> T) -> Result<T, PortError> {
        moment().await;
        Ok(read(&lock(&self.kept)))
    }
}

impl Kept {
    fn take(&mut self, commit: Commit) -> Committed {
        let at = commit.at;
        let mut committed = Committed::default();
        self.agents.extend(commit.agent.map(|record| (record.agent.clone(), record)));
        self.sources.extend(commit.source);
        let clock = commit.clock.map(|(clocks, doubt)| ClockRecord { at, clocks, doubt });
        self.clock = clock.or_else(|| self.clock.take());
        for (agent, verb, change) in commit.intents {
            self.number += 1;
            committed.intents.push(self.number);
            self.intents.insert(self.number, Intent { id: self.number, agent, verb, change });
        }
        for (id, _) in commit.settled {
            self.intents.remove(&id);
        }
        for event in commit.events {
            self.told.extend(event.agent.map(|agent| (event.kind.as_str(), agent)));
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
        committed
    }

    fn change(&mut self, change: IncidentChange, committed: &mut Committed) {
        match change {
            IncidentChange::Seen(seen) => {
                let before = self.incidents.get(&seen.key).map(|open| open.opened_at);
                if before.is_none() {
                    committed.opened.push(seen.key.clone());
                }
                let opened_at = before.unwrap_or(seen.opened_at);
                let seen = Incident { opened_at, good_looks: 0, ..seen };
                self.incidents.insert(seen.key.clone(), seen);
            }
            IncidentChange::Good { key } => {
                self.incidents.entry(key).and_modify(|open| open.good_looks += 1);
            }
            IncidentChange::Resolved { key, .. } => {
                committed.resolved.extend(self.incidents.remove(&key).map(|over| over.key));
            }
        }
    }
}

impl State for Store {
    fn agents(&self) -> Doing<'_, Result<Vec<AgentRecord>, PortError>> {
        Box::pin(self.read(|kept| kept.agents.values().cloned().collect()))
    }

    fn intents(&self) -> Doing<'_, Result<Vec<Intent>, PortError>> {
        Box::pin(self.read(|kept| kept.intents.values().cloned().collect()))
    }

    fn incidents(&self) -> Doing<'_, Result<Vec<Incident>, PortError>> {
        Box::pin(self.read(|kept| kept.incidents.values().cloned().collect()))
    }

    fn source<'a>(&'a self, name: &'a str) -> Doing<'a, Result<SourceRecord, PortError>> {
        Box::pin(self.read(|kept| kept.sources.get(name).cloned().unwrap_or_default()))
    }

    fn spec<'a>(&'a self, agent: &'a AgentId) -> Doing<'a, Result<Option<Value>, PortError>> {
        Box::pin(self.read(|kept| kept.specs.get(agent).cloned()))
    }

    fn pauses(&self) -> Doing<'_, Result<Vec<Pause>, PortError>> {
        Box::pin(self.read(|kept| kept.pauses.clone()))
    }

    fn last_clock(&self) -> Doing<'_, Result<Option<ClockRecord>, PortError>> {
        Box::pin(self.read(|kept| kept.clock.clone()))
    }

    /// Nothing in here grows old.
    fn forget(&self, _before: Timestamp) -> Doing<'_, Result<(), PortError>> {
        Box::pin(async { Ok(()) })
    }

    fn commit(&self, commit: Commit) -> Doing<'_, Result<Committed, PortError>> {
        Box::pin(async move {
            moment().await;
            let left = lock(&self.room).checked_sub(1);
            let Some(left) = left else {
                return Err(PortError::refused("write the state", "no space left"));
            };
            *lock(&self.room) = left;
            let committed = lock(&self.kept).take(commit.clone());
            self.diary.note(Entry::Committed(Box::new(commit), committed.clone()));
            moment().await;
            Ok(committed)
        })
    }
}
