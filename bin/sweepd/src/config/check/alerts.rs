//! Alerts that will not arrive, or about nobody.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::config::alerts::{Alerts, Kept, To};
use crate::config::finding::Findings;
use crate::config::{Config, Glob, duration};

/// Looks at everything about alerts but the sinks' own settings.
pub(super) fn check(config: &Config, findings: &mut Findings) {
    let Alerts { repeat_every, sinks, windows, digest, .. } = &config.alerts;
    for sink in sinks {
        let at = format!("sink[{}]", sink.nth);
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
    }
    if digest.is_some() && sinks.is_empty() {
        findings.warn("digest.at", "there is no [[sink]] that it could go to");
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
