//! Golden vectors: one family, one file of cases, one runner each.
//!
//! The format of the files and what counts as a pass: `tests/vectors/FORMAT.md`.

mod args;
mod case;
mod family;
mod report;

pub use args::{Args, Family};
pub use report::{Report, run, run_file};
