//! `sweepd demo`: no Docker, no configuration, no network. Agents that misbehave on purpose, and
//! what sweepd does about each, live.
//!
//! Everything is real but the agents: the engine, the state, NanoClaw's databases, processes. The
//! limits are seconds instead of minutes. However it ends, its agents and its files end with it.

use std::io::Write as _;
use std::time::Duration;

use anyhow::Context as _;
use sweepd_decide::Span;
use sweepd_sweep::SystemClock;
use sweepd_sweep::ports::{Clock as _, Commit};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::commands::on_a_runtime;
use crate::exit::{Exit, Failure, answer, tell};

pub(crate) mod agent;
mod cast;
mod interrupt;
mod log;
mod stage;
mod tee;
mod verdict;

use interrupt::Interrupt;
use log::Log;
use stage::Stage;
use verdict::Verdict;

/// The whole show ends within this.
const CURTAIN: Span = Span::from_secs(58);
/// How long a pass under way may take in the end.
const LAST_PASS: Duration = Duration::from_secs(5);
/// What must not be.
const BY_ITSELF: &str = "the engine ended by itself";
/// Between two checks whether everything has come out.
const CHECK_EVERY: Duration = Duration::from_millis(250);

/// Plays the demo.
pub(crate) fn run() -> Result<Exit, Failure> {
    on_a_runtime(async {
        let played = play().await;
        played.map_err(|error| Failure::new(Exit::Blind, error))
    })
}

/// Sets the stage, plays, and clears the stage whatever came of it.
async fn play() -> anyhow::Result<Exit> {
    let clock = SystemClock::new();
    let mut interrupt = Interrupt::listen().context("failed to listen for signals")?;
    let began = clock.now();
    let (tee, told) = tee::channel();
    let stage = Stage::set(began, tee)?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let mut serving = std::pin::pin!(stage.engine().run(async { drop(stopped.await) }));
    let mut log = Log::new(began);
    let mut over = false;
    let shown = tokio::select! {
        biased;
        code = interrupt.came() => Ok(Err(code)),
        ended = &mut serving => {
            over = true;
            Err(ended.err().map_or_else(|| anyhow::anyhow!(BY_ITSELF), |error| {
                anyhow::Error::new(error).context(BY_ITSELF)
            }))
        }
        verdicts = show(&stage, &mut log, told) => verdicts.map(Ok),
    };
    // Resolving the shutdown lets a pass under way end; a demo need not wait for its resync.
    drop(stop);
    if !over && tokio::time::timeout(LAST_PASS, serving).await.is_err() {
        tell("sweepd: the last pass took too long and was left");
    }
    let cleared = stage.clear().await;
    let verdicts = match shown? {
        Ok(verdicts) => verdicts,
        Err(code) => {
            cleared?;
            tell("sweepd: interrupted; the agents of the demo are stopped, its files removed");
            return Ok(Exit::Other(code));
        }
    };
    cleared?;
    say(&verdict::table(&verdicts, clock.now().since(began)))?;
    let right = verdicts.len() == cast::CAST.len() && verdicts.iter().all(Verdict::is_right);
    Ok(if right { Exit::Well } else { Exit::Failing })
}

/// Tells what happens until all has come out, or the time is up.
async fn show(
    stage: &Stage,
    log: &mut Log,
    mut told: UnboundedReceiver<Commit>,
) -> anyhow::Result<Vec<Verdict>> {
    say(&format!(
        "{} agents below {}; limits are seconds here. Watch:\n\n",
        cast::CAST.len(),
        stage.root().display()
    ))?;
    let clock = SystemClock::new();
    let curtain = clock.now().plus(CURTAIN);
    let mut check = tokio::time::interval(CHECK_EVERY);
    loop {
        tokio::select! {
            biased;
            Some(commit) = told.recv() => {
                for line in log.note(&commit) {
                    say(&line)?;
                }
                stage.react(log)?;
            }
            _ = check.tick() => {
                let verdicts = verdict::all(stage, log).await?;
                if verdicts.iter().all(Verdict::is_right) || clock.now() > curtain {
                    return Ok(verdicts);
                }
            }
        }
    }
}

/// Prints at once: somebody is watching.
fn say(text: &str) -> anyhow::Result<()> {
    answer(text).map_err(Failure::into_error)?;
    std::io::stdout().flush().context("failed to write to standard output")
}
