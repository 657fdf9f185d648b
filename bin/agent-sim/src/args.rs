//! The command line.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;

use crate::behave::Behave;

/// A test agent that speaks NanoClaw's two-database protocol, well or badly.
#[derive(Debug, Clone, Parser)]
#[command(version, args_override_self = true)]
#[non_exhaustive]
pub struct Args {
    /// The session directory, with inbound.db, outbound.db and .heartbeat.
    #[arg(long, value_name = "DIR", default_value = "/workspace")]
    pub workspace: PathBuf,
    /// How it behaves.
    #[arg(long, value_name = "HOW", default_value = "healthy", help = Behave::HELP)]
    pub behave: Behave,
    /// Takes --behave from the first line of this file, if it exists.
    #[arg(long, value_name = "PATH")]
    pub behave_file: Option<PathBuf>,
    /// How often an idle agent polls; a working one polls twice as often.
    #[arg(long, value_name = "MS", default_value_t = 1000)]
    pub poll_ms: u64,
    /// How long the model works on a batch.
    #[arg(long, value_name = "MS", default_value_t = 200)]
    pub work_ms: u64,
    /// How often the model shows a sign of life while it works.
    #[arg(long, value_name = "MS", default_value_t = 50)]
    pub beat_ms: u64,
    /// The tool called for each batch; long-bash calls Bash.
    #[arg(long, value_name = "NAME")]
    pub tool: Option<String>,
    /// The timeout the tool declares.
    #[arg(long, value_name = "MS")]
    pub declare_ms: Option<i64>,
    /// How long the tool runs, without a sign of life [default: 500; long-bash: for ever].
    #[arg(long, value_name = "MS")]
    pub tool_ms: Option<u64>,
    /// The tool ends as soon as this file exists.
    #[arg(long, value_name = "PATH")]
    pub tool_until: Option<PathBuf>,
    /// The text of every answer, and of the log line `[poll-loop] Result: …`.
    #[arg(long, value_name = "TEXT", default_value = "done")]
    pub result: String,
}

impl Args {
    /// Reads the behavior from its file, where that exists.
    pub(crate) fn resolve(mut self) -> Result<Self> {
        if let Some(path) = self.behave_file.as_deref().filter(|path| path.exists()) {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("read {}", path.display()))?;
            let line = text.lines().next().unwrap_or_default().trim();
            self.behave = line.parse().with_context(|| format!("read {}", path.display()))?;
        }
        Ok(self)
    }
}
