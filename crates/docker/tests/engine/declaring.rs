//! What is declared, alone and on top of what was learned.

use std::collections::BTreeMap;

use sweepd_docker::{Blueprint, MountKind, RunState};

use crate::alike::described;
use crate::losing::{FOREVER, create, directory, network, volume};
use crate::rig::Rig;

#[tokio::test]
async fn a_declared_blueprint_is_all_it_takes() {
    let Some(rig) = Rig::new().await else { return };
    let (net, _) = network(&rig);
    let (data, path) = (rig.name(), directory(&rig, "declared"));
    rig.at_end(&["volume", "rm", "-f", &data]);
    let (label, value) =
        rig.label().split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let mut declared = Blueprint::of_image(rig.image());
    declared.command = Some(["sh", "-c", FOREVER].map(str::to_owned).to_vec());
    declared.env.push(("KEY".to_owned(), "value".to_owned()));
    declared.labels.insert("app".to_owned(), "declared".to_owned());
    declared.restart = "unless-stopped".parse().unwrap();
    declared.network = Some(net.clone());
    declared.mounts.push(format!("{data}:/data").parse().unwrap());
    declared.mounts.push(format!("{path}:/host:ro").parse().unwrap());
    declared.user = Some("0:5".to_owned());
    declared.working_dir = Some("/data".to_owned());

    let name = rig.name();
    let labels = BTreeMap::from([(label, value), ("app".to_owned(), "given".to_owned())]);
    let rebuilt = rig.client.rebuild(&name, &declared, &labels).await.unwrap();
    assert_eq!(rebuilt.mounts_differ, [""; 0]);
    assert_eq!(rebuilt.notes, [format!("the volume {data} was not there: it is a new one")]);
    let seen = rig.client.inspect(&name).await.unwrap();
    assert_eq!((&seen.id, &seen.state), (&rebuilt.id, &RunState::Running));
    assert_eq!(seen.restart_policy.as_deref(), Some("unless-stopped"));
    assert_eq!(seen.labels["app"], "given");
    let volume = seen.mounts.iter().find(|mount| mount.kind == MountKind::Volume).unwrap();
    assert_eq!((volume.name.as_deref(), volume.writable), (Some(data.as_str()), true));
    let told = described(&rig, &name);
    assert!(told["NetworkSettings"]["Networks"].get(&net).is_some(), "{told}");
    // Podman adds some of its own, in any order.
    assert!(told["Config"]["Env"].as_array().unwrap().contains(&"KEY=value".into()), "{told}");
    assert_eq!(
        (&told["Config"]["User"], &told["Config"]["WorkingDir"]),
        (&"0:5".into(), &"/data".into())
    );
}

/// Learned from a container with much of its own, of an image with defaults: its image, and it.
async fn learned(rig: &Rig, net: &str) -> (String, Blueprint) {
    let image = format!("{}-learned", rig.image());
    let defaults = ["ENV WHO=first", "LABEL who=first", "VOLUME /from-image", "EXPOSE 7000"];
    rig.import_as(&image, &defaults);
    let (data, path) = (volume(rig), directory(rig, "learned"));
    let (data, path) = (format!("{data}:/data"), format!("{path}:/path"));
    let options = ["--network", net, "--network-alias=web", "-e", "OWN=1", "-l", "own=1"];
    let mounts = ["-v", &data, "-v", &path, "-v", "/nameless", "--tmpfs=/run", "--memory=64m"];
    let id = create(
        rig,
        &rig.name(),
        &[&options[..], &mounts[..]].concat(),
        &[&image, "sh", "-c", FOREVER],
    );
    let learned = rig.client.learn(&id).await.unwrap();
    rig.docker(&["rm", "-f", &id]);
    (image, learned)
}

#[tokio::test]
async fn another_image_brings_its_defaults_and_the_rest_stays_its_own() {
    let Some(rig) = Rig::new().await else { return };
    let (net, _) = network(&rig);
    let (image, mut learned) = learned(&rig, &net).await;
    let other = format!("{}-other", rig.image());
    let id = rig.import_as(&other, &["ENV WHO=second", "LABEL who=second", "WORKDIR /second"]);
    assert!(learned.image_id.is_some());
    learned.replace_image(&image);
    assert!(learned.image_id.is_some());
    learned.replace_image(&other);
    let rebuilt = rig.client.rebuild(&rig.name(), &learned, &BTreeMap::new()).await.unwrap();
    assert_eq!((&rebuilt.notes[..], &rebuilt.mounts_differ[..]), (&[][..], &[][..]));
    let told = described(&rig, &rebuilt.id);
    assert_eq!(
        (told["Image"].as_str(), told["Config"]["Image"].as_str()),
        (Some(&*id), Some(&*rig.shown(&other)))
    );
    assert_eq!(own_env(&told), ["OWN=1", "WHO=second"]);
    assert_eq!(told["Config"]["Labels"]["who"], "second");
    assert_eq!(told["Config"]["Labels"]["own"], "1");
    assert_eq!(told["Config"]["WorkingDir"], "/second");
    assert!(told["Config"]["ExposedPorts"].is_null(), "{told}");
    assert_eq!(told["HostConfig"]["Memory"], 64 << 20);
}

/// The environment in order, without what Podman adds to every one.
fn own_env(told: &serde_json::Value) -> Vec<&str> {
    let all = told["Config"]["Env"].as_array().unwrap().iter().map(|entry| entry.as_str().unwrap());
    let added = ["container=", "HOSTNAME=", "PATH=", "TERM=", "HOME="];
    let mut own: Vec<_> =
        all.filter(|entry| !added.iter().any(|key| entry.starts_with(key))).collect();
    own.sort_unstable();
    own
}

#[tokio::test]
async fn another_network_volumes_and_environment_replace_the_learned_ones() {
    let Some(rig) = Rig::new().await else { return };
    let ((net, _), (other, _)) = (network(&rig), network(&rig));
    let (_, mut learned) = learned(&rig, &net).await;
    let nameless: Vec<_> = learned
        .mounts
        .iter()
        .filter(|mount| ["/nameless", "/from-image"].contains(&mount.target.as_str()))
        .cloned()
        .collect();
    let (data, path) = (volume(&rig), directory(&rig, "declared"));
    let declared = [format!("{data}:/data:ro"), format!("{path}:/run")];
    learned.replace_volumes(declared.iter().map(|text| text.parse().unwrap()).collect());
    learned.replace_env(vec![("NEW".to_owned(), "1".to_owned())]);
    learned.move_to_network(&other);
    let rebuilt = rig.client.rebuild(&rig.name(), &learned, &BTreeMap::new()).await.unwrap();
    assert_eq!((&rebuilt.notes[..], &rebuilt.mounts_differ[..]), (&[][..], &[][..]));

    let told = described(&rig, &rebuilt.id);
    let networks = told["NetworkSettings"]["Networks"].as_object().unwrap();
    assert_eq!(networks.keys().collect::<Vec<_>>(), [&other]);
    assert!(!networks[&other]["Aliases"].to_string().contains("web"), "{told}");
    assert_eq!(own_env(&told), ["NEW=1", "WHO=first"]);
    let seen = rig.client.inspect(&rebuilt.id).await.unwrap();
    let mut places: Vec<_> = seen
        .mounts
        .iter()
        .map(|mount| (mount.destination.as_str(), mount.name.as_deref().unwrap_or(&mount.source)))
        .collect();
    let mut expected = vec![("/data", data.as_str()), ("/run", &path)];
    expected.extend(nameless.iter().map(|mount| (mount.target.as_str(), mount.source.as_str())));
    places.sort_unstable();
    expected.sort_unstable();
    assert_eq!(places, expected);
}

#[tokio::test]
async fn modes_that_share_a_network_are_moved_to_without_a_refusal() {
    let Some(rig) = Rig::new().await else { return };
    let (net, _) = network(&rig);
    let image = rig.image();
    let command = [image.as_str(), "sh", "-c", FOREVER];
    let options = [
        "--hostname=box --domainname=example.test --expose=91",
        "-p 127.0.0.1::90 --dns=10.0.0.53 --dns-search=example.test --dns-option=ndots:2",
        "--add-host=db:10.0.0.7 --sysctl=net.ipv4.ip_forward=1 --network-alias=web",
    ]
    .join(" ");
    let options: Vec<_> = options.split(' ').chain(["--network", &net]).collect();
    let id = create(&rig, &rig.name(), &options, &command);
    let learned = rig.client.learn(&id).await.unwrap();
    let main = rig.name();
    let main_id = create(&rig, &main, &["--network=none"], &command);
    rig.docker(&["start", &main_id]);
    for mode in ["none", "host", "bridge", &format!("container:{main}")] {
        let mut moved = learned.clone();
        moved.move_to_network(mode);
        let rebuilt = rig.client.rebuild(&rig.name(), &moved, &BTreeMap::new()).await.unwrap();
        let seen = rig.client.inspect(&rebuilt.id).await.unwrap();
        assert_eq!(seen.state, RunState::Running, "{mode}");
    }
}
