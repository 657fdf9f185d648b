//! What runs agents: a container engine, or the host's process table.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use sweepd_decide::{Run, RunId, RunState, Timestamp};

use super::{Doing, PortError};

/// A runtime. Every call has a deadline of its own; an error that is not an answer means
/// *don't know*.
pub trait Runtime: Send + Sync {
    /// What kind it is: `docker`, `process`.
    fn kind(&self) -> &'static str;

    /// Everything it knows, in any state, in one call.
    ///
    /// # Errors
    /// The runtime does not answer: nothing may be concluded about anybody.
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn list(&self) -> Doing<'_, Result<Vec<Seen>, PortError>>;

    /// One run, asked by its immutable id.
    ///
    /// # Errors
    /// [`PortError::Gone`] if there is no such run any more; else don't know.
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn inspect<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<Inspection, PortError>>;

    /// Stops a run: asks politely, waits `grace`, kills, and waits until the end is observed.
    /// Already ended, or gone, is success. A run that was started anew since [`Run::started_at`] is
    /// left alone.
    ///
    /// # Errors
    /// [`PortError::Superseded`] if it was started anew; else the run has not been seen to end.
    ///
    /// # Cancel safety
    /// A signal already sent stays sent; the next look shows the result.
    fn stop<'a>(&'a self, run: &'a Run, grace: Duration) -> Doing<'a, Result<Stopped, PortError>>;

    /// The ends that the runtime remembers in `since..=until`, also of runs it no longer lists.
    ///
    /// # Errors
    /// Don't know.
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn exits(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Doing<'_, Result<Vec<ExitSeen>, PortError>>;

    /// The last lines a run wrote, for evidence.
    ///
    /// # Errors
    /// There are none to be had.
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn logs<'a>(&'a self, run: &'a RunId, lines: usize) -> Doing<'a, Result<String, PortError>>;

    /// The same, each line with the time before it at which it was written (RFC 3339). Lines whose time
    /// nobody knows come without.
    ///
    /// # Errors
    /// As [`Runtime::logs`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn dated_logs<'a>(
        &'a self,
        run: &'a RunId,
        lines: usize,
    ) -> Doing<'a, Result<String, PortError>> {
        self.logs(run, lines)
    }

    /// Forgets a run of ours that has ended.
    ///
    /// # Errors
    /// It could not be removed; it will be found again.
    ///
    /// # Cancel safety
    /// The removal may have happened.
    fn remove<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<(), PortError>>;
}

/// One run in the runtime's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The immutable id.
    pub run: RunId,
    /// Its name, for people.
    pub name: String,
    /// What it is doing.
    pub state: RunState,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The canonical host directory bound to `/workspace`, if there is one.
    pub workspace: Option<PathBuf>,
    /// When it was made, if the list tells.
    pub created: Option<Timestamp>,
}

/// What the runtime says about one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// What it is doing.
    pub state: RunState,
    /// When it started, this time.
    pub started_at: Option<Timestamp>,
    /// Its exit code, once it has ended.
    pub exit_code: Option<i64>,
    /// Whether the kernel killed it for its memory.
    pub oom_killed: bool,
    /// How often the runtime itself restarted it.
    pub restarts: i64,
    /// The runtime itself may start it again once it has ended.
    pub revives: bool,
    /// The runtime saw the run end with its own eyes: it cannot have been down meanwhile.
    pub witnessed: bool,
}

/// An observed end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Its exit code, if anybody knows.
    pub exit_code: Option<i64>,
    /// It had to be killed.
    pub killed: bool,
}

/// An end that the runtime remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExitSeen {
    /// Which run.
    pub run: RunId,
    /// When.
    pub at: Timestamp,
    /// Its exit code, if anybody knows.
    pub exit_code: Option<i64>,
    /// The kernel killed something in it for want of memory.
    pub oom_killed: bool,
}
