//! The client against a real engine.
//!
//! Without one these tests say so and pass, unless `SWEEPD_REQUIRE` contains `docker`.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

mod alike;
mod declaring;
mod leaving;
mod looking;
mod losing;
mod rebuilding;
mod refusing;
mod replaying;
mod rig;
mod sharing;
mod starting;
mod stopping;
mod surviving;
mod watching;
