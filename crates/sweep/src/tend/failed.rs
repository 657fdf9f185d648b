//! A look that failed: unreadable is not empty. Nothing is done but what the failure itself calls
//! for: a stop of ours is charged by its own record, and the one wake that heals may come.

use sweepd_decide::session::{self, Queue};
use sweepd_decide::{Claim, FindingKind, Span, Written};

use super::Tending;
use crate::ledger::LedgerError;
use crate::ports::LookFailure;
use crate::render;
use crate::report::AgentState;

/// So many failed looks, over so long, and the agent's state is unknown.
const LOOKS: u32 = 3;
const FOR: Span = Span::from_secs(60);
/// Between two looks of the daemon until it lasts.
const AGAIN: Span = Span::from_secs(20);
/// Looks of the daemon closer together than this count as one; a call of its own is always one.
const APART: Span = Span::from_secs(5);

impl Tending<'_> {
    pub(super) async fn look_failed(
        &mut self,
        failure: LookFailure,
        up: bool,
    ) -> Result<(), LedgerError> {
        let memory = &mut self.turn.memory;
        let counts = if self.cx.daemon {
            memory.failed_look_at.is_none_or(|last| self.now >= last.plus(APART))
        } else {
            !self.turn.look_failed
        };
        self.turn.look_failed = true;
        if counts {
            memory.failed_looks = memory.failed_looks.saturating_add(1);
            memory.failed_look_at = Some(self.now);
        }
        let since = *memory.failing_since.get_or_insert(self.now);
        let lasting = memory.failed_looks >= LOOKS && self.now >= since.plus(FOR);
        if lasting || memory.seen_at.is_none() {
            self.turn.state = AgentState::Unknown;
        }
        self.turn.health_unknown = true;
        // Where a wake heals, what is decided about that is shown, with the reason.
        let heals = failure.hot_journal && !up && failure.queue.is_some();
        if !heals {
            self.turn.decide(render::unknown("unreadable", &failure.reason), false);
        }
        if lasting {
            self.find(FindingKind::Unreadable, failure.reason.clone());
        }
        if let Some(mut queue) = failure.queue.filter(|_| failure.hot_journal && !up) {
            self.heal(&mut queue).await?;
            render::beside(&mut self.turn.decision, "unreadable", &failure.reason);
        }
        if !lasting {
            // The looks that it takes to say that it lasts.
            let next = self.now.plus(AGAIN).min(since.plus(FOR)).max(self.now.plus(APART));
            let next = self.turn.recheck.map_or(next, |at| at.min(next));
            self.turn.recheck = Some(next);
            self.turn.memory.next_look = Some(next);
        }
        self.save().await
    }

    /// The agent's own database waits for its next run to roll it back. What its end means is
    /// told by the claims of the last look that did not fail; then it is woken if work is due.
    async fn heal(&mut self, queue: &mut Queue) -> Result<(), LedgerError> {
        if let Some(ended) = self.turn.memory.ended.take() {
            let held = session::held_at_end(queue, &self.open_before(), &ended);
            self.count_death(&held, None, &ended).await;
        }
        let stop = self.turn.memory.stop.as_ref().filter(|stop| stop.ended_at.is_some());
        if let Some(stop) = stop {
            queue.claims = stop
                .charges
                .iter()
                .map(|key| Claim {
                    message_id: key.message_id.clone(),
                    status_changed: Written::new(key.status_changed.clone()),
                })
                .collect();
            queue.forget(&self.turn.memory.released);
            self.settle_the_dead(queue, false).await?;
            queue.claims.clear();
        }
        self.give_up_poison(queue).await?;
        self.wake_if_due(queue, false).await?;
        self.file_recheck(queue);
        Ok(())
    }
}
