//! What is mounted into a container, in the terms of the Mounts API, however it was asked for.

use serde_json::{Map, Value, json};

use super::take_list;
use crate::mount::{MountRow, plain};
use crate::{Blueprint, Mount, MountKind};

/// Learns what was asked for in `host`, and attaches what else is seen `mounted`: anonymous
/// volumes, and what comes from other containers.
pub(super) fn learn(learned: &mut Blueprint, host: &Map<String, Value>, mounted: Vec<MountRow>) {
    let mut host = host.clone();
    asked_as_binds(learned, &mut host);
    let raw = host.remove("Mounts").unwrap_or_default();
    let asked: Option<Vec<Mount>> = serde_json::from_value(raw).unwrap_or_default();
    learned.mounts.extend(asked.unwrap_or_default().into_iter().map(Mount::never_creating));

    let others = take_list(&mut host, "VolumesFrom");
    if !others.is_empty() {
        let others = others.join(", ");
        learned.notes.push(format!("what it has mounted from {others} is mounted as its own"));
    }
    for row in mounted {
        let there = |mount: &&mut Mount| plain(&mount.target) == plain(&row.destination);
        match learned.mounts.iter_mut().find(there) {
            Some(asked) => complete(asked, row),
            None => learned.mounts.extend(attached(row)),
        }
    }
}

/// `Binds` would create a missing source; the Mounts API does not, and has not all their options.
fn asked_as_binds(learned: &mut Blueprint, host: &mut Map<String, Value>) {
    for text in take_list(host, "Binds") {
        // What makes no sense here is seen mounted all the same.
        let Ok((mount, lost)) = Mount::read(&text) else { continue };
        if !lost.is_empty() {
            learned.notes.push(mount.note(&format!("goes without its option {}", lost.join(","))));
        }
        learned.mounts.push(mount);
    }
}

/// Adds what is only known of a mount that is there: an anonymous volume's name, a volume's driver.
fn complete(asked: &mut Mount, row: MountRow) {
    if asked.kind != MountKind::Volume {
        return;
    }
    if asked.source.is_empty() {
        asked.source = row.name;
    }
    let has_driver =
        asked.options.get("VolumeOptions").is_some_and(|group| group.get("DriverConfig").is_some());
    if !has_driver && !matches!(row.driver.as_str(), "" | "local") {
        asked.set("VolumeOptions", "DriverConfig", json!({"Name": row.driver}));
    }
}

/// A mount that nobody asked for by name.
fn attached(row: MountRow) -> Option<Mount> {
    let kind = MountKind::from(row.kind.clone());
    let source = match kind {
        MountKind::Bind => row.source.clone(),
        MountKind::Volume => row.name.clone(),
        // `--tmpfs` is among what the host grants.
        MountKind::Tmpfs | MountKind::Other(_) => return None,
    };
    let target = row.destination.clone();
    let mut mount = Mount { kind, source, target, read_only: !row.rw, options: Map::new() };
    if mount.kind == MountKind::Bind && !matches!(row.propagation.as_str(), "" | "rprivate") {
        mount.set("BindOptions", "Propagation", json!(row.propagation));
    }
    complete(&mut mount, row);
    Some(mount)
}
