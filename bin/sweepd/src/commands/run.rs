//! `sweepd run`: the daemon.

use std::io::IsTerminal as _;
use std::path::Path;

use sweepd_store::LockError;
use sweepd_store::state::lock::StateLock;
use tokio::signal::unix::{SignalKind, signal};

use crate::commands::{load, on_a_runtime, sweep};
use crate::config::Surroundings;
use crate::exit::{Exit, Failure};
use crate::wire::{Purpose, check_roots, wire};

/// Serves everybody until SIGTERM or SIGINT; a pass under way is finished first.
pub(crate) fn run(file: Option<&Path>, around: &Surroundings) -> Result<Exit, Failure> {
    let config = load(file, around)?.config;
    check_roots(&config)?;
    log_to_stderr(around);
    let _lock = StateLock::run(&config.state_dir).map_err(|error| {
        let held = matches!(error, LockError::Held { .. });
        let failure = Failure::new(Exit::Usage, error);
        failure.with_hint(if held {
            "one sweepd runs on a state-dir: stop that one first, or name another state-dir"
        } else {
            "`state-dir` names a directory that sweepd may write to"
        })
    })?;
    on_a_runtime(async {
        let (mode, interval) = (config.mode, config.sweep.interval);
        let sources = config.sources.len();
        let wired = wire(config, Purpose::Act).await?;
        if let Some(damage) = wired.damage() {
            return Err(Failure::new(Exit::Blind, anyhow::anyhow!(damage)));
        }
        let shutdown = shutdown().map_err(|error| Failure::new(Exit::Blind, error))?;
        let resync = sweep::every(interval);
        tracing::info!(%mode, sources, resync, "sweepd runs");
        let ran = wired.engine.run(shutdown).await;
        ran.map_err(|error| Failure::new(Exit::Blind, error))?;
        tracing::info!("sweepd ends");
        Ok(Exit::Well)
    })
}

/// Resolves at the first SIGTERM or SIGINT.
fn shutdown() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            biased;
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
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
        .try_init();
    // Somebody else has installed a subscriber: then that one is told.
    drop(logged);
}
