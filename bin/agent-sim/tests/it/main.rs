//! The agent against real databases: what it does well, and what it does badly.
#![expect(clippy::unwrap_used, reason = "test code")]

mod bad;
mod fixture;
mod good;
mod support;
