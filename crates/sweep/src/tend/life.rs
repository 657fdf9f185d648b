//! Signs that an agent is well again after a stop: they end the incident of it.

use sweepd_decide::session::{Queue, is_due};
use sweepd_decide::{FindingKind, Span};

use super::Tending;
use crate::ports::SessionFacts;

/// Idle for so long with nothing due counts as well again.
const CALM: Span = Span::from_mins(10);

impl Tending<'_> {
    /// A run that beats or acks, or has long been idle with nothing due, is not stuck.
    pub(super) fn life_signs(&mut self, facts: &SessionFacts, queue: &Queue) {
        let Some(start) = self.turn.memory.run.as_ref().and_then(|run| run.started_at) else {
            return;
        };
        let beats = facts.heartbeat.known().is_some_and(|beat| *beat > start);
        let acks = facts.last_ack.known().and_then(sweepd_decide::Written::at);
        let acked = acks.is_some_and(|acked| acked > start);
        let calm =
            queue.claims.is_empty() && !is_due(queue, self.now) && self.now >= start.plus(CALM);
        if beats || acked || calm {
            let how = if beats {
                "it beats"
            } else if acked {
                "it acks"
            } else {
                "it is idle"
            };
            self.turn.over.push((FindingKind::AgentStuck, how.to_owned()));
        }
    }
}
