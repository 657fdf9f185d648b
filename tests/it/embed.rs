//! The engine inside somebody else's program: own runtime, own state, own clock, own hints.
//!
//! Written as a stranger would write it: of our packages it names `sweepd_sweep` and
//! `sweepd_decide` only, and no feature for tests (`manners` sees to that). No time passes but what
//! a test tells the clock; every answer of the host takes a moment, so that there is an await at
//! which to be dropped.

#![expect(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod asked;
mod clock;
mod counted;
mod diary;
mod dropped;
mod flights;
mod host;
mod life;
mod listens;
mod manners;
mod office;
mod orders;
mod pass;
mod rules;
mod run;
mod runs;
mod silent;
mod stale;
mod store;
mod trouble;
