//! Who is to be looked at next, and when. Pure: it is told the time.

use std::collections::{BTreeMap, BTreeSet};

use sweepd_decide::{AgentId, Span, Timestamp};

/// Between two looks at one agent at the least, when nobody hints: an instant that has passed
/// without a change costs no more.
const BREATH: Span = Span::from_millis(250);
/// Between a look at an agent and the next that hints bring about.
const APART: Span = Span::from_secs(1);
/// After a look that could not be made.
const AGAIN: Span = Span::from_secs(5);

/// The instants at which agents' answers may change, and those of whom something was heard.
#[derive(Debug, Clone, Default)]
pub(super) struct Agenda {
    entries: BTreeMap<AgentId, Entry>,
    /// Whoever is free, by the instant at which he is due.
    free: BTreeSet<(Timestamp, AgentId)>,
    /// Whose turn is under way, or will be soon, likewise.
    taken: BTreeSet<(Timestamp, AgentId)>,
    busy: BTreeSet<AgentId>,
}

#[derive(Debug, Clone, Default)]
struct Entry {
    /// When the answer may change.
    at: Option<Timestamp>,
    /// When what was heard is looked into.
    hinted: Option<Timestamp>,
    looked: Option<Timestamp>,
    /// A look could not be made: not before this instant.
    not_before: Option<Timestamp>,
}

impl Entry {
    fn due(&self) -> Option<Timestamp> {
        let due = self.at.into_iter().chain(self.hinted).min()?;
        Some(self.not_before.map_or(due, |at| at.max(due)))
    }
}

impl Agenda {
    /// Something is worth a look at an agent, not before `settle` from now. Several hints are one.
    pub(super) fn hint(&mut self, agent: &AgentId, settle: Span, now: Timestamp) {
        self.change(agent, |entry| {
            // A clock that was set back must not make a hint wait for longer.
            let apart = entry.looked.map_or(now, |last| last.plus(APART).min(now.plus(APART)));
            let at = now.plus(settle).max(apart);
            entry.hinted = Some(entry.hinted.map_or(at, |known| known.min(at)));
        });
    }

    /// Looks at an agent as soon as may be.
    pub(super) fn nudge(&mut self, agent: &AgentId, now: Timestamp) {
        self.change(agent, |entry| entry.hinted = Some(now));
    }

    /// An agent has its turn soon.
    pub(super) fn enlist(&mut self, agent: &AgentId) {
        self.occupy(agent, true);
    }

    /// An agent's turn begins: what was heard so far is seen in it.
    pub(super) fn begin(&mut self, agent: &AgentId) {
        self.occupy(agent, true);
        self.change(agent, |entry| entry.hinted = None);
    }

    /// An agent has no turn after all.
    pub(super) fn spare(&mut self, agent: &AgentId) {
        self.occupy(agent, false);
    }

    /// An agent's turn is over; `recheck`: when its answer may change. `None`: time alone changes
    /// nothing.
    pub(super) fn land(&mut self, agent: &AgentId, recheck: Option<Timestamp>, now: Timestamp) {
        self.occupy(agent, false);
        self.change(agent, |entry| {
            entry.looked = Some(now);
            entry.not_before = None;
            entry.at = recheck.map(|at| at.max(now.plus(BREATH)));
        });
    }

    /// An agent that was to be looked at could not be: it is due again after a while. What was
    /// heard of it, and when its answer may change, stands.
    pub(super) fn put_off(&mut self, agent: &AgentId, now: Timestamp) {
        self.change(agent, |entry| {
            entry.hinted.get_or_insert(now);
            entry.not_before = Some(now.plus(AGAIN));
        });
    }

    /// An agent is not there any more.
    pub(super) fn forget(&mut self, agent: &AgentId) {
        self.occupy(agent, false);
        self.unfile(agent);
        self.entries.remove(agent);
    }

    /// Only these are on a roster: nobody else is waited for.
    pub(super) fn keep(&mut self, stays: impl Fn(&AgentId) -> bool) {
        let gone = self.entries.keys().filter(|agent| !stays(agent) && !self.busy.contains(*agent));
        for agent in gone.cloned().collect::<Vec<_>>() {
            self.forget(&agent);
        }
    }

    /// The agents to be looked at at `now`, but for those whose turn is under way. Nobody is taken
    /// off: a look that fails loses nobody.
    pub(super) fn due(&self, now: Timestamp) -> BTreeSet<AgentId> {
        let due = self.free.iter().take_while(|(at, _)| *at <= now);
        due.map(|(_, agent)| agent.clone()).collect()
    }

    /// Whose turn is under way, or will be soon, and who is due by now all the same.
    pub(super) fn overtaken(&self, now: Timestamp) -> impl Iterator<Item = &AgentId> {
        self.taken.iter().take_while(move |(at, _)| *at <= now).map(|(_, agent)| agent)
    }

    /// Whether somebody announced that there may be something to see: a hint, or a limit.
    pub(super) fn announced(&self, agent: &AgentId, now: Timestamp) -> bool {
        let entry = self.entries.get(agent);
        entry.is_some_and(|entry| entry.hinted.is_some() || entry.at.is_some_and(|at| at <= now))
    }

    /// Everybody it has heard of.
    pub(super) fn known(&self) -> impl Iterator<Item = &AgentId> {
        self.entries.keys()
    }

    /// Those whose turn is under way.
    pub(super) const fn busy(&self) -> &BTreeSet<AgentId> {
        &self.busy
    }

    /// Whether an agent's turn is under way.
    pub(super) fn is_busy(&self, agent: &AgentId) -> bool {
        self.busy.contains(agent)
    }

    /// The earliest instant at which somebody is due whose turn is not under way.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.free.first().map(|(at, _)| *at)
    }

    fn occupy(&mut self, agent: &AgentId, busy: bool) {
        self.unfile(agent);
        if busy {
            self.busy.insert(agent.clone());
        } else {
            self.busy.remove(agent);
        }
        self.file(agent);
    }

    fn change(&mut self, agent: &AgentId, change: impl FnOnce(&mut Entry)) {
        self.unfile(agent);
        change(self.entries.entry(agent.clone()).or_default());
        self.file(agent);
    }

    fn unfile(&mut self, agent: &AgentId) {
        if let Some(due) = self.entries.get(agent).and_then(Entry::due) {
            let filed = (due, agent.clone());
            self.free.remove(&filed);
            self.taken.remove(&filed);
        }
    }

    fn file(&mut self, agent: &AgentId) {
        if let Some(due) = self.entries.get(agent).and_then(Entry::due) {
            let busy = self.busy.contains(agent);
            let of = if busy { &mut self.taken } else { &mut self.free };
            of.insert((due, agent.clone()));
        }
    }
}

#[cfg(test)]
mod tests;
