//! Alerts that will not arrive, or about nobody.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use sweepd_decide::{Span, Timestamp};
use sweepd_schedule::next_run;

use crate::config::alerts::{Alerts, Kept, To, When};
use crate::config::finding::Findings;
use crate::config::{Config, Glob, duration};
use crate::sinks::in_the_open;

/// Whoever wants to hear the same more often than this hardly means it.
const SOON: Span = Span::from_mins(1);
/// No secret is longer, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Looks at everything about alerts but the sinks' own settings.
pub(super) fn check(config: &Config, findings: &mut Findings) {
    let Alerts { repeat_every, sinks, windows, digest, .. } = &config.alerts;
    for sink in sinks {
        let at = &sink.at;
        for (base, kept) in sink.to.secrets() {
            secret(&format!("{at}.{}", kept.key(&base)), kept, findings);
        }
        patterns(&format!("{at}.match"), &sink.patterns, config, findings);
        if sink.kinds.iter().any(|kind| sink.except_kinds.contains(kind)) {
            let told = "a kind is in `kinds` too: it is not told";
            findings.warn(&format!("{at}.except-kinds"), told);
        }
        if let To::Alertmanager { valid, .. } = &sink.to {
            let told = match repeat_every {
                Some(repeat) if valid <= repeat => format!(
                    "not longer than `repeat-every` of [alerts] ({}): alerts end there while what \
                     they are about lasts",
                    duration::show(*repeat)
                ),
                None => "`repeat-every` of [alerts] is \"never\": alerts end there after this, \
                         while what they are about lasts"
                    .to_owned(),
                Some(_) => continue,
            };
            findings.warn(&format!("{at}.valid"), told);
        }
    }
    for (nth, window) in windows.iter().enumerate() {
        patterns(&format!("maintenance[{nth}].match"), &window.patterns, config, findings);
        if never_ends(&window.when) {
            let told = "it begins again before it is over: nobody is ever told of anything in it";
            findings.warn(&format!("maintenance[{nth}].for"), told);
        }
    }
    if repeat_every.is_some_and(|repeat| repeat < SOON) {
        let told = "people are told the same more than once a minute";
        findings.warn("alerts.repeat-every", told);
    }
    if digest.is_some() && sinks.is_empty() {
        findings.warn("digest.at", "there is no [[sink]] that it could go to");
    }
    for fault in in_the_open(&config.alerts) {
        findings.warn(&fault.at, fault.told);
    }
}

/// A secret that is not there, or is everybody's. What holds it is not read.
fn secret(path: &str, kept: &Kept, findings: &mut Findings) {
    if let Some(name) = kept.lacks() {
        let told = format!("${name} is not set here; whoever starts sweepd has to set it");
        return findings.wrong(path, told);
    }
    let Some(file) = kept.file() else { return };
    let shown = file.display().to_string();
    match fs::metadata(file) {
        Ok(found) if !found.is_file() => {
            findings.warn(path, format_args!("{shown:?} is not a regular file"));
        }
        Ok(found) => {
            if found.len() == 0 {
                findings.warn(path, format_args!("{shown:?} is empty"));
            } else if found.len() > LONGEST {
                findings.warn(path, format_args!("{shown:?} is too long for a secret"));
            }
            let mode = found.permissions().mode();
            if mode & 0o077 != 0 {
                let told = format!(
                    "others than its owner may use {shown:?} (mode {:03o}): chmod 600 it",
                    mode & 0o777
                );
                findings.warn(path, told);
            }
        }
        Err(error) => findings.warn(path, format_args!("{shown:?} cannot be read: {error}")),
    }
}

/// Whether a window begins again and again before it is over.
fn never_ends(when: &When) -> bool {
    let When::Again { cron, span, zone } = when else { return false };
    let runs = |after| next_run(cron, zone, after).ok();
    let first = runs(Timestamp::from_millis(0));
    first.is_some_and(|first| runs(first).is_some_and(|second| second <= first.plus(*span)))
}

/// Patterns that fit nobody.
fn patterns(path: &str, patterns: &[Glob], config: &Config, findings: &mut Findings) {
    let names = config.names();
    let Some(first) = names.first() else { return };
    for (nth, pattern) in patterns.iter().enumerate() {
        let path = format!("{path}[{nth}]");
        let shown = pattern.to_string();
        if pattern.looks_like_a_choice() {
            let told = format!(
                "{shown:?} stands for itself where it has brackets or braces: only `*` and `?` are \
                 special; write one text for each"
            );
            findings.warn(&path, told);
            continue;
        }
        let fits =
            |name: &&str| pattern.can_start_with(&format!("{name}/")) || pattern.matches(name);
        if !names.iter().any(fits) {
            let told = format!(
                "{shown:?} fits nobody: ids start with the name of their source; did you mean \
                 \"{first}/{shown}\"?"
            );
            findings.warn(&path, told);
        }
    }
}
