//! What does a command print? Bounded in time and size, and never shown.
//!
//! It waits by polling its output and its state in turn, in the caller's thread: nothing is left
//! behind that still reads when the caller has its answer.

use std::io::{self, Read as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::read::MOST_BYTES;

/// A command did not print a credential. Holds nothing of what it printed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// There is no program to run.
    #[error("its argv is empty")]
    EmptyArgv,
    /// It could not be started.
    #[error("it cannot be started")]
    Start {
        /// Why.
        source: io::Error,
    },
    /// Its time was over. It was killed, and its process group with it.
    #[error("it took longer than {timeout:?} and was killed")]
    TimedOut {
        /// Its time.
        timeout: Duration,
    },
    /// It printed more than a credential can be. It was killed, and its process group with it.
    #[error("it printed more than 1 MiB and was killed")]
    TooLarge,
    /// It failed.
    #[error("it failed: {status}")]
    Failed {
        /// How it ended.
        status: ExitStatus,
    },
    /// Its output or its end could not be had. It was killed, and its process group with it.
    #[error("its output cannot be read")]
    Output {
        /// Why.
        source: io::Error,
    },
}

/// How long one wait for either output or end is, in nanoseconds: 10 ms.
const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };

/// How long a killed command is waited for.
const REAP: Duration = Duration::from_secs(1);

/// Runs an argv to its end and returns what it printed.
///
/// What it left in the background when it ended in time is left alone.
pub(crate) fn run(argv: &[String], timeout: Duration) -> Result<Vec<u8>, RunError> {
    let (program, arguments) =
        argv.split_first().filter(|(program, _)| !program.is_empty()).ok_or(RunError::EmptyArgv)?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|source| RunError::Start { source })?;
    let since = now();
    let printed = listen(&mut child, since, timeout);
    if printed.is_err() {
        kill(&child);
        // It is dead but for what the kernel does not let go; that one stays a zombie.
        let reaped = now();
        while !matches!(child.try_wait(), Ok(Some(_)) | Err(_)) && reaped.elapsed() < REAP {
            let _slept = poll(&mut [], Some(&TICK));
        }
        return printed;
    }
    let status = child.wait().map_err(|source| RunError::Output { source })?;
    if status.success() { printed } else { Err(RunError::Failed { status }) }
}

/// Reads until the command has ended; it is not reaped yet then, so that its pid stays its own.
fn listen(child: &mut Child, since: Instant, timeout: Duration) -> Result<Vec<u8>, RunError> {
    let failed = |source| RunError::Output { source };
    let mut out = child.stdout.take();
    if let Some(out) = &out {
        rustix::io::ioctl_fionbio(out, true).map_err(|errno| failed(errno.into()))?;
    }
    let mut printed = Vec::new();
    loop {
        // Asked first: what was printed before the end is all in the pipe then.
        let over = has_ended(child).map_err(failed)?;
        if let Some(stream) = &mut out
            && drain(stream, &mut printed).map_err(failed)?
        {
            out = None;
        }
        if printed.len() > MOST_BYTES {
            return Err(RunError::TooLarge);
        }
        if over {
            return Ok(printed);
        }
        if since.elapsed() >= timeout {
            return Err(RunError::TimedOut { timeout });
        }
        let waited = match &out {
            Some(out) => poll(&mut [PollFd::new(out, PollFlags::IN)], Some(&TICK)),
            None => poll(&mut [], Some(&TICK)),
        };
        match waited {
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(failed(errno.into())),
        }
    }
}

/// Takes what is there, at most a little more than is ever kept. Whether the stream has ended.
fn drain(stream: &mut ChildStdout, printed: &mut Vec<u8>) -> io::Result<bool> {
    let mut chunk = [0; 16 * 1024];
    while printed.len() <= MOST_BYTES {
        match stream.read(&mut chunk) {
            Ok(0) => return Ok(true),
            Ok(read) => printed.extend_from_slice(chunk.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

fn pid(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().filter(|pid| *pid > 1).and_then(Pid::from_raw)
}

/// Whether it has ended, without reaping it.
fn has_ended(child: &Child) -> io::Result<bool> {
    let Some(pid) = pid(child) else { return Ok(true) };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    loop {
        match waitid(WaitId::Pid(pid), options) {
            Ok(status) => return Ok(status.is_some()),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Kills its process group. Sound as long as it was not reaped.
fn kill(child: &Child) {
    if let Some(pid) = pid(child) {
        // It can only fail where the command runs as somebody else; nobody can help then.
        let _best_effort = kill_process_group(pid, Signal::KILL);
    }
}

#[expect(clippy::disallowed_methods, reason = "a deadline of I/O, which reaches no decision")]
fn now() -> Instant {
    Instant::now()
}
