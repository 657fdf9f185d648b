//! A test agent that speaks NanoClaw's two-database protocol, well or badly.
//!
//! Exit codes: 143 after SIGTERM; what `--behave` says for a crash; 1 for an error of its own.
//! `hot-journal` dies of SIGKILL; as pid 1 of a container, deaf to its own, by a trap: 139.

mod args;
mod behave;
mod clock;
mod databases;
mod misdeed;
mod work;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse().resolve()?;
    let stop = clock::terminated(args.behave)?;
    tokio::select! {
        biased;
        code = stop => Ok(code.into()),
        code = work::run(&args) => Ok(code?.into()),
    }
}
