//! What is allowed, but hardly meant?
//!
//! Runs on a complete configuration: limits that contradict each other, keys without effect,
//! patterns that fit nobody, and what is not on disk. `sweepd run` does without it; `config check`
//! is for this.

use super::finding::Finding;
use super::load::Loaded;

mod disk;
mod limits;
mod sources;

/// Everything there is to say about a configuration that could be loaded, in the file's order.
/// Errors among it are things that a start would fail over.
pub(crate) fn check(loaded: Loaded) -> Vec<Finding> {
    let Loaded { config, path, mut findings, .. } = loaded;
    limits::check(&config, &mut findings);
    sources::check(&config, &mut findings);
    disk::check(&config, &path, &mut findings);
    findings.into_sorted()
}
