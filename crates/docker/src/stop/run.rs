//! One run of a container that was told to end, and whether it has.
//!
//! An exit counts when it is seen: the container inspected as not running or in a later run, or
//! gone. The engine's `wait` only says when to look.

use std::pin::pin;
use std::time::Duration;

use bollard::errors::Error as Theirs;
use bollard::query_parameters::WaitContainerOptions;
use futures_util::TryStreamExt;
use sweepd_decide::Timestamp;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::Exit;
use crate::engine::Engine;
use crate::error::Doing;
use crate::inspect::End;
use crate::{Client, Error, Inspected, RunState};

/// The run that is to end.
#[derive(Debug)]
pub(super) struct Run<'a> {
    client: &'a Client,
    id: &'a str,
    started_at: Option<Timestamp>,
    /// Between two runs when the stop began: then "restarting" is no news.
    was_restarting: bool,
    engine: Engine,
}

impl<'a> Run<'a> {
    pub(super) fn new(client: &'a Client, id: &'a str, before: &Inspected, engine: Engine) -> Self {
        Self {
            client,
            id,
            started_at: before.started_at,
            was_restarting: before.state == RunState::Restarting,
            engine,
        }
    }

    pub(super) fn id(&self) -> &'a str {
        self.id
    }

    /// Looks once: the exit, or `None` while the run goes on, and as long as its engine may yet
    /// start it again. `code` is what `wait` said.
    pub(super) async fn look(&self, code: Option<i64>) -> Result<Option<Exit>, Error> {
        self.look_for(code, |end| !end.pending).await
    }

    /// The same, when there is nothing left to wait for.
    pub(super) async fn last_look(&self) -> Result<Option<Exit>, Error> {
        self.look_for(None, |_| true).await
    }

    async fn look_for(
        &self,
        code: Option<i64>,
        is_final: impl FnOnce(End) -> bool,
    ) -> Result<Option<Exit>, Error> {
        let (now, end) = match self.client.inspect_end(self.id).await {
            Err(Error::Gone { .. }) => return Ok(Some(Exit::vanished(code))),
            looked => looked?,
        };
        if now.state.is_stopped() && is_final(end) {
            return Ok(Some(Exit::of(&now)));
        }
        let restarting = now.state == RunState::Restarting && !self.was_restarting;
        let later = now.started_at.is_some() && now.started_at != self.started_at;
        Ok((restarting || later).then(|| Exit::followed(code)))
    }

    /// Waits until the exit is seen, or `None` after `within`. A look that fails is made again.
    pub(super) async fn watch(&self, within: Duration) -> Option<Exit> {
        let watch = async {
            let mut wait = Box::pin(self.wait());
            let mut waited = None;
            let mut pace = interval(LOOK_EVERY);
            pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            pace.reset();
            loop {
                tokio::select! {
                    biased;
                    code = &mut wait, if waited.is_none() => waited = Some(code),
                    _ = pace.tick() => {}
                }
                let Ok(Some(mut exit)) = self.look(waited.flatten()).await else { continue };
                if exit.gone && self.engine == Engine::Podman {
                    // Its `wait` says 0 of what is gone by then.
                    let since = self.started_at.unwrap_or(Timestamp::from_millis(0));
                    let told = self.client.last_code_on_podman(self.id, since);
                    exit.code = Box::pin(told).await;
                } else if exit.gone && waited.is_none() {
                    exit.code = timeout(LAST_WORD, wait).await.ok().flatten();
                }
                return exit;
            }
        };
        timeout(within, watch).await.ok()
    }

    /// Asks the engine to say when the container has ended: its exit code, or `None` if the answer
    /// is good for nothing. Never more than a hint.
    async fn wait(&self) -> Option<i64> {
        let options = WaitContainerOptions { condition: "not-running".to_owned() };
        let doing = Doing("wait for container", self.id);
        let wait = self.client.verb(doing, Duration::MAX, |docker| async move {
            let answers = docker.wait_container(self.id, Some(options));
            match pin!(answers).try_next().await {
                // bollard's way to tell a code other than 0.
                Err(Theirs::DockerContainerWaitError { code, error }) if error.is_empty() => {
                    Ok(Some(code))
                }
                answer => Ok(answer?.map(|answer| answer.status_code)),
            }
        });
        wait.await.ok().flatten()
    }
}

/// Without a word from `wait`, the container is looked at so often.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// So long the exit code of a container that is gone is waited for.
const LAST_WORD: Duration = Duration::from_millis(250);
