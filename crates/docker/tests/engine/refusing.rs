//! What cannot be made again, what that leaves behind, and which image is used.

use std::collections::BTreeMap;
use std::net::TcpListener;

use serde_json::json;
use sweepd_docker::{Blueprint, Error, Lacking, Mount, Retry, RunState, labels};

use crate::alike::described;
use crate::losing::{create, directory, lose_and_rebuild, network, port, volume};
use crate::rig::Rig;

const FOREVER: &str = "exec sleep 1000";

/// A blueprint of our image that runs for long, and goes with the rig.
fn declared(rig: &Rig) -> Blueprint {
    let (label, value) =
        rig.label().split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let mut declared = Blueprint::of_image(rig.image());
    declared.command = Some(["sh", "-c", FOREVER].map(str::to_owned).to_vec());
    declared.labels.insert(label, value);
    declared.network = Some("none".to_owned());
    declared
}

/// Tries to make it, and gives the error; no container of the name may be left.
async fn refused(rig: &Rig, blueprint: &Blueprint) -> Error {
    let name = rig.name();
    let error = rig.client.rebuild(&name, blueprint, &BTreeMap::new()).await.unwrap_err();
    let left = rig.client.inspect(&name).await;
    assert!(matches!(left, Err(Error::Gone { .. })), "{left:?}");
    error
}

#[tokio::test]
async fn a_missing_source_is_named_and_nothing_is_created() {
    let Some(rig) = Rig::new().await else { return };
    let (name, source) = (rig.name(), directory(&rig, "source"));
    let image = rig.image();
    let bind = format!("{source}:/source");
    let id = create(&rig, &name, &["--network=none", "-v", &bind], &[&image, "sh", "-c", FOREVER]);
    let learned = rig.client.learn(&id).await.unwrap();
    rig.docker(&["rm", "-f", &id]);
    std::fs::remove_dir(&source).unwrap();
    let error = refused(&rig, &learned).await;
    assert_eq!(error.lacking(), Some(Lacking::Source(source.clone())), "{error}");
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    assert_eq!(error.retry(), Retry::Never);
    assert!(!std::path::Path::new(&source).exists());
}

#[tokio::test]
async fn a_missing_image_is_named_by_name_and_id() {
    let Some(rig) = Rig::new().await else { return };
    let (image, id) = ("sweepd-test-no-such-image:1", format!("sha256:{}", "0".repeat(64)));
    let mut blueprint = declared(&rig);
    blueprint.image = image.to_owned();
    let error = refused(&rig, &blueprint).await;
    assert_eq!(error.lacking(), Some(Lacking::Image { image: image.to_owned(), id: None }));
    blueprint.image_id = Some(id.clone());
    let error = refused(&rig, &blueprint).await;
    assert!(error.to_string().contains(image) && error.to_string().contains(&id), "{error}");
    assert_eq!(error.lacking(), Some(Lacking::Image { image: image.to_owned(), id: Some(id) }));
    assert_eq!(error.retry(), Retry::Never);
}

#[tokio::test]
async fn a_taken_port_is_told_and_leaves_no_container_and_no_nameless_volume() {
    let Some(rig) = Rig::new().await else { return };
    let (name, image, port, kept) = (rig.name(), rig.image(), port(), volume(&rig));
    let (publish, mount) = (format!("127.0.0.1:{port}:80"), format!("{kept}:/kept"));
    let options = ["-p", &publish, "-v", &mount, "-v", "/nameless"];
    let id = create(&rig, &name, &options, &[&image, "sh", "-c", FOREVER]);
    let mut learned = rig.client.learn(&id).await.unwrap();
    let learned_volumes: Vec<_> = learned.volumes().map(str::to_owned).collect();
    assert_eq!(learned_volumes.len(), 2);
    // A new nameless one, which can be told from others.
    let (label, value) = (format!("sweepd.test.{name}"), "1");
    let mut new: Mount = "new:/new".parse().unwrap();
    new.source.clear();
    let labels = json!({"Labels": {&label: value}});
    new.options.insert("VolumeOptions".to_owned(), labels);
    learned.mounts.push(new);
    let all = |filter: &str| rig.docker(&["volume", "ls", "-q", "--filter", filter]);
    let new = || all(&format!("label={label}={value}"));

    rig.docker(&["rm", "-f", &id]);
    let taken = TcpListener::bind(("127.0.0.1", port.parse().unwrap())).unwrap();
    let error = refused(&rig, &learned).await;
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains("already"), "{error}");
    assert_eq!(error.lacking(), None);
    assert_eq!(new(), "");
    for volume in learned_volumes {
        assert!(all(&format!("name={volume}")).contains(&volume), "{volume} is gone");
    }

    // With the port free again, it is made, and so is that volume.
    drop(taken);
    rig.client.rebuild(&name, &learned, &BTreeMap::new()).await.unwrap();
    // Podman does not take labels of a volume with the container that it is new for.
    assert_eq!(new().is_empty(), rig.engine().is_podman());
}

#[tokio::test]
async fn a_network_that_is_gone_is_told_and_leaves_no_container() {
    let Some(rig) = Rig::new().await else { return };
    let (name, image) = (rig.name(), rig.image());
    let ((one, _), (two, _)) = (network(&rig), network(&rig));
    let id = create(&rig, &name, &["--network", &one], &[&image, "sh", "-c", FOREVER]);
    rig.docker(&["network", "connect", &two, &id]);
    let learned = rig.client.learn(&id).await.unwrap();
    rig.docker(&["rm", "-f", &id]);
    rig.docker(&["network", "rm", &two]);
    let error = refused(&rig, &learned).await;
    assert!(matches!(error, Error::Refused { status: 404, .. }), "{error:?}");
    assert!(error.to_string().contains(&two), "{error}");
    // Of several, any may be the one that is told.
    rig.docker(&["network", "rm", &one]);
    let error = refused(&rig, &learned).await.to_string();
    assert!(error.contains(&one) || error.contains(&two), "{error}");
}

#[tokio::test]
async fn a_taken_name_comes_with_its_holder_and_the_holder_stays() {
    let Some(rig) = Rig::new().await else { return };
    let (name, image) = (rig.name(), rig.image());
    let id = create(&rig, &name, &["--network=none"], &[&image, "sh", "-c", FOREVER]);
    rig.docker(&["start", &id]);
    let before = described(&rig, &id);
    let learned = rig.client.learn(&id).await.unwrap();
    let error = rig.client.rebuild(&name, &learned, &BTreeMap::new()).await.unwrap_err();
    let Error::Conflict { holder, .. } = error else { panic!("{error:?}") };
    assert_eq!((&holder.id, &holder.state), (&id, &RunState::Running));
    assert_eq!(described(&rig, &id), before);
}

#[tokio::test]
async fn a_name_that_means_another_image_by_now_is_not_followed() {
    let Some(rig) = Rig::new().await else { return };
    let (name, image) = (rig.name(), format!("{}-moving", rig.image()));
    let old = rig.import_as(&image, &["LABEL version=1"]);
    rig.at_end(&["rmi", "-f", &old]);
    let id = create(&rig, &name, &["--network=none"], &[&image, "sh", "-c", FOREVER]);
    rig.docker(&["start", &id]);
    let new = rig.import_as(&image, &["LABEL version=2"]);
    let (learned, rebuilt) = lose_and_rebuild(&rig, &name, &id).await;
    let seen = rig.client.inspect(&rebuilt.id).await.unwrap();
    assert_eq!((&seen.image_id, seen.labels["version"].as_str()), (&old, "1"));
    let image = rig.shown(&image);
    assert_eq!(rebuilt.notes, [format!("{image} is another image by now; it is made from {old}")]);
    // The name it was asked for by is not lost.
    assert_eq!(seen.labels[labels::IMAGE], image);
    let again = rig.client.learn(&rebuilt.id).await.unwrap();
    assert_eq!(again, learned);

    // The image it had is gone, and the name is there.
    rig.docker(&["rm", "-f", &rebuilt.id]);
    rig.docker(&["rmi", "-f", &old]);
    let rebuilt = rig.client.rebuild(&name, &learned, &BTreeMap::new()).await.unwrap();
    let seen = rig.client.inspect(&rebuilt.id).await.unwrap();
    assert_eq!((&seen.image_id, &seen.image), (&new, &image));
    assert_eq!(seen.labels["version"], "2");
    let note = format!("the image {old} is gone; it is made from what {image} is now, {new}");
    assert_eq!(rebuilt.notes, [note]);
}

#[tokio::test]
async fn a_volume_that_is_gone_is_made_and_told() {
    let Some(rig) = Rig::new().await else { return };
    let (name, image) = (rig.name(), rig.image());
    let id =
        create(&rig, &name, &["--network=none", "-v", "/nameless"], &[&image, "sh", "-c", FOREVER]);
    let learned = rig.client.learn(&id).await.unwrap();
    let volume = learned.volumes().next().unwrap().to_owned();
    rig.docker(&["rm", "-fv", &id]);
    let rebuilt = rig.client.rebuild(&name, &learned, &BTreeMap::new()).await.unwrap();
    assert_eq!(rebuilt.notes, [format!("the volume {volume} was not there: it is a new one")]);
    assert_eq!(rebuilt.mounts_differ, [""; 0]);
}

#[tokio::test]
async fn a_new_volume_of_the_image_is_told() {
    let Some(rig) = Rig::new().await else { return };
    let image = format!("{}-volume", rig.image());
    rig.import_as(&image, &["VOLUME /from-image"]);
    let mut blueprint = declared(&rig);
    blueprint.image = image;
    let rebuilt = rig.client.rebuild(&rig.name(), &blueprint, &BTreeMap::new()).await.unwrap();
    let [told] = rebuilt.mounts_differ.as_slice() else { panic!("{rebuilt:?}") };
    assert!(told.starts_with("/from-image: volume ") && told.ends_with(" besides"), "{told}");
}

#[tokio::test]
async fn what_has_stopped_starts_again_and_what_runs_runs_on() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.start("exec sleep 1000").await;
    let before = rig.client.inspect(&id).await.unwrap();
    rig.client.start_again(&id).await.unwrap();
    assert_eq!(rig.client.inspect(&id).await.unwrap(), before);
    rig.docker(&["kill", &id]);
    rig.until_seen(&id, |seen| seen.state == RunState::Exited).await;
    rig.client.start_again(&id).await.unwrap();
    let after = rig.client.inspect(&id).await.unwrap();
    assert_eq!(after.state, RunState::Running);
    assert!(after.started_at > before.started_at);
    let gone = rig.client.start_again(&"0".repeat(64)).await;
    assert!(matches!(gone, Err(Error::Gone { .. })), "{gone:?}");
}
