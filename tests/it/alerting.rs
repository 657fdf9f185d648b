//! Telling people: the real rules, the real outbox in SQLite, simulated sinks and time.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

mod attend;
mod causes;
mod flapping;
mod issues;
mod laws;
mod notes;
mod once;
mod outage;
mod refused;
mod rig;
mod run;
mod stopped;
