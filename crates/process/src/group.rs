//! Signals to a run: to its whole process group, after asking who holds its pid now.
//!
//! Whether a signal is wanted is not decided here.

use std::io;

use rustix::io::Errno;
use rustix::process::{Pid, Signal};

use crate::id::ProcessId;
use crate::stat::{self, Stat};

/// Who holds the pid of a run now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The run itself, alive or a zombie that was not reaped. Its pid is pinned.
    Itself(Stat),
    /// No process. Members of its group may live on.
    Nobody,
    /// Another process, or this is another boot: the run and its whole group are over, for the
    /// kernel gives no pid away that still names a group.
    Another,
}

impl Holder {
    /// Asks the process table. Fails when it cannot be read, which says nothing about the run.
    pub(crate) fn of(id: &ProcessId, boot_id: &str) -> io::Result<Self> {
        if id.boot_id() != boot_id {
            return Ok(Self::Another);
        }
        Ok(match stat::read(id.pid())? {
            None => Self::Nobody,
            Some(stat) if stat.start_ticks == id.start_ticks() => Self::Itself(stat),
            Some(_) => Self::Another,
        })
    }
}

/// Sends `signal` to every member of the group that `leader` leads or led. Nobody there is fine.
pub(crate) fn signal_group(leader: i32, signal: Signal) -> io::Result<()> {
    send(leader, signal, rustix::process::kill_process_group)
}

/// Sends `signal` to the one process `pid`. Nobody there is fine.
pub(crate) fn signal_one(pid: i32, signal: Signal) -> io::Result<()> {
    send(pid, signal, rustix::process::kill_process)
}

/// 1 and below would be init, our own group, or everybody: never.
fn send(
    pid: i32,
    signal: Signal,
    kill: impl FnOnce(Pid, Signal) -> rustix::io::Result<()>,
) -> io::Result<()> {
    let pid = Some(pid).filter(|pid| *pid > 1).and_then(Pid::from_raw);
    match pid.map(|pid| kill(pid, signal)) {
        None => Err(io::ErrorKind::InvalidInput.into()),
        Some(Ok(()) | Err(Errno::SRCH)) => Ok(()),
        Some(Err(error)) => Err(error.into()),
    }
}
