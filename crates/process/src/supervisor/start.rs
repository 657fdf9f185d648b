//! How a run is started: its own process group, its log as output, named at once.

use std::path::PathBuf;

use rustix::process::Signal;
use sweepd_decide::Timestamp;

use super::{Owned, Supervisor};
use crate::error::Error;
use crate::id::ProcessId;
use crate::{group, log, spawn, stat};

/// What to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// The program and its arguments. No shell; the program is searched in the `PATH` of `env`.
    pub argv: Vec<String>,
    /// The child's whole environment. Nothing is inherited: sweepd's own may hold secrets.
    pub env: Vec<(String, String)>,
    /// Where to run it; `None` = where sweepd runs.
    pub cwd: Option<PathBuf>,
    /// The file that standard output and error are appended to. Its directory must exist.
    pub log: PathBuf,
}

/// A run that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// What it is called. To be written down: nothing else finds it again.
    pub id: ProcessId,
    /// The `now` it was started with. Start ticks are no wall-clock instant, so this is the only
    /// exact record of it.
    pub started_at: Timestamp,
}

impl Supervisor {
    /// Starts a process at the head of a process group of its own.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyArgv`], [`Error::OpenLog`], [`Error::FindProgram`], [`Error::Execute`],
    /// [`Error::EnterDirectory`], [`Error::Spawn`]: nothing runs. [`Error::Identify`]: it was
    /// killed again.
    ///
    /// # Cancel safety
    ///
    /// A dropped call has started nothing.
    pub async fn start(&self, spec: &Spec, now: Timestamp) -> Result<Started, Error> {
        let mut command = spawn::prepare(&spec.argv, &spec.env, spec.cwd.as_deref())?;
        let (out, err) = log::outputs(&spec.log).await?;
        command.stdout(out).stderr(err);
        // No await from here on: what was started is also remembered.
        let child = command
            .spawn()
            .map_err(|source| spawn::explain(&spec.argv, spec.cwd.as_deref(), source))?;
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).unwrap_or_default();
        let id = self.name(pid).map_err(|source| {
            // The child is not reaped yet, so the pid is its own; it cannot be kept unnamed.
            let _nothing_else_to_do = group::signal_group(pid, Signal::KILL);
            Error::Identify { pid, source }
        })?;
        self.children().insert(id.clone(), Owned::Unreaped(Box::new(child)));
        Ok(Started { id, started_at: now })
    }

    fn name(&self, pid: i32) -> std::io::Result<ProcessId> {
        stat::read(pid)?
            .and_then(|stat| ProcessId::new(pid, stat.start_ticks, self.boot_id.clone()))
            .ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }
}
