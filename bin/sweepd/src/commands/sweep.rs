//! `sweepd sweep`: one call over everybody.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use sweepd_decide::{Span, Timestamp};
use sweepd_store::LockError;
use sweepd_store::state::lock::StateLock;
use sweepd_sweep::ports::Clock as _;
use sweepd_sweep::{Report, SystemClock};

use crate::commands::{load, on_a_runtime};
use crate::config::{Config, Surroundings};
use crate::exit::{Exit, Failure, answer, tell};
use crate::table;
use crate::wire::{Purpose, check_roots, wire};

/// How long another sweep is waited for.
const PATIENCE: Span = Span::from_secs(20);
/// Between two attempts.
const AGAIN: Span = Span::from_millis(200);

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
    let config = load(file, around)?.config;
    check_roots(&config)?;
    on_a_runtime(async {
        let report = if words.dry_run {
            call(config, Purpose::DryRun).await?
        } else {
            match state_lock(&config).await? {
                Ok(_lock) => call(config, Purpose::Act).await?,
                Err(why) => Report::skipped(config.mode.into(), why),
            }
        };
        print(&report, words.json)?;
        Ok(exit(&report))
    })
}

async fn call(config: Config, purpose: Purpose) -> Result<Report, Failure> {
    let wired = wire(config, purpose).await?;
    let swept = wired.engine.sweep().await;
    let mut report = swept.map_err(|error| Failure::new(Exit::Blind, error))?;
    report.trouble.extend(wired.damage());
    Ok(report)
}

/// The state's lock, or who has it. Another sweep is waited for.
async fn state_lock(config: &Config) -> Result<Result<StateLock, String>, Failure> {
    let clock = SystemClock::new();
    let until: Timestamp = clock.now().plus(PATIENCE);
    loop {
        let holder = match StateLock::sweep(&config.state_dir) {
            Ok(lock) => return Ok(Ok(lock)),
            Err(LockError::Held { holder, .. }) => holder,
            Err(error) => {
                let failure = Failure::new(Exit::Usage, error);
                let hint = "`state-dir` names a directory that sweepd may write to";
                return Err(failure.with_hint(hint));
            }
        };
        let daemon = holder.as_ref().is_some_and(|holder| holder.what.as_deref() == Some("run"));
        if daemon || clock.now() >= until {
            let pid = holder.map_or_else(|| "?".to_owned(), |holder| holder.pid.to_string());
            return Ok(Err(format!("locked by pid {pid}")));
        }
        clock.sleep_until(clock.now().plus(AGAIN)).await;
    }
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
