//! Who starts runs, looks at them and reaps them.
//!
//! It remembers only the children it started itself, for their exit codes; everything else it
//! reads from `/proc`. It starts nothing on its own and stops nothing it was not told to.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, WaitId, WaitIdOptions};
use tokio::process::Child;

use crate::error::Error;
use crate::exit::Exit;
use crate::group::Holder;
use crate::id::ProcessId;
use crate::stat;

mod start;
mod stop;

pub use start::{Spec, Started};
pub use stop::{StopTimes, Stopped, StoppedBy};

/// Starts host processes, looks at them, stops them.
///
/// Dropping it neither stops nor disturbs them: a run goes on without its supervisor, and the
/// next supervisor finds it by its [`ProcessId`]. Only its exit code is lost then.
#[derive(Debug)]
pub struct Supervisor {
    boot_id: String,
    children: Mutex<BTreeMap<ProcessId, Owned>>,
}

/// What a look found out about a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an unhandled state is a bug")]
pub enum Look {
    /// It is there.
    Running {
        /// Somebody stopped it with a signal or holds it in a debugger.
        paused: bool,
    },
    /// Its first process has ended.
    Exited {
        /// How.
        exit: Exit,
        /// How many live processes it left in its group. They may still work on what it worked
        /// on; a [stop](Supervisor::stop) kills them.
        leftovers: usize,
    },
    /// It is over, long since and unwitnessed: another process has its pid, nobody has it, or the
    /// host was booted since.
    Gone,
}

/// A child of ours.
#[derive(Debug)]
enum Owned {
    /// Alive, or a zombie that still pins its pid. Dropped, it is reaped by the runtime.
    Unreaped(Box<Child>),
    Over(Exit),
}

impl Supervisor {
    /// A supervisor without children.
    ///
    /// # Errors
    ///
    /// [`Error::ReadBootId`] where there is no `/proc`.
    pub fn new() -> Result<Self, Error> {
        let boot_id = stat::boot_id().map_err(|source| Error::ReadBootId { source })?;
        Ok(Self { boot_id, children: Mutex::default() })
    }

    /// Looks whether a run is there, whoever started it. A few reads of `/proc`; after an exit one
    /// walk over it.
    ///
    /// A child of ours is reaped once nothing of its group lives; its exit is remembered until
    /// [`forget`](Self::forget).
    ///
    /// # Errors
    ///
    /// [`Error::Look`] when the process table cannot be read: nothing is known then.
    pub fn look(&self, id: &ProcessId) -> Result<Look, Error> {
        let child = match self.children().get_mut(id) {
            Some(owned) => look_at_child(id, owned),
            None => Ok(None),
        };
        child
            .and_then(|look| look.map_or_else(|| self.look_at_stranger(id), Ok))
            .map_err(|source| Error::Look { id: id.clone(), source })
    }

    /// Drops the memory of an exit that the caller has written down. What still runs is kept.
    pub fn forget(&self, id: &ProcessId) {
        let mut children = self.children();
        if matches!(children.get(id), Some(Owned::Over(_))) {
            children.remove(id);
        }
    }

    fn look_at_stranger(&self, id: &ProcessId) -> std::io::Result<Look> {
        Ok(match Holder::of(id, &self.boot_id)? {
            Holder::Itself(stat) if stat.is_over() => {
                Look::Exited { exit: Exit::Unknown, leftovers: stat::live_members(id.pid())?.len() }
            }
            Holder::Itself(stat) => Look::Running { paused: stat.is_paused() },
            Holder::Nobody | Holder::Another => Look::Gone,
        })
    }

    fn children(&self) -> MutexGuard<'_, BTreeMap<ProcessId, Owned>> {
        self.children.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at a child without reaping it while its group lives; `None` if somebody else reaped it
/// before us, as a host with SIGCHLD ignored does.
fn look_at_child(id: &ProcessId, owned: &mut Owned) -> std::io::Result<Option<Look>> {
    let child = match owned {
        Owned::Over(exit) => return Ok(Some(Look::Exited { exit: *exit, leftovers: 0 })),
        Owned::Unreaped(child) => child,
    };
    let Some(pid) = Pid::from_raw(id.pid()) else { return Ok(None) };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let status = match rustix::process::waitid(WaitId::Pid(pid), options) {
        Ok(Some(status)) => status,
        Ok(None) => {
            let paused = stat::read(id.pid())?.is_some_and(stat::Stat::is_paused);
            return Ok(Some(Look::Running { paused }));
        }
        Err(rustix::io::Errno::CHILD) => {
            *owned = Owned::Over(Exit::Unknown);
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let (exit, leftovers) = (Exit::from_wait(&status), stat::live_members(id.pid())?.len());
    if leftovers == 0 {
        child.try_wait()?;
        *owned = Owned::Over(exit);
    }
    Ok(Some(Look::Exited { exit, leftovers }))
}
