//! The agents of the demo: the test agent, run from this very program.

use std::path::{Path, PathBuf};

use clap::{Args, Parser as _};

use crate::commands::on_a_runtime;
use crate::exit::{Exit, Failure};

/// File in a session's directory that holds the agent's words, a line each.
pub(super) const WORDS: &str = "agent.words";

/// Where the agent works.
#[derive(Debug, Clone, Args)]
pub(crate) struct Words {
    workspace: PathBuf,
}

/// Runs the agent of one session until it ends; it then ends this process.
pub(crate) fn run(words: &Words) -> Result<Exit, Failure> {
    let args = read(&words.workspace).map_err(|error| Failure::new(Exit::Usage, error))?;
    on_a_runtime(async {
        let code = agent_sim::run(args).await;
        let code = code.map_err(|error| Failure::new(Exit::Blind, error))?;
        Ok(Exit::Other(code))
    })
}

fn read(workspace: &Path) -> anyhow::Result<agent_sim::Args> {
    let text = std::fs::read_to_string(workspace.join(WORDS)).unwrap_or_default();
    let dir = workspace.display().to_string();
    let fixed = ["demo-agent", "--workspace", &dir, "--poll-ms", "200"].map(str::to_owned);
    let words = fixed.into_iter().chain(text.lines().map(str::to_owned));
    Ok(agent_sim::Args::try_parse_from(words)?)
}
