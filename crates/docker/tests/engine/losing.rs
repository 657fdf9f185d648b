//! Containers with what they need, and how they are lost and made again.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

use sweepd_docker::{Blueprint, Rebuilt};

use crate::alike::{assert_alike, described};
use crate::rig::Rig;

/// A script that runs until it is told to end.
pub(crate) const FOREVER: &str = "trap 'exit 0' TERM USR1; while :; do sleep 1; done";

/// A network of its own, with addresses that can be asked for: its name and their first bytes.
pub(crate) fn network(rig: &Rig) -> (String, String) {
    let name = rig.name();
    rig.at_end(&["network", "rm", &name]);
    for n in 0..50 {
        let net = format!("10.{}.{}", 190 + n, std::process::id() % 250);
        let subnet = format!("{net}.0/24");
        if rig.tries(&["network", "create", "--subnet", &subnet, &name]) {
            return (name, net);
        }
    }
    panic!("no subnet is free");
}

/// A port that is free, and that neither the kernel nor the engine gives to who asks for any.
pub(crate) fn port() -> String {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 9_000).unwrap();
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let mut next = (0..1_000).map(|_| 20_000 + first + NEXT.fetch_add(1, Ordering::Relaxed));
    next.find(free).unwrap().to_string()
}

/// A volume of this name, gone at the end.
pub(crate) fn volume(rig: &Rig) -> String {
    let name = rig.name();
    rig.at_end(&["volume", "rm", "-f", &name]);
    rig.docker(&["volume", "create", &name])
}

/// A directory of the host.
pub(crate) fn directory(rig: &Rig, name: &str) -> String {
    let path = rig.dir.path().join(name);
    std::fs::create_dir(&path).unwrap();
    path.to_str().unwrap().to_owned()
}

/// `docker create`, and all its anonymous volumes gone at the end: its id.
pub(crate) fn create(rig: &Rig, name: &str, options: &[&str], command: &[&str]) -> String {
    let label = rig.label();
    let mut args = vec!["create", "--name", name, "--label", &label];
    args.extend(options);
    args.extend(command);
    let id = rig.docker(&args);
    for mount in described(rig, &id)["Mounts"].as_array().unwrap() {
        if let Some(volume) = mount["Name"].as_str() {
            rig.at_end(&["volume", "rm", "-f", volume]);
        }
    }
    id
}

/// Learns the running container, loses it, and makes it again.
pub(crate) async fn lose_and_rebuild(rig: &Rig, name: &str, id: &str) -> (Blueprint, Rebuilt) {
    let learned = rig.client.learn(id).await.unwrap();
    let stored = serde_json::to_string(&learned).unwrap();
    let learned: Blueprint = serde_json::from_str(&stored).unwrap();
    rig.docker(&["rm", "-f", id]);
    let rebuilt = rig.client.rebuild(name, &learned, &BTreeMap::new()).await.unwrap();
    (learned, rebuilt)
}

/// The same, and everything is alike and nothing is worth a note.
pub(crate) async fn comes_back_alike(
    rig: &Rig,
    options: &[&str],
    command: &[&str],
) -> (Blueprint, Rebuilt) {
    let name = rig.name();
    let id = create(rig, &name, options, command);
    rig.docker(&["start", &id]);
    let before = described(rig, &id);
    let (learned, rebuilt) = lose_and_rebuild(rig, &name, &id).await;
    assert_alike(&before, &described(rig, &rebuilt.id));
    assert_eq!(rebuilt.mounts_differ, [""; 0]);
    assert_eq!(rebuilt.notes, [""; 0]);
    assert_ne!(rebuilt.id, id);
    (learned, rebuilt)
}
