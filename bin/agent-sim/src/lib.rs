//! Fixtures in NanoClaw's layout, for tests and demos; the binary beside it is a test agent.
//!
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

pub mod fixture;
pub mod schema;
