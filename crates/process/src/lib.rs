//! Host processes as supervised children: start, look, stop, logs, and bounded commands.
//!
//! The leaf behind sweepd's `process` runtime and behind everything that runs an argv. It takes
//! and returns plain data: who keeps a [`ProcessId`] and the instant of a start is the caller.
//!
//! # Theory of operation
//!
//! A run is named by (pid, start in clock ticks, boot id), see [`ProcessId`]: a pid alone is
//! reused. Each run leads a process group of its own, and is signaled as a group, never before
//! that name was compared with `/proc` again.
//!
//! A run outlives us. Its output goes straight into its log file, not through a pipe that would
//! break (`SIGPIPE`) when sweepd ends; the cap is kept by whoever looks, see [`log::cap`]. What a
//! process left behind by an earlier sweepd exited with is not to be learned: [`Exit::Unknown`].
//!
//! Children of ours are reaped late, at the look that sees nobody left of their group: until then
//! the zombie pins the pid, and no stop can hit a stranger.
//!
//! # What it does not do
//!
//! No clock and no environment is read: times are arguments, an environment is given whole, and
//! nothing of sweepd's own (where secrets may be) reaches a child. No restarts, no decisions. A
//! process that leaves its group (`setsid`, as daemons do) has left our sight.
//!
//! Linux only: it reads `/proc`.
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//! use sweepd_decide::Timestamp;
//! use sweepd_process::{Look, Spec, StopTimes, StoppedBy, Supervisor};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = tempfile::tempdir()?;
//! let supervisor = Supervisor::new()?;
//! let spec = Spec {
//!     argv: vec!["/bin/sleep".into(), "60".into()],
//!     env: vec![],
//!     cwd: None,
//!     log: dir.path().join("agent.log"),
//! };
//! let started = supervisor.start(&spec, Timestamp::from_millis(0)).await?;
//! assert_eq!(supervisor.look(&started.id)?, Look::Running { paused: false });
//! let stopped = supervisor.stop(&started.id, StopTimes::default()).await?;
//! assert_eq!(stopped.by, StoppedBy::Sigterm);
//! # Ok(())
//! # }
//! ```

mod command;
mod error;
mod exit;
mod group;
mod id;
pub mod log;
mod spawn;
mod stat;
mod supervisor;
mod tagged;

pub use command::{Captured, Command, Ended, Output, run_command};
pub use error::{Error, Retry};
pub use exit::Exit;
pub use id::{ParseIdError, ProcessId};
pub use supervisor::{Look, Spec, Started, StopTimes, Stopped, StoppedBy, Supervisor};
pub use tagged::{Tagged, tagged};
