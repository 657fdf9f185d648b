//! What outlives a container that is made again, and what is not to.

use crate::alike::{assert_alike, described};
use crate::losing::{FOREVER, create, directory, lose_and_rebuild, network, volume};
use crate::rig::Rig;

#[tokio::test]
async fn what_is_in_its_volumes_is_still_there_and_what_was_written_elsewhere_is_not() {
    let Some(rig) = Rig::new().await else { return };
    let image = format!("{}-kept", rig.image());
    rig.import_as(&image, &["VOLUME /from-image"]);
    let (name, data, path) = (rig.name(), volume(&rig), directory(&rig, "kept"));
    let (data, path) = (format!("{data}:/data"), format!("{path}:/path"));
    let options = ["--network=none", "-v", &data, "-v", &path, "-v", "/nameless"];
    let id = create(&rig, &name, &options, &[&image, "sh", "-c", FOREVER]);
    rig.docker(&["start", &id]);
    let kept = ["/data/f", "/path/f", "/nameless/f", "/from-image/f"];
    for file in [&kept[..], &["/f"]].concat() {
        rig.docker(&["exec", &id, "sh", "-c", &format!("echo of the first > {file}")]);
    }
    let (_, rebuilt) = lose_and_rebuild(&rig, &name, &id).await;
    for file in kept {
        assert_eq!(rig.docker(&["exec", &rebuilt.id, "cat", file]), "of the first", "{file}");
    }
    assert!(!rig.tries(&["exec", &rebuilt.id, "cat", "/f"]));
}

#[tokio::test]
async fn one_that_removed_itself_is_made_to_stay() {
    let Some(rig) = Rig::new().await else { return };
    let (name, image) = (rig.name(), rig.image());
    let id = create(&rig, &name, &["--rm", "--network=none"], &[&image, "sh", "-c", FOREVER]);
    rig.docker(&["start", &id]);
    let mut before = described(&rig, &id);
    let (_, rebuilt) = lose_and_rebuild(&rig, &name, &id).await;
    assert_eq!(before["HostConfig"]["AutoRemove"], true);
    before["HostConfig"]["AutoRemove"] = false.into();
    assert_alike(&before, &described(&rig, &rebuilt.id));
    assert_eq!(rebuilt.notes, ["it was to remove itself at its end: it will stay"]);
}

#[tokio::test]
async fn one_that_was_taken_off_its_networks_is_not_put_back() {
    let Some(rig) = Rig::new().await else { return };
    let ((one, _), (two, _)) = (network(&rig), network(&rig));
    let (name, image) = (rig.name(), rig.image());
    let id = create(&rig, &name, &["--network", &one], &[&image, "sh", "-c", FOREVER]);
    rig.docker(&["network", "connect", "--alias", "api", &two, &id]);
    rig.docker(&["start", &id]);
    rig.docker(&["network", "disconnect", &one, &id]);
    let (_, rebuilt) = lose_and_rebuild(&rig, &name, &id).await;
    let on = |id: &str| {
        let networks = described(&rig, id)["NetworkSettings"]["Networks"].clone();
        networks.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(on(&rebuilt.id), [two.as_str()]);

    rig.docker(&["network", "disconnect", &two, &rebuilt.id]);
    assert_eq!(on(&rebuilt.id), [""; 0]);
    let (_, rebuilt) = lose_and_rebuild(&rig, &name, &rebuilt.id).await;
    // Podman has no network of that name.
    let none: &[&str] = if rig.engine().is_podman() { &[] } else { &["none"] };
    assert_eq!(on(&rebuilt.id), none);
    // Podman calls them all `bridge` here.
    let last = if rig.engine().is_podman() { "bridge" } else { &two };
    assert_eq!(rebuilt.notes, [format!("it was on no network any more, not even {last}")]);
}
