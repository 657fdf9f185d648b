//! What a stop needs besides on Podman: that the restart policy rests, that what is paused gets its
//! signal, and the exit code of what is gone.

use std::pin::pin;
use std::time::Duration;

use bollard::query_parameters::StopContainerOptions;
use futures_util::future::{Either, select};
use sweepd_decide::Timestamp;

use super::run::Run;
use super::{Exit, Stop};
use crate::client::within;
use crate::error::Doing;
use crate::{Client, Error, Inspected, RunState};

impl Client {
    /// Podman starts again what a restart policy is for, unless it was told to stop it or has sent
    /// the SIGKILL itself. Its own SIGKILL is put off until after ours.
    pub(super) async fn stop_by_podman(
        &self,
        run: &Run<'_>,
        before: &Inspected,
        stop: &Stop,
    ) -> Result<Option<Exit>, Error> {
        if before.state == RunState::Paused {
            self.resume(run.id()).await;
        }
        let last = stop.grace.saturating_add(stop.exit_within).as_secs().saturating_add(1);
        let options = StopContainerOptions { t: i32::try_from(last).ok(), signal: None };
        let doing = Doing("stop container", run.id());
        // Answered when it has ended, which is to be seen and not believed.
        let answer = self.verb(doing, Duration::MAX, |docker| async move {
            docker.stop_container(run.id(), Some(options)).await
        });
        match select(pin!(run.watch(stop.grace)), pin!(answer)).await {
            Either::Left((seen, _)) => Ok(seen),
            Either::Right((answer, watch)) => {
                answer?;
                Ok(watch.await)
            }
        }
    }

    /// A paused process gets its signal when it goes on. Docker sees to that by itself. If it
    /// cannot be done, it is as if the process did not listen.
    pub(super) async fn resume(&self, id: &str) {
        let doing = Doing("unpause container", id);
        let call = self.options().call;
        let resumed =
            self.verb(doing, call, |docker| async move { docker.unpause_container(id).await });
        resumed.await.ok();
    }

    /// The exit code of the last run of this container that Podman remembers, and that did not end
    /// before `since`. `None` if that is not known.
    pub(super) async fn last_code_on_podman(&self, id: &str, since: Timestamp) -> Option<i64> {
        let doing = Doing("replay the end of a container", "");
        let replay = async {
            let mut events = self.all_since(&ENDS, since, doing).await?;
            let mut code = None;
            while let Some(notice) = events.next().await? {
                if notice.id == id {
                    code = notice.exit_code;
                }
            }
            Ok(code)
        };
        within(self.options().events, doing, replay).await.ok().flatten()
    }
}

/// How runs end: what Podman calls it now, and what it did before.
const ENDS: [&str; 2] = ["die", "died"];
