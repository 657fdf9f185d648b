//! A test agent that speaks NanoClaw's two-database protocol, and fixtures in its layout.
//!
//! [`run`] is the agent: a process of its own, or a part of a demo's. The fixtures are for tests
//! and demos:
//! [`fixture::Root`] makes a data directory, [`fixture::Session`] one session in it. What a host
//! or an agent would write is one call each; what is written can be read back.
//!
//! # Examples
//!
//! ```
//! use agent_sim::fixture::{Message, Root};
//! use sweepd_decide::{Span, Timestamp};
//!
//! # fn main() -> anyhow::Result<()> {
//! # let dir = tempfile::tempdir()?;
//! let now = Timestamp::from_millis(1_795_341_600_000);
//! let root = Root::create(dir.path(), now)?;
//! let session = root.session("ag-1", "sess-1", now)?;
//! session.message(&Message::chat("m-1", now))?;
//! session.claim("m-1", now.plus(Span::from_secs(2)))?;
//! session.heartbeat(now)?;
//! assert_eq!(session.messages()?[0].id, "m-1");
//! # Ok(())
//! # }
//! ```

use std::process::ExitCode;

mod args;
mod behave;
mod clock;
mod databases;
pub mod fixture;
mod misdeed;
pub mod schema;
mod work;

pub use args::Args;
pub use behave::Behave;

/// Runs the agent until it is told to end, or ends as it was told to.
///
/// # Errors
/// Its databases cannot be opened or written.
///
/// # Cancel safety
/// Dropping it leaves its databases as the last transaction left them.
pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let args = args.resolve()?;
    let stop = clock::terminated(args.behave)?;
    tokio::select! {
        biased;
        code = stop => Ok(code.into()),
        code = work::run(&args) => Ok(code?.into()),
    }
}
