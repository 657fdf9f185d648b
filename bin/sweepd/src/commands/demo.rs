//! `sweepd demo`: no Docker, no configuration, no network. Agents that misbehave on purpose, and
//! what sweepd does about each, live.
//!
//! Everything is real but the agents: the engine, the state, NanoClaw's databases, processes. The
//! limits are seconds instead of minutes.

use std::io::Write as _;
use std::time::Duration;

use anyhow::Context as _;
use sweepd_decide::{Span, Timestamp};
use sweepd_sweep::SystemClock;
use sweepd_sweep::ports::Clock as _;

use crate::commands::on_a_runtime;
use crate::exit::{Exit, Failure, answer};

pub(crate) mod agent;
mod cast;
mod log;
mod stage;
mod tee;
mod verdict;

use log::Log;
use stage::Stage;

/// The whole show ends within this.
const CURTAIN: Span = Span::from_secs(58);
/// Between two checks whether everything has come out.
const CHECK_EVERY: Duration = Duration::from_millis(250);

/// Plays the demo.
pub(crate) fn run() -> Result<Exit, Failure> {
    on_a_runtime(async {
        let played = play().await;
        played.map_err(|error| Failure::new(Exit::Blind, error))
    })
}

async fn play() -> anyhow::Result<Exit> {
    let clock = SystemClock::new();
    let began = clock.now();
    let (tee, mut told) = tee::channel();
    let stage = Stage::set(began, tee)?;
    say(&format!(
        "{} agents below {}; limits are seconds here. Watch:\n\n",
        cast::CAST.len(),
        stage.root().display()
    ))?;
    let mut log = Log::new(began);
    let mut verdicts = Vec::new();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let engine = stage.engine();
    let serving = engine.run(async { drop(stopped.await) });
    let mut serving = std::pin::pin!(serving);
    let mut check = tokio::time::interval(CHECK_EVERY);
    loop {
        tokio::select! {
            biased;
            ended = &mut serving => {
                ended.context("the engine ended by itself")?;
                break;
            }
            Some(commit) = told.recv() => {
                for line in log.note(&commit) {
                    say(&line)?;
                }
                stage.react(&log)?;
            }
            _ = check.tick() => {
                verdicts = verdict::all(&stage, &log).await?;
                let done = verdicts.iter().all(verdict::Verdict::is_right);
                if done || clock.now() > began.plus(CURTAIN) {
                    break;
                }
            }
        }
    }
    // Resolving the shutdown lets a pass under way end; a demo need not wait for its resync.
    drop(stop);
    if tokio::time::timeout(Duration::from_secs(5), serving).await.is_err() {
        say("the last pass took too long and was left\n")?;
    }
    stage.clear().await;
    say(&verdict::table(&verdicts, elapsed(began, clock.now())))?;
    let right =
        verdicts.len() == cast::CAST.len() && verdicts.iter().all(verdict::Verdict::is_right);
    Ok(if right { Exit::Well } else { Exit::Failing })
}

fn elapsed(began: Timestamp, now: Timestamp) -> Span {
    now.since(began)
}

/// Prints at once: somebody is watching.
fn say(text: &str) -> anyhow::Result<()> {
    answer(text).map_err(|_| anyhow::anyhow!("nobody can be told"))?;
    std::io::stdout().flush().context("nobody can be told")
}
