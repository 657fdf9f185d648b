//! How a run is stopped: SIGTERM, grace, SIGKILL, exit observed.
//!
//! Signals go to the whole group. Directly before each one the pid is compared with the run's
//! start and boot again: a reused pid is never signaled. A run that was over before is left
//! alone, its group included, unless its zombie proves that the group is its own.

use std::time::Duration;

use rustix::process::Signal;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{Look, Supervisor};
use crate::error::Error;
use crate::exit::Exit;
use crate::group::{self, Holder};
use crate::id::ProcessId;
use crate::stat;

/// How patient a stop is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopTimes {
    /// From SIGTERM to SIGKILL.
    pub grace: Duration,
    /// From SIGTERM to giving up. SIGKILL is sent by then, however long the grace is.
    pub exit_within: Duration,
}

/// A run that is over, with nothing left of its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// How it ended.
    pub exit: Exit,
    /// What it took.
    pub by: StoppedBy,
}

/// What it took to end a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an unhandled answer is a bug")]
pub enum StoppedBy {
    /// Nothing: it was over before. No signal was sent.
    Itself,
    /// SIGTERM was enough, for it and for its whole group.
    Sigterm,
    /// SIGKILL was sent.
    Sigkill,
}

/// How often the process table is asked while a stop waits.
const TICK: Duration = Duration::from_millis(20);

/// 10 s grace, the exit observed within 15 s: see the product contract on runtimes.
impl Default for StopTimes {
    fn default() -> Self {
        Self { grace: Duration::from_secs(10), exit_within: Duration::from_secs(15) }
    }
}

impl Supervisor {
    /// Stops a run, whoever started it, and everything in its process group.
    ///
    /// A run that is over already is a success, also if its pid names another process by now;
    /// that process is not touched. Calling it again after any error is safe.
    ///
    /// # Errors
    ///
    /// [`Error::StillRunning`] if it, or a member of its group, survived until the end of
    /// `exit_within`; [`Error::Signal`] if we may not signal it; [`Error::Look`].
    ///
    /// # Cancel safety
    ///
    /// A dropped call may have sent SIGTERM; the SIGKILL is then not sent.
    pub async fn stop(&self, id: &ProcessId, times: StopTimes) -> Result<Stopped, Error> {
        match self.look(id)? {
            Look::Gone => return Ok(Stopped { exit: Exit::Unknown, by: StoppedBy::Itself }),
            Look::Exited { exit, leftovers: 0 } => {
                return Ok(Stopped { exit, by: StoppedBy::Itself });
            }
            Look::Exited { .. } | Look::Running { .. } => {}
        }
        let grace = times.grace.min(times.exit_within);
        self.signal(id, Signal::TERM, "SIGTERM")?;
        if let Some(exit) = self.over_within(id, grace).await? {
            return Ok(Stopped { exit, by: StoppedBy::Sigterm });
        }
        self.signal(id, Signal::KILL, "SIGKILL")?;
        match self.over_within(id, times.exit_within.saturating_sub(grace)).await? {
            Some(exit) => Ok(Stopped { exit, by: StoppedBy::Sigkill }),
            None => Err(Error::StillRunning { id: id.clone() }),
        }
    }

    /// Waits until the run and its group are over; `None` if they are not within `limit`.
    async fn over_within(&self, id: &ProcessId, limit: Duration) -> Result<Option<Exit>, Error> {
        let over = async {
            let mut ticks = interval(TICK);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                if let Some(exit) = self.over(id)? {
                    return Ok(Some(exit));
                }
            }
        };
        timeout(limit, over).await.unwrap_or(Ok(None))
    }

    fn over(&self, id: &ProcessId) -> Result<Option<Exit>, Error> {
        Ok(match self.look(id)? {
            Look::Running { .. } => None,
            Look::Exited { exit, leftovers } => (leftovers == 0).then_some(exit),
            Look::Gone => self.leftovers(id)?.is_empty().then_some(Exit::Unknown),
        })
    }

    /// What is left of the group of a run that is gone but was seen alive in this very stop. A
    /// group keeps its number from being reused, so as long as the pid is nobody's the group is
    /// the run's; in the one tick between, no pid comes round again.
    fn leftovers(&self, id: &ProcessId) -> Result<Vec<i32>, Error> {
        let left = |holder| match holder {
            Holder::Itself(_) | Holder::Nobody => stat::live_members(id.pid()),
            Holder::Another => Ok(Vec::new()),
        };
        Holder::of(id, &self.boot_id)
            .and_then(left)
            .map_err(|source| Error::Look { id: id.clone(), source })
    }

    /// Signals the group, after the fence; and its leader too, should it have changed groups.
    fn signal(&self, id: &ProcessId, signal: Signal, name: &'static str) -> Result<(), Error> {
        let holder = Holder::of(id, &self.boot_id)
            .map_err(|source| Error::Look { id: id.clone(), source })?;
        let sent = match holder {
            Holder::Another => Ok(()),
            Holder::Nobody => group::signal_group(id.pid(), signal),
            Holder::Itself(stat) => group::signal_group(id.pid(), signal).and_then(|()| {
                if stat.group == id.pid() { Ok(()) } else { group::signal_one(id.pid(), signal) }
            }),
        };
        sent.map_err(|source| Error::Signal { id: id.clone(), signal: name, source })
    }
}
