//! Runs one argv to its end: bounded in time, its output bounded in size.
//!
//! For wake commands, command probes and refresh steps. No shell, no input, no retry. What a
//! command left in the background when it ended in time is left alone: starting something may
//! have been its purpose. It keeps no working output then: the pipes are closed.

use std::path::PathBuf;
use std::pin::pin;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;

use crate::error::Error;
use crate::exit::Exit;
use crate::{group, spawn};

/// What to run, and within which bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments. No shell; the program is searched in the `PATH` of `env`.
    pub argv: Vec<String>,
    /// The command's whole environment. Nothing is inherited: sweepd's own may hold secrets.
    pub env: Vec<(String, String)>,
    /// Where to run it; `None` = where sweepd runs.
    pub cwd: Option<PathBuf>,
    /// How long it may take. Then its whole process group is killed.
    pub timeout: Duration,
    /// How many bytes of each of standard output and error are kept, the newest ones.
    pub keep: usize,
}

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// How it ended.
    pub ended: Ended,
    /// The end of its standard output.
    pub stdout: Captured,
    /// The end of its standard error.
    pub stderr: Captured,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an unhandled end is a bug")]
pub enum Ended {
    /// By itself.
    Exited(Exit),
    /// Its time was over: its process group was killed.
    TimedOut,
}

/// The end of what was written to one stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Captured {
    /// The newest bytes as text; what is no UTF-8 became U+FFFD.
    pub text: String,
    /// How many bytes came before them and were not kept.
    pub dropped: u64,
}

/// How long the output of an ended command is waited for, should somebody else hold its pipes.
const DRAIN: Duration = Duration::from_millis(200);

/// Runs a command to its end, or to the end of its time.
///
/// # Errors
///
/// The command did not run: [`Error::EmptyArgv`], [`Error::FindProgram`], [`Error::Execute`],
/// [`Error::EnterDirectory`], [`Error::Spawn`]. [`Error::Wait`]: its end was not to be had. A
/// failing command is no error: see [`Output::ended`].
///
/// # Cancel safety
///
/// Dropping the call kills the command and its process group.
pub async fn run_command(command: &Command) -> Result<Output, Error> {
    let cwd = command.cwd.as_deref();
    let mut child = spawn::prepare(&command.argv, &command.env, cwd)?
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| spawn::explain(&command.argv, cwd, source))?;
    let mut group = Group::of(&child);
    let (mut out, mut err) = (Kept::new(command.keep), Kept::new(command.keep));
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let ended = {
        let mut reading = pin!(async { tokio::join!(out.fill(stdout), err.fill(stderr)) });
        let mut read = false;
        let waiting = async {
            loop {
                tokio::select! {
                    biased;
                    status = child.wait() => break status,
                    _ = &mut reading, if !read => read = true,
                }
            }
        };
        let ended = timeout(command.timeout, waiting).await;
        match ended {
            Ok(_) => group.release(),
            Err(_) => group.kill(),
        }
        if !read {
            let _whatever_came = timeout(DRAIN, reading).await;
        }
        ended
    };
    let ended = if let Ok(status) = ended {
        Ended::Exited(status.map_err(|source| wait_error(command, source))?.into())
    } else {
        let _reaped_now_or_later = timeout(DRAIN, child.wait()).await;
        Ended::TimedOut
    };
    Ok(Output { ended, stdout: out.into_captured(), stderr: err.into_captured() })
}

fn wait_error(command: &Command, source: std::io::Error) -> Error {
    Error::Wait { program: command.argv.first().cloned().unwrap_or_default(), source }
}

/// Kills the process group of a command that was not seen to end. Sound as long as the child was
/// not reaped: until then its pid, which is the group's id, is nobody else's.
struct Group(Option<i32>);

impl Group {
    fn of(child: &tokio::process::Child) -> Self {
        Self(child.id().and_then(|pid| i32::try_from(pid).ok()))
    }

    /// The child was reaped: its pid means nothing any more.
    const fn release(&mut self) {
        self.0 = None;
    }

    fn kill(&mut self) {
        if let Some(pid) = self.0.take() {
            // It can only fail where the command runs as somebody else; nobody can help then.
            let _best_effort = group::signal_group(pid, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The newest bytes of a stream.
struct Kept {
    bytes: Vec<u8>,
    keep: usize,
    dropped: u64,
}

impl Kept {
    const fn new(keep: usize) -> Self {
        Self { bytes: Vec::new(), keep, dropped: 0 }
    }

    /// Reads to the end; a stream that fails has ended.
    async fn fill(&mut self, stream: Option<impl AsyncRead + Unpin>) {
        let Some(mut stream) = stream else { return };
        let mut chunk = vec![0; 8192];
        while let Ok(read @ 1..) = stream.read(&mut chunk).await {
            self.bytes.extend_from_slice(chunk.get(..read).unwrap_or_default());
            if self.bytes.len() > self.keep.saturating_mul(2).max(chunk.len()) {
                self.trim();
            }
        }
    }

    fn trim(&mut self) {
        let excess = self.bytes.len().saturating_sub(self.keep);
        self.bytes.drain(..excess);
        self.dropped = self.dropped.saturating_add(u64::try_from(excess).unwrap_or(u64::MAX));
    }

    fn into_captured(mut self) -> Captured {
        self.trim();
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        Captured { text, dropped: self.dropped }
    }
}
