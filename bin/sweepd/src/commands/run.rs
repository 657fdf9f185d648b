//! `sweepd run`: the daemon.

use std::io::IsTerminal as _;
use std::path::Path;

use sweepd_store::LockError;
use sweepd_store::state::lock::StateLock;
use tokio::signal::unix::{SignalKind, signal};

use crate::commands::{load_to_act, on_a_runtime, patience, sweep};
use crate::config::Surroundings;
use crate::exit::{Exit, Failure};
use crate::ground::{check_ground, lock_failure};
use crate::wire::{Purpose, wire};

/// Serves everybody until SIGTERM or SIGINT; a pass under way is finished first. Ends in trouble if
/// the last pass was.
pub(crate) fn run(file: Option<&Path>, around: &Surroundings) -> Result<Exit, Failure> {
    let (config, warnings) = load_to_act(file, around)?;
    check_ground(&config)?;
    log_to_stderr(around);
    for warning in &warnings {
        tracing::warn!("{warning}");
    }
    // Held until nothing of this process can write any more.
    let mut held = None;
    on_a_runtime(async {
        held = Some(lock(&config.state_dir).await?);
        let (mode, interval) = (config.mode, config.sweep.interval);
        let sources = config.sources.len();
        let wired = wire(config, Purpose::Serve).await?;
        if let Some(damage) = wired.damage() {
            return Err(Failure::new(Exit::Blind, anyhow::anyhow!(damage)));
        }
        let shutdown = shutdown().map_err(|error| Failure::new(Exit::Blind, error))?;
        let resync = sweep::every(interval);
        tracing::info!(%mode, sources, resync, "sweepd runs");
        let ran = wired.engine.run(shutdown).await;
        let last = ran.map_err(|error| Failure::new(Exit::Blind, error))?;
        for trouble in &last.trouble {
            tracing::error!("in the last round: {trouble}");
        }
        tracing::info!("sweepd ends");
        // An agent in trouble is no failure of the daemon's.
        Ok(if last.trouble.is_empty() { Exit::Well } else { Exit::Blind })
    })
}

/// The state's lock. A sweep that has it is waited for; another daemon is not.
async fn lock(state_dir: &Path) -> Result<StateLock, Failure> {
    let taken = patience::wait_for(|| StateLock::run(state_dir)).await;
    taken.map_err(|error| match error {
        LockError::Held { .. } => {
            let hint = if patience::is_a_daemons(&error) {
                "one sweepd runs on a state-dir: stop that one first, or name another state-dir"
            } else {
                "a sweep has had it for 20 s: call again when it is done"
            };
            Failure::new(Exit::Usage, error).with_hint(hint)
        }
        LockError::Lock { .. } | _ => lock_failure(error),
    })
}

/// Resolves at the first SIGTERM or SIGINT. Other programs read their configuration again at
/// SIGHUP: whoever expects that is told, and nothing ends.
fn shutdown() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        loop {
            tokio::select! {
                biased;
                _ = terminate.recv() => return,
                _ = interrupt.recv() => return,
                Some(()) = hangup.recv() => {
                    tracing::warn!(
                        "SIGHUP: this version cannot read its configuration again; start it anew"
                    );
                }
            }
        }
    })
}

/// Colors only on a terminal, and not where somebody asked for none.
fn log_to_stderr(around: &Surroundings) {
    use tracing_subscriber::EnvFilter;
    let wanted = around.log.as_deref().unwrap_or("info");
    // bollard writes whole requests, environments included, at debug.
    let filter = EnvFilter::try_new(format!("{wanted},bollard=info,hyper=info"))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let logged = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal() && !around.no_color)
        .with_writer(std::io::stderr)
        .with_target(false)
        // It would be told on standard error, which is what failed: a full disk must end nobody.
        .log_internal_errors(false)
        .try_init();
    // Somebody else has installed a subscriber: then that one is told.
    drop(logged);
}
