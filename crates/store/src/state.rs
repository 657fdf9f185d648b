//! sweepd's own memory: one SQLite database, `<state-dir>/sweepd.db`, with one writer.
//!
//! Everything that a pass promises is written by [`StateDb::commit`] in one transaction: what the
//! agent's memory became, which intents follow, which incidents opened, and the events that say so.
//! JSON comes and goes as text; what it means is for the engine.
//!
//! What this does not do: decide, or read a clock. Every instant is an argument.

mod agents;
mod alerts;
mod aside;
mod clock;
mod commit;
mod database;
mod decisions;
mod events;
mod expected;
mod incidents;
mod intents;
pub mod lock;
mod migrate;
mod outside;
mod pauses;
#[cfg(test)]
mod plans;
mod prune;
mod sinks;
mod sources;
mod specs;
mod telling;

pub use agents::{AgentRecord, AgentUpdate};
pub use alerts::{Delivery, DeliveryFilter, NewAlert, Tried};
pub use clock::ClockReading;
pub use commit::{Commit, Committed};
pub use database::StateDb;
pub use decisions::{DecisionRecord, NewDecision};
pub use events::{Event, EventBounds, NewEvent};
pub use incidents::{Incident, IncidentChange, IncidentFilter};
pub use intents::{Intent, NewIntent, Settled};
pub use pauses::Pause;
pub use prune::Pruned;
pub use sinks::{Place, SinkNoted, SinkRecord};
pub use sources::{SourceRecord, SourceUpdate};
pub use specs::{NewSpec, SpecRow};
pub use telling::{Standing, TellingChange};
