//! What somebody declares goes before what was learned: the fields that hang together.
//!
//! The others are set one by one. Nothing is asked here.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Blueprint;
use crate::mount::plain;
use crate::{Mount, MountKind};

impl Blueprint {
    /// Makes it of this image instead.
    ///
    /// If that is another one than it has been made of, its own defaults come with it, and the
    /// present image's id is forgotten. `nginx`, `nginx:latest` and
    /// `docker.io/library/nginx:latest` are the same; and `nginx` is `localhost/nginx`, as Podman
    /// calls what was built there, if that is what it has been made of.
    pub fn replace_image(&mut self, image: impl Into<String>) {
        let image = image.into();
        if !is_same_image(&self.image, &image) {
            self.image_id = None;
        }
        self.image = image;
    }

    /// Gives it this environment on top of the image's, instead of the present one.
    pub fn replace_env(&mut self, env: Vec<(String, String)>) {
        self.env = env;
        self.unset_env.clear();
    }

    /// Mounts these instead of the present paths of the host and volumes with a name.
    ///
    /// What has no name to be declared by stays, unless its place is taken: anonymous volumes with
    /// what is in them, memory, and whatever else the engine mounts.
    pub fn replace_volumes(&mut self, volumes: Vec<Mount>) {
        let taken: BTreeSet<_> = volumes.iter().map(|mount| plain(&mount.target)).collect();
        let (gone, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.mounts)
            .into_iter()
            .partition(|mount| mount.has_name() || taken.contains(plain(&mount.target)));
        for mount in gone {
            let about = mount.note("");
            self.notes.retain(|note| !note.starts_with(&about));
        }
        if let Some(Value::Object(memory)) = self.host_config.get_mut("Tmpfs") {
            memory.retain(|target, _| !taken.contains(plain(target)));
        }
        self.mounts = kept;
        self.mounts.extend(volumes);
    }

    /// Puts it on this network, or into this network mode, and on no other.
    ///
    /// What it has on its present networks is dropped: aliases, fixed addresses, links. So is what
    /// the engine would refuse next to the new mode: with `host` a MAC address and the network's
    /// sysctls, with `container:other` also its own host name, ports, and name resolution. Coming
    /// from `host`, it drops the host's name, which engines write down as its own.
    ///
    /// If it is created on that network anyway, nothing changes, and its other networks stay.
    pub fn move_to_network(&mut self, network: impl Into<String>) {
        let before = self.network.replace(network.into());
        let moved = self.first_network() != before.as_deref().map_or(BRIDGE, by_name);
        if !moved {
            self.network = before;
            return;
        }
        self.endpoints.clear();
        let now = self.first_network();
        let (host, shared) = (now == "host", now.starts_with("container:"));
        remove(&mut self.host_config, &["Links"]);
        if shared || before.as_deref() == Some("host") {
            remove(&mut self.config, &["Hostname", "Domainname"]);
        }
        if host || shared {
            remove(&mut self.config, &["MacAddress"]);
        }
        if host && let Some(Value::Object(sysctls)) = self.host_config.get_mut("Sysctls") {
            sysctls.retain(|key, _| !key.starts_with("net."));
        }
        if shared {
            remove(&mut self.config, &["ExposedPorts"]);
            let refused =
                ["PortBindings", "PublishAllPorts", "Dns", "DnsOptions", "DnsSearch", "ExtraHosts"];
            remove(&mut self.host_config, &refused);
        }
    }

    /// The network it is created on; the others are connected to afterwards.
    pub(crate) fn first_network(&self) -> &str {
        self.network.as_deref().map_or(BRIDGE, by_name)
    }
}

impl Mount {
    /// Whether it is one that people give a name: a path of the host, or a volume that is not
    /// anonymous. Of those, engines make up names of 64 hex digits.
    fn has_name(&self) -> bool {
        let made_up = || self.source.len() == 64 && self.source.bytes().all(is_hex);
        match self.kind {
            MountKind::Bind => true,
            MountKind::Volume => !self.source.is_empty() && !made_up(),
            MountKind::Tmpfs | MountKind::Other(_) => false,
        }
    }
}

fn remove(from: &mut Map<String, Value>, keys: &[&str]) {
    from.retain(|key, _| !keys.contains(&key.as_str()));
}

fn is_hex(c: u8) -> bool {
    matches!(c, b'0'..=b'9' | b'a'..=b'f')
}

/// The engine's default network by the name that it has in lists.
fn by_name(network: &str) -> &str {
    if matches!(network, "" | "default") { BRIDGE } else { network }
}

/// Whether `asked` is a name of what was made of an image by the name `had`.
fn is_same_image(had: &str, asked: &str) -> bool {
    let built = had.strip_prefix("localhost/").filter(|_| !asked.starts_with("docker.io/"));
    in_full(asked) == in_full(built.unwrap_or(had)) || in_full(asked) == in_full(had)
}

/// An image's name with the parts that may be left out.
fn in_full(image: &str) -> String {
    let image = image.strip_prefix("docker.io/").unwrap_or(image);
    let image = image.strip_prefix("library/").unwrap_or(image);
    let last = image.rsplit('/').next().unwrap_or(image);
    if last.contains([':', '@']) { image.to_owned() } else { format!("{image}:latest") }
}

const BRIDGE: &str = "bridge";

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn mounts(texts: &[&str]) -> Vec<Mount> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn map(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    fn learned(network: &str) -> Blueprint {
        Blueprint {
            image: "agent:1".to_owned(),
            image_id: Some("sha256:ab".to_owned()),
            network: Some(network.to_owned()),
            endpoints: BTreeMap::from([
                ("one".to_owned(), map(json!({"Aliases": ["web"]}))),
                ("two".to_owned(), Map::new()),
            ]),
            config: map(json!({"Hostname": "box", "MacAddress": "02:00:00:00:00:01",
                "ExposedPorts": {"80/tcp": {}}, "Tty": true})),
            host_config: map(json!({"Links": ["db:db"], "Memory": 7, "Dns": ["10.0.0.1"],
                "Sysctls": {"net.ipv4.ip_forward": "1", "kernel.msgmax": "9"},
                "PortBindings": {"80/tcp": [{"HostPort": "80"}]}})),
            ..Blueprint::default()
        }
    }

    #[test]
    fn another_image_brings_its_own_id_and_the_same_by_another_name_does_not() {
        for (is, declared, same) in [
            ("agent:1", "agent:1", true),
            ("nginx", "docker.io/library/nginx:latest", true),
            ("localhost/agent:1", "agent:1", true),
            ("localhost/agent:1", "localhost/agent:1", true),
            ("localhost/agent:1", "docker.io/library/agent:1", false),
            ("docker.io/library/agent:1", "localhost/agent:1", false),
            ("agent:1", "localhost/agent:1", false),
            ("docker.io/library/nginx:latest", "nginx", true),
            ("docker.io/me/nginx", "me/nginx:latest", true),
            ("agent:1", "agent:2", false),
            ("agent:1", "agent", false),
            ("here:5000/agent", "agent", false),
            ("here:5000/agent", "here:5000/agent:latest", true),
            ("agent", "agent@sha256:ab", false),
        ] {
            let mut blueprint = learned("one");
            blueprint.image = is.to_owned();
            blueprint.replace_image(declared);
            assert_eq!(blueprint.image, declared);
            assert_eq!(blueprint.image_id.is_some(), same, "{is} {declared}");
        }
    }

    #[test]
    fn a_declared_environment_takes_nothing_out_of_the_images() {
        let mut blueprint = Blueprint::of_image("agent:1");
        blueprint.env.push(("OLD".to_owned(), "1".to_owned()));
        blueprint.unset_env.push("FROM_IMAGE".to_owned());
        let env = vec![("NEW".to_owned(), "2".to_owned())];
        blueprint.replace_env(env.clone());
        assert_eq!((blueprint.env, blueprint.unset_env.len()), (env, 0));
    }

    #[test]
    fn declared_volumes_replace_what_has_a_name_and_take_their_places() {
        let anonymous = "ab".repeat(32);
        let mut blueprint = Blueprint::of_image("agent:1");
        blueprint.mounts = mounts(&["/srv/a:/a", "data:/data"]);
        blueprint
            .mounts
            .extend(mounts(&[&format!("{anonymous}:/kept"), &format!("{anonymous}:/t/")]));
        let memory: Mount =
            serde_json::from_value(json!({"Type": "tmpfs", "Target": "/memory"})).unwrap();
        blueprint.mounts.push(memory.clone());
        blueprint.host_config = map(json!({"Tmpfs": {"/run": "", "/tmp/": "size=1m"}}));
        blueprint.notes = vec![blueprint.mounts[0].note("goes without Z"), "other".to_owned()];

        blueprint.replace_volumes(mounts(&["new:/t", "/srv/tmp:/tmp", "data:/data2"]));
        let kept = mounts(&[&format!("{anonymous}:/kept")]);
        let declared = mounts(&["new:/t", "/srv/tmp:/tmp", "data:/data2"]);
        assert_eq!(blueprint.mounts, [kept, vec![memory], declared].concat());
        assert_eq!(blueprint.host_config, map(json!({"Tmpfs": {"/run": ""}})));
        assert_eq!(blueprint.notes, ["other"]);
    }

    #[test]
    fn the_network_it_is_on_is_no_move() {
        for (is, declared) in
            [(Some("one"), "one"), (None, "bridge"), (Some("default"), "bridge"), (None, "default")]
        {
            let mut blueprint = learned("one");
            blueprint.network = is.map(str::to_owned);
            let before = blueprint.clone();
            blueprint.move_to_network(declared);
            assert_eq!(blueprint, before);
        }
    }

    #[test]
    fn another_network_gets_none_of_what_the_last_ones_had() {
        let mut blueprint = learned("one");
        blueprint.move_to_network("two");
        let mut expected = learned("two");
        expected.endpoints.clear();
        expected.host_config.remove("Links");
        assert_eq!(blueprint, expected);
        assert_eq!(blueprint.other_networks().count(), 0);
    }

    #[test]
    fn a_mode_drops_what_is_refused_next_to_it() {
        let mut host = learned("one");
        host.move_to_network("host");
        assert_eq!(host.host_config["Sysctls"], json!({"kernel.msgmax": "9"}));
        assert_eq!(host.config.get("MacAddress"), None);
        assert_eq!(host.config["Hostname"], "box");

        let mut shared = learned("one");
        shared.move_to_network("container:main");
        assert_eq!(shared.config, map(json!({"Tty": true})));
        let kept = json!({"Memory": 7,
            "Sysctls": {"net.ipv4.ip_forward": "1", "kernel.msgmax": "9"}});
        assert_eq!(shared.host_config, map(kept));

        let mut back = learned("host");
        back.move_to_network("one");
        assert_eq!(back.config.get("Hostname"), None);
    }
}
