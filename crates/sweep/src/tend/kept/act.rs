//! Bringing an always-on container back: committed first, done once, told how it went.

use serde_json::{Value, json};
use sweepd_decide::keep::{self, KeepEvidence, Kept, Sight, Step, Why};
use sweepd_decide::{Decision, EventKind, Finding, FindingKind, Recheck, Run};

use super::{Found, story};
use crate::ledger::LedgerError;
use crate::order::Order;
use crate::ports::{Expected, PortError, Recreated, Recreation};
use crate::report::{AgentState, Outcome};
use crate::tend::Tending;

/// What is gone with the container, whatever is made anew.
const LOST: &str = "what it had written outside of its mounts is lost";

impl Tending<'_> {
    /// Does what is called for, by the rules or by a person.
    pub(super) async fn act(
        &mut self,
        expected: &Expected,
        found: &Found,
        decision: &Decision<Step, KeepEvidence>,
    ) -> Result<(), LedgerError> {
        let asked = self.turn.order.take_if(|order| *order == Order::Wake).is_some();
        if let Some(Order::Requeue(id)) =
            self.turn.order.take_if(|o| matches!(o, Order::Requeue(_)))
        {
            let why = format!("{id}: an always-on container has no queue of work");
            self.turn.did("requeue", Outcome::Failed, Some(why));
        }
        let step = if asked { self.asked_for(found.sight) } else { decision.action };
        if asked {
            self.turn.by_hand = true;
        }
        let done = match step {
            Step::Start => self.start(found, asked).await,
            Step::Recreate => self.recreate(expected, asked).await,
            Step::Wait(Why::Confirmation) => {
                self.await_confirmation(&expected.policy);
                Ok(())
            }
            Step::Nothing | Step::Wait(_) | Step::Report(_) => Ok(()),
        };
        self.turn.by_hand = false;
        done
    }

    /// What a person's wish to have it up comes to.
    fn asked_for(&mut self, sight: Sight) -> Step {
        match sight {
            Sight::Up => {
                self.turn.did("wake", Outcome::AlreadyDone, Some("it is up".to_owned()));
                Step::Nothing
            }
            Sight::Stopped { .. } => Step::Start,
            Sight::Missing => Step::Recreate,
            Sight::Renamed => {
                let why = "it lives on under another name: somebody is at work on it".to_owned();
                self.turn.did("wake", Outcome::Held, Some(why));
                Step::Nothing
            }
        }
    }

    async fn recreate(&mut self, expected: &Expected, by_hand: bool) -> Result<(), LedgerError> {
        if self.turn.keep_tried {
            return Ok(());
        }
        let Some(keeper) = self.cx.setup.keeper.clone() else { return Ok(()) };
        if !self.authority_now().await.wake {
            self.turn.keep_tried = true;
            self.not_allowed("recreate", Some(expected.name.clone()));
            return Ok(());
        }
        if !by_hand && self.brake_holds() {
            return Ok(());
        }
        let learned = match self.cx.ledger.state().spec(self.agent()).await {
            Ok(learned) => learned,
            Err(error) => {
                self.turn.did("recreate", Outcome::Held, Some(error.chain()));
                return Ok(());
            }
        };
        let agent = self.agent().clone();
        let order = Recreation { agent, name: expected.name.clone(), learned };
        self.turn.keep_tried = true;
        let before = self.begin(by_hand).await?;
        let done = {
            let permit = self.cx.wakes.acquire().await.ok();
            let done = self.standing(keeper.recreate(&order)).await;
            drop(permit);
            done
        };
        match done {
            Ok(made) => self.made(made),
            Err(error) => self.not_made(&before, &error),
        }
        Ok(())
    }

    /// Commits that an attempt begins. What was remembered before.
    async fn begin(&mut self, by_hand: bool) -> Result<Kept, LedgerError> {
        let before = self.turn.memory.kept.clone();
        let mut begun = keep::begun(&before, self.cx.clock.now());
        if by_hand {
            // What a person asks for is not charged.
            (begun.attempts, begun.attempted_at) = (before.attempts, before.attempted_at);
        }
        self.turn.memory.kept = begun;
        self.save().await?;
        Ok(before)
    }

    fn made(&mut self, made: Recreated) {
        let Recreated { run, started_at, ended, notes, mounts_differ } = made;
        if let Some(words) = ended {
            return self.attempt_failed(&words, false);
        }
        let flaw = (!mounts_differ.is_empty()).then(|| {
            format!("it was made anew, and its mounts differ: {}", mounts_differ.join("; "))
        });
        let now = self.cx.clock.now();
        self.turn.memory.kept = keep::worked(&self.turn.memory.kept, flaw.clone(), now);
        self.turn.memory.kept.run = Some(run.clone());
        self.turn.memory.run = Some(Run { id: run.clone(), started_at });
        self.turn.memory.boot_id = Some(self.cx.boot_id.to_owned());
        self.is_back();
        let data = json!({
            "run": run,
            "notes": notes,
            "mounts_differ": mounts_differ,
            "lost": LOST,
        });
        self.turn.event(EventKind::ContainerRecreated, data);
        if let Some(flaw) = flaw {
            self.find(FindingKind::RecreateFailing, flaw);
        } else if self.turn.memory.kept.attempts < self.kept_policy().failures {
            self.turn.end_now(FindingKind::RecreateFailing, "it is up");
        }
        let notes =
            if notes.is_empty() { String::new() } else { format!("; {}", notes.join("; ")) };
        self.turn.did("recreate", Outcome::Done, Some(format!("{LOST}{notes}")));
    }

    fn is_back(&mut self) {
        self.turn.state = AgentState::Running;
        self.turn.fault = false;
        self.turn.findings.retain(|found| found.kind != FindingKind::ContainerDown);
        self.look_soon();
    }

    fn not_made(&mut self, before: &Kept, error: &PortError) {
        let words = error.chain();
        match error {
            PortError::Superseded { .. } => {
                // Somebody else has made one of that name. Nothing is charged for that.
                self.turn.memory.kept = before.clone();
                let data = json!({ "error": words, "superseded": true });
                self.turn.event(EventKind::ContainerRecreateFailed, data);
                self.turn.did("recreate", Outcome::Superseded, Some(words));
                self.look_soon();
            }
            PortError::Unreachable { .. } => {
                // Whether it was made nobody knows: the next look tells.
                self.turn.did("recreate", Outcome::Failed, Some(words.clone()));
                let data = json!({ "error": words, "unknown": true });
                self.turn.event(EventKind::ContainerRecreateFailed, data);
                self.turn.memory.kept.last_error = Some(words);
                self.look_soon();
            }
            PortError::Lacking { .. } => self.attempt_failed(&words, true),
            PortError::Refused { .. } | PortError::Gone { .. } => {
                self.attempt_failed(&words, false);
            }
        }
    }

    /// An attempt to make it anew did not work. For want of something that only a person can see
    /// to, that is an incident at once.
    fn attempt_failed(&mut self, words: &str, lacking: bool) {
        self.charge(words);
        self.turn.event(EventKind::ContainerRecreateFailed, json!({ "error": words }));
        self.turn.did("recreate", Outcome::Failed, Some(words.to_owned()));
        let known = |found: &Finding| found.kind == FindingKind::RecreateFailing;
        let many = self.turn.memory.kept.attempts >= self.kept_policy().failures;
        if (lacking || many) && !self.turn.findings.iter().any(known) {
            let detail = Some(story::lacking(&self.turn.memory.kept));
            let kind = FindingKind::RecreateFailing;
            let found = Finding { kind, message_id: None, since: self.now, detail };
            self.turn.found_now(found, self.now);
        }
    }

    /// The attempt is charged, and the next waits.
    fn charge(&mut self, words: &str) {
        self.turn.memory.kept = keep::failed(&self.turn.memory.kept, words);
        let next = keep::not_before(&self.kept_policy(), &self.turn.memory.kept);
        let next = next.map_or(self.turn.judged_until, Recheck::At);
        self.turn.recheck = next.at();
        self.turn.memory.next_look = next.at();
    }

    fn kept_policy(&self) -> keep::KeepPolicy {
        let expected = self.enlisted.container.as_ref();
        expected.map(|expected| expected.policy.clone()).unwrap_or_default()
    }

    async fn start(&mut self, found: &Found, by_hand: bool) -> Result<(), LedgerError> {
        let Some(run) = found.run.clone().filter(|_| !self.turn.keep_tried) else { return Ok(()) };
        let Some(keeper) = self.cx.setup.keeper.clone() else { return Ok(()) };
        self.turn.keep_tried = true;
        if !self.authority_now().await.wake {
            self.not_allowed("start", Some(run.to_string()));
            return Ok(());
        }
        self.begin(by_hand).await?;
        match self.standing(keeper.start(&run)).await {
            Ok(()) => {
                let now = self.cx.clock.now();
                self.turn.memory.kept = keep::worked(&self.turn.memory.kept, None, now);
                self.is_back();
                self.turn.event(EventKind::AgentWoken, json!({ "already": false, "how": "start" }));
                self.turn.did("start", Outcome::Done, None);
            }
            Err(error) => {
                let words = error.chain();
                self.charge(&words);
                let data: Value = json!({ "error": words, "how": "start" });
                self.turn.event(EventKind::WakeFailed, data);
                self.turn.did("start", Outcome::Failed, Some(words));
            }
        }
        Ok(())
    }
}
