//! A Docker engine as a runtime.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sweepd_decide::{Run, RunId, RunState, Timestamp};
use sweepd_docker::{Client, Error, Listed, MountKind, MountPoint, Stop};

use crate::ports::{Doing, ExitSeen, Inspection, PortError, Runtime, Seen, Stopped};

/// Where agents find their directory.
const WORKSPACE: &str = "/workspace";
/// The most that is kept of a log.
const LOG_BYTES: usize = 256 * 1024;

/// The containers of one engine.
#[derive(Debug, Clone)]
pub struct DockerRuntime {
    client: Client,
}

impl DockerRuntime {
    /// The engine that `client` talks to.
    pub const fn new(client: Client) -> Self {
        Self { client }
    }

    fn engine(&self) -> String {
        format!("engine at {}", self.client.host())
    }
}

impl Runtime for DockerRuntime {
    fn kind(&self) -> &'static str {
        "docker"
    }

    fn list(&self) -> Doing<'_, Result<Vec<Seen>, PortError>> {
        Box::pin(async move {
            let listed = self.client.list().await.map_err(|error| port(&self.engine(), error))?;
            Ok(listed.into_iter().map(seen).collect())
        })
    }

    fn inspect<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<Inspection, PortError>> {
        Box::pin(async move {
            let found = self
                .client
                .inspect(run.as_str())
                .await
                .map_err(|error| port(&self.engine(), error))?;
            Ok(Inspection {
                state: state(&found.state),
                started_at: found.started_at,
                exit_code: found.exit_code,
                oom_killed: found.oom_killed,
                restarts: found.restart_count,
                revives: found.restart_policy.is_some(),
                witnessed: false,
            })
        })
    }

    fn stop<'a>(&'a self, run: &'a Run, grace: Duration) -> Doing<'a, Result<Stopped, PortError>> {
        Box::pin(async move {
            let mut stop = Stop::default();
            stop.exit_within = grace.saturating_add(stop.exit_within.saturating_sub(stop.grace));
            stop.grace = grace;
            stop.started_at = run.started_at;
            let stopped = self.client.stop(run.id.as_str(), &stop).await;
            let exit = stopped.map_err(|error| port(&self.engine(), error))?;
            Ok(Stopped { exit_code: exit.code, killed: exit.killed })
        })
    }

    fn exits(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Doing<'_, Result<Vec<ExitSeen>, PortError>> {
        Box::pin(async move {
            let exits = self.client.exits_since(since, until).await;
            let exits = exits.map_err(|error| port(&self.engine(), error))?;
            let exit = |exit: sweepd_docker::ObservedExit| ExitSeen {
                run: RunId::new(exit.id),
                at: exit.at,
                exit_code: exit.exit_code,
                oom_killed: exit.oom_killed,
            };
            Ok(exits.into_iter().map(exit).collect())
        })
    }

    fn logs<'a>(&'a self, run: &'a RunId, lines: usize) -> Doing<'a, Result<String, PortError>> {
        Box::pin(async move {
            let logs = self.client.logs_tail(run.as_str(), lines, LOG_BYTES).await;
            let logs = logs.map_err(|error| port(&self.engine(), error))?;
            let lines: Vec<&str> = logs.lines.iter().map(|line| line.text.as_str()).collect();
            Ok(lines.join("\n"))
        })
    }

    fn dated_logs<'a>(
        &'a self,
        run: &'a RunId,
        lines: usize,
    ) -> Doing<'a, Result<String, PortError>> {
        Box::pin(async move {
            let logs = self.client.logs_tail(run.as_str(), lines, LOG_BYTES).await;
            let logs = logs.map_err(|error| port(&self.engine(), error))?;
            let dated = |line: &sweepd_docker::LogLine| match line.at {
                Some(at) => format!("{at} {}", line.text),
                None => line.text.clone(),
            };
            Ok(logs.lines.iter().map(dated).collect::<Vec<_>>().join("\n"))
        })
    }

    fn remove<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<(), PortError>> {
        Box::pin(async move {
            let removed = self.client.remove(run.as_str(), false).await;
            removed.map_err(|error| port(&self.engine(), error))
        })
    }
}

/// An answer of the engine, or none.
pub(super) fn port(doing: &str, error: Error) -> PortError {
    // The error says itself what was being done; what it cannot say is of which engine.
    if matches!(error, Error::Gone { .. }) {
        PortError::Gone { doing: doing.to_owned() }
    } else if matches!(error, Error::Superseded { .. }) {
        PortError::Superseded { doing: doing.to_owned() }
    } else if error.is_unknown() {
        PortError::unreachable(doing, error)
    } else {
        PortError::refused(doing, error)
    }
}

/// A word that we do not know is taken for life: nothing is started beside it.
pub(super) const fn state(state: &sweepd_docker::RunState) -> RunState {
    use sweepd_docker::RunState as Docker;
    match state {
        Docker::Running | Docker::Unknown(_) => RunState::Running,
        Docker::Restarting => RunState::Restarting,
        Docker::Paused => RunState::Paused,
        Docker::Created => RunState::Created,
        Docker::Exited => RunState::Exited,
        Docker::Dead => RunState::Dead,
        Docker::Removing => RunState::Removing,
    }
}

fn seen(listed: Listed) -> Seen {
    Seen {
        workspace: workspace(&listed.mounts),
        run: RunId::new(listed.id),
        name: name(listed.names),
        state: state(&listed.state),
        labels: listed.labels,
        created: listed.created,
    }
}

/// Its own name: links give it others, with a slash inside.
fn name(names: Vec<String>) -> String {
    let own = names.iter().position(|name| !name.contains('/')).unwrap_or(0);
    names.into_iter().nth(own).unwrap_or_default()
}

/// The host directory bound to exactly `/workspace`, canonical as far as it can be told.
fn workspace(mounts: &[MountPoint]) -> Option<PathBuf> {
    let bound = mounts.iter().find(|mount| {
        mount.kind == MountKind::Bind && Path::new(&mount.destination) == Path::new(WORKSPACE)
    })?;
    let source = PathBuf::from(&bound.source);
    Some(source.canonicalize().unwrap_or(source))
}
