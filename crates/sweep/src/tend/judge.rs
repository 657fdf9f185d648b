//! Step 4: is the running agent stuck?

use serde_json::json;
use sweepd_decide::session::{self, Queue};
use sweepd_decide::stuck::{Action, HeldBy, Judgment, decide_stuck};
use sweepd_decide::{Profile, Sighting, Snapshot};

use super::{Tending, is_paused};
use crate::ledger::LedgerError;
use crate::ports::{DecisionRecord, SessionFacts};
use crate::render;

impl Tending<'_> {
    /// Judges, and stops if that is called for. Whether the turn is over.
    pub(super) async fn judge(
        &mut self,
        facts: &SessionFacts,
        queue: &Queue,
        seen: &Sighting,
    ) -> Result<bool, LedgerError> {
        if self.turn.woken || self.is_newly_woken() {
            return Ok(false);
        }
        self.life_signs(facts, queue);
        if is_paused(seen.state) {
            self.turn.decide(render::paused(), false);
            return Ok(false);
        }
        let Some(snapshot) = self.snapshot(facts, queue) else {
            self.turn.decide(render::not_judged(), false);
            return Ok(false);
        };
        let judgment = decide_stuck(&self.policy, &snapshot, self.now);
        self.turn.memory.confirmation.clone_from(&judgment.record);
        self.found(judgment.findings.clone());
        self.turn.health_unknown = judgment.health == sweepd_decide::stuck::Health::Unknown;
        let overdue = judgment.decision.evidence.overdue.as_ref();
        self.turn.fault |= overdue.is_some_and(|overdue| !overdue.idle);
        let stops = !matches!(judgment.decision.action, Action::Ok | Action::Hold);
        self.turn.decide(render::stuck(&judgment.decision), stops);
        if stops {
            return self.stop(&judgment, &snapshot).await;
        }
        self.turn.memory.stop = None;
        let confirming = overdue.and_then(|overdue| overdue.held_by) == Some(HeldBy::Confirmation);
        if confirming {
            self.turn.again = judgment.decision.recheck.at();
        }
        if judgment.decision.action == Action::Hold {
            let record = self.decision_record(&judgment, &snapshot);
            let commit = crate::ports::Commit { decision: Some(record), ..self.record() };
            self.cx.ledger.commit(commit).await?;
        }
        Ok(false)
    }

    /// The original judges nobody before the tick after his wake; the daemon's ticks are resyncs.
    fn is_newly_woken(&self) -> bool {
        let wakes = &self.turn.memory.wakes;
        let resync = crate::engine::span(self.cx.options.resync);
        let fresh = wakes.attempted_at.is_some_and(|at| self.now < at.plus(resync));
        let gated = self.policy.profile == Profile::Nanoclaw && self.cx.daemon;
        gated && wakes.woken && fresh
    }

    pub(super) fn decision_record(
        &self,
        judgment: &Judgment,
        snapshot: &Snapshot,
    ) -> DecisionRecord {
        DecisionRecord {
            agent: self.turn.agent.clone(),
            action: judgment.decision.action.as_str().to_owned(),
            inputs: json!({ "now": self.now, "policy": self.policy, "snapshot": snapshot }),
            decision: json!(judgment),
        }
    }

    /// The claims that a stop decided now will charge.
    pub(super) fn to_charge(&self, snapshot: &Snapshot) -> Vec<sweepd_decide::ClaimKey> {
        session::charges(&self.policy, snapshot, self.now)
    }
}
