//! Wake kinds `command` and `none`: somebody else's program starts the agent, or nobody does.

use std::sync::Arc;
use std::time::Duration;

use sweepd_decide::{RunId, Span, Timestamp};
use sweepd_process::{Command, Ended, run_command};

use super::heartbeat;
use super::template::{fill, fill_all};
use crate::fleet::{AGENT_LABEL, INSTALL_LABEL};
use crate::ports::{Clock, Doing, PortError, Runtime, WakeKind, WakeOrder, Waker, Woken};
use crate::redact::last_words;

/// How long a run may take to show after the program has ended.
const SEEN_WITHIN: Span = Span::from_secs(30);
/// Between two looks for it.
const LOOK_EVERY: Span = Span::from_millis(500);
/// What is kept of the program's output.
const KEEP: usize = 8 * 1024;

/// Wakes nobody.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct NoWaker;

impl NoWaker {
    /// A waker that wakes nobody.
    pub const fn new() -> Self {
        Self
    }
}

impl Waker for NoWaker {
    fn kind(&self) -> WakeKind {
        WakeKind::None
    }

    fn wake<'a>(&'a self, order: &'a WakeOrder) -> Doing<'a, Result<Woken, PortError>> {
        let refused = PortError::refused(format!("wake {}", order.agent), "wake kind is none");
        Box::pin(async move { Err(refused) })
    }
}

/// The program that wakes an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain configuration")]
pub struct CommandWake {
    /// Program and arguments, no shell; texts may hold placeholders.
    pub argv: Vec<String>,
    /// Where it runs; sweepd's own directory if not said.
    pub cwd: Option<String>,
    /// Its whole environment.
    pub env: Vec<(String, String)>,
    /// How long it may run.
    pub timeout: Duration,
}

/// Wakes agents through a program, and sees them in the runtime.
pub struct CommandWaker {
    wake: CommandWake,
    runtime: Arc<dyn Runtime>,
    clock: Arc<dyn Clock>,
    install: String,
}

impl std::fmt::Debug for CommandWaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CommandWaker").field("wake", &self.wake).finish_non_exhaustive()
    }
}

impl CommandWaker {
    /// Wakes by `wake`; the run has to show in `runtime`.
    pub fn new(
        wake: CommandWake,
        runtime: Arc<dyn Runtime>,
        clock: Arc<dyn Clock>,
        install: impl Into<String>,
    ) -> Self {
        Self { wake, runtime, clock, install: install.into() }
    }

    async fn call(&self, order: &WakeOrder) -> Result<(), PortError> {
        let doing = || format!("wake {} by {}", order.agent, self.wake.argv.join(" "));
        let argv = fill_all(&self.wake.argv, &order.places)
            .map_err(|error| PortError::refused(doing(), error))?;
        let bad = |error| PortError::refused(doing(), error);
        let cwd = self.wake.cwd.as_deref().map(|cwd| fill(cwd, &order.places));
        let env =
            self.wake.env.iter().map(|(key, value)| Ok((key.clone(), fill(value, &order.places)?)));
        let command = Command {
            argv,
            env: env.collect::<Result<_, _>>().map_err(bad)?,
            cwd: cwd.transpose().map_err(bad)?.map(Into::into),
            timeout: self.wake.timeout,
            keep: KEEP,
        };
        let output =
            run_command(&command).await.map_err(|error| PortError::refused(doing(), error))?;
        let why = match output.ended {
            Ended::Exited(exit) if exit.code() == Some(0) => return Ok(()),
            Ended::Exited(exit) => {
                format!("it ended with {exit:?}: {}", last_words(&output.stderr.text))
            }
            Ended::TimedOut => format!("it was still running after {:?}", self.wake.timeout),
        };
        Err(PortError::refused(doing(), why))
    }

    async fn find(&self, order: &WakeOrder) -> Result<Option<RunId>, PortError> {
        let listed = self.runtime.list().await?;
        let up = listed.into_iter().filter(|seen| seen.state.is_up());
        let mut own = up.filter(|seen| {
            let label = |name: &str| seen.labels.get(name).map(String::as_str);
            let labeled = label(INSTALL_LABEL) == Some(self.install.as_str())
                && label(AGENT_LABEL) == Some(order.agent.as_str());
            labeled || (seen.workspace.is_some() && seen.workspace == order.workspace)
        });
        Ok(own.next().map(|seen| seen.run))
    }

    async fn see(&self, order: &WakeOrder) -> Result<RunId, PortError> {
        let until: Timestamp = self.clock.now().plus(SEEN_WITHIN);
        loop {
            if let Some(run) = self.find(order).await? {
                return Ok(run);
            }
            let next = self.clock.now().plus(LOOK_EVERY);
            if next > until {
                let words = format!("nothing runs for it after {SEEN_WITHIN}");
                return Err(PortError::refused(format!("wake {}", order.agent), words));
            }
            self.clock.sleep_until(next).await;
        }
    }
}

impl Waker for CommandWaker {
    fn kind(&self) -> WakeKind {
        WakeKind::Command
    }

    fn wake<'a>(&'a self, order: &'a WakeOrder) -> Doing<'a, Result<Woken, PortError>> {
        Box::pin(async move {
            if let Some(run) = self.find(order).await? {
                return Ok(Woken { run: Some(run), started_at: None, already: true, ended: None });
            }
            heartbeat::remove_stale(order.workspace.as_deref()).await;
            self.call(order).await?;
            let run = self.see(order).await?;
            Ok(Woken { run: Some(run), started_at: None, already: false, ended: None })
        })
    }
}
