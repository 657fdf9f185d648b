//! `sweepd run`: the daemon.

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::anyhow;
use sweepd_store::LockError;
use sweepd_store::state::lock::StateLock;

use tokio::sync::Notify;

use crate::commands::{load_to_act, on_a_runtime, patience, sweep};
use crate::config::{Config, Surroundings};
use crate::control::server::Server;
use crate::exit::{Exit, Failure};
use crate::ground::{check_ground, lock_failure};
use crate::wire::{Kept, Purpose, tell_sick, wire_with};

mod signals;

use signals::{Signal, Signals};

/// Serves everybody until SIGTERM or SIGINT; what is under way is finished first. At SIGHUP the
/// configuration is read again. Ends in trouble if there was trouble last.
pub(crate) fn run(file: Option<&Path>, around: &Surroundings) -> Result<Exit, Failure> {
    let (config, warnings) = load_to_act(file, around)?;
    log_to_stderr(around);
    for warning in &warnings {
        tracing::warn!("{warning}");
    }
    // Held until nothing of this process can write any more.
    let mut held = None;
    on_a_runtime(async {
        if let Err(failure) = check_ground(&config) {
            tell_sick(&config, &failure).await;
            return Err(failure);
        }
        held = Some(lock(&config).await?);
        let signals = Signals::listen().map_err(|error| Failure::new(Exit::Blind, error))?;
        let ear = Server::listen(&config.state_dir).map_err(|error| {
            let error = anyhow::Error::new(error).context("cannot listen in the state-dir");
            Failure::new(Exit::Blind, error)
        })?;
        let again = || read_again(file, around);
        serve(Arc::new(config), signals, &ear, &again).await
    })
}

/// One engine after the other: each with the configuration as it was read last.
async fn serve(
    mut config: Arc<Config>,
    mut signals: Signals,
    ear: &Server,
    again: &(dyn Fn() -> Result<Config, Failure> + Sync),
) -> Result<Exit, Failure> {
    let begun = wire_with(Arc::clone(&config), Purpose::Serve, Kept::default()).await;
    let begun = begun.and_then(|wired| match wired.damage() {
        Some(damage) => Err(Failure::new(Exit::Blind, anyhow!(damage))),
        None => Ok(wired),
    });
    let mut wired = match begun {
        Ok(wired) => wired,
        Err(failure) => {
            tell_sick(&config, &failure).await;
            return Err(failure);
        }
    };
    let mut word = "runs";
    loop {
        let (mode, sources) = (config.mode, config.names().len());
        let resync = sweep::every(config.sweep.interval);
        tracing::info!(%mode, sources, resync, "sweepd {word}");
        let mut next = None;
        let over = until_told(&mut signals, &config, again, &mut next);
        let ended = Notify::new();
        let running = async {
            let ran = wired.engine.run(over).await;
            ended.notify_one();
            ran
        };
        let hearing = ear.serve(&wired.engine, &config, ended.notified());
        let (ran, ()) = tokio::join!(running, hearing);
        let last = ran.map_err(|error| Failure::new(Exit::Blind, error))?;
        let Some(new) = next else {
            for trouble in &last.trouble {
                tracing::error!("in the last round: {trouble}");
            }
            tracing::info!("sweepd ends");
            // An agent in trouble is no failure of the daemon's.
            return Ok(if last.trouble.is_empty() { Exit::Well } else { Exit::Blind });
        };
        let kept = wired.kept.clone();
        // Its locks on the roots have to be gone before others are taken.
        drop(wired);
        (wired, config, word) =
            match wire_with(Arc::clone(&new), Purpose::Serve, kept.clone()).await {
                Ok(wired) => (wired, new, "runs with its configuration read again"),
                Err(failure) => {
                    let why = failure.in_one_line();
                    tracing::error!("SIGHUP: the new configuration cannot be used: {why}");
                    let old = wire_with(Arc::clone(&config), Purpose::Serve, kept).await?;
                    (old, config, "runs on with its old configuration")
                }
            };
    }
}

/// Until the daemon is told to end, or to go on with another configuration, which is put in `next`.
/// One that is no good is told, and changes nothing.
async fn until_told(
    signals: &mut Signals,
    config: &Config,
    again: &(dyn Fn() -> Result<Config, Failure> + Sync),
    next: &mut Option<Arc<Config>>,
) {
    loop {
        match signals.next().await {
            Signal::End => return,
            Signal::ReadAgain => match again() {
                Ok(new) if new.state_dir != config.state_dir => {
                    tracing::error!(
                        "SIGHUP: state-dir cannot change while sweepd runs; it goes on as before: \
                         start it anew to move"
                    );
                }
                Ok(new) => {
                    *next = Some(Arc::new(new));
                    return;
                }
                Err(failure) => {
                    let why = failure.in_one_line();
                    tracing::error!("SIGHUP: {why}; sweepd goes on as before");
                }
            },
        }
    }
}

/// The configuration as its file has it now, if it can be used.
fn read_again(file: Option<&Path>, around: &Surroundings) -> Result<Config, Failure> {
    let (config, warnings) = load_to_act(file, around)?;
    check_ground(&config)?;
    crate::wire::alerts::check(&config)?;
    for warning in &warnings {
        tracing::warn!("{warning}");
    }
    Ok(config)
}

/// The state's lock. A sweep that has it is waited for; another daemon is not.
async fn lock(config: &Config) -> Result<StateLock, Failure> {
    let error = match patience::wait_for(|| StateLock::run(&config.state_dir)).await {
        Ok(taken) => return Ok(taken),
        Err(error) => error,
    };
    if let LockError::Held { .. } = error {
        let hint = if patience::is_a_daemons(&error) {
            "one sweepd runs on a state-dir: stop that one first, or name another state-dir"
        } else {
            "a sweep has had it for 20 s: call again when it is done"
        };
        return Err(Failure::new(Exit::Usage, error).with_hint(hint));
    }
    let failure = lock_failure(error);
    tell_sick(config, &failure).await;
    Err(failure)
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
