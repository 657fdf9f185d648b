//! Everything that was written down and done, in the order in which it took effect.

use std::collections::BTreeSet;
use std::sync::Mutex;

use sweepd_decide::{AgentId, RowChange, RunId};
use sweepd_sweep::ports::{Commit, Committed};

use super::host::lock;

/// What took effect.
#[derive(Debug, Clone)]
pub(super) enum Entry {
    /// The state took a commit, and gave numbers.
    Committed(Box<Commit>, Committed),
    /// A run was stopped; whether it was still up.
    Stopped(RunId, bool),
    /// A run was started.
    Woken(AgentId),
    /// A row was changed.
    Applied(RowChange),
}

/// The diary of one host, over all lives of its engine.
#[derive(Debug, Default)]
pub(super) struct Diary(Mutex<Vec<Entry>>);

/// What was done to agents and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Acts {
    pub(super) stops: usize,
    pub(super) wakes: usize,
    pub(super) rows: usize,
}

impl Diary {
    pub(super) fn note(&self, entry: Entry) {
        lock(&self.0).push(entry);
    }

    pub(super) fn acts(&self) -> Acts {
        let mut acts = Acts::default();
        for entry in lock(&self.0).iter() {
            match entry {
                Entry::Committed(..) => {}
                Entry::Stopped(..) => acts.stops += 1,
                Entry::Woken(_) => acts.wakes += 1,
                Entry::Applied(_) => acts.rows += 1,
            }
        }
        acts
    }

    pub(super) fn commits_of(&self) -> Vec<Commit> {
        lock(&self.0)
            .iter()
            .filter_map(|entry| match entry {
                Entry::Committed(commit, _) => Some((**commit).clone()),
                Entry::Stopped(..) | Entry::Woken(_) | Entry::Applied(_) => None,
            })
            .collect()
    }

    pub(super) fn commits(&self) -> usize {
        let entries = lock(&self.0);
        entries.iter().filter(|entry| matches!(entry, Entry::Committed(..))).count()
    }

    /// Whatever was done had been written down before, and nothing was done or settled twice.
    pub(super) fn assert_whole(&self) {
        let mut before: Vec<&Commit> = Vec::new();
        let mut open: BTreeSet<i64> = BTreeSet::new();
        let entries = lock(&self.0);
        for entry in entries.iter() {
            match entry {
                Entry::Committed(commit, committed) => {
                    open.extend(&committed.intents);
                    for (id, how) in &commit.settled {
                        assert!(open.remove(id), "intent {id} is settled twice: {how}");
                    }
                    before.push(commit);
                }
                Entry::Stopped(run, up) => {
                    assert!(up, "{run} was stopped twice");
                    let intended = |commit: &&Commit| {
                        let memory = commit.agent.as_ref().map(|record| &record.memory);
                        memory
                            .and_then(|memory| memory.stop.as_ref())
                            .is_some_and(|stop| stop.run == *run && stop.ended_at.is_none())
                    };
                    assert!(before.iter().any(intended), "{run} was stopped out of the blue");
                }
                Entry::Woken(agent) => {
                    let last = before.iter().rev().filter_map(|commit| commit.agent.as_ref());
                    let last = last.into_iter().find(|record| record.agent == *agent);
                    let under_way = last.is_some_and(|record| record.memory.wakes.under_way);
                    assert!(under_way, "{agent} was woken out of the blue");
                }
                Entry::Applied(change) => {
                    let intended = |commit: &&Commit| {
                        commit.intents.iter().any(|(_, _, intended)| intended == change)
                    };
                    assert!(before.iter().any(intended), "out of the blue: {change:?}");
                }
            }
        }
    }
}
