//! The pure core of sweepd: what is called for, why, and until when that holds.
//!
//! Facts and the time go in, a decision comes out; nothing here looks at the world or does anything
//! to it. There is no clock, no file, no socket and no environment: the crate is `no_std`, so such
//! a call does not compile. It is what a host in any language, or a test, can call by itself; the
//! engine that looks and acts is `sweepd-sweep`.
//!
//! # The contract
//!
//! Every answer is a [`Decision`]: an action, its evidence, and a recheck.
//!
//! > Same facts, same answer, until the recheck; a different answer at the recheck;
//! > [`Recheck::OnChange`] means that time alone never changes it.
//!
//! * Time is an argument: UTC milliseconds ([`Timestamp`]) that saturate instead of overflowing.
//! * Not knowing is a value: [`Observed::Unknown`] is not [`Observed::Absent`], and never leads to a
//!   stop, a charge or a wake.
//! * Evidence holds instants, limits and ids, never ages, so that equal facts give equal answers and
//!   the verdict can be computed again from it.
//! * Limits are data: a [`Policy`], with the profiles `standard` (the default) and `nanoclaw`.
//!
//! # What is asked
//!
//! | question | asked of |
//! |---|---|
//! | is this running agent stuck? | [`stuck::decide_stuck`], with a worked example |
//! | what do a queue and its acks, claims and series call for? | [`session`], step by step |
//! | which of these containers is the agent's? | [`presence`](presence()) |
//! | is this always-on container up, and if not, what then? | [`keep`](keep::keep) |
//! | do too many look stuck at once? | [`brake`](brake()) |
//! | how does an incident live, and are people to be told of it? | [`incident`] |
//! | which alert is delivered next, and when? | [`outbox`] |
//! | was a message worked on and never answered? | [`silent`] |
//! | how long is a credential good for, and who has to hear of it? | [`credential`](credential()) |
//! | what does this text mean as a time? | [`parse_utc`] |
//!
//! # Features
//!
//! | feature | default | meaning |
//! |---|---|---|
//! | `serde` | no | the nouns can be written down and read back: journals, replay |
//!
//! Held to: golden vectors of the original program and of an independent model, laws as property
//! tests, an oracle written apart, scenarios; no mutant of a rule goes unnoticed.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod alert;
mod backoff;
mod brake;
mod credential;
mod decision;
mod doubt;
mod event;
mod finding;
mod id;
pub mod incident;
pub mod keep;
mod memory;
mod message;
mod observed;
pub mod outbox;
mod policy;
mod presence;
pub mod session;
pub mod silent;
mod snapshot;
pub mod stuck;
mod time;

pub use alert::{Alert, Deed, End, Fact, Moment, News, Note, Occasion, Setback, Story};
pub use backoff::Backoff;
pub use brake::{Brake, BrakePolicy, Wish, brake, canary_is_free, wish};
pub use credential::{CredentialPolicy, CredentialState, Reading, credential, may_replace};
pub use decision::{Decision, Recheck};
pub use doubt::{ClockReading, Doubt, Upset, doubt};
pub use event::EventKind;
pub use finding::{Finding, FindingKind, Severity};
pub use id::{AgentId, MessageId, RunId};
pub use memory::{ClaimKey, Death, Ended, Memory, Released, Run, Stop, Wakes};
pub use message::{Ack, Claim, Message, RowChange, RowState, Written};
pub use observed::Observed;
pub use policy::{IdleStop, PoisonPolicy, Policy, Profile, RetryPolicy, SilenceAction};
pub use presence::{Presence, RunState, Sighting, presence};
pub use snapshot::{Due, Heartbeat, Snapshot, Suspend, Tool};
pub use time::{Span, Timestamp, parse_utc};
