//! Sources that do less than their owner may think.

use crate::config::finding::Findings;
use crate::config::{Config, DockerWake, Mode, Placeholder, Template, Wake};

/// Looks at the sources, and at who the overrides are for.
pub(super) fn check(config: &Config, findings: &mut Findings) {
    if config.names().is_empty() {
        findings.warn_of("there is no [[source]]: nothing is watched");
    }
    for source in &config.sources {
        let at = format!("source[{}]", source.nth);
        if source.mode == Mode::Enforce && !findings.has(&format!("{at}.wake")) {
            let told = "not set: agents with due messages are not started in mode \"enforce\"; \
                        add [source.wake], with kind = \"none\" if that is meant";
            findings.warn(&format!("{at}.wake"), told);
        }
        if let Wake::Docker(docker) = &source.wake
            && !has_workspace(docker)
        {
            let told = "nothing of {session_dir} is mounted at /workspace, where agents look for \
                        their messages";
            findings.warn(&format!("{at}.wake.mounts"), told);
        }
    }
    for source in &config.containers {
        let at = format!("source[{}]", source.nth);
        if source.registry.is_none() && source.fixed.is_empty() {
            let told = "nobody is expected: add [source.registry] or a [[source.container]]";
            findings.warn_of(format!("{at}: {told}"));
        }
    }
    strays(config, findings);
}

/// Overrides that no agent's id can fit.
fn strays(config: &Config, findings: &mut Findings) {
    let prefixes: Vec<_> = config.names().iter().map(|name| format!("{name}/")).collect();
    for (nth, over) in config.overrides.iter().enumerate() {
        let Some(first) = prefixes.first() else { return };
        if over.pattern.looks_like_a_choice() {
            let pattern = over.pattern.to_string();
            let told = format!(
                "{pattern:?} stands for itself where it has brackets or braces: only `*`, any run \
                 of characters, and `?`, one character, are special; write an [[agent]] for each"
            );
            findings.warn(&format!("agent[{nth}].match"), told);
            continue;
        }
        if !prefixes.iter().any(|prefix| over.pattern.can_start_with(prefix)) {
            let pattern = over.pattern.to_string();
            let told = format!(
                "{pattern:?} fits no agent: ids start with the name of their source; did you mean \
                 \"{first}{pattern}\"?"
            );
            findings.warn(&format!("agent[{nth}].match"), told);
        }
    }
}

fn has_workspace(docker: &DockerWake) -> bool {
    let is_workspace = |target: &Template| target.fill(|_| None).as_deref() == Some("/workspace");
    let session = |placeholder| (placeholder == Placeholder::SessionDir).then_some("");
    docker.mounts.iter().any(|mount| {
        is_workspace(&mount.target) && mount.source.fill(session).as_deref() == Some("")
    })
}
