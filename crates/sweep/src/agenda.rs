//! Who is to be looked at next, and when. Pure: it is told the time.

use std::collections::{BTreeMap, BTreeSet};

use sweepd_decide::{AgentId, Timestamp};

/// The instants at which agents' answers may change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Agenda {
    at: BTreeMap<AgentId, Timestamp>,
}

impl Agenda {
    /// Puts an agent down for `recheck`. A newer answer replaces the older one; `None` takes the
    /// agent off: time alone changes nothing about it.
    pub(crate) fn file(&mut self, agent: &AgentId, recheck: Option<Timestamp>) {
        match recheck {
            Some(at) => drop(self.at.insert(agent.clone(), at)),
            None => drop(self.at.remove(agent)),
        }
    }

    /// The agents that are due at `now`. Nobody is taken off: a pass that fails loses nobody.
    pub(crate) fn due(&self, now: Timestamp) -> BTreeSet<AgentId> {
        self.at.iter().filter(|(_, at)| **at <= now).map(|(agent, _)| agent.clone()).collect()
    }

    /// Everybody on it.
    pub(crate) fn everybody(&self) -> BTreeSet<AgentId> {
        self.at.keys().cloned().collect()
    }

    /// The earliest instant on it.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.at.values().min().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn a_newer_answer_replaces_the_older_one() {
        let mut agenda = Agenda::default();
        let agent = AgentId::new("s/a");
        agenda.file(&agent, Some(at(10)));
        agenda.file(&agent, Some(at(20)));
        assert_eq!(agenda.next(), Some(at(20)));
        assert!(agenda.due(at(19)).is_empty());
        agenda.file(&agent, None);
        assert_eq!(agenda.next(), None);
    }

    #[test]
    fn asking_who_is_due_takes_nobody_off() {
        let mut agenda = Agenda::default();
        agenda.file(&AgentId::new("s/b"), Some(at(5)));
        agenda.file(&AgentId::new("s/a"), Some(at(5)));
        let first = agenda.due(at(5));
        assert_eq!(first.iter().map(AgentId::as_str).collect::<Vec<_>>(), ["s/a", "s/b"]);
        assert_eq!(agenda.due(at(5)), first);
    }
}
