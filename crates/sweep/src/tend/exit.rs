//! Has the run we knew ended? Observed, never concluded from its absence from a list.

use serde_json::json;
use sweepd_decide::session;
use sweepd_decide::{
    ClaimKey, Ended, EventKind, FindingKind, Presence, Run, RunId, RunState, Timestamp,
};

use super::Tending;
use crate::clean::clean;
use crate::ledger::LedgerError;
use crate::ports::{Inspection, PortError};
use crate::redact::last_words;

/// Lines of its log that an early death shows.
const LAST_WORDS: usize = 20;
/// So many restarts by the runtime itself are a crash loop.
const CRASH_LOOP: i64 = 3;

impl Tending<'_> {
    /// Looks for the end of the run last known, and takes note of the one that is up now. Where the
    /// agent stands by that: a list may still show what has ended.
    ///
    /// An error means *don't know*: the runtime gave no answer about that run.
    pub(super) async fn observe_exit(&mut self, presence: Presence) -> Result<Presence, String> {
        let presence = self.without_the_ended(presence).await.map_err(|error| error.chain())?;
        let up = match &presence {
            Presence::Up(seen) => Some(seen.run.clone()),
            Presence::Duplicate(_) => return Ok(presence),
            Presence::Down | Presence::Missing => None,
        };
        let known = self.turn.memory.run.clone();
        if let Some(run) = known.filter(|run| up.as_ref() != Some(&run.id)) {
            let ended = self.end_of(&run).await.map_err(|error| error.chain())?;
            if ended.is_none() && up.is_none() {
                return Err(format!("{} is not in the list, but has not ended", run.id));
            }
            self.turn.memory.confirmation = None;
            if let Some(ended) = ended {
                self.over(ended);
            }
            self.turn.memory.run = None;
        }
        if let Some(id) = up {
            let restarting =
                matches!(&presence, Presence::Up(seen) if seen.state == RunState::Restarting);
            self.meet(id, restarting).await.map_err(|error| error.chain())?;
        }
        Ok(presence)
    }

    /// Where the agent stands if the run that the list shows as up has ended by now.
    async fn without_the_ended(&mut self, presence: Presence) -> Result<Presence, PortError> {
        let Presence::Up(seen) = &presence else { return Ok(presence) };
        let id = seen.run.clone();
        if !self.has_ended_since(&id).await? {
            return Ok(presence);
        }
        self.turn.list_lags = true;
        Ok(match self.cx.fleet.presence_without(self.enlisted, &id) {
            Presence::Missing | Presence::Down => Presence::Down,
            other @ (Presence::Up(_) | Presence::Duplicate(_)) => other,
        })
    }

    /// Whether a run that the list shows as up has ended by now: an engine tells of an end a little
    /// before its list does.
    async fn has_ended_since(&mut self, id: &RunId) -> Result<bool, PortError> {
        let Some(run) = self.turn.memory.run.clone().filter(|run| run.id == *id) else {
            return Ok(false);
        };
        let Some(start) = run.started_at else { return Ok(false) };
        let exit = self.cx.fleet.exit_of(id, self.cx.clock.now()).await;
        if exit.is_none_or(|exit| exit.at <= start) {
            return Ok(false);
        }
        let Some(ended) = self.end_of(&run).await? else { return Ok(false) };
        self.turn.memory.confirmation = None;
        self.over(ended);
        self.turn.memory.run = None;
        Ok(true)
    }

    /// The run that was known has ended; told while it is known which it was.
    fn over(&mut self, ended: Ended) {
        self.close(&ended);
        self.turn.end_now(FindingKind::Zombie, "it has ended");
        self.turn.memory.ended = Some(ended);
    }

    /// A run that is up: asked for its start the first time it is met.
    ///
    /// # Errors
    /// The runtime did not answer. A run that is gone by now is met all the same: its end is
    /// observed next time.
    async fn meet(&mut self, id: RunId, restarting: bool) -> Result<(), PortError> {
        let known = self.turn.memory.run.clone().filter(|run| run.id == id);
        let mut started_at = known.as_ref().and_then(|run| run.started_at);
        let ended = match started_at {
            // The runtime remembers an end of it since: it is another life of the same id.
            Some(start) => {
                let exit = self.cx.fleet.exit_of(&id, self.cx.clock.now()).await;
                exit.is_some_and(|exit| exit.at > start)
            }
            None => false,
        };
        if started_at.is_none() || restarting || ended {
            match self.cx.fleet.runtime().inspect(&id).await {
                Ok(seen) => {
                    if let Some(known) = known
                        && known.started_at.is_some()
                        && known.started_at != seen.started_at
                    {
                        self.restarted(&known).await;
                        self.turn.memory.confirmation = None;
                    }
                    started_at = seen.started_at;
                    if restarting && seen.restarts >= CRASH_LOOP {
                        let detail = format!("restarted {} times by the runtime", seen.restarts);
                        self.find(FindingKind::CrashLooping, detail);
                    }
                }
                Err(error @ PortError::Unreachable { .. }) => return Err(error),
                Err(_) => {}
            }
        }
        self.turn.memory.run = Some(Run { id, started_at });
        self.turn.memory.boot_id = Some(self.cx.boot_id.to_owned());
        if self.turn.memory.wakes.under_way {
            // Killed between the wake and the writing down of it.
            self.turn.memory.wakes = session::wake_worked(&self.turn.memory.wakes);
            self.turn.event(EventKind::AgentWoken, json!({ "already": false, "recovered": true }));
        }
        if let Some(start) = started_at {
            let wakes = session::wake_settled(&self.turn.memory.wakes, start, self.now);
            self.turn.memory.wakes = wakes;
        }
        Ok(())
    }

    async fn end_of(&self, run: &Run) -> Result<Option<Ended>, PortError> {
        let inspected = match self.cx.fleet.runtime().inspect(&run.id).await {
            Ok(seen) if seen.state.is_up() => return Ok(None),
            Ok(seen) => Some(seen),
            Err(PortError::Gone { .. }) => None,
            Err(error) => return Err(error),
        };
        Ok(Some(self.how(run, inspected.as_ref()).await))
    }

    /// How a run that was `seen` to have ended, or is gone, did so: by the runtime's own memory
    /// first, then by what is left of it.
    async fn how(&self, run: &Run, seen: Option<&Inspection>) -> Ended {
        let event = self.cx.fleet.exit_of(&run.id, self.cx.clock.now()).await;
        let told = event.and_then(|exit| exit.exit_code);
        let memory = &self.turn.memory;
        // Of a run of ours that was never met, the wake is no later than the start.
        let woken = memory.wakes.attempted_at.filter(|_| memory.wakes.woken);
        Ended {
            run: Run { id: run.id.clone(), started_at: run.started_at.or(woken) },
            code: told.or_else(|| seen?.exit_code),
            at: event.map_or(self.now, |exit| exit.at),
            by_us: memory.stop.as_ref().is_some_and(|stop| stop.run == run.id),
            witnessed: told.is_some() || seen.is_some_and(|seen| seen.witnessed),
            oom_killed: event.is_some_and(|exit| exit.oom_killed)
                || seen.is_some_and(|seen| seen.oom_killed),
            rebooted: memory.boot_id.as_ref().is_some_and(|boot| boot != self.cx.boot_id),
        }
    }

    /// The same id is up again: its earlier run has ended unseen. What that means is told at the
    /// next look.
    pub(super) async fn restarted(&mut self, earlier: &Run) {
        let ended = self.how(earlier, None).await;
        self.close(&ended);
        self.turn.memory.ended = Some(ended);
    }

    /// Forgets a run of ours that has ended, once its claims are settled and what its end means is
    /// written down: nobody can be asked about it any more.
    ///
    /// # Errors
    /// The state could not be written; the run is kept.
    pub(super) async fn clear_away(&mut self, ended: &Ended) -> Result<(), LedgerError> {
        let ours = self.cx.fleet.of(self.enlisted).into_iter().any(|seen| {
            // A list may show it as up a moment after its end.
            let over = !seen.state.is_up() || self.turn.memory.run.is_none();
            seen.run == ended.run.id && over && self.cx.fleet.is_ours(seen)
        });
        if ours && self.authority().stop {
            self.save().await?;
            // One that cannot be removed stays in the list, and is found by name at the next wake.
            drop(self.cx.fleet.runtime().remove(&ended.run.id).await);
        }
        Ok(())
    }

    fn close(&mut self, ended: &Ended) {
        let stop = self.turn.memory.stop.clone().filter(|_| ended.by_us);
        if let Some(stop) = stop {
            if stop.ended_at.is_none() {
                self.stopped(stop.overdue.as_ref(), ended.at, ended.code, false);
            }
        } else {
            self.turn.memory.stop = None;
            let code = ended.code;
            let run = ended.run.id.clone();
            if ended.oom_killed {
                self.turn.event(EventKind::ContainerOom, json!({ "run": run }));
            }
            self.turn.event(EventKind::ContainerDied, json!({ "exit_code": code, "run": run }));
        }
    }

    /// What the end of a run means for the messages it had claimed, and for the wake that
    /// started it. It has done some work if it held a claim, or an ack is of its time.
    pub(super) async fn count_death(
        &mut self,
        held: &[ClaimKey],
        last_ack: Option<Timestamp>,
        ended: &Ended,
    ) {
        if ended.by_us {
            self.turn.memory.wakes.woken = false;
            return;
        }
        if let Some(start) = ended.run.started_at {
            let words = self.last_words(ended).await;
            let wakes = &self.turn.memory.wakes;
            let acked = last_ack.is_some_and(|acked| acked >= start.floor_to_second());
            let claimed = !held.is_empty() || acked;
            self.turn.memory.wakes =
                session::wake_ended(&self.policy, wakes, start, ended.at, claimed, &words);
        }
        // Who was given nothing by its service has not died of its message.
        let limited = self.turn.memory.hearing.limited(self.now).is_some();
        if self.policy.poison.deaths > 0 && !limited {
            let deaths = session::died_on(held, &self.turn.memory, ended, self.now);
            self.turn.memory.deaths.extend(deaths);
        }
    }

    /// How a run of ours ended, in its own words as far as there are any.
    async fn last_words(&self, ended: &Ended) -> String {
        let code = ended.code.map_or_else(|| "unknown".to_owned(), |code| code.to_string());
        let why = if ended.oom_killed { ": killed for want of memory" } else { "" };
        let how = format!("it ended within a minute without a claim, exit code {code}{why}");
        let woken = self.turn.memory.wakes.woken;
        let log = if woken {
            self.cx.fleet.runtime().logs(&ended.run.id, LAST_WORDS).await.unwrap_or_default()
        } else {
            String::new()
        };
        let log = last_words(&log);
        clean(&if log.is_empty() { how } else { format!("{how}: {log}") })
    }
}
