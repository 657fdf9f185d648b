//! Step 3: waking an agent that has due work and nothing running.

use serde_json::json;
use sweepd_decide::session::{self, Queue, WakeAction, WakeFacts};
use sweepd_decide::{
    Decision, EventKind, FindingKind, Recheck, Run, Span, Timestamp, Wakes, Written,
};

use super::Tending;
use crate::clean::clean;
use crate::ledger::LedgerError;
use crate::order::Order;
use crate::ports::{Enlisted, HostState, PortError, SessionLook, WakeKind, WakeOrder, Woken};
use crate::render;
use crate::report::Outcome;

/// So many failures in a row are an incident.
const FAILING: u32 = 3;

/// So long after an end that the list does not show yet its heir is woken.
const MOMENT: Span = Span::from_secs(1);
/// So long after a look nobody is woken for what it showed.
const STALE: Span = Span::from_secs(10);

impl Tending<'_> {
    /// Wakes if that is called for. Whether something runs, or will, as far as this pass goes:
    /// then orphan claims are left to it.
    pub(super) async fn wake_if_due(
        &mut self,
        queue: &mut Queue,
        up: bool,
    ) -> Result<bool, LedgerError> {
        let had_its_turn = self.turn.wake_tried || self.turn.stop_tried;
        let facts = WakeFacts { running: up, had_its_turn };
        let memory = &self.turn.memory;
        let decision = session::judge_wake(&self.policy, queue, memory, facts, self.now);
        if self.turn.memory.wakes.failures >= FAILING {
            let error = self.turn.memory.wakes.last_error.clone().unwrap_or_default();
            self.find(FindingKind::WakeFailing, error);
        }
        if self.is_asked_to_wake(up) {
            self.turn.decide(render::wake(&decision), false);
            self.turn.by_hand = true;
            let woken = self.wake().await;
            self.turn.by_hand = false;
            return woken;
        }
        if up {
            return Ok(true);
        }
        let nobody_wakes = self.cx.setup.waker.kind() == WakeKind::None;
        let decision = match decision.action {
            WakeAction::Wait if nobody_wakes => {
                Decision { action: WakeAction::Wake, recheck: Recheck::OnChange, ..decision }
            }
            WakeAction::None | WakeAction::Wake | WakeAction::Wait => decision,
        };
        self.turn.decide(render::wake(&decision), false);
        let wakes = &self.turn.memory.wakes;
        match decision.action {
            WakeAction::None => Ok(self.turn.woken),
            // After a failed wake the orphans are charged; after a death a wake will clear them,
            // and one whose outcome nobody knows may have done so.
            WakeAction::Wait => Ok(wakes.last_error.is_none() || wakes.under_way),
            WakeAction::Wake if nobody_wakes => Ok(false),
            WakeAction::Wake if self.turn.list_lags => {
                // Whoever removes it may be at it: in a moment its name is free.
                self.turn.cut_short = true;
                self.turn.again = Some(self.now.plus(MOMENT));
                Ok(true)
            }
            WakeAction::Wake => self.wake().await,
        }
    }

    async fn wake(&mut self) -> Result<bool, LedgerError> {
        self.turn.wake_tried = true;
        // Only so many are started at once.
        let mut place = None;
        if self.authority().wake {
            place = self.standing(self.cx.wakes.acquire()).await.ok();
            if self.cx.clock.now() > self.now.plus(STALE) {
                // So many were woken before it that this look is too old by now to act on.
                self.turn.wake_tried = false;
                self.turn.settle = true;
                if self.turn.by_hand {
                    self.turn.order = Some(Order::Wake);
                }
                return Ok(true);
            }
        }
        if place.is_some() {
            self.renew_before_wake().await;
        }
        if place.is_none() || !self.authority_now().await.wake {
            let beside = self.host == HostState::Alive;
            let why = beside.then(|| "its own host is alive, and wakes by itself".to_owned());
            self.not_allowed("wake", why.filter(|_| self.turn.by_hand));
            return Ok(true);
        }
        let began = self.cx.clock.now();
        self.turn.memory.wakes.attempted_at = Some(began);
        self.turn.memory.wakes.under_way = true;
        self.save().await?;
        let Enlisted { agent, workspace, places, .. } = self.enlisted.clone();
        let order = WakeOrder { agent, workspace, places, now: began };
        let waking = self.cx.setup.waker.wake(&order);
        let woken = match self.standing(waking).await {
            Ok(Woken { ended: Some(words), .. }) if !self.took_up_work(began).await => {
                let doing = format!("see {} running", self.agent());
                Err(PortError::refused(doing, words))
            }
            woken => woken,
        };
        match woken {
            Ok(woken) => {
                // Dead already, but not for nothing: its end is looked at in this very call.
                self.turn.settle |= woken.ended.is_some();
                let outcome = if woken.already { Outcome::AlreadyDone } else { Outcome::Done };
                let worked = session::wake_worked(&self.turn.memory.wakes);
                // A run that was joined is not one that this wake started.
                self.turn.memory.wakes = Wakes { woken: !woken.already, ..worked };
                if let Some(id) = woken.run {
                    self.turn.memory.run = Some(Run { id, started_at: woken.started_at });
                }
                self.turn.memory.stop = None;
                self.turn.memory.confirmation = None;
                self.turn.woken = true;
                self.turn.state = crate::report::AgentState::Running;
                self.turn.event(EventKind::AgentWoken, json!({ "already": woken.already }));
                self.turn.did("wake", outcome, None);
                self.save().await?;
                Ok(true)
            }
            Err(error) => {
                let unanswered = matches!(error, PortError::Unreachable { .. });
                let error = clean(&error.chain());
                let wakes = &self.turn.memory.wakes;
                self.turn.memory.wakes = if unanswered {
                    session::wake_unanswered(wakes, began, &error)
                } else {
                    session::wake_failed(wakes, began, &error)
                };
                self.turn.event(EventKind::WakeFailed, json!({ "error": error }));
                if self.turn.memory.wakes.failures == FAILING {
                    self.find(FindingKind::WakeFailing, error.clone());
                }
                self.turn.did("wake", Outcome::Failed, Some(error.clone()));
                if unanswered {
                    // Whether it was started nobody knows, so nothing is released.
                    self.dont_know(error).await?;
                } else {
                    self.save().await?;
                }
                Ok(unanswered)
            }
        }
    }

    /// Whether the run that was started at `began`, and is over, has claimed or acked anything:
    /// then it was no failing wake. A database that it left torn says so too.
    async fn took_up_work(&self, began: Timestamp) -> bool {
        let SessionLook::Facts(facts) = self.look(false).await else { return true };
        let since = Some(began.floor_to_second());
        let claims = facts.queue.claims.iter().map(|claim| claim.status_changed.at());
        claims.chain([facts.last_ack.known().and_then(Written::at)]).any(|at| at >= since)
    }
}
