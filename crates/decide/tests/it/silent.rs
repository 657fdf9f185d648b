//! Silence: an oracle written from the page, laws, and each sentence of the page by hand.
#![expect(clippy::indexing_slicing, reason = "test code")]

mod agrees;
mod dice;
mod ended;
mod hand;
mod heard;
mod laws;
mod limited;
mod memory;
mod oracle;
mod page;
mod per_session;
mod severity;
mod time;
mod undelivered;
