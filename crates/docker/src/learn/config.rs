//! What of a container's configuration is its own, and not its image's.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{take_list, take_text};
use crate::{Blueprint, labels};

/// Splits `config` into what the blueprint has fields for and the rest of it, less what `image`
/// says anyway. `short` is the beginning of the id that engines make names of.
pub(super) fn learn(
    learned: &mut Blueprint,
    mut config: Map<String, Value>,
    image: &Map<String, Value>,
    short: &str,
) {
    let mut defaults = image.clone();
    learned.image = take_text(&mut config, "Image").unwrap_or_default();
    learned.labels = own_labels(&mut config, &mut defaults);
    if let Some(asked) = learned.labels.remove(labels::IMAGE) {
        learned.image = asked;
    }
    own_command(learned, &mut config, &mut defaults);
    own_env(learned, &mut config, &mut defaults, short);
    let mut own = |key| {
        let default = take_text(&mut defaults, key);
        take_text(&mut config, key).filter(|text| Some(text) != default.as_ref())
    };
    learned.user = own("User");
    learned.working_dir = own("WorkingDir");

    drop_generated_hostname(learned, &mut config, short);
    for key in ["ExposedPorts", "Volumes"] {
        if let (Some(Value::Object(own)), Some(Value::Object(default))) =
            (config.get_mut(key), defaults.get(key))
        {
            own.retain(|entry, _| !default.contains_key(entry));
        }
    }
    for key in ["Healthcheck", "StopSignal", "Shell", "OnBuild"] {
        if config.get(key) == defaults.get(key) {
            config.remove(key);
        }
    }
    config.retain(|_, value| !is_nothing(value));
    learned.config = config;
}

fn own_labels(
    config: &mut Map<String, Value>,
    defaults: &mut Map<String, Value>,
) -> BTreeMap<String, String> {
    let read = |from: &mut Map<String, Value>| -> BTreeMap<String, String> {
        serde_json::from_value(from.remove("Labels").unwrap_or_default()).unwrap_or_default()
    };
    let defaults = read(defaults);
    let mut labels = read(config);
    labels.retain(|key, value| defaults.get(key) != Some(value));
    labels
}

/// Entrypoint and command hang together: an entrypoint that is given drops the image's command.
fn own_command(
    learned: &mut Blueprint,
    config: &mut Map<String, Value>,
    defaults: &mut Map<String, Value>,
) {
    let (entrypoint, command) = (take_list(config, "Entrypoint"), take_list(config, "Cmd"));
    let default = (take_list(defaults, "Entrypoint"), take_list(defaults, "Cmd"));
    let dropped = command.is_empty() && !default.1.is_empty();
    let entrypoint_is_own = entrypoint != default.0 || dropped;
    if !command.is_empty() && (command != default.1 || entrypoint_is_own) {
        learned.command = Some(command);
    }
    if entrypoint_is_own {
        // Engines take one empty word for "none, not even the image's".
        let none = || vec![String::new()];
        learned.entrypoint = Some(if entrypoint.is_empty() { none() } else { entrypoint });
    }
}

fn own_env(
    learned: &mut Blueprint,
    config: &mut Map<String, Value>,
    defaults: &mut Map<String, Value>,
    short: &str,
) {
    let defaults = take_list(defaults, "Env");
    // Podman writes the generated hostname here too.
    let hostname = format!("HOSTNAME={short}");
    for entry in take_list(config, "Env") {
        if defaults.contains(&entry) || entry == hostname {
            continue;
        }
        match entry.split_once('=') {
            Some((key, value)) => learned.env.push((key.to_owned(), value.to_owned())),
            None => learned.unset_env.push(entry),
        }
    }
}

/// A hostname that is made of the id, or that comes with a namespace, is not the container's own:
/// engines refuse one next to a namespace that has one.
fn drop_generated_hostname(learned: &Blueprint, config: &mut Map<String, Value>, short: &str) {
    let shares_network = learned.network.as_deref().is_some_and(|m| m.starts_with("container:"));
    let shares_names = learned.host_config.get("UTSMode").and_then(Value::as_str) == Some("host");
    let generated = config.get("Hostname").and_then(Value::as_str) == Some(short);
    if generated || shares_network || shares_names {
        config.remove("Hostname");
    }
    if shares_network || shares_names {
        config.remove("Domainname");
    }
}

/// Whether this is how an engine writes that there is nothing to say.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
