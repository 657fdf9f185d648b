//! Step 4: is the running agent stuck?

use serde_json::json;
use sweepd_decide::session::{self, Queue};
use sweepd_decide::silent::{Hearing, Sign};
use sweepd_decide::stuck::{Action, HeldBy, Judgment, Look, Rule, decide_stuck, forecast};
use sweepd_decide::{FindingKind, Observed, Profile, Run, Sighting, Snapshot, Timestamp};

use super::{Tending, is_paused};
use crate::ledger::LedgerError;
use crate::ports::{DecisionRecord, SessionFacts};
use crate::render;

/// So many claims and due messages are recorded with a decision: more than any agent has.
const RECORDED: usize = 1000;
/// So many answers to come are reported.
const PROSPECTS: usize = 6;

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
        if self.turn.open.iter().any(|(kind, _)| *kind == FindingKind::AgentStuck) {
            // Signs of life are its heir's only if they are later than its true start.
            self.started_anew(seen).await;
        }
        self.life_signs(facts, queue);
        // Until it is judged on facts that were seen, nothing is good about it.
        self.turn.blind = true;
        if is_paused(seen.state) {
            self.note_wish(None);
            self.turn.decide(render::paused(), false);
            return Ok(false);
        }
        let Some(mut snapshot) = self.snapshot(facts, queue) else {
            self.note_wish(None);
            self.turn.decide(render::not_judged(), false);
            return Ok(false);
        };
        let mut judgment = decide_stuck(&self.policy, &snapshot, self.now);
        let first = judgment.record.is_some() && snapshot.previous.is_none();
        let told = first || !judgment.findings.is_empty();
        if told && self.started_anew(seen).await {
            let Some(fresh) = self.snapshot(facts, queue) else { return Ok(false) };
            snapshot = fresh;
            judgment = decide_stuck(&self.policy, &snapshot, self.now);
        }
        let held = judgment.decision.evidence.overdue.as_ref();
        let spared = held.is_some_and(|of| !of.idle && of.rule != Rule::HardCap)
            && self.policy.profile == Profile::Standard;
        let limited = if spared { self.limited(seen).await } else { None };
        if let Some((until, _)) = limited {
            snapshot.hold_until = snapshot.hold_until.max(Some(until));
            judgment = decide_stuck(&self.policy, &snapshot, self.now);
        }
        if self.cx.options.forecast {
            let to_come = forecast(&self.policy, &snapshot, self.now, PROSPECTS);
            self.turn.forecast = to_come.iter().map(render::prospect).collect();
        }
        self.turn.memory.confirmation.clone_from(&judgment.record);
        self.turn.judged_until = judgment.decision.recheck;
        self.found(judgment.findings.clone());
        self.turn.health_unknown = judgment.health == sweepd_decide::stuck::Health::Unknown;
        let overdue = judgment.decision.evidence.overdue.as_ref();
        self.note_wish(overdue);
        self.turn.fault |= overdue.is_some_and(|overdue| !overdue.idle);
        self.turn.blind = judgment.decision.evidence.blind;
        let action = judgment.decision.action;
        let mut stops = !matches!(action, Action::Ok | Action::Hold);
        let before = self.turn.memory.last_action.clone();
        if stops
            && self.would_stop()
            && let Some(overdue) = overdue
            && self.is_braked(&judgment, overdue)
        {
            stops = false;
        } else {
            self.turn.decide(render::stuck(&judgment.decision), stops);
        }
        if let Some((until, sign)) = limited {
            let why = format!("its service gives it nothing until {until} ({})", sign.as_str());
            render::beside(&mut self.turn.decision, "limited", &why);
        }
        let shown = self.turn.memory.last_action.clone();
        let changed =
            before != shown || !is_same_stop(snapshot.previous.as_ref(), judgment.record.as_ref());
        if action != Action::Ok && changed {
            let mut record = self.decision_record(&judgment, &snapshot);
            record.action = shown.unwrap_or(record.action);
            let commit = crate::ports::Commit { decision: Some(record), ..self.record() };
            self.cx.ledger.commit(commit).await?;
        }
        if stops {
            return self.stop(&judgment, &snapshot).await;
        }
        let well = action == Action::Ok && !self.turn.blind;
        if well && self.turn.memory.stop.take().is_some() {
            self.turn.end_now(FindingKind::Zombie, "it is well again");
        }
        let confirming = overdue.and_then(|overdue| overdue.held_by) == Some(HeldBy::Confirmation);
        if confirming {
            self.turn.again = judgment.decision.recheck.at();
        }
        Ok(false)
    }

    /// Until when its service gives it nothing, as its log says now. Asked before a stop counts: who waits
    /// for that is not stuck.
    async fn limited(&mut self, seen: &Sighting) -> Option<(Timestamp, Sign)> {
        let window = self.cx.setup.silence.as_ref()?.policy.window;
        self.listen(&seen.run, Hearing::horizon(window, self.now)).await;
        self.turn.memory.hearing.limited(self.now)
    }

    /// Whether the same run was started anew since its start was asked for. Asked before the
    /// first look of a stop counts and before anything is told, because a list does not tell.
    async fn started_anew(&mut self, seen: &Sighting) -> bool {
        let Ok(found) = self.cx.fleet.runtime().inspect(&seen.run).await else { return false };
        let Some(known) = self.turn.memory.run.clone() else { return false };
        if found.started_at == known.started_at {
            return false;
        }
        let (id, started_at) = (seen.run.clone(), found.started_at);
        if known.started_at.is_some() {
            self.restarted(&known).await;
        }
        self.turn.memory.run = Some(Run { id, started_at });
        self.turn.memory.confirmation = None;
        true
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
        // The agent may claim thousands of messages; the first ones say enough.
        let mut seen = snapshot.clone();
        if let Observed::Known(claims) = &mut seen.claims {
            claims.truncate(RECORDED);
        }
        if let Observed::Known(due) = &mut seen.due {
            due.truncate(RECORDED);
        }
        DecisionRecord {
            agent: self.turn.agent.clone(),
            action: judgment.decision.action.as_str().to_owned(),
            inputs: json!({ "now": self.now, "policy": self.policy, "snapshot": seen }),
            decision: json!(judgment),
        }
    }

    /// The claims that a stop decided now will charge.
    pub(super) fn to_charge(&self, snapshot: &Snapshot) -> Vec<sweepd_decide::ClaimKey> {
        session::charges(&self.policy, snapshot, self.now)
    }
}

/// Whether two looks were about the same stop.
fn is_same_stop(before: Option<&Look>, now: Option<&Look>) -> bool {
    let about = |look: &Look| {
        let Look { rule, start, message_id, status_changed, heartbeat, .. } = look.clone();
        (rule, start, message_id, status_changed, heartbeat)
    };
    before.map(about) == now.map(about)
}
