//! What the host grants a container: limits, ports, devices, namespaces. Kept as the engine says.

use serde_json::{Map, Value, json};

use super::{take_list, take_text};
use crate::Blueprint;

/// Takes what the blueprint has fields for out of `host`, and keeps the rest.
pub(super) fn learn(learned: &mut Blueprint, mut host: Map<String, Value>) {
    let restart = host.remove("RestartPolicy").and_then(|raw| serde_json::from_value(raw).ok());
    learned.restart = restart.unwrap_or_default();
    learned.network = take_text(&mut host, "NetworkMode");
    if host.remove("AutoRemove") == Some(json!(true)) {
        learned.notes.push("it was to remove itself at its end: it will stay".to_owned());
    }
    // Learned with the mounts.
    for key in ["Binds", "Mounts", "VolumesFrom"] {
        host.remove(key);
    }
    let links: Vec<_> = take_list(&mut host, "Links").iter().map(|link| valid_link(link)).collect();
    if !links.is_empty() {
        host.insert("Links".to_owned(), json!(links));
    }
    // An empty list stays: of masked paths it says that there are none.
    host.retain(|_, value| !value.is_null());
    learned.host_config = host;
}

/// `/other:/this/alias`, as engines write a link down, becomes `other:alias`, as they want it.
fn valid_link(link: &str) -> String {
    let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    match link.split_once(':') {
        Some((other, alias)) => format!("{}:{}", last(other), last(alias)),
        None => last(link),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_valid_again() {
        assert_eq!(valid_link("/db:/web/database"), "db:database");
        assert_eq!(valid_link("db:database"), "db:database");
        assert_eq!(valid_link("/db"), "db");
    }

    #[test]
    fn what_is_empty_is_kept_and_what_is_not_set_is_not() {
        let mut learned = Blueprint::default();
        let host = json!({
            "MaskedPaths": [], "OomKillDisable": null, "Binds": ["/a:/b"], "AutoRemove": true,
            "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
            "Links": ["/db:/web/database"], "NetworkMode": "default", "New": {"a": 1},
        });
        learn(&mut learned, serde_json::from_value(host).unwrap());
        let kept = json!({"MaskedPaths": [], "Links": ["db:database"], "New": {"a": 1}});
        assert_eq!(Value::Object(learned.host_config), kept);
        assert_eq!(learned.restart, "on-failure:3".parse().unwrap());
        assert_eq!(learned.network.as_deref(), Some("default"));
        assert_eq!(learned.notes, ["it was to remove itself at its end: it will stay"]);
    }
}
