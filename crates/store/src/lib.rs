//! SQLite for sweepd: other people's databases, and its own.
//!
//! [`nanoclaw`] reads the databases of a NanoClaw installation, which belong to somebody else and
//! may be hostile, and makes the few conditional writes to them that sweepd is for. [`registry`] asks
//! a database of anybody's which containers ought to run. [`state`] is sweepd's own memory: events,
//! incidents, intents, decisions.
//!
//! ```no_run
//! use sweepd_store::nanoclaw::{LookRequest, Root, look};
//!
//! let root = Root::open("/srv/nanoclaw".as_ref())?;
//! for session in root.sessions()?.rows {
//!     let (group, id) = (session.agent_group_id, session.session_id);
//!     let look = look(&LookRequest::new(root.path(), group, id));
//!     if let Some(why) = look.outbound.unreadable() {
//!         // e.g. "outbound.db has a hot journal: its writer died in a transaction"
//!         let _clause: String = why.to_string();
//!     }
//! }
//! # Ok::<(), sweepd_store::Error>(())
//! ```
//!
//! # Theory of operation
//!
//! * Synchronous. No callbacks, no threads, no environment, no clock: every instant is an argument.
//!   The one exception is [I/O deadlines](nanoclaw::LookRequest::deadline_ms), which are measured by
//!   the monotonic clock and never reach a decision.
//! * A look at a session never fails: what could not be seen is a value of the reply.
//! * A write is data that was committed in the state database before; applying it twice is safe.
//! * No type of the SQLite library appears in a public signature.

mod budget;
mod cell;
mod copy;
mod error;
mod harden;
mod lock;
pub mod nanoclaw;
mod path;
pub mod registry;
pub mod state;
mod words;

pub use error::{Error, Retry};
pub use lock::{Holder, LockError};
