//! Whether a container has the mounts that its blueprint says, and no others.

use std::collections::BTreeMap;

use crate::mount::plain;
use crate::{Mount, MountKind, MountPoint};

/// Every difference, in the order of the places in the container.
pub(super) fn mounts(wanted: &[Mount], seen: &[MountPoint]) -> Vec<String> {
    let wanted: BTreeMap<_, _> = wanted.iter().map(|mount| (plain(&mount.target), mount)).collect();
    let seen: BTreeMap<_, _> =
        seen.iter().map(|mount| (plain(&mount.destination), mount)).collect();
    let mut differ: BTreeMap<&str, String> = BTreeMap::new();
    for (target, mount) in &wanted {
        let wanted = describe(&mount.kind, &mount.source, !mount.read_only);
        match seen.get(target) {
            None => {
                differ.insert(target, format!("{target}: {wanted} is not mounted"));
            }
            Some(point) if !is_same(mount, point) => {
                let found = found(point);
                differ.insert(target, format!("{target}: {found} instead of {wanted}"));
            }
            Some(_) => {}
        }
    }
    for (target, point) in &seen {
        if !wanted.contains_key(target) {
            differ.insert(target, format!("{target}: {} besides", found(point)));
        }
    }
    differ.into_values().collect()
}

fn is_same(wanted: &Mount, seen: &MountPoint) -> bool {
    let same_source = match wanted.kind {
        MountKind::Bind => plain(&wanted.source) == plain(&seen.source),
        // An anonymous volume has a name only once it is there.
        MountKind::Volume => wanted.source.is_empty() || Some(&wanted.source) == seen.name.as_ref(),
        MountKind::Tmpfs | MountKind::Other(_) => true,
    };
    wanted.kind == seen.kind && same_source && wanted.read_only != seen.writable
}

fn found(point: &MountPoint) -> String {
    describe(&point.kind, point.name.as_ref().unwrap_or(&point.source), point.writable)
}

fn describe(kind: &MountKind, source: &str, writable: bool) -> String {
    let read_only = if writable { "" } else { ", read-only" };
    format!("{} {source}{read_only}", String::from(kind.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(kind: MountKind, source: &str, name: &str, destination: &str) -> MountPoint {
        MountPoint {
            kind,
            source: source.to_owned(),
            destination: destination.to_owned(),
            name: Some(name.to_owned()).filter(|name| !name.is_empty()),
            writable: true,
        }
    }

    #[test]
    fn equal_mounts_do_not_differ_in_whatever_order() {
        let wanted = ["/srv/a/:/a", "data:/d/"].map(|text| text.parse::<Mount>().unwrap());
        let there = [
            seen(MountKind::Volume, "/var/lib/docker/volumes/data/_data", "data", "/d"),
            seen(MountKind::Bind, "/srv/a", "", "/a"),
        ];
        assert_eq!(mounts(&wanted, &there), [""; 0]);
    }

    #[test]
    fn every_difference_is_told() {
        let wanted = ["/srv/a:/a", "/srv/b:/b:ro", "data:/c", "data:/d", "/srv/e:/e"]
            .map(|text| text.parse::<Mount>().unwrap());
        let there = [
            seen(MountKind::Bind, "/srv/x", "", "/a"),
            seen(MountKind::Bind, "/srv/b", "", "/b"),
            seen(MountKind::Volume, "/v/other", "other", "/c"),
            seen(MountKind::Volume, "/v/e", "e", "/e"),
            seen(MountKind::Volume, "/v/f", "f00d", "/f"),
        ];
        assert_eq!(
            mounts(&wanted, &there),
            [
                "/a: bind /srv/x instead of bind /srv/a",
                "/b: bind /srv/b instead of bind /srv/b, read-only",
                "/c: volume other instead of volume data",
                "/d: volume data is not mounted",
                "/e: volume e instead of bind /srv/e",
                "/f: volume f00d besides",
            ]
        );
    }
}
