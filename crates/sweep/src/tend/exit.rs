//! Has the run we knew ended? Observed, never concluded from its absence from a list.

use serde_json::json;
use sweepd_decide::session::{self, Exit, Queue};
use sweepd_decide::{FindingKind, Presence, Run, RunId, Timestamp};

use super::Tending;
use crate::ports::PortError;

/// A run that was seen to have ended.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    pub(super) run: Run,
    pub(super) code: Option<i64>,
    pub(super) at: Timestamp,
    pub(super) by_us: bool,
}

impl Tending<'_> {
    /// Looks for the end of the run last known, and takes note of the one that is up now.
    ///
    /// An error means *don't know*: the runtime gave no answer about that run.
    pub(super) async fn observe_exit(
        &mut self,
        presence: &Presence,
    ) -> Result<Option<Ended>, String> {
        let up = match presence {
            Presence::Up(seen) => Some(seen.run.clone()),
            Presence::Duplicate(_) => return Ok(None),
            Presence::Down | Presence::Missing => None,
        };
        let known = self.turn.memory.run.clone();
        let mut ended = None;
        if let Some(run) = known.filter(|run| up.as_ref() != Some(&run.id)) {
            ended = self.end_of(&run).await.map_err(|error| error.chain())?;
            if ended.is_none() && up.is_none() {
                return Err(format!("{} is not in the list, but has not ended", run.id));
            }
            self.turn.memory.run = None;
            self.turn.memory.confirmation = None;
        }
        if let Some(id) = up {
            self.meet(id).await;
        }
        if let Some(ended) = &ended {
            self.close(ended);
            self.turn.end_now(FindingKind::Zombie, "it has ended");
        }
        Ok(ended)
    }

    /// A run that is up: asked for its start the first time it is met.
    async fn meet(&mut self, id: RunId) {
        let known = self.turn.memory.run.as_ref();
        let started_at = match known.filter(|run| run.id == id).and_then(|run| run.started_at) {
            Some(at) => Some(at),
            None => {
                self.cx.fleet.runtime().inspect(&id).await.ok().and_then(|seen| seen.started_at)
            }
        };
        self.turn.memory.run = Some(Run { id, started_at });
        if self.turn.memory.wakes.under_way {
            // Killed between the wake and the writing down of it.
            self.turn.memory.wakes = session::wake_worked(&self.turn.memory.wakes);
            self.turn.event("agent_woken", json!({ "already": false, "recovered": true }));
        }
        if let Some(start) = started_at {
            let wakes = session::wake_settled(&self.turn.memory.wakes, start, self.now);
            self.turn.memory.wakes = wakes;
        }
    }

    async fn end_of(&self, run: &Run) -> Result<Option<Ended>, PortError> {
        let inspected = match self.cx.fleet.runtime().inspect(&run.id).await {
            Ok(seen) if seen.state.is_up() => return Ok(None),
            Ok(seen) => seen.exit_code,
            Err(PortError::Gone { .. }) => None,
            Err(error) => return Err(error),
        };
        let event = self.cx.fleet.exit_of(&run.id).await?;
        let code = event.and_then(|exit| exit.exit_code).or(inspected);
        let at = event.map_or(self.now, |exit| exit.at);
        let stop = self.turn.memory.stop.as_ref();
        let by_us = stop.is_some_and(|stop| stop.run == run.id);
        Ok(Some(Ended { run: run.clone(), code, at, by_us }))
    }

    /// Forgets a run of ours that has ended, once its claims are settled.
    pub(super) async fn clear_away(&self, ended: &Ended) {
        let ours = self.cx.fleet.of(self.enlisted).into_iter().any(|seen| {
            seen.run == ended.run.id && !seen.state.is_up() && self.cx.fleet.is_ours(seen)
        });
        if ours && self.authority().stop {
            // One that cannot be removed stays in the list, and is found by name at the next wake.
            drop(self.cx.fleet.runtime().remove(&ended.run.id).await);
        }
    }

    fn close(&mut self, ended: &Ended) {
        let stop = self.turn.memory.stop.clone().filter(|_| ended.by_us);
        if let Some(stop) = stop {
            if stop.ended_at.is_none() {
                self.stopped(&stop.overdue, ended.at, ended.code, false);
            }
        } else {
            self.turn.memory.stop = None;
            let code = ended.code;
            let run = ended.run.id.clone();
            self.turn.event("container_died", json!({ "exit_code": code, "run": run }));
        }
    }

    /// What the end of a run means for the messages it had claimed, and for the wake that
    /// started it.
    pub(super) fn count_death(&mut self, queue: &Queue, ended: &Ended) {
        if ended.by_us {
            self.turn.memory.wakes.woken = false;
            return;
        }
        let claimed = !queue.claims.is_empty();
        if let Some(start) = ended.run.started_at.or(self.turn.memory.wakes.attempted_at) {
            let wakes = &self.turn.memory.wakes;
            self.turn.memory.wakes =
                session::wake_ended(&self.policy, wakes, start, ended.at, claimed);
        }
        if self.policy.poison.deaths > 0 {
            let exit = Exit { code: ended.code, runtime_restarted: self.cx.rebooted };
            let deaths = session::died_on(queue, &self.turn.memory, exit, self.now);
            self.turn.memory.deaths.extend(deaths);
        }
    }
}
