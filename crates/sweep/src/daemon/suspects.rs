//! What only the resync seems to have found. A hint may come a moment late: then it was announced
//! after all. Pure: it is told the time.

use sweepd_decide::{AgentId, RunId, Span, Timestamp};

use crate::ports::{Hint, NewEvent};

/// So long a hint may be late.
const LATE: Span = Span::from_secs(2);

/// Events that are told unless a hint comes.
#[derive(Debug, Default)]
pub(super) struct Suspects {
    waiting: Vec<Suspect>,
}

/// What was found of one agent.
#[derive(Debug)]
pub(super) struct Suspect {
    pub(super) agent: AgentId,
    /// The runs it may be about: the one before, and the one now.
    pub(super) runs: Vec<RunId>,
    /// The event that says so.
    pub(super) event: NewEvent,
    /// When that is told.
    pub(super) at: Timestamp,
}

impl Suspects {
    /// Something was found that nobody had announced by `now`.
    pub(super) fn add(
        &mut self,
        agent: AgentId,
        runs: Vec<RunId>,
        event: NewEvent,
        now: Timestamp,
    ) {
        self.waiting.push(Suspect { agent, runs, event, at: now.plus(LATE) });
    }

    /// A hint of a source: what it is about was announced.
    pub(super) fn clear(&mut self, source: &str, hint: &Hint) {
        self.waiting.retain(|one| match hint {
            Hint::Agent(agent) => one.agent != *agent,
            Hint::Run(run) => !one.runs.contains(run),
            Hint::Everybody => one.agent.source() != source,
            Hint::Newcomers => true,
        });
    }

    /// Takes out what is told at `now`.
    pub(super) fn take(&mut self, now: Timestamp) -> Vec<NewEvent> {
        let due = self.waiting.extract_if(.., |one| one.at <= now);
        due.map(|one| one.event).collect()
    }

    /// When something is told next.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.waiting.iter().map(|one| one.at).min()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use sweepd_decide::EventKind;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    fn suspects() -> Suspects {
        let mut suspects = Suspects::default();
        for (agent, run) in [("s/a", "r1"), ("s/b", "r2")] {
            let (kind, agent) = (EventKind::ResyncCaught, AgentId::new(agent));
            let about = Some(agent.clone());
            let event = NewEvent { kind, agent: about, source: None, run: None, data: Value::Null };
            suspects.add(agent, vec![RunId::new(run)], event, at(0));
        }
        suspects
    }

    #[test]
    fn what_nobody_announces_is_told_after_two_seconds() {
        let mut suspects = suspects();
        assert_eq!(suspects.next(), Some(at(2000)));
        assert!(suspects.take(at(1999)).is_empty());
        assert_eq!(suspects.take(at(2000)).len(), 2);
        assert_eq!(suspects.next(), None);
    }

    #[test]
    fn a_hint_that_comes_late_clears_whom_it_is_about_and_nobody_else() {
        for (hint, left) in [
            (Hint::Agent("s/a".into()), 1),
            (Hint::Run(RunId::new("r2")), 1),
            (Hint::Run(RunId::new("r3")), 2),
            (Hint::Newcomers, 2),
            (Hint::Everybody, 0),
        ] {
            let mut suspects = suspects();
            suspects.clear("s", &hint);
            assert_eq!(suspects.take(at(2000)).len(), left, "{hint:?}");
            suspects.clear("other", &Hint::Everybody);
        }
    }
}
