//! Who is told, what each wants to hear, and when nobody wants to hear anything.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;
use sweepd_sweep::adapters::SqliteState;
use sweepd_sweep::{AlertSetup, Digest, SinkSetup};

use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::sinks::{Absent, Fault, made};

mod audience;
mod windows;

use audience::Wants;
use windows::Announced;

/// How people are told; also where nobody is: then that is said of each incident.
pub(super) fn setup(
    config: &Config,
    state: &SqliteState,
    absent: Absent,
) -> Result<AlertSetup, Failure> {
    let alerts = &config.alerts;
    let sinks = made(alerts, absent).map_err(failure)?;
    let sources: Arc<[String]> = config.names().into_iter().map(str::to_owned).collect();
    let sinks = alerts.sinks.iter().zip(sinks).map(|(sink, made)| {
        let mut setup = SinkSetup::new(&sink.name, made);
        setup.audience = Arc::new(Wants::new(sink, Arc::clone(&sources)));
        setup
    });
    let outbox = Arc::new(state.clone());
    let mut setup = AlertSetup::new(outbox, sinks.collect(), &alerts.host);
    setup.tell.repeat = alerts.repeat_every;
    setup.windows = Arc::new(Announced::new(&alerts.windows, sources));
    setup.digest = alerts.digest.as_ref().map(|digest| Digest {
        cron: format!("{} {} * * *", digest.minute, digest.hour),
        zone: digest.zone.clone(),
    });
    Ok(setup)
}

/// What marks, outside of the state's own directory, when people were told that the state cannot be
/// used: in a directory that is ours alone, where there is one.
pub(super) fn aside(state_dir: &Path) -> Option<PathBuf> {
    let user = rustix::process::geteuid();
    let dir = if user.is_root() {
        PathBuf::from("/run")
    } else {
        PathBuf::from(format!("/run/user/{}", user.as_raw()))
    };
    let whose = sweepd_sweep::fingerprint(state_dir.as_os_str().as_encoded_bytes().iter().copied());
    dir.is_dir().then(|| dir.join(format!("sweepd-{whose:016x}.told")))
}

/// Whether people could be told by this configuration.
pub(crate) fn check(config: &Config) -> Result<(), Failure> {
    made(&config.alerts, Absent::Refused).map(drop).map_err(failure)
}

fn failure(faults: Vec<Fault>) -> Failure {
    let told = faults.into_iter().map(|Fault { at, told, sink }| {
        let key = at.rsplit_once("].").map_or(at.as_str(), |(_, key)| key);
        match sink {
            Some(sink) => format!("sink {sink:?}: `{key}`: {told}"),
            None => format!("`{key}`: {told}"),
        }
    });
    let error = anyhow!(told.collect::<Vec<_>>().join("\n"));
    Failure::new(Exit::Usage, error).with_hint("`sweepd config check` says where in the file")
}
