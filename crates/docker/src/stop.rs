//! Ends a container's run: SIGTERM, a grace period, SIGKILL, and the exit is *seen*.
//!
//! Not the engine's own `stop`: it says "done" and we would have to believe it. A container is
//! never removed here.

use std::pin::pin;
use std::time::Duration;

use bollard::query_parameters::KillContainerOptions;
use futures_util::future::{Either, select};
use sweepd_decide::Timestamp;

use crate::engine::Engine;
use crate::error::Doing;
use crate::inspect::End;
use crate::{Client, Error, Inspected, RunState, names};

mod podman;
mod run;

use run::Run;

/// How to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Time to end by itself after SIGTERM. 10 s, as `docker stop` has it.
    pub grace: Duration,
    /// Time until the exit is seen after SIGKILL. 15 s.
    pub exit_within: Duration,
    /// The start of the run that is meant. If the container is in another run it is left alone.
    /// `None` stops whatever runs.
    pub started_at: Option<Timestamp>,
}

impl Default for Stop {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(10),
            exit_within: Duration::from_secs(15),
            started_at: None,
        }
    }
}

/// The end of a run, as seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exit {
    /// Exit code, if it could still be read.
    pub code: Option<i64>,
    /// Whether the kernel's memory killer was at work, if that could still be read. A code of 137
    /// alone does not say so: our own SIGKILL gives it too.
    pub oom_killed: Option<bool>,
    /// When it ended, if that could still be read.
    pub at: Option<Timestamp>,
    /// Whether the container is gone altogether.
    pub gone: bool,
    /// Whether we sent a SIGKILL before we saw it end.
    pub killed: bool,
    /// Whether the run ended but the container is in, or about to start, another one, by its
    /// restart policy or by somebody's hand. The heir was left alone; nothing else is known.
    pub restarted: bool,
}

impl Client {
    /// Stops the container and waits until it is seen to have ended.
    ///
    /// One that is stopped or gone already is success at once. SIGTERM is followed by
    /// [`Stop::grace`]; if the engine refuses to send it, by nothing. Before SIGKILL the container
    /// is looked at again, and it is not sent to a later run than the one that got the SIGTERM.
    ///
    /// Podman would start a container with a restart policy again after a signal: it is told to
    /// stop it instead, by a SIGTERM too. A paused one it is told to let go on.
    ///
    /// Takes at most grace and exit time, the deadline of one signal, and three of an inspect; on
    /// Podman, of a paused one, that of another call.
    ///
    /// # Errors
    ///
    /// * [`Error::Name`] if `id` is not a full id.
    /// * [`Error::Superseded`] if the run is not the one meant; nothing was sent.
    /// * [`Error::StillRunning`] if it is seen running [`Stop::exit_within`] after SIGKILL.
    /// * One for which [`Error::is_unknown`] holds: it may have ended or not. No SIGKILL is sent
    ///   to a container that cannot be seen.
    ///
    /// # Cancel safety
    ///
    /// Dropping it does not take back a signal that was sent, nor what Podman was told. It can be
    /// repeated.
    pub async fn stop(&self, id: &str, stop: &Stop) -> Result<Exit, Error> {
        let id = names::immutable(id)?;
        let (before, end) = match self.inspect_end(id).await {
            Err(Error::Gone { .. }) => return Ok(Exit::vanished(None)),
            looked => looked?,
        };
        if before.state.is_stopped() && !end.pending {
            return Ok(Exit::of(&before));
        }
        if let Some(meant) = stop.started_at.filter(|at| before.started_at != Some(*at)) {
            let found = before.started_at;
            return Err(Error::Superseded { id: id.to_owned(), meant, found });
        }

        let run = Run::new(self, id, &before, end.engine);
        match self.ask_to_end(&run, &before, end, stop).await {
            Err(unknown) if unknown.is_unknown() => return Err(unknown),
            Ok(Some(exit)) => return Ok(exit),
            Ok(None) | Err(_) => {}
        }
        if let Some(exit) = run.look(None).await? {
            return Ok(exit);
        }
        self.kill(&run, stop.exit_within).await
    }

    /// Asks the run politely to end, and gives it its grace: its exit, if it is seen by then.
    async fn ask_to_end(
        &self,
        run: &Run<'_>,
        before: &Inspected,
        end: End,
        stop: &Stop,
    ) -> Result<Option<Exit>, Error> {
        let podman = end.engine == Engine::Podman;
        if podman && before.restart_policy.is_some() && end.by_sigterm {
            return Box::pin(self.stop_by_podman(run, before, stop)).await;
        }
        self.signal(run.id(), Signal::Term, self.options().call).await?;
        if podman && before.state == RunState::Paused {
            self.resume(run.id()).await;
        }
        Ok(run.watch(stop.grace).await)
    }

    async fn kill(&self, run: &Run<'_>, within: Duration) -> Result<Exit, Error> {
        let killed = |exit| Ok(Exit { killed: true, ..exit });
        // Engines answer a SIGKILL only after the process has ended, or after ten seconds of
        // waiting in vain: the watch must not wait for the answer.
        let watch = pin!(run.watch(within));
        let answer = match select(watch, pin!(self.signal(run.id(), Signal::Kill, within))).await {
            Either::Left((seen, _)) => (seen, Ok(())),
            Either::Right((answer, watch)) => (watch.await, answer),
        };
        let (seen, answer) = answer;
        if let Some(exit) = seen {
            return killed(exit);
        }
        match run.last_look().await? {
            Some(exit) => killed(exit),
            None => Err(Error::StillRunning {
                id: run.id().to_owned(),
                within,
                source: answer.err().map(Box::new),
            }),
        }
    }

    async fn signal(&self, id: &str, signal: Signal, deadline: Duration) -> Result<(), Error> {
        let (name, doing) = match signal {
            Signal::Term => ("SIGTERM", "send SIGTERM to container"),
            Signal::Kill => ("SIGKILL", "send SIGKILL to container"),
        };
        let options = KillContainerOptions { signal: name.to_owned() };
        self.verb(Doing(doing, id), deadline, |docker| async move {
            docker.kill_container(id, Some(options)).await
        })
        .await
    }
}

#[derive(Debug, Clone, Copy)]
enum Signal {
    Term,
    Kill,
}

impl Exit {
    fn of(ended: &Inspected) -> Self {
        Self {
            code: ended.exit_code,
            oom_killed: ended.exit_code.map(|_| ended.oom_killed),
            at: ended.finished_at,
            ..Self::default()
        }
    }

    fn vanished(code: Option<i64>) -> Self {
        Self { code, gone: true, ..Self::default() }
    }

    fn followed(code: Option<i64>) -> Self {
        Self { code, restarted: true, ..Self::default() }
    }
}
