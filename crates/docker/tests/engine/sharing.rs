//! That a container which shares with the host or with others shares again.

use std::collections::BTreeMap;

use sweepd_docker::Error;

use crate::alike::{assert_alike, described};
use crate::losing::{FOREVER, comes_back_alike, create, directory, lose_and_rebuild, volume};
use crate::rig::Rig;

#[tokio::test]
async fn namespaces_of_the_host_and_of_others_come_back() {
    let Some(rig) = Rig::new().await else { return };
    let image = rig.image();
    let command = [image.as_str(), "sh", "-c", FOREVER];
    let host = ["--network=host", "--pid=host", "--ipc=host", "--uts=host", "--userns=host"];
    comes_back_alike(&rig, &host, &command).await;
    comes_back_alike(&rig, &["-P", "--expose=90"], &command).await;
    comes_back_alike(&rig, &["--network=host", "--security-opt=systempaths=unconfined"], &command)
        .await;

    let main = rig.name();
    let main_id = create(&rig, &main, &["--ipc=shareable", "--hostname=main"], &command);
    rig.docker(&["start", &main_id]);
    let mode = format!("container:{main}");
    let joined = [format!("--network={mode}"), format!("--ipc={mode}"), format!("--pid={mode}")];
    let joined: Vec<_> = joined.iter().map(String::as_str).collect();
    let name = rig.name();
    let id = create(&rig, &name, &joined, &command);
    rig.docker(&["start", &id]);
    let (learned, _) = lose_and_rebuild(&rig, &name, &id).await;
    assert_eq!(learned.network.as_deref(), Some(mode.as_str()));
}

/// From its id alone nothing could be made: what was learned while its name was known is better.
#[tokio::test]
async fn while_one_whose_network_it_shares_is_gone_nothing_is_learned_of_it() {
    let Some(rig) = Rig::new().await else { return };
    let (main, image) = (rig.name(), rig.image());
    let command = [image.as_str(), "sh", "-c", FOREVER];
    let main_id = create(&rig, &main, &["--network=none"], &command);
    rig.docker(&["start", &main_id]);
    let mode = format!("--network=container:{main}");
    let id = create(&rig, &rig.name(), &[&mode], &command);
    rig.docker(&["start", &id]);
    rig.client.learn(&id).await.unwrap();
    // Podman does not remove one that others need.
    if rig.engine().is_podman() {
        return;
    }
    rig.docker(&["rm", "-f", &main_id]);
    let error = rig.client.learn(&id).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains(&main_id), "{error}");
}

#[tokio::test]
async fn a_device_of_the_host_comes_back() {
    let Some(rig) = Rig::new().await else { return };
    let (name, image) = (rig.name(), rig.image());
    let id = create(&rig, &name, &["--network=none"], &[&image, "sh", "-c", FOREVER]);
    let mut stored = serde_json::to_value(rig.client.learn(&id).await.unwrap()).unwrap();
    rig.docker(&["rm", "-f", &id]);
    // The `docker` program does not ask Podman for one.
    stored["host_config"]["Devices"] = serde_json::json!([{"PathOnHost": "/dev/null",
        "PathInContainer": "/dev/nothing", "CgroupPermissions": "rwm"}]);
    let given = serde_json::from_value(stored).unwrap();
    let id = rig.client.rebuild(&name, &given, &BTreeMap::new()).await.unwrap().id;
    let before = described(&rig, &id);
    assert_eq!(before["HostConfig"]["Devices"][0]["PathInContainer"], "/dev/nothing");
    let (_, rebuilt) = lose_and_rebuild(&rig, &name, &id).await;
    assert_alike(&before, &described(&rig, &rebuilt.id));
    // Podman does not tell what may be done with it.
    let noted = rebuilt.notes.iter().any(|note| note.contains("/dev/nothing"));
    assert_eq!(noted, rig.engine().is_podman(), "{rebuilt:?}");
}

#[tokio::test]
async fn legacy_links_and_borrowed_volumes_come_back() {
    let Some(rig) = Rig::new().await else { return };
    let image = rig.image();
    let command = [image.as_str(), "sh", "-c", FOREVER];
    let (db, data) = (rig.name(), volume(&rig));
    let lent = directory(&rig, "lent");
    let mounts = [format!("{data}:/data"), format!("{lent}:/lent")];
    let db_id =
        create(&rig, &db, &["-v", &mounts[0], "-v", &mounts[1], "-v", "/nameless"], &command);
    rig.docker(&["start", &db_id]);
    let name = rig.name();
    let (link, from) = (format!("--link={db}:database"), format!("--volumes-from={db}:ro"));
    let linked = [link.as_str(), &from];
    // Podman knows no links.
    let options = if rig.engine().is_podman() { &linked[1..] } else { &linked };
    let id = create(&rig, &name, options, &command);
    rig.docker(&["start", &id]);
    let before = described(&rig, &id);
    let (learned, rebuilt) = lose_and_rebuild(&rig, &name, &id).await;
    assert_alike(&before, &described(&rig, &rebuilt.id));
    // Podman lends no paths of the host.
    assert_eq!(learned.mounts.len(), if rig.engine().is_podman() { 2 } else { 3 });
    assert!(learned.mounts.iter().all(|mount| mount.read_only), "{learned:?}");
    assert_eq!(rebuilt.mounts_differ, [""; 0]);
    assert_eq!(rebuilt.notes, [format!("what it has mounted from {db}:ro is mounted as its own")]);
}
