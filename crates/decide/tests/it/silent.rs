//! Silence: an oracle written from the page, laws, and each sentence of the page by hand.
#![expect(clippy::indexing_slicing, reason = "test code")]

mod agrees;
mod dice;
mod oracle;
