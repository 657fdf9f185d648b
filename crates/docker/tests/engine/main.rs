//! The client against a real engine.
//!
//! Without one these tests say so and pass, unless `SWEEPD_REQUIRE` contains `docker`.
#![expect(clippy::unwrap_used, reason = "test code")]

mod leaving;
mod looking;
mod rig;
mod starting;
mod stopping;
mod watching;
