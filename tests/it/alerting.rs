//! Telling people: the real rules, the real outbox in SQLite, simulated sinks and time.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

mod attend;
mod causes;
mod explained;
mod flapping;
mod issues;
mod laws;
mod long;
mod many;
mod notes;
mod once;
mod outage;
mod paced;
mod people;
mod refused;
mod replaced;
mod rig;
mod run;
mod sick;
mod slow;
mod stopped;
mod time;
