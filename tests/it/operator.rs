//! The program as an operator meets it: started, killed, asked, beside a live host, in bad company.
//!
//! Everything is real but the engine, where there is one: the binary, its state, NanoClaw's
//! databases, agents as processes. No Docker is needed; what a Docker engine does with the same
//! calls is asked in `contract`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

mod demo;
mod engine;
mod files;
mod host;
mod host_appears;
mod journal;
mod page;
mod program;
mod wait;

mod answers;
mod asked;
mod beside_a_host;
mod braked;
mod by_hand;
mod daemon;
mod daemon_log;
mod defects;
mod forty;
mod held_up;
mod hints;
mod in_the_way;
mod in_the_way_of_state;
mod killed;
mod killed_often;
mod moved_on;
mod old_news;
mod reload;
mod strange_installations;
mod touches_nothing;
mod two_sources;
mod wakes;
mod warnings;
mod zones;
