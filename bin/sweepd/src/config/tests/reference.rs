//! The reference and the example say what the types say.

use std::collections::{BTreeMap, BTreeSet};

use super::{check, loaded, show};
use crate::config::file::ConfigFile;
use crate::config::shape::{keys_of, paths};

const REFERENCE: &str = include_str!("../../../../../docs/reference/config.md");
const EXAMPLE: &str = include_str!("../../../../../docs/guide/sweepd.example.toml");

/// A row of the reference: the key's path, and its default as written.
fn rows() -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut table = None;
    for line in REFERENCE.lines() {
        if let Some(heading) = line.strip_prefix("##") {
            let heading = heading.trim_start_matches('#').trim().trim_matches('`');
            let inner = heading.trim_matches(['[', ']']);
            table = (heading == "Top level").then(String::new);
            table = table.or_else(|| heading.starts_with('[').then(|| format!("{inner}.")));
        }
        let cells: Vec<_> = line.split(" | ").map(|cell| cell.trim_matches(['|', ' '])).collect();
        if let (Some(table), [key, default, _]) = (&table, cells.as_slice())
            && let Some(key) = key.strip_prefix('`').and_then(|key| key.strip_suffix('`'))
        {
            rows.push((format!("{table}{key}"), (*default).to_owned()));
        }
    }
    rows
}

/// Where the reference says "every key of `[policy]`" instead of repeating them.
const ALIKE: [&str; 2] = ["agent", "source.policy"];

#[test]
fn every_key_is_documented_once_and_nothing_else_is() {
    let keys = keys_of::<ConfigFile>();
    let all: BTreeSet<_> = paths(&keys).into_iter().map(|(path, _)| path).collect();
    let mut documented = BTreeSet::new();
    for (path, _) in rows() {
        if let Some(key) = path.strip_prefix("policy.") {
            documented.extend(ALIKE.map(|table| format!("{table}.{key}")));
        }
        assert!(documented.insert(path.clone()), "`{path}` is documented twice");
    }
    assert_eq!(documented, all);
    assert_eq!(REFERENCE.matches("It has every key of `[policy]`").count(), ALIKE.len());
}

#[test]
fn documented_defaults_are_the_real_ones() {
    let mut real = BTreeMap::new();
    let wakes = [
        "kind = 'docker'\nimage = 'x'",
        "kind = 'command'\nargv = ['x']",
        "kind = 'process'\nargv = ['x']",
    ];
    let nanoclaw = wakes
        .map(|wake| format!("[[source]]\nkind = 'nanoclaw'\nroot = '/r'\n[source.wake]\n{wake}"));
    let containers =
        "[[source]]\nkind = 'containers'\n[[source.container]]\nname = 'ab'".to_owned();
    let sinks = [
        "alertmanager'",
        "smtp'\nhost = 'x'\nfrom = 'a@x'\nto = ['b@x']",
        "github'\nrepo = 'a/b'\ntoken-file = '/x'",
    ];
    let sinks = sinks.map(|sink| format!("[[sink]]\nkind = '{sink}"));
    let health = [
        "[[source]]\nkind = 'nanoclaw'\nroot = '/r'\n[source.health-monitor]".to_owned(),
        "[[credential]]\nkind = 'claude-oauth'\npath = '/x'\n[credential.refresh]\nkind = \
         'command'\nargv = ['x']"
            .to_owned(),
    ];
    let texts = nanoclaw.into_iter().chain([containers]).chain(sinks).chain(health);
    for text in texts {
        let shown = show(&loaded(&text), false);
        let mut table = String::new();
        for line in shown.lines() {
            if line.starts_with('[') {
                table = format!("{}.", line.trim_matches(['[', ']']));
            } else if let Some((key, value)) = line.split_once(" = ") {
                real.insert(format!("{table}{key}"), value.to_owned());
            }
        }
    }
    let mut compared = 0;
    for (path, default) in rows() {
        if let Some(value) = default.strip_prefix('`').and_then(|value| value.strip_suffix('`')) {
            assert_eq!(real.get(&path).map(String::as_str), Some(value), "{path}");
            compared += 1;
        }
    }
    assert_eq!(compared, 53, "keys with a default of their own");
}

/// Whether a key of `[[source]]` is only for sources of kind `containers`.
fn of_containers(path: &str) -> bool {
    let keys = ["name-prefix", "default-image", "on-stopped", "recreate", "remove-orphans"];
    path.strip_prefix("source.").is_some_and(|key| keys.contains(&key))
}

#[test]
fn keys_said_to_be_of_the_standard_profile_are_those_that_the_other_does_not_read() {
    let warned = |key: &str, value: &str| {
        let (table, key) = key.rsplit_once('.').unwrap_or(("policy", key));
        let table = if table == "policy" { table.to_owned() } else { format!("policy.{table}") };
        let text = format!("policy.profile = 'nanoclaw'\n{table}.{key} = {value}");
        let told: Vec<_> = check(loaded(&text)).iter().map(ToString::to_string).collect();
        told.iter().any(|line| line.contains("no effect"))
    };
    for line in REFERENCE.lines().filter(|line| line.starts_with("| `")) {
        let marked = line.contains('¹');
        let key = line.split('`').nth(1).unwrap();
        let row = rows().into_iter().find(|(path, _)| {
            path.strip_prefix("policy.").is_some_and(|rest| rest == key) && key != "profile"
        });
        if let Some((_, default)) = row {
            assert_eq!(warned(key, default.trim_matches('`')), marked, "{key}");
        }
    }
    for (key, marked) in [("poison.deaths", true), ("poison.cap", true), ("retry.base", false)] {
        let value = if key == "poison.deaths" { "3" } else { "'9m'" };
        assert_eq!(warned(key, value), marked, "{key}");
    }
}

#[test]
fn the_example_can_be_loaded_as_it_is() {
    let config = loaded(EXAMPLE).config;
    assert_eq!((config.sources.len(), config.containers.len()), (1, 0));
    assert_eq!(config.mode, crate::config::Mode::Observe);
}

/// What the example offers: every key of a source with a container, everywhere but in the tables
/// of exceptions.
#[test]
fn the_example_can_be_loaded_with_everything_in_it_and_shows_each_key() {
    let line = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.is_empty() && !rest.starts_with(' ') => rest.to_owned(),
        _ => line.to_owned(),
    };
    let full: String = EXAMPLE.lines().map(|text| line(text) + "\n").collect();
    let loaded = loaded(&full);
    let keys = keys_of::<ConfigFile>();
    let rare = ["source.policy.", "agent.", "source.wake.", "sink."];
    for (path, _) in paths(&keys) {
        if rare.iter().any(|table| path.starts_with(table)) {
            continue;
        }
        let path = if path.starts_with("source.container.") {
            path.replacen("source.container", "source[1].container[0]", 1)
        } else if path.starts_with("source.registry.") || of_containers(&path) {
            path.replacen("source", "source[1]", 1)
        } else if let Some(key) = path.strip_prefix("maintenance.") {
            let nth = usize::from(!matches!(key, "from" | "until"));
            format!("maintenance[{nth}].{key}")
        } else if let Some(key) = path.strip_prefix("credential.") {
            let nth = usize::from(matches!(key, "pointer" | "refresh.path"));
            format!("credential[{nth}].{key}")
        } else {
            path.replacen("source.", "source[0].", 1)
        };
        assert_ne!(loaded.origins.of(&path), crate::config::origin::Origin::Default, "{path}");
    }
    for key in ["kind", "image", "command", "entrypoint", "mounts", "user", "env"] {
        let path = format!("source[0].wake.{key}");
        assert_ne!(loaded.origins.of(&path), crate::config::origin::Origin::Default, "{path}");
    }
}

/// Each block of the guide is a configuration, and there is one for each kind of sink.
#[test]
fn the_guide_to_alerts_can_be_written_into_a_file_as_it_is() {
    const GUIDE: &str = include_str!("../../../../../docs/guide/alerts.md");
    let blocks: Vec<_> = GUIDE.split("```toml\n").skip(1).collect();
    let mut kinds = BTreeSet::new();
    for block in &blocks {
        let config = loaded(block.split("```").next().unwrap()).config;
        kinds.extend(config.alerts.sinks.iter().map(|sink| sink.to.kind()));
        let told = crate::sinks::made(&config.alerts, crate::sinks::Absent::Mute).err();
        let told = told.filter(|told| !told.iter().any(|told| told.at.starts_with("alerts.")));
        assert_eq!(told, None, "{block}");
    }
    assert_eq!(kinds.len(), 13, "{kinds:?}");
}

#[test]
fn what_the_example_shows_as_a_default_is_the_default() {
    let mut table = String::new();
    let mut defaults = BTreeMap::new();
    for (path, default) in rows() {
        defaults.insert(path, default.trim_matches('`').to_owned());
    }
    let mut compared = 0;
    for line in EXAMPLE.lines() {
        let Some(line) = line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')) else {
            if line.starts_with('[') {
                table = format!("{}.", line.trim_matches(['[', ']']));
            }
            continue;
        };
        if line.starts_with('[') {
            table = format!("{}.", line.trim_matches(['[', ']']));
        } else if let Some((key, value)) = line.split_once(" = ")
            && ["", "sweep.", "docker."].iter().any(|own| table == *own)
                | table.starts_with("policy.")
        {
            assert_eq!(defaults.get(&format!("{table}{key}")).map(String::as_str), Some(value));
            compared += 1;
        }
    }
    assert!(compared >= 25, "{compared}");
}
