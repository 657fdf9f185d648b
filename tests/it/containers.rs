//! Does the program do with real containers what the contract says?
//!
//! Each test is an operator: NanoClaw directories, a `sweepd.toml`, the program, `docker` beside
//! it. Needs a Docker engine; without one the tests say so and pass, unless `SWEEPD_REQUIRE`
//! names `docker`.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]
#![expect(clippy::expect_used, clippy::panic, reason = "test code")]

mod call;
mod crowd;
mod engine;
mod proxy;
mod rig;
mod site;
mod tree;
mod wait;

mod daemon;
mod deaths;
mod defects;
mod engine_hangs;
mod engine_lost;
mod forty;
mod hands_off;
mod heirs;
mod hints;
mod learned;
mod leftovers;
mod nanoclaws_own;
mod one_call;
mod silent;
mod torn;
mod wakes;

mod always_on;
