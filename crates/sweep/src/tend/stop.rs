//! Stopping one run: committed first, fenced by its start, seen through to its end.

use serde_json::json;
use sweepd_decide::session::{self, is_due};
use sweepd_decide::stuck::{Judgment, Overdue};
use sweepd_decide::{EventKind, Finding, FindingKind, Run, Snapshot, Span, Stop, Timestamp};

use super::asked::BY_HAND;
use super::{Tending, is_paused};
use crate::ledger::LedgerError;
use crate::ports::{PortError, SessionLook};
use crate::render;
use crate::report::Outcome;

/// So long after a look nobody is stopped for what it showed: sweepd, or the host, was held up.
const STALE: Span = Span::from_secs(10);

impl Tending<'_> {
    /// Stops the running incarnation. The turn is over unless nothing was done.
    pub(super) async fn stop(
        &mut self,
        judgment: &Judgment,
        snapshot: &Snapshot,
    ) -> Result<bool, LedgerError> {
        let Some(overdue) = judgment.decision.evidence.overdue.clone() else { return Ok(false) };
        let Some(run) = self.turn.memory.run.clone() else { return Ok(false) };
        if self.turn.stop_tried {
            return Ok(false);
        }
        if !self.authority().stop {
            self.turn.stop_tried = true;
            if !overdue.idle && !self.may_stop_in_earnest() {
                let why = self.pause().map_or_else(
                    || format!("mode {} does not stop it", self.turn.mode.as_str()),
                    |pause| format!("not stopped: {}", pause.sentence()),
                );
                self.turn.findings.push(Finding {
                    kind: FindingKind::AgentStuck,
                    message_id: overdue.message_id.clone(),
                    since: overdue.since,
                    detail: Some(format!("{overdue}; {why}")),
                });
            }
            self.not_allowed("stop", Some(overdue.to_string()));
            return Ok(false);
        }
        if let Some(why) = self.not_now(&run) {
            self.turn.did("stop", Outcome::Held, Some(why));
            return Ok(false);
        }
        self.turn.stop_tried = true;
        let before = self.turn.memory.stop.clone().filter(|stop| stop.run == run.id);
        let failures = before.as_ref().map_or(0, |stop| stop.failures);
        self.turn.memory.stop = Some(Stop {
            run: run.id.clone(),
            overdue: Some(overdue.clone()),
            charges: if overdue.idle { Vec::new() } else { self.to_charge(snapshot) },
            decided_at: self.now,
            ended_at: None,
            failures,
            attempted_at: self.cx.clock.now(),
        });
        self.save().await?;
        match self.superseded(&run, &overdue).await {
            Ok(None) => {}
            Ok(Some(why)) => {
                self.turn.memory.stop = None;
                self.turn.did("stop", Outcome::Superseded, Some(why));
                // What is so now is looked at soon.
                self.turn.cut_short = true;
                self.save().await?;
                return Ok(false);
            }
            Err(error) => {
                let why = error.chain();
                // An earlier attempt may still end it: then that was us.
                self.turn.memory.stop = before;
                self.turn.did("stop", Outcome::Held, Some(why.clone()));
                self.dont_know(why).await?;
                return Ok(true);
            }
        }
        if !overdue.idle {
            self.turn.autopsy = self.autopsy(&run.id, snapshot).await;
        }
        self.end(&run, Some(&overdue)).await?;
        Ok(true)
    }

    /// Why a stop that is due is not begun now.
    fn not_now(&self, run: &Run) -> Option<String> {
        if run.started_at.is_none() {
            return Some("when it started is not known".to_owned());
        }
        if self.cx.clock.now() > self.cx.until {
            return Some("no stop is begun this late in a call".to_owned());
        }
        self.turn.memory.stop.as_ref().filter(|stop| stop.run == run.id)?;
        let at = session::stop_again(&self.policy, &self.turn.memory).at()?;
        (at > self.now).then(|| format!("the last stop did not end it; not before {at}"))
    }

    /// Asks once more, directly before the act, what could have changed since the decision.
    async fn superseded(
        &mut self,
        run: &Run,
        overdue: &Overdue,
    ) -> Result<Option<String>, PortError> {
        if self.cx.clock.now() > self.looked_at.plus(STALE) {
            return Ok(Some("this look is too old by now to act on".to_owned()));
        }
        if let Some(pause) = self.pause() {
            return Ok(Some(pause.sentence()));
        }
        let ended = || Ok(Some("it has ended meanwhile".to_owned()));
        match self.cx.fleet.runtime().inspect(&run.id).await {
            Ok(seen) if !seen.state.is_up() => return ended(),
            Ok(seen) if is_paused(seen.state) => {
                return Ok(Some("somebody has paused it meanwhile".to_owned()));
            }
            Ok(seen) if seen.started_at != run.started_at => {
                let known = Run { id: run.id.clone(), started_at: seen.started_at };
                self.turn.memory.run = Some(known);
                self.turn.memory.confirmation = None;
                return Ok(Some("it has been started anew meanwhile".to_owned()));
            }
            Ok(_) => {}
            Err(PortError::Gone { .. }) => return ended(),
            Err(error) => return Err(error),
        }
        if overdue.idle {
            let look = self.look(true).await;
            let SessionLook::Facts(facts) = look else {
                return Ok(Some("its queue cannot be read any more".to_owned()));
            };
            if is_due(&facts.queue, self.cx.clock.now()) {
                return Ok(Some("work has fallen due meanwhile".to_owned()));
            }
        }
        Ok(None)
    }

    /// Takes note of the end of a run that we stopped, whoever saw it end: this call, or the next
    /// one after a crash.
    pub(super) fn stopped(
        &mut self,
        overdue: Option<&Overdue>,
        at: Timestamp,
        exit_code: Option<i64>,
        killed: bool,
    ) {
        if let Some(stop) = self.turn.memory.stop.as_mut() {
            stop.ended_at = Some(at);
        }
        let mut data = overdue.map_or_else(Self::by_hand, |overdue| {
            json!({
                "reason": overdue.reason(),
                "idle": overdue.idle,
                "evidence": render::evidence(overdue),
            })
        });
        if let Some(data) = data.as_object_mut() {
            data.insert("exit_code".to_owned(), json!(exit_code));
            data.insert("killed".to_owned(), json!(killed));
        }
        let autopsy = self.turn.autopsy.take();
        if let Some(data) = data.as_object_mut().filter(|_| !autopsy.is_null()) {
            data.insert("autopsy".to_owned(), autopsy);
        }
        self.turn.event(EventKind::AgentStopped, data);
        self.turn.end_now(FindingKind::Zombie, "it has ended");
        if let Some(overdue) = overdue.filter(|overdue| !overdue.idle) {
            let detail = Some(overdue.to_string());
            let (kind, since) = (FindingKind::AgentStuck, overdue.since);
            let message_id = overdue.message_id.clone();
            self.turn.found_now(Finding { kind, message_id, since, detail }, self.now);
        }
    }

    /// The same id may be up again by its restart policy: its start is asked for anew.
    fn forget_start(&mut self) {
        if let Some(run) = self.turn.memory.run.as_mut() {
            run.started_at = None;
        }
    }

    /// Stops it, and takes note of how that went; `overdue`: why, if it was not asked for by hand.
    pub(super) async fn end(
        &mut self,
        run: &Run,
        overdue: Option<&Overdue>,
    ) -> Result<(), LedgerError> {
        let stopping = self.cx.fleet.runtime().stop(run, self.cx.options.grace);
        let stopped = self.standing(stopping).await;
        let reason = overdue.map_or("by-hand", Overdue::reason);
        let why = overdue.map_or_else(|| BY_HAND.to_owned(), ToString::to_string);
        match stopped {
            Ok(stopped) => {
                self.turn.state = crate::report::AgentState::Stopped;
                self.stopped(overdue, self.cx.clock.now(), stopped.exit_code, stopped.killed);
                self.turn.did("stop", Outcome::Done, Some(why));
                self.turn.settle = true;
                self.forget_start();
            }
            Err(error @ PortError::Superseded { .. }) => {
                self.turn.memory.stop = None;
                self.forget_start();
                self.turn.settle = true;
                self.turn.did("stop", Outcome::Superseded, Some(error.to_string()));
            }
            Err(error @ PortError::Unreachable { .. }) => {
                // Whether it has ended nobody knows: the next look will tell.
                let why = error.chain();
                self.turn.did("stop", Outcome::Failed, Some(why.clone()));
                return self.dont_know(why).await;
            }
            Err(error) => {
                let error = error.chain();
                if let Some(stop) = self.turn.memory.stop.as_mut() {
                    stop.failures = stop.failures.saturating_add(1);
                }
                self.turn.event(EventKind::StopFailed, json!({ "reason": reason, "error": error }));
                let (kind, detail) = (FindingKind::Zombie, Some(error.clone()));
                let found = Finding { kind, message_id: None, since: self.now, detail };
                self.turn.found_now(found, self.now);
                self.turn.did("stop", Outcome::Failed, Some(error));
                self.turn.settle = true;
            }
        }
        self.save().await
    }
}
