//! What a person asks for by hand: done at once, without waits, confirmations or brake; but never
//! beside a live host, in observe, or on facts that nobody has.

use serde_json::json;
use sweepd_decide::session::{self, Queue};
use sweepd_decide::{Presence, Run, Stop};

use super::Tending;
use crate::ledger::LedgerError;
use crate::order::{Order, Pause};
use crate::ports::WakeKind;
use crate::report::{AgentState, EffectReport, Outcome};

/// How a stop by hand is called where stops have reasons.
pub(super) const BY_HAND: &str = "by hand";

impl Tending<'_> {
    /// Puts a message back, if that was asked for.
    pub(super) async fn asked(&mut self, queue: &mut Queue) -> Result<(), LedgerError> {
        let Some(Order::Requeue(id)) = self.turn.order.clone() else { return Ok(()) };
        self.turn.order = None;
        match session::requeue(queue, &id) {
            Ok(effect) => {
                self.turn.by_hand = true;
                let changed = self.change(queue, vec![effect], Vec::new()).await;
                self.turn.by_hand = false;
                changed?;
                let last = self.turn.effects.iter().rfind(|one| one.effect == "requeue");
                let done = |one: &EffectReport| {
                    matches!(one.outcome, Outcome::Done | Outcome::AlreadyDone)
                };
                if last.is_some_and(done) {
                    self.turn.failed.remove(&id);
                }
            }
            Err(refused) => {
                let why = format!("{id}: {}", refused.as_str());
                self.turn.did("requeue", Outcome::Failed, Some(why));
            }
        }
        Ok(())
    }

    /// Stops it because a person asks for it. Whether the turn is over.
    pub(super) async fn stop_by_hand(&mut self, presence: &Presence) -> Result<bool, LedgerError> {
        self.turn.by_hand = true;
        let over = self.end_by_hand(presence).await;
        self.turn.by_hand = false;
        over
    }

    async fn end_by_hand(&mut self, presence: &Presence) -> Result<bool, LedgerError> {
        let run = match presence {
            Presence::Up(_) => self.turn.memory.run.clone(),
            Presence::Duplicate(runs) => {
                let names: Vec<&str> = runs.iter().map(sweepd_decide::RunId::as_str).collect();
                let why = format!("several run for it, and which is meant? {}", names.join(", "));
                self.turn.did("stop", Outcome::Held, Some(why));
                return Ok(false);
            }
            Presence::Down | Presence::Missing => {
                let why = Some("nothing runs".to_owned());
                self.turn.did("stop", Outcome::AlreadyDone, why);
                return Ok(false);
            }
        };
        let Some(run @ Run { started_at: Some(_), .. }) = run else {
            let why = "when it started is not known".to_owned();
            self.turn.did("stop", Outcome::Held, Some(why));
            return Ok(false);
        };
        if !self.may_stop() {
            return Ok(false);
        }
        self.turn.stop_tried = true;
        let before = self.turn.memory.stop.clone().filter(|stop| stop.run == run.id);
        self.turn.memory.stop = Some(Stop {
            run: run.id.clone(),
            overdue: None,
            charges: Vec::new(),
            decided_at: self.now,
            ended_at: None,
            failures: before.map_or(0, |stop| stop.failures),
            attempted_at: self.cx.clock.now(),
        });
        self.save().await?;
        self.end(&run, None).await?;
        Ok(true)
    }

    /// Whether an agent that does not run is to be woken because a person asks for it.
    pub(super) fn is_asked_to_wake(&mut self, up: bool) -> bool {
        if self.turn.order != Some(Order::Wake) {
            return false;
        }
        self.turn.order = None;
        if up {
            self.turn.did("wake", Outcome::AlreadyDone, Some("it runs".to_owned()));
            return false;
        }
        if self.cx.setup.waker.kind() == WakeKind::None {
            let why = "its source has wake kind none: nobody here knows how to start it".to_owned();
            self.turn.did("wake", Outcome::Held, Some(why));
            return false;
        }
        self.turn.state != AgentState::Missing
    }

    /// Whether a stop may be done; if not, it is told why.
    pub(super) fn may_stop(&mut self) -> bool {
        if self.authority().stop {
            return true;
        }
        self.not_allowed("stop", None);
        false
    }

    /// Tells that something is not done for want of the right to it.
    pub(super) fn not_allowed(&mut self, effect: &'static str, detail: Option<String>) {
        let pause = self.pause().filter(|_| !self.turn.by_hand);
        let (outcome, detail) = match pause.as_ref().map(Pause::sentence) {
            Some(why) => {
                let detail = detail.map_or_else(|| why.clone(), |text| format!("{text}: {why}"));
                (Outcome::Held, Some(detail))
            }
            None => (Outcome::Planned, detail),
        };
        self.turn.did(effect, outcome, detail);
    }

    /// Data of the event of a stop by hand.
    pub(super) fn by_hand() -> serde_json::Value {
        json!({ "reason": "by-hand", "idle": false })
    }
}
