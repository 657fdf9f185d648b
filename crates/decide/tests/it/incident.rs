//! Incidents and their telling: oracles written from the page, laws, tables, and lives told by hand.
#![expect(clippy::indexing_slicing, reason = "test code")]

mod agrees;
mod causes;
mod dice;
mod flap;
mod history;
mod key;
mod life;
mod oracle;
mod plot;
mod precedence;
mod sick;
mod story;
mod telling;
mod time;
mod told;
