//! Credentials, over whole calls: the real engine, store and files, simulated time.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

mod renewed;
mod rig;
mod stands;
