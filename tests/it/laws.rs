//! The laws of the stuck decision and of the session's steps, and the oracle they lean on.
//!
//! One law, one test; `PROPTEST_CASES` sets how long they look.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

mod brake;
mod effects;
mod evidence;
mod forecast;
mod horizon;
mod limits;
mod oracle;
mod safety;
mod said;
mod strategy;
mod symmetry;
mod vectors;
