//! Always-on containers: an oracle that reads the whole story, laws, and stories told by hand.
#![expect(clippy::indexing_slicing, clippy::panic, reason = "test code")]

mod agrees;
mod anew;
mod dice;
mod life;
mod missing;
mod oracle;
mod past;
mod reading;
mod story;
mod there;
mod time;
mod total;
