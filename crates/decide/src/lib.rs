//! Pure decisions of the sweepd supervisor.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod backoff;
mod decision;
mod finding;
mod id;
mod memory;
mod message;
mod observed;
mod policy;
mod presence;
pub mod session;
mod snapshot;
pub mod stuck;
mod time;

pub use backoff::Backoff;
pub use decision::{Decision, Recheck};
pub use finding::{Finding, FindingKind, Severity};
pub use id::{AgentId, MessageId, RunId};
pub use memory::{ClaimKey, Death, Ended, Memory, Released, Run, Stop, Wakes};
pub use message::{Ack, Claim, Message, RowChange, RowState, Written};
pub use observed::Observed;
pub use policy::{IdleStop, PoisonPolicy, Policy, Profile, RetryPolicy, SilenceAction};
pub use presence::{Presence, RunState, Sighting, presence};
pub use snapshot::{Due, Heartbeat, Snapshot, Suspend, Tool};
pub use time::{Span, Timestamp, parse_utc};
