//! Replays a family of golden vectors and says how many cases pass.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> anyhow::Result<ExitCode> {
    let args = conformance::Args::parse();
    let passed = conformance::run(&args, &mut std::io::stdout().lock())?;
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
