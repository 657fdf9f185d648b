//! From a look to facts: what is remembered from it, and the snapshot the rules read.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use sweepd_decide::session::Queue;
use sweepd_decide::{
    ClaimKey, Death, Finding, FindingKind, Heartbeat, Observed, Profile, Snapshot, session,
};

use tokio::time::timeout;

use super::Tending;
use crate::ledger::LedgerError;
use crate::ports::{AgentRecord, Commit, HostState, LookFailure, SessionFacts, SessionLook};

/// So many claims are remembered at the most.
const OPEN_CLAIMS: usize = 100;

/// A look that takes longer goes on standing, so that others may look meanwhile.
const SEATED: Duration = Duration::from_secs(1);

impl Tending<'_> {
    /// Looks from the seat, and gives it up if that takes long.
    pub(super) async fn look_seated(&mut self, up: bool) -> SessionLook {
        let mut seat = self.seat.take();
        let looked = {
            let mut look = std::pin::pin!(self.look(up));
            match timeout(SEATED, look.as_mut()).await {
                Ok(look) => look,
                Err(_late) => {
                    seat = None;
                    look.await
                }
            }
        };
        self.seat = seat;
        looked
    }

    /// Looks. The source's own queue may be rolled back only where nobody else could want it.
    pub(super) async fn look(&self, up: bool) -> SessionLook {
        let alone = self.host == HostState::Absent && !up;
        let heal = alone && self.authority().rows;
        let look = self.cx.setup.source.look(&self.enlisted.agent, heal);
        timeout(self.cx.options.agent_budget, look).await.unwrap_or_else(|_| {
            SessionLook::Failed(Box::new(LookFailure {
                reason: "its look took longer than an agent's budget".to_owned(),
                hot_journal: false,
                queue: None,
            }))
        })
    }

    /// Keeps what later looks need of this one, and forgets what no row shows any more.
    pub(super) fn remember(&mut self, facts: &SessionFacts) {
        let memory = &mut self.turn.memory;
        memory.failed_looks = 0;
        memory.failing_since = None;
        memory.failed_look_at = None;
        // An end after the list was made is still to be asked for.
        memory.seen_at = Some(self.now.min(self.cx.fleet.listed_at()));
        memory.heartbeat = facts.heartbeat.known().map(|mtime| match memory.heartbeat {
            Some(beat) if beat.mtime == *mtime => beat,
            _ => Heartbeat { mtime: *mtime, first_seen: self.now },
        });
        let shown: BTreeSet<ClaimKey> = facts.queue.claims.iter().map(ClaimKey::of).collect();
        memory.released.retain(|released| shown.contains(&released.claim));
        memory.open = shown.into_iter().take(OPEN_CLAIMS).collect();
        let window = self.policy.poison.window;
        let rows = facts.queue.by_id();
        memory.paused.retain(|id| rows.contains_key(id));
        let pending = |death: &Death| {
            let row = rows.get(&death.claim.message_id);
            row.is_some_and(|row| row.state.status() == "pending")
        };
        memory.deaths.retain(|death| self.now < death.at.plus(window) && pending(death));
        let failed = facts.queue.messages.iter().filter(|row| row.state.status() == "failed");
        self.turn.failed = failed.map(|row| row.id.clone()).collect();
        self.turn.good_look = true;
        let malformed = session::malformed(&facts.queue, self.now);
        self.turn.findings.extend(malformed);
    }

    /// The claims that were open at the last look, those that were dealt with left out.
    pub(super) fn open_before(&self) -> Vec<ClaimKey> {
        let memory = &self.turn.memory;
        let released: BTreeSet<&ClaimKey> = memory.released.iter().map(|one| &one.claim).collect();
        memory.open.iter().filter(|key| !released.contains(key)).cloned().collect()
    }

    pub(super) fn open_claims(&self, facts: &SessionFacts) -> Queue {
        let mut queue = facts.queue.clone();
        queue.forget(&self.turn.memory.released);
        queue
    }

    /// Steps whose table or column is absent are not done; that is told once.
    pub(super) fn notice_absent(&mut self, facts: &SessionFacts) {
        self.turn.absent.clone_from(&facts.absent);
        if !facts.absent.is_empty() {
            self.find(FindingKind::ForeignSchema, facts.absent.join(", "));
        }
    }

    /// The snapshot of a running agent. `None`: this profile does not judge such a one.
    pub(super) fn snapshot(&self, facts: &SessionFacts, queue: &Queue) -> Option<Snapshot> {
        if !facts.started_once && self.policy.profile == Profile::Nanoclaw {
            return None;
        }
        let memory = &self.turn.memory;
        let mut seen = Snapshot::unknown();
        let started = memory.run.as_ref().and_then(|run| run.started_at);
        seen.start = started.map_or(Observed::Unknown, Observed::Known);
        seen.heartbeat = match (&facts.heartbeat, memory.heartbeat) {
            (Observed::Known(_), Some(beat)) => Observed::Known(beat),
            (Observed::Absent, _) => Observed::Absent,
            (Observed::Known(_), None) | (Observed::Unknown, _) => Observed::Unknown,
        };
        seen.tool = facts.tool.clone();
        seen.claims = Observed::Known(queue.claims.clone());
        seen.last_ack = facts.last_ack.clone();
        seen.due = Observed::Known(session::due(queue));
        seen.previous.clone_from(&memory.confirmation);
        seen.slept.clone_from(&self.cx.doubt.slept);
        seen.hold_until = self.cx.doubt.hold_until;
        Some(seen)
    }

    pub(super) fn found(&mut self, findings: Vec<Finding>) {
        self.turn.findings.extend(findings);
    }

    /// Commits what is remembered about this agent, with the events since the last save.
    pub(super) async fn save(&mut self) -> Result<(), LedgerError> {
        let commit = self.record();
        self.cx.ledger.commit(commit).await?;
        Ok(())
    }

    /// A commit that holds this agent's memory and its events so far.
    pub(super) fn record(&mut self) -> Commit {
        let report = serde_json::to_value(self.turn.report()).unwrap_or_else(|_| json!({}));
        Commit {
            agent: Some(AgentRecord {
                agent: self.turn.agent.clone(),
                memory: self.turn.memory.clone(),
                report,
                at: self.now,
            }),
            events: std::mem::take(&mut self.turn.events),
            incidents: std::mem::take(&mut self.turn.opened),
            ..Commit::new(self.cx.clock.now())
        }
    }
}
