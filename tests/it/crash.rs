//! A kill at every durable step of a call, and what the next calls make of it.
//!
//! The engine, the state and the queues are the real ones, on real files; time and containers are
//! simulated. A life ends directly before or directly after one of its commits, row changes, stops,
//! wakes or removals. The next lives have nothing but the files, and have to end up where they
//! would be without the kill.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

mod disk;
mod judge;
mod points;
mod promises;
mod trouble;
mod whole;
mod world;
