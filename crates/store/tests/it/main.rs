//! The crate as its users see it, against real files and real SQLite.
#![expect(clippy::unwrap_used, reason = "test code")]

mod apply;
mod central;
mod hostile;
mod look;
mod monitor;
mod nobody;
mod registry;
mod session;
mod state;
