//! Whether two containers are described alike, in everything that does not have to differ.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::rig::Rig;

/// All that the engine says of a container.
pub(crate) fn described(rig: &Rig, id: &str) -> Value {
    let told = rig.docker(&["inspect", "--type", "container", id]);
    serde_json::from_str::<Vec<Value>>(&told).unwrap().remove(0)
}

/// Compares two descriptions leaf by leaf, after what has to differ was made equal.
pub(crate) fn assert_alike(before: &Value, after: &Value) {
    assert_asked_for_alike(before, after);
    let (before, after) = (leaves(&normal(before)), leaves(&normal(after)));
    let mut differ = Vec::new();
    for path in before.keys().chain(after.keys()) {
        let (old, new) = (before.get(path), after.get(path));
        let line = format!("{path}: {old:?} became {new:?}");
        if old != new && !differ.contains(&line) {
            differ.push(line);
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// Every mount that was asked for in the terms of the Mounts API is asked for again, with all its
/// options. Others are there too by now, and a nameless volume has its name.
fn assert_asked_for_alike(before: &Value, after: &Value) {
    let asked = |container: &Value| container["HostConfig"]["Mounts"].clone();
    let (before, after) = (asked(before), asked(after));
    let again: BTreeMap<_, _> = after
        .as_array()
        .into_iter()
        .flatten()
        .map(|mount| (mount["Target"].to_string(), leaves(mount)))
        .collect();
    for mount in before.as_array().into_iter().flatten() {
        let again = &again[&mount["Target"].to_string()];
        for (option, value) in leaves(mount) {
            assert_eq!(again.get(&option), Some(&value), "{option} of {mount}");
        }
    }
}

/// The description without what has to differ, each with its reason.
fn normal(container: &Value) -> Value {
    let mut normal = container.clone();
    let id = container["Id"].as_str().unwrap();
    let short = &id[..12];
    for path in [
        // Another container, made at another time.
        "/Id",
        "/Created",
        // Another process.
        "/State/Pid",
        "/State/StartedAt",
        // Directories with the id, or with a generated name, in them.
        "/ResolvConfPath",
        "/HostnamePath",
        "/HostsPath",
        "/LogPath",
        "/GraphDriver/Data",
        // Handed out by the network driver at the start. Those of each network are below.
        "/NetworkSettings/SandboxID",
        "/NetworkSettings/SandboxKey",
        "/NetworkSettings/EndpointID",
        "/NetworkSettings/IPAddress",
        "/NetworkSettings/MacAddress",
        // Binds go through the Mounts API: what was asked for is compared as seen, in `/Mounts`.
        "/HostConfig/Binds",
        "/HostConfig/Mounts",
        // Likewise: what other containers have mounted is mounted by its own name.
        "/HostConfig/VolumesFrom",
    ] {
        if let Some(value) = normal.pointer_mut(path) {
            *value = Value::Null;
        }
    }
    // The instant of a health check.
    if let Some(health) = normal.pointer_mut("/State/Health") {
        *health = Value::Null;
    }
    // Made of the id, where none was given.
    for path in ["/Config/Hostname", "/Config/Domainname"] {
        if let Some(name) = normal.pointer_mut(path).filter(|name| name.as_str() == Some(short)) {
            *name = json!("made of the id");
        }
    }
    // Podman writes the hostname, which may be generated, here too.
    if let Some(env) = normal["Config"]["Env"].as_array_mut() {
        env.retain(|entry| !entry.as_str().unwrap().starts_with("HOSTNAME="));
    }
    // The order in which variables are given is not kept with those that are taken out.
    sort(&mut normal["Config"]["Env"]);
    for (_, endpoint) in normal["NetworkSettings"]["Networks"].as_object_mut().unwrap() {
        endpoint["EndpointID"] = Value::Null;
        endpoint["MacAddress"] = Value::Null;
        // A fixed one is in `IPAMConfig`, and compared there and here.
        let fixed = endpoint["IPAMConfig"]["IPv4Address"].is_string();
        if !fixed {
            endpoint["IPAddress"] = Value::Null;
        }
        // No settings are no settings.
        if endpoint["IPAMConfig"] == json!({}) {
            endpoint["IPAMConfig"] = Value::Null;
        }
        if let Some(aliases) = endpoint["Aliases"].as_array_mut() {
            aliases.retain(|alias| alias != short);
        }
        if endpoint["Aliases"] == json!([]) {
            endpoint["Aliases"] = Value::Null;
        }
    }
    random_ports(&mut normal);
    if let Some(mounts) = normal["Mounts"].as_array_mut() {
        for mount in mounts.iter_mut() {
            // The options of a bind as they were typed: none in the Mounts API. What they come to
            // is in `RW` and `Propagation`.
            mount["Mode"] = Value::Null;
        }
        // In no order.
        mounts.sort_by_key(|mount| mount["Destination"].to_string());
    }
    normal
}

/// A port that was asked for as "any" is another one each time.
fn random_ports(container: &mut Value) {
    let asked = container["HostConfig"]["PortBindings"].clone();
    let all = container["HostConfig"]["PublishAllPorts"] == json!(true);
    let Some(ports) = container["NetworkSettings"]["Ports"].as_object_mut() else { return };
    for (port, bindings) in ports {
        let fixed = asked[port][0]["HostPort"].as_str().is_some_and(|port| !port.is_empty());
        for binding in bindings.as_array_mut().into_iter().flatten() {
            if !fixed || (all && asked[port].is_null()) {
                assert!(binding["HostPort"].as_str().unwrap().parse::<u16>().unwrap() > 0);
                binding["HostPort"] = json!("random");
            }
        }
    }
}

fn sort(list: &mut Value) {
    if let Some(list) = list.as_array_mut() {
        list.sort_by_key(Value::to_string);
    }
}

/// Every value by its path. `null`, `[]` and `{}` are all engines' ways to say nothing.
fn leaves(value: &Value) -> BTreeMap<String, String> {
    fn walk(path: &str, value: &Value, into: &mut BTreeMap<String, String>) {
        match value {
            Value::Object(map) => {
                map.iter().for_each(|(key, value)| walk(&format!("{path}/{key}"), value, into));
            }
            Value::Array(list) => {
                let numbered = list.iter().enumerate();
                numbered.for_each(|(n, value)| walk(&format!("{path}/{n}"), value, into));
            }
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                into.insert(path.to_owned(), value.to_string());
            }
        }
    }
    let mut leaves = BTreeMap::new();
    walk("", value, &mut leaves);
    leaves
}
