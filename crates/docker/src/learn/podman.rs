//! What Podman tells of a container in other words than it takes, or without having been asked for.

use serde_json::{Map, Value};

use super::Row;

/// Puts a container that Podman describes into the words that it can be made again from, and
/// leaves to its image what Podman has filled in where neither said anything. Gives notes of what
/// will not be quite as it was.
pub(super) fn put_right(row: &mut Row, image: Option<&Map<String, Value>>) -> Vec<String> {
    name_ulimits(&mut row.host_config);
    drop_mount_defaults(&mut row.host_config);
    drop_derived(&mut row.host_config);
    drop_added_env(&mut row.config);
    for (key, added) in [("WorkingDir", "/"), ("StopSignal", "15")] {
        let of_image = image.and_then(|image| image.get(key)?.as_str()).unwrap_or_default();
        let by_image = !matches!(of_image, "" | "SIGTERM" | "TERM");
        if !by_image && row.config.get(key).and_then(Value::as_str) == Some(added) {
            row.config.remove(key);
        }
    }
    allow_devices(&mut row.host_config)
}

/// What a container may do with a device is not told, and has to be said.
fn allow_devices(host: &mut Map<String, Value>) -> Vec<String> {
    let mut notes = Vec::new();
    for device in list(host, "Devices").filter_map(Value::as_object_mut) {
        let allowed = device.get("CgroupPermissions").and_then(Value::as_str).unwrap_or_default();
        if allowed.is_empty() {
            device.insert("CgroupPermissions".to_owned(), ALL.into());
            let path = device.get("PathInContainer").and_then(Value::as_str).unwrap_or_default();
            notes.push(format!("it may do anything with {path}: what it was allowed is not told"));
        }
    }
    notes
}

/// `RLIMIT_NOFILE` is told, and refused; `nofile` is taken.
fn name_ulimits(host: &mut Map<String, Value>) {
    for limit in list(host, "Ulimits") {
        let told = limit.get("Name").and_then(Value::as_str).unwrap_or_default();
        let Some(name) = told.strip_prefix("RLIMIT_") else { continue };
        let name = name.to_ascii_lowercase();
        if let Some(limit) = limit.as_object_mut() {
            limit.insert("Name".to_owned(), name.into());
        }
    }
}

/// What everything is mounted with. For most of it the Mounts API has no words, nor any need of
/// them; and whatever is said of a path's propagation costs it what is mounted below it.
fn drop_mount_defaults(host: &mut Map<String, Value>) {
    for bind in list(host, "Binds") {
        let text = bind.as_str().unwrap_or_default();
        let parts: Vec<_> = text.split(':').collect();
        let [source, target, options] = parts.as_slice() else { continue };
        let defaults: &[&str] = if source.starts_with('/') { &OF_PATHS } else { &OF_VOLUMES };
        let own = options.split(',').filter(|word| !defaults.contains(word));
        let own: Vec<_> = own.collect();
        *bind = format!("{source}:{target}:{}", own.join(",")).into();
    }
}

/// What comes of something else that is told too, and is refused next to it or hides the image's.
fn drop_derived(host: &mut Map<String, Value>) {
    // A quota that is made of a number of processors.
    if host.get("NanoCpus").and_then(Value::as_i64).is_some_and(|cpus| cpus > 0) {
        host.retain(|key, _| !matches!(key.as_str(), "CpuPeriod" | "CpuQuota"));
    }
    // A port that is only exposed.
    if let Some(Value::Object(ports)) = host.get_mut("PortBindings") {
        ports.retain(|_, bindings| !bindings.is_null());
    }
}

/// What Podman puts into every environment that has nothing else in its place would hide what
/// another image says. The rest it tells in another order each time.
fn drop_added_env(config: &mut Map<String, Value>) {
    let hostname = config.get("Hostname").and_then(Value::as_str).unwrap_or_default();
    let hostname = format!("HOSTNAME={hostname}");
    if let Some(Value::Array(env)) = config.get_mut("Env") {
        let added = |entry: &str| entry == hostname || ADDED.contains(&entry);
        env.retain(|entry| !entry.as_str().is_some_and(added));
        env.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
    }
}

fn list<'a>(from: &'a mut Map<String, Value>, key: &str) -> impl Iterator<Item = &'a mut Value> {
    from.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten()
}

/// To read, write and make it: what engines allow where nothing is said.
const ALL: &str = "rwm";

const OF_PATHS: [&str; 3] = ["rprivate", "rbind", "rw"];

const OF_VOLUMES: [&str; 6] = ["rprivate", "rbind", "rw", "nosuid", "nodev", "exec"];

const ADDED: [&str; 3] = [
    "container=podman",
    "TERM=xterm",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn put_right(config: &Value, host: &Value, image: &Value) -> (Value, Value, Vec<String>) {
        let document = json!({"Id": "ab", "Image": "cd", "Config": config, "HostConfig": host,
            "Mounts": []});
        let mut row: Row = serde_json::from_value(document).unwrap();
        let notes = super::put_right(&mut row, image.as_object());
        (row.config.into(), row.host_config.into(), notes)
    }

    #[test]
    fn what_the_host_grants_is_in_words_that_are_taken() {
        let host = json!({
            "Ulimits": [{"Name": "RLIMIT_NOFILE", "Soft": 1, "Hard": 2}, {"Name": "core"}],
            "NanoCpus": 500, "CpuPeriod": 1000, "CpuQuota": 500, "CpuShares": 7,
            "PortBindings": {"80/tcp": [{"HostPort": "80"}], "81/tcp": null},
            "Binds": ["/srv/a:/a:ro,rprivate,rbind", "data:/d:ro,rprivate,nosuid,nodev,rbind",
                "more:/m:nocopy,exec,z", "/odd"],
        });
        let right = json!({
            "Ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 2}, {"Name": "core"}],
            "NanoCpus": 500, "CpuShares": 7, "PortBindings": {"80/tcp": [{"HostPort": "80"}]},
            "Binds": ["/srv/a:/a:ro", "data:/d:ro", "more:/m:nocopy,z", "/odd"],
        });
        assert_eq!(put_right(&json!({}), &host, &json!({})).1, right);
    }

    #[test]
    fn a_device_may_be_used_and_a_note_says_so() {
        let device = |path: &str, allowed: &str| json!({"PathOnHost": "/dev/x", "PathInContainer": path, "CgroupPermissions": allowed});
        let host = json!({"Devices": [device("/dev/a", ""), device("/dev/b", "r")]});
        let (_, right, notes) = put_right(&json!({}), &host, &json!({}));
        assert_eq!(right, json!({"Devices": [device("/dev/a", "rwm"), device("/dev/b", "r")]}));
        assert_eq!(notes, ["it may do anything with /dev/a: what it was allowed is not told"]);
    }

    #[test]
    fn what_was_filled_in_is_left_to_the_image_and_what_was_asked_for_is_not() {
        let told = json!({"Env": ["container=podman", "TERM=xterm", "PATH=/bin", ADDED[2], "A=1",
            "HOSTNAME=box"], "Hostname": "box", "WorkingDir": "/", "StopSignal": "15"});
        let bare = put_right(&told, &json!({}), &json!({"WorkingDir": ""})).0;
        assert_eq!(bare, json!({"Env": ["A=1", "PATH=/bin"], "Hostname": "box"}));
        let image = json!({"WorkingDir": "/app", "StopSignal": "SIGINT"});
        let own = put_right(&told, &json!({}), &image).0;
        assert_eq!((&own["WorkingDir"], &own["StopSignal"]), (&json!("/"), &json!("15")));
    }
}
