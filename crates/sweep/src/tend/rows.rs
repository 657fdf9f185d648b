//! The steps that change the queue: acks, the dead, poison, orphans.

use sweepd_decide::session::{self, Queue};
use sweepd_decide::{ClaimKey, Ended, FindingKind, Span, Stop, Written};

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
        let newest = facts.last_ack.known().and_then(Written::at);
        let synced = session::sync(queue, &self.turn.memory, newest, self.now);
        self.found(synced.findings);
        self.turn.memory.succeeded_at = synced.succeeded_at;
        if !synced.effects.is_empty() && self.may_write().await {
            self.turn.memory.paused.extend(synced.paused);
        }
        self.change(queue, synced.effects, Vec::new()).await
    }

    /// Step 2. Beside a run that is up only the claims that a stop of ours had named are known to
    /// be a dead one's.
    pub(super) async fn settle_the_dead(
        &mut self,
        queue: &mut Queue,
        up: bool,
    ) -> Result<(), LedgerError> {
        let memory = &self.turn.memory;
        let stop = memory.stop.clone().filter(|stop| stop.ended_at.is_some());
        let settled = match &stop {
            Some(stop) if up => session::settle_beside(&self.policy, queue, stop, self.now),
            None if up => return Ok(()),
            stop => session::settle(&self.policy, queue, memory, stop.as_ref(), self.now),
        };
        if let Some(stop) = &stop {
            if queue.claims.is_empty() || self.may_write().await {
                self.turn.memory.stop = None;
            } else if !up {
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

    /// What a run had claimed that its service gave nothing waits until there is more.
    pub(super) async fn put_off_held(
        &mut self,
        queue: &mut Queue,
        earlier: &[ClaimKey],
        ended: &Ended,
    ) -> Result<(), LedgerError> {
        let held = session::held_at_end(queue, earlier, ended);
        let memory = &self.turn.memory;
        let effects = session::put_off_held(&self.policy, queue, memory, &held, self.now);
        if effects.is_empty() || !self.may_write().await {
            return Ok(());
        }
        self.change(queue, effects, Vec::new()).await
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
        let claims = Some(claims.join(", "));
        if !self.may_write().await {
            self.not_allowed("release", claims);
            return self.change(queue, settled.effects, settled.released).await;
        }
        // Told before what follows from it; taken back if it could not even be written down.
        let place = self.turn.effects.len();
        self.turn.did("release", Outcome::Done, claims);
        let done = self.change(queue, settled.effects, settled.released).await;
        if done.is_err()
            && let Some(told) = self.turn.effects.get_mut(place)
        {
            told.outcome = Outcome::Failed;
        }
        done
    }
}
