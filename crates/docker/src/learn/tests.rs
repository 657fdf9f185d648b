//! Blueprints out of the documents of several engines.

use serde_json::json;

use super::*;

const ID: &str = "4f66ad9b3e0c4f66ad9b3e0c4f66ad9b3e0c4f66ad9b3e0c4f66ad9b3e0c4f66";
const SHORT: &str = "4f66ad9b3e0c";

fn map(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

/// Of a container with this configuration, grants and networks, whose image says `image`.
fn learn(config: &Value, host: &Value, networks: &Value, image: Option<Value>) -> Blueprint {
    let document = json!({"Id": ID, "Image": "sha256:ab", "Config": config, "HostConfig": host,
        "Mounts": null, "NetworkSettings": {"Networks": networks}});
    serde_json::from_value::<Row>(document).unwrap().blueprint(image.map(map))
}

#[test]
fn what_equals_the_image_is_left_to_it() {
    let image = json!({
        "Env": ["PATH=/bin", "MODE=image"], "Cmd": ["serve"], "Entrypoint": ["/init"], "User": "7",
        "WorkingDir": "/app", "Labels": {"from": "image", "level": "1"}, "StopSignal": "SIGINT",
        "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/data": {}}, "Healthcheck": {"Test": ["NONE"]},
    });
    let same = learn(
        &json!({"Image": "agent:1", "Hostname": SHORT, "Env": ["PATH=/bin", "MODE=image"],
            "Cmd": ["serve"], "Entrypoint": ["/init"], "User": "7", "WorkingDir": "/app",
            "Labels": {"from": "image", "level": "1"}, "StopSignal": "SIGINT",
            "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/data": {}}, "Domainname": "",
            "Healthcheck": {"Test": ["NONE"]}, "OnBuild": null, "MacAddress": ""}),
        &json!({}),
        &json!({"bridge": {}}),
        Some(image.clone()),
    );
    let nothing = Blueprint {
        image: "agent:1".to_owned(),
        image_id: Some("sha256:ab".to_owned()),
        endpoints: BTreeMap::from([("bridge".to_owned(), Map::new())]),
        ..Blueprint::default()
    };
    assert_eq!(same, nothing);

    let own = learn(
        &json!({"Image": "agent:1", "Hostname": "box", "Env": ["MODE=own", "PATH", "MORE=a=b"],
            "Cmd": ["other"], "Entrypoint": ["/init"], "User": "8", "WorkingDir": "/work",
            "Labels": {"from": "image", "level": "2"}, "StopSignal": "SIGTERM",
            "ExposedPorts": {"80/tcp": {}, "81/tcp": {}}, "Tty": true}),
        &json!({}),
        &json!({"bridge": {}}),
        Some(image),
    );
    let text = str::to_owned;
    let expected = Blueprint {
        command: Some(vec![text("other")]),
        env: vec![(text("MODE"), text("own")), (text("MORE"), text("a=b"))],
        unset_env: vec![text("PATH")],
        user: Some(text("8")),
        working_dir: Some(text("/work")),
        labels: BTreeMap::from([(text("level"), text("2"))]),
        config: map(json!({"Hostname": "box", "StopSignal": "SIGTERM", "Tty": true,
            "ExposedPorts": {"81/tcp": {}}})),
        ..nothing
    };
    assert_eq!(own, expected);
}

#[test]
fn without_its_image_all_of_it_is_its_own_and_a_note_says_so() {
    let config = json!({"Image": "agent:1", "Env": ["PATH=/bin"], "Cmd": ["serve"]});
    let learned = learn(&config, &json!({}), &json!({"bridge": {}}), None);
    assert_eq!(learned.env.len(), 1);
    assert_eq!(learned.command, Some(vec!["serve".to_owned()]));
    assert_eq!(learned.notes, ["its image is gone: what the image said is part of it"]);
}

#[test]
fn the_name_an_image_was_asked_for_by_comes_back_from_the_label() {
    let config = json!({"Image": "sha256:ab", "Labels": {"sweepd.image": "agent:1", "a": "b"}});
    let learned = learn(&config, &json!({}), &json!({"bridge": {}}), Some(json!({})));
    assert_eq!((learned.image.as_str(), learned.labels.len()), ("agent:1", 1));
}

#[test]
fn of_a_network_only_what_was_given_is_learned() {
    let endpoint = json!({"IPAMConfig": {"IPv4Address": "10.0.0.5"}, "Links": null,
        "Aliases": ["web", SHORT], "NetworkID": "77aa", "EndpointID": "88bb", "Gateway": "10.0.0.1",
        "IPAddress": "10.0.0.5", "IPPrefixLen": 24, "MacAddress": "02:42:0a:00:00:05",
        "DNSNames": ["x", SHORT], "DriverOpts": null, "GwPriority": 0});
    let plain = json!({"IPAMConfig": {}, "Aliases": [SHORT], "GwPriority": 3});
    let networks = json!({"front": endpoint, "back": plain});
    let learned = learn(&json!({}), &json!({"NetworkMode": "front"}), &networks, Some(json!({})));
    assert_eq!(learned.first_network(), "front");
    let given = json!({"IPAMConfig": {"IPv4Address": "10.0.0.5"}, "Aliases": ["web"]});
    assert_eq!(learned.endpoints["front"], map(given));
    assert_eq!(learned.endpoints["back"], map(json!({"GwPriority": 3})));
    let others: Vec<_> = learned.other_networks().map(|(name, _)| name).collect();
    assert_eq!(others, ["back"]);
}

#[test]
fn the_network_it_is_created_on_is_one_that_it_is_on() {
    let id = "0123456789abcdef".repeat(4);
    let networks = json!({"front": {"NetworkID": "ff"}, "main": {"NetworkID": id}});
    for (mode, first) in [
        // By its id, in full or not; left since; Podman's default, whose network has another name.
        (id.as_str(), "main"),
        (&id[..12], "main"),
        ("left", "front"),
        ("bridge", "front"),
        ("main", "main"),
    ] {
        let host = json!({"NetworkMode": mode});
        let learned = learn(&json!({}), &host, &networks, Some(json!({})));
        assert_eq!(learned.first_network(), first, "{mode}");
        assert_eq!(learned.other_networks().count(), 1, "{mode}");
    }
}

#[test]
fn off_all_networks_is_not_on_the_default_one() {
    for mode in ["default", "bridge", "front"] {
        let host = json!({"NetworkMode": mode});
        let learned = learn(&json!({}), &host, &json!({}), Some(json!({})));
        assert_eq!(learned.network.as_deref(), Some("none"));
        let note = format!("it was on no network any more, not even {mode}");
        assert_eq!(learned.notes, [note]);
        // An engine that does not tell is another thing.
        let learned = learn(&json!({}), &host, &json!(null), Some(json!({})));
        assert_eq!((learned.network.as_deref(), learned.notes.len()), (Some(mode), 0));
    }
    for mode in ["host", "none", "container:main", "slirp4netns:mtu=1400", "pasta", "ns:/run/n"] {
        let host = json!({"NetworkMode": mode});
        let networks = json!({mode: {"NetworkID": "ff"}});
        for networks in [json!({}), networks] {
            let learned = learn(&json!({}), &host, &networks, Some(json!({})));
            assert_eq!(learned.network.as_deref(), Some(mode));
            assert_eq!((learned.endpoints.len(), learned.notes.len()), (0, 0));
        }
    }
}

#[test]
fn a_generated_host_name_is_not_its_own() {
    let host = |mode: &str, uts: &str| json!({"NetworkMode": mode, "UTSMode": uts});
    for (host, hostname, kept) in [
        (host("none", ""), SHORT, false),
        (host("none", ""), "box", true),
        (host("container:main", ""), "main", false),
        (host("none", "host"), "machine", false),
    ] {
        let config = json!({"Hostname": hostname, "Env": [format!("HOSTNAME={SHORT}")]});
        let learned = learn(&config, &host, &json!({}), Some(json!({})));
        assert_eq!(learned.config.contains_key("Hostname"), kept, "{hostname}");
        assert_eq!(learned.env, []);
    }
}

#[test]
fn mounts_are_learned_in_one_language_however_they_were_asked_for() {
    let document = json!({"Id": ID, "Image": "sha256:ab", "Config": {}, "HostConfig": {
        "Binds": ["/srv/a:/a:ro,Z", "data:/data/:nocopy", "/nameless-by-bind"],
        "Mounts": [{"Type": "volume", "Target": "/anon"},
            {"Type": "bind", "Source": "/srv/b", "Target": "/b",
                "BindOptions": {"CreateMountpoint": true}}],
        "VolumesFrom": ["other:ro"]},
    "Mounts": [
        {"Type": "bind", "Source": "/srv/a", "Destination": "/a", "RW": false},
        {"Type": "volume", "Name": "data", "Destination": "/data", "Driver": "nfs", "RW": true},
        {"Type": "volume", "Name": "ff01", "Destination": "/anon", "Driver": "local", "RW": true},
        {"Type": "bind", "Source": "/srv/b", "Destination": "/b", "RW": true},
        {"Type": "volume", "Name": "ff02", "Destination": "/from-image", "RW": true},
        {"Type": "bind", "Source": "/lent", "Destination": "/lent", "RW": false,
            "Propagation": "rslave"},
        {"Type": "tmpfs", "Destination": "/memory", "RW": true},
    ]});
    let learned = serde_json::from_value::<Row>(document).unwrap().blueprint(Some(Map::new()));
    let expected = json!([
        {"Type": "bind", "Source": "/srv/a", "Target": "/a", "ReadOnly": true},
        {"Type": "volume", "Source": "data", "Target": "/data/", "ReadOnly": false,
            "VolumeOptions": {"NoCopy": true, "DriverConfig": {"Name": "nfs"}}},
        {"Type": "volume", "Source": "ff01", "Target": "/anon", "ReadOnly": false},
        {"Type": "bind", "Source": "/srv/b", "Target": "/b", "ReadOnly": false, "BindOptions": {}},
        {"Type": "volume", "Source": "ff02", "Target": "/from-image", "ReadOnly": false},
        {"Type": "bind", "Source": "/lent", "Target": "/lent", "ReadOnly": true,
            "BindOptions": {"Propagation": "rslave"}},
    ]);
    assert_eq!(json!(learned.mounts), expected);
    assert_eq!(
        learned.notes,
        [
            "the mount at /a goes without its option Z",
            "what it has mounted from other:ro is mounted as its own",
        ]
    );
}

#[test]
fn a_document_without_what_matters_makes_no_sense() {
    let whole =
        json!({"Id": ID, "Image": "sha256:ab", "Config": {}, "HostConfig": {}, "Mounts": []});
    assert!(serde_json::from_value::<Row>(whole.clone()).is_ok());
    for key in ["Id", "Image", "Config", "HostConfig", "Mounts"] {
        let mut part = map(whole.clone());
        part.remove(key);
        assert!(serde_json::from_value::<Row>(Value::Object(part)).is_err(), "{key}");
    }
}
