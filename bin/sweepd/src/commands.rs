//! The sub-commands: one file each.
//!
//! Each has a `run` that answers on standard output and returns how the process ends. What they
//! share is here.

use std::path::Path;

use crate::config::{Config, FindError, Finding, LoadError, Loaded, Surroundings};
use crate::exit::{Exit, Failure};

pub(crate) mod alert;
pub(crate) mod brake;
pub(crate) mod by_hand;
pub(crate) mod config;
pub(crate) mod dead_letters;
pub(crate) mod demo;
pub(crate) mod incidents;
pub(crate) mod patience;
pub(crate) mod run;
pub(crate) mod status;
pub(crate) mod sweep;
pub(crate) mod unlooked;
pub(crate) mod why;

/// Loads the configuration, or says why not, for any command.
pub(crate) fn load(file: Option<&Path>, around: &Surroundings) -> Result<Loaded, Failure> {
    crate::config::load(file, around).map_err(|error| {
        let nowhere = matches!(error, LoadError::Find(FindError::Nowhere { .. }));
        let failure = Failure::new(Exit::Usage, error);
        if nowhere { failure.with_hint(FIRST_FILE) } else { failure }
    })
}

/// The same for a command that acts: with what is hardly meant in it.
pub(crate) fn load_to_act(
    file: Option<&Path>,
    around: &Surroundings,
) -> Result<(Config, Vec<Finding>), Failure> {
    load(file, around).map(crate::config::warnings)
}

/// Runs a command's work to its end.
pub(crate) fn on_a_runtime(
    work: impl Future<Output = Result<Exit, Failure>>,
) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Blind, error))?;
    let done = runtime.block_on(work);
    // A look that hangs in the kernel must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    done
}

/// What to do where there is no file yet.
const FIRST_FILE: &str = "\
name one with --config FILE, or begin with this in /etc/sweepd/sweepd.toml:

[[source]]
kind = \"nanoclaw\"
root = \"/srv/nanoclaw\"

`sweepd config show` then prints it with all defaults";
