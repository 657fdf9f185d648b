//! `sweepd wake`, `stop`, `pause`, `resume`: what a person does to agents, through the daemon or,
//! while none runs, by hand.

use std::path::Path;

use clap::Args;
use sweepd_sweep::SystemClock;
use sweepd_sweep::ports::Clock as _;

use crate::commands::{load_to_act, on_a_runtime};
use crate::config::{Surroundings, duration};
use crate::control::{Request, ask};
use crate::exit::{Exit, Failure, tell};
use crate::ground::check_ground;

/// About whom.
#[derive(Debug, Clone, Args)]
#[group(id = "whom", required = true, multiple = false)]
pub(crate) struct Whom {
    /// An agent's id, e.g. nanoclaw/ag-1/sess-1, or the name of a source
    #[arg(value_name = "AGENT", group = "whom")]
    agent: Option<String>,
    /// Every agent of every source
    #[arg(long, group = "whom")]
    all: bool,
}

/// An order.
#[derive(Debug, Clone, Args)]
pub(crate) struct Words {
    #[command(flatten)]
    whom: Whom,
    /// Print one JSON object, schema version 1
    #[arg(long)]
    json: bool,
}

/// A pause.
#[derive(Debug, Clone, Args)]
pub(crate) struct PauseWords {
    #[command(flatten)]
    words: Words,
    /// End the pause by itself after this, e.g. 2h
    #[arg(long = "for", value_name = "SPAN")]
    span: Option<String>,
}

impl Whom {
    fn scope(&self) -> String {
        self.agent.clone().unwrap_or_else(|| "*".to_owned())
    }
}

pub(crate) fn wake(
    words: &Words,
    file: Option<&Path>,
    around: &Surroundings,
) -> Result<Exit, Failure> {
    put(&Request::Wake { scope: words.whom.scope() }, words.json, file, around)
}

pub(crate) fn stop(
    words: &Words,
    file: Option<&Path>,
    around: &Surroundings,
) -> Result<Exit, Failure> {
    put(&Request::Stop { scope: words.whom.scope() }, words.json, file, around)
}

pub(crate) fn pause(
    words: &PauseWords,
    file: Option<&Path>,
    around: &Surroundings,
) -> Result<Exit, Failure> {
    let span = words.span.as_deref().map(duration::parse).transpose();
    let span =
        span.map_err(|error| Failure::new(Exit::Usage, anyhow::anyhow!("--for: {error}")))?;
    let until = span.map(|span| SystemClock::new().now().plus(span));
    let PauseWords { words, .. } = words;
    put(&Request::Pause { scope: words.whom.scope(), until }, words.json, file, around)
}

pub(crate) fn resume(
    words: &Words,
    file: Option<&Path>,
    around: &Surroundings,
) -> Result<Exit, Failure> {
    put(&Request::Resume { scope: words.whom.scope() }, words.json, file, around)
}

/// Puts a question to the daemon, or answers it by hand.
pub(super) fn put(
    request: &Request,
    json: bool,
    file: Option<&Path>,
    around: &Surroundings,
) -> Result<Exit, Failure> {
    let (config, warnings) = load_to_act(file, around)?;
    check_ground(&config)?;
    for warning in &warnings {
        tell(&format!("sweepd: {warning}"));
    }
    let config = std::sync::Arc::new(config);
    on_a_runtime(async { ask(config, request).await?.print(json) })
}
