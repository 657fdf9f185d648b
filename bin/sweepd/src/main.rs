//! The daemon and the command line of sweepd.
//!
//! Nothing is decided here: words and files become calls of the library crates.

use std::process::ExitCode;

use clap::Parser as _;

mod cli;
mod commands;
mod config;
mod control;
mod exit;
mod explain;
mod ground;
mod known;
mod schema;
mod sinks;
mod table;
mod telling;
mod wire;

fn main() -> ExitCode {
    exit::report(cli::Cli::parse().run())
}
