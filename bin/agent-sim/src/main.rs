//! A test agent that speaks NanoClaw's two-database protocol, well or badly.
//!
//! Exit codes: 143 after SIGTERM; what `--behave` says for a crash; 1 for an error of its own.
//! `hot-journal` dies of SIGKILL; as pid 1 of a container, deaf to its own, by a trap: 139.

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    agent_sim::run(agent_sim::Args::parse()).await
}
