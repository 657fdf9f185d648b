//! An always-on container's turn: look, learn what it is made of, bring it back.
//!
//! Where it stands and what that calls for is decided by `sweepd_decide::keep`. One step in a pass:
//! what was started or made anew is looked at by the next.

use serde_json::json;
use sweepd_decide::keep::{self, KeepEvidence, KeepPolicy, Kept, Sight, Standing, Step, Why};
use sweepd_decide::{
    Decision, Ended, EventKind, Finding, FindingKind, Presence, Recheck, RunId, Sighting, Span,
};

use super::{Tending, is_paused};
use crate::ledger::LedgerError;
use crate::order::Order;
use crate::orphans::doubles;
use crate::ports::{Expected, Inspection, PortError, Seen};
use crate::report::{AgentState, Outcome};

mod act;
mod brake;
mod half;
mod story;

/// The daemon sees a stop as soon as it happens, and whoever removes a container stops it first.
const SETTLE: Span = Span::from_secs(1);

/// What a look found.
struct Found {
    sight: Sight,
    /// The container of that name.
    run: Option<RunId>,
    /// How it was described, where it is not up.
    inspected: Option<Inspection>,
    /// How the run that was up before has ended, if this look found that.
    ended: Option<Ended>,
}

impl Tending<'_> {
    /// Serves an always-on container once.
    pub(super) async fn keep(&mut self, expected: &Expected) -> Result<(), LedgerError> {
        let found = match self.sight(expected).await {
            Ok(found) => found,
            Err(error) => return self.dont_know(error.chain()).await,
        };
        let found = self.without_half_made(expected, found).await?;
        self.turn.good_look = true;
        self.turn.memory.seen_at = Some(self.now.min(self.cx.fleet.listed_at()));
        self.turn.state = state(found.sight);
        let last = self.turn.memory.kept.run.clone();
        if found.run.is_some() {
            self.turn.memory.kept.run.clone_from(&found.run);
        }
        if self.turn.order == Some(Order::Stop) {
            self.turn.order = None;
            if self.stop_kept(&found).await? {
                return Ok(());
            }
        }
        if let (Sight::Up, Some(run)) = (found.sight, found.run.clone()) {
            self.learn(&run).await?;
        }
        let counts = self.cx.daemon || !self.turn.look_counted;
        let before = self.turn.memory.kept.clone();
        let mut policy = expected.policy.clone();
        if self.cx.daemon && !before.by_hand {
            policy.settle = SETTLE;
        }
        let (kept, decision) = keep::keep(&policy, found.sight, &before, counts, self.now);
        self.turn.look_counted |= kept.counted_at != before.counted_at;
        self.turn.memory.kept = kept;
        self.tell_where(expected, &found, last, &decision.evidence).await;
        if self.turn.memory.kept.told {
            // How it ended is told.
            self.turn.memory.ended = None;
        }
        self.judge_kept(expected, &before, &decision);
        self.note_absence(&decision);
        self.act(expected, &found, &decision).await?;
        self.save().await
    }

    /// Where it stands: by its name in the list, and where that is not up, by its own description.
    ///
    /// # Errors
    /// The runtime did not answer: don't know.
    async fn sight(&mut self, expected: &Expected) -> Result<Found, PortError> {
        let named = self.cx.fleet.named(&expected.name).cloned();
        let known = self.turn.memory.kept.run.as_ref();
        let renamed = known.and_then(|run| self.cx.fleet.find(run));
        if named.is_none() && renamed.is_some() {
            return Ok(Found { sight: Sight::Renamed, run: None, inspected: None, ended: None });
        }
        let presence = presence(named.as_ref());
        let presence = self.observe_exit(presence).await.map_err(|why| {
            let doing = format!("look at {}", expected.name);
            PortError::unreachable(doing, why)
        })?;
        let ended = self.turn.memory.ended.clone();
        if ended.as_ref().is_some_and(|ended| ended.by_us) {
            self.turn.memory.stop = None;
        }
        let run = named.map(|seen| seen.run);
        let (Some(id), false) = (run.clone(), matches!(presence, Presence::Up(_))) else {
            let up = run.is_some();
            let sight = if up { Sight::Up } else { Sight::Missing };
            return Ok(Found { sight, run, inspected: None, ended });
        };
        match self.cx.fleet.runtime().inspect(&id).await {
            Ok(seen) => {
                let restarts = seen.revives;
                let sight =
                    if seen.state.is_up() { Sight::Up } else { Sight::Stopped { restarts } };
                Ok(Found { sight, run, inspected: Some(seen), ended })
            }
            Err(PortError::Gone { .. }) => {
                Ok(Found { sight: Sight::Missing, run: None, inspected: None, ended })
            }
            Err(error) => Err(error),
        }
    }

    /// What is wrong with it, and what is shown about it.
    fn judge_kept(
        &mut self,
        expected: &Expected,
        before: &Kept,
        decision: &Decision<Step, KeepEvidence>,
    ) {
        let evidence = &decision.evidence;
        let by_hand = decision.action == Step::Report(Why::ByHand);
        self.turn.fault = evidence.standing != Standing::Up && !by_hand;
        // One that is told of already stays so until it is over, whatever else is wrong.
        let down = FindingKind::ContainerDown;
        let open = self.turn.open.iter().any(|(kind, _)| *kind == down);
        if evidence.down && (open || !evidence.failing) {
            let detail = story::down(expected, evidence, decision.action);
            self.find_since(FindingKind::ContainerDown, detail, evidence);
        }
        if evidence.failing {
            let detail = story::failing(&expected.policy, evidence);
            self.find_since(FindingKind::RecreateFailing, detail, evidence);
        }
        if evidence.standing == Standing::Up {
            match self.turn.memory.kept.flaw.clone() {
                Some(flaw) => self.find_since(FindingKind::RecreateFailing, flaw, evidence),
                None if evidence.failing => {}
                None => self.turn.over.push((FindingKind::RecreateFailing, "it is up".to_owned())),
            }
            if before.under_way {
                // sweepd ended between the making of it and the writing down of that.
                self.turn.memory.kept.under_way = false;
                self.turn.event(EventKind::ContainerRecreated, json!({ "recovered": true }));
            }
        }
        let others =
            doubles(self.cx.names, self.enlisted, self.cx.fleet).map(|seen| seen.name.clone());
        let others: Vec<String> = others.collect();
        if !others.is_empty() {
            let detail = format!("beside {}: {}", expected.name, others.join(", "));
            self.find(FindingKind::DuplicateContainer, detail);
        }
        let paused = self.is_paused_by_somebody(&expected.name);
        let recheck = decision.recheck;
        self.turn.judged_until = recheck;
        self.turn.recheck = recheck.at();
        self.turn.memory.next_look = recheck.at();
        self.turn.decide(story::decision(expected, decision, paused), false);
    }

    fn is_paused_by_somebody(&self, name: &str) -> bool {
        self.cx.fleet.named(name).is_some_and(|seen| is_paused(seen.state))
    }

    fn find_since(&mut self, kind: FindingKind, detail: String, evidence: &KeepEvidence) {
        let (since, detail) = (evidence.since, Some(detail));
        self.turn.findings.push(Finding { kind, message_id: None, since, detail });
    }

    /// Looks again within a one-shot call, where an earlier call has counted a look just now.
    fn await_confirmation(&mut self, policy: &KeepPolicy) {
        let kept = &self.turn.memory.kept;
        if !self.cx.daemon && !self.turn.look_counted {
            self.turn.again = kept.counted_at.map(|at| at.plus(policy.apart));
        }
    }

    /// A person asks for it to be stopped. Whether the turn is over.
    async fn stop_kept(&mut self, found: &Found) -> Result<bool, LedgerError> {
        let up = match (&found.run, found.sight) {
            (Some(run), Sight::Up) => Presence::Up(Sighting {
                run: run.clone(),
                state: sweepd_decide::RunState::Running,
                labeled: true,
            }),
            _ => Presence::Down,
        };
        let before = self.turn.memory.kept.clone();
        self.turn.memory.kept = keep::stopped_by_hand(&before);
        let over = self.stop_by_hand(&up).await?;
        let last = self.turn.effects.iter().rfind(|one| one.effect == "stop");
        let stands = |outcome| matches!(outcome, Outcome::Done | Outcome::AlreadyDone);
        if !last.is_some_and(|one| stands(one.outcome)) {
            self.turn.memory.kept = before;
            if over {
                self.save().await?;
            }
        }
        Ok(over)
    }

    /// Looks again soon.
    fn look_soon(&mut self) {
        let at = self.cx.clock.now().plus(super::CUT_SHORT);
        let soon = self.turn.judged_until.sooner(Recheck::At(at));
        self.turn.recheck = soon.at();
        self.turn.memory.next_look = soon.at();
    }
}

fn presence(named: Option<&Seen>) -> Presence {
    match named {
        None => Presence::Missing,
        Some(seen) if !seen.state.is_up() => Presence::Down,
        Some(seen) => {
            Presence::Up(Sighting { run: seen.run.clone(), state: seen.state, labeled: true })
        }
    }
}

const fn state(sight: Sight) -> AgentState {
    match sight {
        Sight::Up => AgentState::Running,
        Sight::Stopped { .. } => AgentState::Stopped,
        Sight::Missing | Sight::Renamed => AgentState::Missing,
    }
}
