//! `sweepd sweep`: one call over everybody.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use sweepd_decide::Span;
use sweepd_store::LockError;
use sweepd_store::state::lock::StateLock;
use sweepd_sweep::Report;

use crate::commands::{load_to_act, on_a_runtime, patience};
use crate::config::{Config, Surroundings};
use crate::control::{Asked, Request, ask, client};
use crate::exit::{Exit, Failure, answer, tell};
use crate::ground::{check_ground, lock_failure};
use crate::table;
use crate::wire::{Purpose, tell_sick, wire};

/// What kind of call.
#[derive(Debug, Clone, Args)]
pub(crate) struct Words {
    /// Say what would be done; write nothing, send nothing, take no lock
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object, schema version 1
    #[arg(long)]
    json: bool,
}

/// Makes the call.
pub(crate) fn run(
    words: &Words,
    file: Option<&Path>,
    around: &Surroundings,
) -> Result<Exit, Failure> {
    let (config, warnings) = load_to_act(file, around)?;
    for warning in &warnings {
        tell(&format!("sweepd: {warning}"));
    }
    on_a_runtime(async {
        if let Err(failure) = check_ground(&config) {
            if !words.dry_run {
                tell_sick(&config, &failure).await;
            }
            return Err(failure);
        }
        let report = if words.dry_run {
            call(config, Purpose::DryRun).await?
        } else {
            match patience::wait_for(|| StateLock::sweep(&config.state_dir)).await {
                Ok(_lock) => act(config).await?,
                Err(error) if patience::is_a_daemons(&error) => {
                    // The daemon has the state: it makes the pass. One that cannot be asked is told.
                    match client::ask(&config.state_dir, &Request::Pass).await {
                        Ok(Ok(Asked::Answered(answer))) => return answer.print(words.json),
                        Ok(Ok(Asked::Again)) => {
                            let config = Arc::new(config);
                            return ask(config, &Request::Pass).await?.print(words.json);
                        }
                        Ok(Err(failure)) => return Err(failure),
                        Err(why) => tell(&format!("sweepd: the daemon cannot be asked: {why:#}")),
                    }
                    skipped(&config, error)
                }
                Err(error @ LockError::Held { .. }) => skipped(&config, error),
                Err(error) => {
                    let failure = lock_failure(error);
                    tell_sick(&config, &failure).await;
                    return Err(failure);
                }
            }
        };
        print(&report, words.json)?;
        Ok(exit(&report))
    })
}

/// The report of a call that was not made: another sweepd has the state.
fn skipped(config: &Config, error: LockError) -> Report {
    let LockError::Held { holder: Some(holder), .. } = error else {
        return Report::skipped(config.mode.into(), "locked by another process".to_owned());
    };
    Report::skipped(config.mode.into(), format!("locked by pid {}", holder.pid))
}

/// The call that acts. That it could not be made, or only in part, is told to people.
async fn act(config: Config) -> Result<Report, Failure> {
    let called = call(config.clone(), Purpose::Act).await;
    if let Err(failure) = &called {
        tell_sick(&config, failure).await;
    }
    called
}

async fn call(config: Config, purpose: Purpose) -> Result<Report, Failure> {
    let wired = wire(Arc::new(config), purpose).await?;
    let swept = wired.engine.sweep().await;
    let mut report = swept.map_err(|error| Failure::new(Exit::Blind, error))?;
    let damage: Vec<String> = wired.damage().into_iter().collect();
    if let Some(damage) = damage.first().filter(|_| purpose == Purpose::Act) {
        wired.engine.tell_sick(damage).await;
    }
    report.trouble.extend(damage);
    Ok(report)
}

/// What the call comes to.
pub(crate) fn exit(report: &Report) -> Exit {
    if !report.trouble.is_empty() {
        Exit::Blind
    } else if report.is_failing() {
        Exit::Failing
    } else {
        Exit::Well
    }
}

fn print(report: &Report, json: bool) -> Result<(), Failure> {
    if json {
        let text =
            serde_json::to_string(report).map_err(|error| Failure::new(Exit::Blind, error))?;
        return answer(&format!("{text}\n"));
    }
    for trouble in &report.trouble {
        tell(&format!("sweepd: {trouble}"));
    }
    answer(&table::call(report))
}

/// How long a daemon waits between passes over everybody, for people.
pub(crate) fn every(interval: Duration) -> String {
    Span::from_millis(i64::try_from(interval.as_millis()).unwrap_or(i64::MAX)).to_string()
}
