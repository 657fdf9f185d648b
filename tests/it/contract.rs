//! What the engine relies on in a port, asked of every adapter: simulated and real.
//!
//! One sentence, one test, under the same name for each of them. Where there is no Docker engine
//! its tests say so and pass, unless `SWEEPD_REQUIRE` contains `docker`.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod any;
mod command;
mod container;
mod docker;
mod keeping;
mod lab;
mod outbox;
mod process;
mod sim;
mod telling;
mod waking;
