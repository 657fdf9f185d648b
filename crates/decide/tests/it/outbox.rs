//! The outbox: an oracle written from the page, laws, and days of deliveries.
#![expect(clippy::indexing_slicing, reason = "test code")]

mod agrees;
mod days;
mod dice;
mod driver;
mod kept;
mod known;
mod oracle;
mod outage;
mod time;
mod tried;
mod waits;
mod week;
