//! What is handed to the engine, what is shown, and what is read back from an older version.

use super::*;

fn declared() -> Blueprint {
    let mut declared = Blueprint::of_image("agent:1");
    declared.env.push(("TOKEN".to_owned(), "PLANTED-password".to_owned()));
    declared.unset_env.push("TAKEN".to_owned());
    declared.labels.insert("app".to_owned(), "own".to_owned());
    declared.mounts.push("/srv/a:/a:ro".parse().unwrap());
    declared
}

#[test]
fn a_declared_one_says_nothing_that_is_left_to_the_image() {
    let given = BTreeMap::from([("app".to_owned(), "given".to_owned())]);
    assert_eq!(
        declared().document("sha256:ab", &given),
        json!({
            "Image": "sha256:ab",
            "Env": ["TOKEN=PLANTED-password", "TAKEN"],
            "Labels": {"app": "given"},
            "HostConfig": {
                "Mounts": [{"Type": "bind", "Source": "/srv/a", "Target": "/a", "ReadOnly": true}],
                "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
                "AutoRemove": false,
            },
        })
    );
}

#[test]
fn the_fields_go_before_the_rest_and_the_first_network_comes_with_its_endpoint() {
    let map = |value| serde_json::from_value::<Map<_, _>>(value).unwrap();
    let blueprint = Blueprint {
        command: Some(vec!["serve".to_owned()]),
        entrypoint: Some(vec![String::new()]),
        user: Some("7".to_owned()),
        working_dir: Some("/w".to_owned()),
        network: Some("front".to_owned()),
        restart: "on-failure:2".parse().unwrap(),
        endpoints: BTreeMap::from([
            ("front".to_owned(), map(json!({"Aliases": ["web"]}))),
            ("back".to_owned(), map(json!({"Aliases": ["api"]}))),
        ]),
        config: map(json!({"Tty": true, "Image": "not this"})),
        host_config: map(json!({"Memory": 7, "NetworkMode": "not this"})),
        ..Blueprint::of_image("agent:1")
    };
    assert_eq!(
        blueprint.document("agent:1", &BTreeMap::new()),
        json!({
            "Image": "agent:1", "Env": [], "Labels": {}, "Tty": true, "Cmd": ["serve"],
            "Entrypoint": [""], "User": "7", "WorkingDir": "/w",
            "HostConfig": {
                "Memory": 7, "NetworkMode": "front", "Mounts": [], "AutoRemove": false,
                "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2},
            },
            "NetworkingConfig": {"EndpointsConfig": {"front": {"Aliases": ["web"]}}},
        })
    );
    let others: Vec<_> = blueprint.other_networks().map(|(name, _)| name).collect();
    assert_eq!(others, ["back"]);
}

#[test]
fn no_value_of_the_environment_is_shown() {
    let blueprint = declared();
    for shown in [format!("{blueprint:?}"), blueprint.redacted().to_string()] {
        assert!(shown.contains("TOKEN") && !shown.contains("PLANTED-password"), "{shown}");
    }
}

#[test]
fn what_was_written_is_read_back_and_so_are_earlier_and_later_versions() {
    let written = serde_json::to_string(&declared()).unwrap();
    assert_eq!(serde_json::from_str::<Blueprint>(&written).unwrap(), declared());
    let other = r#"{"image": "agent:1", "restart": {"Name": "always", "New": 1}, "new": [2]}"#;
    let read: Blueprint = serde_json::from_str(other).unwrap();
    assert_eq!(read.restart_policy(), Some("always"));
    assert_eq!(Blueprint { restart: Restart::default(), ..read }, Blueprint::of_image("agent:1"));
}
