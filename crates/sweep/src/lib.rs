//! The engine of sweepd: observes agents, asks the pure core, acts, records.
//!
//! A host hands in ports ([`ports`]): a clock, a state, and for each source where its agents come
//! from, what runs them and how they are woken ([`SourceSetup`]). The engine looks at everybody in
//! passes, and does what [`decide`] says, in the order that docs/rules/pass.md binds it to.
//!
//! # Theory of operation
//!
//! * Level-triggered: a pass looks at the world afresh; nothing but the memory of an agent is
//!   carried over, and that is in the state.
//! * Committed before it is done: a crash between two writes loses nothing and doubles nothing.
//! * One destructive step for an agent in a pass; then it is looked at again.
//! * An error of one agent is its own. An error of the runtime means that nothing is done to
//!   anybody whom it runs.
//!
//! # Embedding
//!
//! | level | a host calls | and gets |
//! |---|---|---|
//! | 0, rules | [`decide::stuck::decide_stuck`] | an answer; synchronous, `no_std` |
//! | 1, pass | [`Engine::sweep`] in its own loop | a report, and [when to look next](Report::next_look) |
//! | 2, run | [`Engine::run`], and a [`Handle`] | all of it: nudges, orders, status, events, a polite end |
//!
//! The [`manual`] has an example of each, and says what a host promises and what it may rely on.
//! The engine reads no environment, prints nothing, installs no handlers and spawns no task that
//! it does not await.
//!
//! # Features
//!
//! | feature | default | meaning |
//! |---|---|---|
//! | `sqlite` | yes | the state database, and NanoClaw's databases as a source |
//! | `docker` | yes | Docker as a runtime, and the wake kind `docker` |
//! | `process` | yes | host processes as a runtime, and the wake kinds `process` and `command` |
//! | `alerts` | yes | the sinks that tell people: chat, paging, mail, webhooks, issue trackers |
//! | `watch` | yes | changes of files as hints when to look |
//! | `test-util` | no | a clock moved by hand, simulated runtimes and wakers |
//!
//! Without any: the ports and the engine.

#[cfg(any(feature = "sqlite", feature = "docker", feature = "process", feature = "alerts"))]
pub mod adapters;
mod alerting;
mod board;
mod by_hand;
mod call;
mod clean;
mod clock;
mod credentials;
mod daemon;
mod engine;
mod fingerprint;
mod fleet;
mod handle;
mod incidents;
mod ledger;
pub mod manual;
mod mode;
mod monitors;
mod order;
mod orphans;
mod pauses;
pub mod ports;
mod redact;
mod render;
mod report;
mod serve;
mod setup;
#[cfg(feature = "test-util")]
pub mod sim;
mod source;
mod subscribe;
mod survey;
mod tend;
mod timekeeper;
mod trace;
mod turn;

pub use alerting::{
    AlertSetup, AttendError, Attended, Attention, Audience, Digest, Everything, SinkSetup, Windows,
};
pub use clean::clean;
pub use clock::SystemClock;
pub use engine::{Engine, EngineError};
pub use fingerprint::fingerprint;
pub use fleet::{AGENT_LABEL, INSTALL_LABEL};
pub use handle::{Handle, NotRunning};
pub use mode::Mode;
pub use order::{Order, Pause, Scope};
pub use report::{
    AgentReport, AgentState, DecisionReport, EffectReport, IncidentReport, Outcome, ProspectReport,
    Report, Summary,
};
pub use setup::{AgentRules, Options, SameForAll, Silence, SilenceRule, SourceSetup};
pub use subscribe::{Happened, Subscription};
pub use sweepd_decide as decide;
pub use sweepd_schedule::Zone;
