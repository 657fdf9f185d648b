//! What is allowed, but hardly meant?
//!
//! Runs on a complete configuration: limits that contradict each other, keys without effect,
//! patterns that fit nobody, and what is not on disk. `config check` is for this; `run` and `sweep`
//! tell the warnings as they begin.

use super::Config;
use super::finding::{Finding, Severity};
use super::load::Loaded;
use crate::sinks::{Absent, made};

mod alerts;
mod disk;
mod health;
mod limits;
mod sources;

/// Everything there is to say about a configuration that could be loaded, in the file's order.
/// Errors among it are things that a start would fail over.
pub(crate) fn check(loaded: Loaded) -> Vec<Finding> {
    let Loaded { config, path, mut findings, .. } = loaded;
    limits::check(&config, &mut findings);
    sources::check(&config, &mut findings);
    alerts::check(&config, &mut findings);
    health::check(&config, &mut findings);
    disk::check(&config, &path, &mut findings);
    disk::what_calls_ask(&config, &mut findings);
    // What is not set is told above.
    for fault in made(&config.alerts, Absent::Mute).err().into_iter().flatten() {
        findings.wrong(&fault.at, &fault.told);
    }
    findings.into_sorted()
}

/// The configuration, and what is hardly meant in it. Not what a call finds out and says by
/// itself; nor errors, over which it fails.
pub(crate) fn warnings(loaded: Loaded) -> (Config, Vec<Finding>) {
    let Loaded { config, path, mut findings, .. } = loaded;
    limits::check(&config, &mut findings);
    sources::check(&config, &mut findings);
    alerts::check(&config, &mut findings);
    health::check(&config, &mut findings);
    disk::check(&config, &path, &mut findings);
    let mut warnings = findings.into_sorted();
    warnings.retain(|finding| finding.severity == Severity::Warning);
    (config, warnings)
}
