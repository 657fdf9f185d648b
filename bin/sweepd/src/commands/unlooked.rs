//! What could be looked for in an installation, and is not.

use sweepd_credentials::find;

use crate::config::{Config, Source};

/// Where NanoClaw's agents hold credentials, below the root.
const CREDENTIALS: [&str; 2] =
    ["data/v2-sessions/*/claude.json", "data/v2-sessions/*/.claude-shared/.credentials.json"];

/// One line each.
pub(crate) fn for_all(config: &Config) -> Vec<String> {
    let mut lines = Vec::new();
    if !config.sources.is_empty() && !config.silent_failure.enabled {
        lines.push("messages that are never answered: [silent-failure] is not enabled".to_owned());
    }
    lines.extend(config.sources.iter().filter_map(|source| credentials(source, config)));
    lines
}

/// Credentials of a source that no `[[credential]]` names.
fn credentials(source: &Source, config: &Config) -> Option<String> {
    let found = |pattern: &str| find(pattern).map(|found| found.places).unwrap_or_default();
    let watched: Vec<_> =
        config.credentials.iter().flat_map(|one| found(&one.path.to_string_lossy())).collect();
    let there = CREDENTIALS.iter().flat_map(|pattern| {
        let pattern = source.root.join(pattern);
        found(&pattern.to_string_lossy())
    });
    let lost: Vec<_> = there.filter(|place| !watched.contains(place)).collect();
    let first = lost.first()?.path().display().to_string();
    let more = match lost.len() {
        1 => String::new(),
        many => format!(" and {} more", many - 1),
    };
    Some(format!(
        "the credential {first}{more} of source {}: no [[credential]] names it",
        source.name
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::config_of;

    #[test]
    fn what_nobody_looks_for_is_said_and_what_somebody_does_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let here = dir.path().display().to_string();
        let source = format!("[[source]]\nkind = 'nanoclaw'\nroot = '{here}'\n");
        assert_eq!(for_all(&config_of(&source)), [""; 0]);
        for group in ["ag-1", "ag-2"] {
            let group = dir.path().join("data/v2-sessions").join(group);
            std::fs::create_dir_all(&group).unwrap();
            std::fs::write(group.join("claude.json"), "{}").unwrap();
        }
        let lines = for_all(&config_of(&format!("{source}[silent-failure]\nenabled = false\n")));
        let lines: Vec<_> = lines.iter().map(|line| line.replace(&here, "HERE")).collect();
        assert_eq!(
            lines,
            [
                "messages that are never answered: [silent-failure] is not enabled",
                "the credential HERE/data/v2-sessions/ag-1/claude.json and 1 more of source nanoclaw: \
                 no [[credential]] names it",
            ]
        );
        let watched = format!(
            "{source}[[credential]]\nkind = 'claude-oauth'\npath = '{here}/data/v2-sessions/*/claude.json'\n"
        );
        assert_eq!(for_all(&config_of(&watched)), [""; 0]);
    }
}
