//! The steps that change the queue: acks, the dead, poison, orphans.

use sweepd_decide::session::{self, Queue, RowEffect};
use sweepd_decide::{Finding, FindingKind, RowChange, Span, Stop, Written};

use super::Tending;
use crate::ledger::LedgerError;
use crate::ports::{HostState, SessionFacts};
use crate::report::Outcome;

/// So many claims are named in a report.
const NAMED: usize = 10;
/// How long a live host may take to release the claims of an agent that we stopped.
const HOST_RELEASES_WITHIN: Span = Span::from_mins(2);

impl Tending<'_> {
    /// Step 1.
    pub(super) async fn sync_acks(
        &mut self,
        queue: &mut Queue,
        facts: &SessionFacts,
    ) -> Result<(), LedgerError> {
        let synced = session::sync(queue, self.now);
        // A failure is old news once a later ack has come.
        let newest = facts.last_ack.known().and_then(Written::at);
        let later = |found: &Finding| newest.is_some_and(|newest| newest > found.since);
        let (old, news): (Vec<_>, Vec<_>) = synced
            .findings
            .into_iter()
            .partition(|found| found.kind == FindingKind::MessageFailed && later(found));
        self.found(news);
        if !old.is_empty() {
            let how = "a later message was acked".to_owned();
            self.turn.over.push((FindingKind::MessageFailed, how));
        }
        let completes = |effect: &RowEffect| match &effect.change {
            RowChange::Update { after, .. } => after.status() == "completed",
            RowChange::Recur { .. } => false,
        };
        if !self.authority().rows && synced.effects.iter().any(completes) {
            let how = "a later message completed".to_owned();
            self.turn.over.push((FindingKind::MessageFailed, how));
        }
        if !synced.effects.is_empty() && self.may_write().await {
            self.turn.memory.paused.extend(synced.paused);
        }
        self.change(queue, synced.effects, Vec::new()).await
    }

    /// Step 2.
    pub(super) async fn settle_the_dead(&mut self, queue: &mut Queue) -> Result<(), LedgerError> {
        let memory = &self.turn.memory;
        let stop = memory.stop.clone().filter(|stop| stop.ended_at.is_some());
        let settled = session::settle(&self.policy, queue, memory, stop.as_ref(), self.now);
        if let Some(stop) = &stop {
            if queue.claims.is_empty() || self.may_write().await {
                self.turn.memory.stop = None;
            } else {
                self.watch_the_host(stop);
            }
        }
        self.settle(queue, settled).await
    }

    /// The live host should have released the claims of an agent that we stopped.
    fn watch_the_host(&mut self, stop: &Stop) {
        let late = stop.ended_at.is_some_and(|ended| self.now >= ended.plus(HOST_RELEASES_WITHIN));
        if late && self.host == HostState::Alive {
            self.find(FindingKind::HostNotSweeping, stop.run.to_string());
        }
    }

    /// Messages that took their agent down with them too often.
    pub(super) async fn give_up_poison(&mut self, queue: &mut Queue) -> Result<(), LedgerError> {
        let memory = &self.turn.memory;
        let poisoned = session::poisoned(&self.policy, queue, memory, self.now);
        self.change(queue, poisoned, Vec::new()).await
    }

    /// Step 5.
    pub(super) async fn release_orphans(&mut self, queue: &mut Queue) -> Result<(), LedgerError> {
        let memory = &self.turn.memory;
        let settled = session::release(&self.policy, queue, memory, self.now);
        self.settle(queue, settled).await
    }

    async fn settle(
        &mut self,
        queue: &mut Queue,
        settled: session::Settled,
    ) -> Result<(), LedgerError> {
        if settled.released.is_empty() && settled.effects.is_empty() {
            return Ok(());
        }
        let named = settled.released.iter().take(NAMED);
        let claims: Vec<&str> = named.map(|released| released.claim.message_id.as_str()).collect();
        let outcome = if self.may_write().await { Outcome::Done } else { Outcome::Planned };
        self.turn.did("release", outcome, Some(claims.join(", ")));
        self.change(queue, settled.effects, settled.released).await
    }
}
