//! What we were doing when it failed, and whether it may work later.
//!
//! A missing process is not an error here: it is what a look finds.

use std::io;
use std::path::PathBuf;

use crate::id::ProcessId;

/// A failed operation on a host process. The text names what was tried; the source says why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The boot id, which tells runs of different boots apart, could not be read.
    #[error("read the boot id of this host")]
    ReadBootId {
        /// Why.
        source: io::Error,
    },
    /// The process table could not be read.
    #[error("read the process table")]
    ReadProcesses {
        /// Why.
        source: io::Error,
    },
    /// An argv without a program.
    #[error("run a command: its argv is empty")]
    EmptyArgv,
    /// The program does not exist: not under this path, or nowhere in the child's `PATH`.
    #[error("find program `{program}`")]
    FindProgram {
        /// `argv[0]`.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The program exists and cannot be run: no permission, not an executable, or a script whose
    /// interpreter is missing.
    #[error("execute program `{program}`")]
    Execute {
        /// `argv[0]`.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The working directory is missing or closed to us.
    #[error("enter directory {} to run `{program}`", path.display())]
    EnterDirectory {
        /// The directory.
        path: PathBuf,
        /// `argv[0]`.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// A process could not be made: out of processes, memory or file descriptors, or a NUL in an
    /// argument.
    #[error("start program `{program}`")]
    Spawn {
        /// `argv[0]`.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// A child was started and could not be named; it was killed.
    #[error("identify the process {pid} just started")]
    Identify {
        /// Its pid.
        pid: i32,
        /// Why.
        source: io::Error,
    },
    /// A log could not be opened for its run, or is no regular file.
    #[error("open log {}", path.display())]
    OpenLog {
        /// The log.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A log could not be cut back to its cap.
    #[error("cap log {}", path.display())]
    CapLog {
        /// The log.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A log could not be read.
    #[error("read log {}", path.display())]
    ReadLog {
        /// The log.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The process table could not be read. Nothing is known about the process then.
    #[error("look at {id}")]
    Look {
        /// The run.
        id: ProcessId,
        /// Why.
        source: io::Error,
    },
    /// A signal was refused.
    #[error("send {signal} to {id}")]
    Signal {
        /// The run.
        id: ProcessId,
        /// The signal's name.
        signal: &'static str,
        /// Why.
        source: io::Error,
    },
    /// SIGTERM, SIGKILL, and its exit was not seen in time, or members of its group live on.
    #[error("stop {id}: still running after SIGKILL")]
    StillRunning {
        /// The run.
        id: ProcessId,
    },
    /// The end of a command could not be waited for.
    #[error("wait for program `{program}`")]
    Wait {
        /// `argv[0]`.
        program: String,
        /// Why.
        source: io::Error,
    },
}

/// Whether the same call may work later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a caller must handle each answer")]
pub enum Retry {
    /// The world may change: a program gets installed, a process dies, memory is freed.
    Later,
    /// Only another configuration helps.
    Never,
}

impl Error {
    /// Whether the same call may work later. Nothing here retries by itself.
    pub fn retry(&self) -> Retry {
        match self {
            Self::EmptyArgv => Retry::Never,
            Self::Spawn { source, .. } if source.kind() == io::ErrorKind::InvalidInput => {
                Retry::Never
            }
            Self::ReadBootId { .. }
            | Self::ReadProcesses { .. }
            | Self::FindProgram { .. }
            | Self::Execute { .. }
            | Self::EnterDirectory { .. }
            | Self::Spawn { .. }
            | Self::Identify { .. }
            | Self::OpenLog { .. }
            | Self::CapLog { .. }
            | Self::ReadLog { .. }
            | Self::Look { .. }
            | Self::Signal { .. }
            | Self::StillRunning { .. }
            | Self::Wait { .. } => Retry::Later,
        }
    }
}
