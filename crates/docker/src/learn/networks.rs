//! What a container has on its networks that it was given, and not what it got there.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::Blueprint;

/// Learns from the endpoints of a container, if the engine tells them. `short` is the beginning of
/// its id that engines give it for an alias.
pub(super) fn learn(
    learned: &mut Blueprint,
    networks: Option<BTreeMap<String, Map<String, Value>>>,
    short: &str,
) {
    let mode = learned.network.clone().unwrap_or_default();
    let Some(networks) = networks.filter(|_| has_networks(&mode)) else { return };
    if networks.is_empty() {
        learned.notes.push(format!("it was on no network any more, not even {mode}"));
        learned.network = Some("none".to_owned());
        return;
    }
    // The network it was created on may go by its id, or may have been left since.
    let by_id = |endpoint: &Map<String, Value>| {
        let id = endpoint.get("NetworkID").and_then(Value::as_str).unwrap_or_default();
        mode.len() >= super::SHORT_ID && id.starts_with(&mode)
    };
    let first = learned.first_network();
    if !networks.contains_key(first) {
        let same = networks.iter().find(|(_, endpoint)| by_id(endpoint));
        let first = same.or_else(|| networks.iter().next()).map(|(name, _)| name.clone());
        learned.network = first;
    }
    let given = |(name, endpoint)| (name, given(endpoint, short));
    learned.endpoints = networks.into_iter().map(given).collect();
}

/// Whether a container of this mode is on networks, and not on its own or in somebody else's place.
/// Most of the words are Podman's.
fn has_networks(mode: &str) -> bool {
    let kind = mode.split(':').next().unwrap_or_default();
    !["none", "host", "container", "ns", "private", "slirp4netns", "pasta"].contains(&kind)
}

/// Of an endpoint: what was asked for.
fn given(mut endpoint: Map<String, Value>, short: &str) -> Map<String, Value> {
    endpoint.retain(|key, _| GIVEN.contains(&key.as_str()));
    if let Some(Value::Array(aliases)) = endpoint.get_mut("Aliases") {
        aliases.retain(|alias| alias.as_str() != Some(short));
    }
    endpoint
        .retain(|_, value| !(value.is_null() || [json!([]), json!({}), json!(0)].contains(value)));
    endpoint
}

/// Fixed addresses, legacy links, names, options for the driver, which network is the way out.
const GIVEN: [&str; 5] = ["IPAMConfig", "Links", "Aliases", "DriverOpts", "GwPriority"];
