//! A look that failed: unreadable is not empty. Nothing is done but the one wake that heals.

use sweepd_decide::{FindingKind, Span};

use super::Tending;
use crate::ledger::LedgerError;
use crate::ports::LookFailure;
use crate::render;
use crate::report::AgentState;

/// So many failed looks, over so long, and the agent's state is unknown.
const LOOKS: u32 = 3;
const FOR: Span = Span::from_secs(60);

impl Tending<'_> {
    pub(super) async fn look_failed(
        &mut self,
        failure: LookFailure,
        up: bool,
    ) -> Result<(), LedgerError> {
        let memory = &mut self.turn.memory;
        memory.failed_looks = memory.failed_looks.saturating_add(1);
        let since = *memory.failing_since.get_or_insert(self.now);
        let lasting = memory.failed_looks >= LOOKS && self.now >= since.plus(FOR);
        if lasting || memory.seen_at.is_none() {
            self.turn.state = AgentState::Unknown;
        }
        self.turn.health_unknown = true;
        self.turn.decide(render::unknown("unreadable", &failure.reason), false);
        if lasting {
            self.find(FindingKind::Unreadable, failure.reason.clone());
        }
        if failure.hot_journal
            && let Some(mut queue) = failure.queue
        {
            self.wake_if_due(&mut queue, up).await?;
        }
        self.save().await
    }
}
