//! Who is to be looked at next, and when. Pure: it is told the time.

use std::collections::{BTreeMap, BTreeSet};

use sweepd_decide::{AgentId, Span, Timestamp};

/// Between two looks at one agent at the least, when nobody hints: an instant that has passed
/// without a change costs no more.
const BREATH: Span = Span::from_millis(250);
/// Between a look at an agent and the next that hints bring about.
const APART: Span = Span::from_secs(1);

/// The instants at which agents' answers may change, and those of whom something was heard.
#[derive(Debug, Clone, Default)]
pub(super) struct Agenda {
    at: BTreeMap<AgentId, Timestamp>,
    hinted: BTreeMap<AgentId, Timestamp>,
    looked: BTreeMap<AgentId, Timestamp>,
    /// Their turn is under way, or will be soon.
    busy: BTreeSet<AgentId>,
}

impl Agenda {
    /// Something is worth a look at an agent, not before `settle` from now. Several hints are one.
    pub(super) fn hint(&mut self, agent: &AgentId, settle: Span, now: Timestamp) {
        let apart = self.looked.get(agent).map_or(now, |last| last.plus(APART));
        let at = now.plus(settle).max(apart);
        let known = self.hinted.entry(agent.clone()).or_insert(at);
        *known = at.min(*known);
    }

    /// Looks at an agent as soon as may be.
    pub(super) fn nudge(&mut self, agent: &AgentId, now: Timestamp) {
        self.hinted.insert(agent.clone(), now);
    }

    /// An agent has its turn soon.
    pub(super) fn enlist(&mut self, agent: &AgentId) {
        self.busy.insert(agent.clone());
    }

    /// An agent's turn begins: what was heard so far is seen in it.
    pub(super) fn begin(&mut self, agent: &AgentId) {
        self.hinted.remove(agent);
        self.busy.insert(agent.clone());
    }

    /// An agent has no turn after all.
    pub(super) fn spare(&mut self, agent: &AgentId) {
        self.busy.remove(agent);
    }

    /// An agent's turn is over; `recheck`: when its answer may change. `None`: time alone changes
    /// nothing.
    pub(super) fn land(&mut self, agent: &AgentId, recheck: Option<Timestamp>, now: Timestamp) {
        self.busy.remove(agent);
        self.looked.insert(agent.clone(), now);
        match recheck {
            Some(at) => drop(self.at.insert(agent.clone(), at.max(now.plus(BREATH)))),
            None => drop(self.at.remove(agent)),
        }
    }

    /// Only these are on a roster: nobody else is waited for.
    pub(super) fn keep(&mut self, stays: impl Fn(&AgentId) -> bool) {
        self.at.retain(|agent, _| stays(agent));
        self.hinted.retain(|agent, _| stays(agent));
        self.looked.retain(|agent, _| stays(agent));
    }

    /// The agents to be looked at at `now`, but for those whose turn is under way. Nobody is taken
    /// off: a look that fails loses nobody.
    pub(super) fn due(&self, now: Timestamp) -> BTreeSet<AgentId> {
        let due = self.at.iter().chain(&self.hinted).filter(|(_, at)| **at <= now);
        due.map(|(agent, _)| agent).filter(|agent| !self.busy.contains(*agent)).cloned().collect()
    }

    /// Whether somebody announced that there may be something to see: a hint, or a limit.
    pub(super) fn announced(&self, agent: &AgentId, now: Timestamp) -> bool {
        self.hinted.contains_key(agent) || self.at.get(agent).is_some_and(|at| *at <= now)
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
        let free = |(agent, _): &(&AgentId, &Timestamp)| !self.busy.contains(*agent);
        self.at.iter().chain(&self.hinted).filter(free).map(|(_, at)| *at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    fn names(agents: &BTreeSet<AgentId>) -> Vec<&str> {
        agents.iter().map(AgentId::as_str).collect()
    }

    #[test]
    fn a_newer_answer_replaces_the_older_one() {
        let mut agenda = Agenda::default();
        let agent = AgentId::new("s/a");
        agenda.land(&agent, Some(at(1000)), at(0));
        agenda.land(&agent, Some(at(2000)), at(0));
        assert_eq!(agenda.next(), Some(at(2000)));
        assert!(agenda.due(at(1999)).is_empty());
        agenda.land(&agent, None, at(0));
        assert_eq!(agenda.next(), None);
    }

    #[test]
    fn asking_who_is_due_takes_nobody_off() {
        let mut agenda = Agenda::default();
        for name in ["s/b", "s/a"] {
            agenda.land(&AgentId::new(name), Some(at(500)), at(0));
        }
        assert_eq!(names(&agenda.due(at(500))), ["s/a", "s/b"]);
        assert_eq!(names(&agenda.due(at(500))), ["s/a", "s/b"]);
    }

    #[test]
    fn an_answer_that_is_due_already_is_asked_for_again_after_a_breath() {
        let mut agenda = Agenda::default();
        agenda.land(&AgentId::new("s/a"), Some(at(1)), at(1000));
        assert_eq!(agenda.next(), Some(at(1250)));
    }

    #[test]
    fn many_hints_are_one_look_each_second() {
        let mut agenda = Agenda::default();
        let agent = AgentId::new("s/a");
        let settle = Span::from_millis(50);
        agenda.hint(&agent, settle, at(0));
        agenda.hint(&agent, settle, at(10));
        assert_eq!(agenda.next(), Some(at(50)));
        agenda.begin(&agent);
        agenda.hint(&agent, settle, at(60));
        assert_eq!(agenda.next(), None, "its turn is under way");
        agenda.land(&agent, None, at(70));
        assert_eq!(agenda.next(), Some(at(110)), "what was heard meanwhile is looked at");
        agenda.begin(&agent);
        agenda.land(&agent, None, at(120));
        agenda.hint(&agent, settle, at(130));
        assert_eq!(agenda.next(), Some(at(1120)));
        agenda.nudge(&agent, at(131));
        assert_eq!(names(&agenda.due(at(131))), ["s/a"]);
    }

    #[test]
    fn what_a_hint_or_a_limit_says_is_announced() {
        let mut agenda = Agenda::default();
        let [hinted, due, calm] = ["s/a", "s/b", "s/c"].map(AgentId::new);
        agenda.hint(&hinted, Span::from_secs(1), at(0));
        agenda.land(&due, Some(at(300)), at(0));
        agenda.land(&calm, Some(at(301)), at(0));
        let announced = [&hinted, &due, &calm].map(|agent| agenda.announced(agent, at(300)));
        assert_eq!(announced, [true, true, false]);
    }
}
