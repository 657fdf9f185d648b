//! The ports: everything the engine needs of the world, as traits a host may implement.
//!
//! Object-safe, with boxed futures; verbs on our own nouns. No port retries, sleeps or decides.

use std::pin::Pin;

mod clock;
mod credentials;
mod error;
mod exchange;
mod hints;
mod keeper;
mod learner;
mod monitor;
mod outbox;
mod runtime;
mod sink;
mod source;
mod state;
mod waker;

pub use clock::{Clock, ClockReading};
pub use credentials::{CredentialSeen, Credentials, Renewed};
pub use error::PortError;
pub use exchange::Exchange;
pub use hints::{Hint, Hints};
pub use keeper::{Happening, Keeper, Recreated, Recreation};
pub use learner::{Learned, Learner};
pub use monitor::{Monitor, Question};
pub use outbox::{
    Delivery, Filing, NewAlert, Outbox, PastEvent, Settled, SinkNoted, SinkRecord, Standing,
    TellingChange, Tried, Untold, Which,
};
pub use runtime::{ExitSeen, Inspection, Runtime, Seen, Stopped};
pub use sink::{Post, Receipt, Sink, SinkError, Takes};
pub use source::{
    Applied, Enlisted, Expected, HostState, LookFailure, Roster, SessionFacts, SessionLook, Source,
};
pub use state::{
    AgentRecord, ClockRecord, Commit, Committed, DecisionRecord, Incident, IncidentChange, Intent,
    LearnedSpec, NewEvent, SourceRecord, State,
};
pub use waker::{WakeKind, WakeOrder, Waker, Woken};

/// A boxed future, so that ports are object-safe.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
