//! The laws of the stuck decision, and the oracle they lean on.
//!
//! One law, one test; `PROPTEST_CASES` sets how long they look. A law that belongs to effects
//! rather than to the decision is not here.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

mod evidence;
mod horizon;
mod limits;
mod oracle;
mod safety;
mod said;
mod strategy;
mod symmetry;
mod vectors;
