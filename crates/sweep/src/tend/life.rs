//! Signs that an agent is well again after a stop: they end the incident of it.

use sweepd_decide::session::{self, Queue};
use sweepd_decide::{FindingKind, Written};

use super::Tending;
use crate::ports::SessionFacts;

impl Tending<'_> {
    /// Notes the sign of life, if the run that is up shows one.
    pub(super) fn life_signs(&mut self, facts: &SessionFacts, queue: &Queue) {
        let started = self.turn.memory.run.as_ref().and_then(|run| run.started_at);
        let Some(start) = started else { return };
        let heartbeat = facts.heartbeat.known().copied();
        let last_ack = facts.last_ack.known().and_then(Written::at);
        let sign = session::recovery(queue, heartbeat, last_ack, start, self.now);
        let how = sign.map(|sign| sign.as_str().to_owned());
        self.turn.over.extend(how.map(|how| (FindingKind::AgentStuck, how)));
    }
}
