//! Silence, over whole calls: the real engine and store, real databases, simulated containers and time.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

mod found;
mod inquiry;
mod limited;
mod log;
mod over;
mod rig;
mod undelivered;
