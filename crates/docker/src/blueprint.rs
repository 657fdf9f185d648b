//! What a container is made of, enough to make it again.
//!
//! Learned from a container while it was there, or declared. Nothing is asked here.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::MountKind;

mod declare;
mod mount;
mod restart;

pub use mount::Mount;
pub use restart::Restart;

/// What a container is made of.
///
/// What is `None` or empty is left to the image, and what equals the image's own defaults is not
/// in a learned one, so that another image brings its own.
///
/// What is declared goes before what was learned: fields that stand alone are set, and those that
/// hang together are replaced by [`Blueprint::replace_image`], [`Blueprint::replace_env`],
/// [`Blueprint::replace_volumes`] and [`Blueprint::move_to_network`].
///
/// Written down as JSON, it is read tolerantly: what a later version adds is passed over, and what
/// an earlier one left out is empty. **It holds the environment's values**: `Debug` shows the keys
/// only, and so does [`Blueprint::redacted`].
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Blueprint {
    /// The image as it was asked for. To change it, see [`Blueprint::replace_image`].
    pub image: String,
    /// The id of the image it was made from, if it was. It goes before the name.
    pub image_id: Option<String>,
    /// Replaces the image's command.
    pub command: Option<Vec<String>>,
    /// Replaces the image's entrypoint, and drops the image's command with it.
    pub entrypoint: Option<Vec<String>>,
    /// Environment, added to the image's.
    pub env: Vec<(String, String)>,
    /// Variables of the image's environment that are taken out.
    pub unset_env: Vec<String>,
    /// `uid`, `uid:gid` or names known in the image.
    pub user: Option<String>,
    /// Working directory in the container.
    pub working_dir: Option<String>,
    /// Labels, added to the image's.
    pub labels: BTreeMap<String, String>,
    /// What is mounted. Parse one from `name:/path[:ro]` or `/host/path:/path[:ro]`.
    pub mounts: Vec<Mount>,
    /// When the engine itself starts it again. Parse it from `no`, `always`, `unless-stopped` or
    /// `on-failure[:N]`.
    pub restart: Restart,
    /// Network mode: `none`, `host`, `container:other` or a network's name; `None` for the engine's
    /// default. To change it, see [`Blueprint::move_to_network`].
    pub network: Option<String>,
    /// What it has on each of its networks, in the engine's words: aliases, fixed addresses, links.
    pub(crate) endpoints: BTreeMap<String, Map<String, Value>>,
    /// The rest of its configuration, in the engine's words.
    pub(crate) config: Map<String, Value>,
    /// The rest of what the host grants it, in the engine's words.
    pub(crate) host_config: Map<String, Value>,
    /// What will not be quite as it was, for people.
    pub notes: Vec<String>,
}

impl Blueprint {
    /// Begins to declare a container of this image.
    pub fn of_image(image: impl Into<String>) -> Self {
        Self { image: image.into(), ..Self::default() }
    }

    /// The restart policy's name, e.g. `unless-stopped`; `None` if it has none.
    pub fn restart_policy(&self) -> Option<&str> {
        Some(self.restart.name.as_str()).filter(|name| !matches!(*name, "" | "no"))
    }

    /// The compose project it belongs to, if it does.
    pub fn compose_project(&self) -> Option<&str> {
        self.labels.get(COMPOSE_PROJECT).map(String::as_str)
    }

    /// The paths of the host that are mounted. All of them have to exist.
    pub fn bind_sources(&self) -> impl Iterator<Item = &str> {
        let binds = self.mounts.iter().filter(|mount| mount.kind == MountKind::Bind);
        binds.map(|mount| mount.source.as_str())
    }

    /// The volumes that are mounted, named or once anonymous.
    pub fn volumes(&self) -> impl Iterator<Item = &str> {
        let volumes = self.mounts.iter().filter(|mount| mount.kind == MountKind::Volume);
        volumes.map(|mount| mount.source.as_str()).filter(|name| !name.is_empty())
    }

    /// For printing: all of it, but without the values of the environment.
    pub fn redacted(&self) -> Value {
        let env = self.env.iter().map(|(key, _)| (key.clone(), "…".to_owned())).collect();
        // A map with text for keys, which nothing can be wrong with.
        serde_json::to_value(Self { env, ..self.clone() }).unwrap_or_default()
    }

    /// The networks it is connected to after it was created, with what it has on them.
    pub(crate) fn other_networks(&self) -> impl Iterator<Item = (&str, &Map<String, Value>)> {
        let others = self.endpoints.iter().filter(|(name, _)| *name != self.first_network());
        others.map(|(name, endpoint)| (name.as_str(), endpoint))
    }

    /// The document that the engine creates it from, out of `image` and with more `labels`.
    pub(crate) fn document(&self, image: &str, labels: &BTreeMap<String, String>) -> Value {
        let mut host = self.host_config.clone();
        let mounts: Vec<_> = self.mounts.iter().cloned().map(Mount::never_creating).collect();
        host.insert("Mounts".to_owned(), json!(mounts));
        host.insert("RestartPolicy".to_owned(), json!(self.restart));
        host.insert("AutoRemove".to_owned(), json!(false));
        if let Some(mode) = &self.network {
            host.insert("NetworkMode".to_owned(), json!(mode));
        }
        let labels: BTreeMap<_, _> = self.labels.iter().chain(labels).collect();
        let set = self.env.iter().map(|(key, value)| format!("{key}={value}"));
        let env: Vec<_> = set.chain(self.unset_env.iter().cloned()).collect();
        let mut document = self.config.clone();
        let mut insert = |key: &str, value: Value| document.insert(key.to_owned(), value);
        insert("Image", json!(image));
        insert("Env", json!(env));
        insert("Labels", json!(labels));
        insert("HostConfig", Value::Object(host));
        for (key, words) in [("Cmd", &self.command), ("Entrypoint", &self.entrypoint)] {
            if let Some(words) = words {
                insert(key, json!(words));
            }
        }
        for (key, text) in [("User", &self.user), ("WorkingDir", &self.working_dir)] {
            if let Some(text) = text {
                insert(key, json!(text));
            }
        }
        let first = self.first_network();
        if let Some(endpoint) = self.endpoints.get(first).filter(|endpoint| !endpoint.is_empty()) {
            insert("NetworkingConfig", json!({"EndpointsConfig": {first: endpoint}}));
        }
        Value::Object(document)
    }
}

/// Without the values of the environment.
impl fmt::Debug for Blueprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            image,
            image_id,
            command,
            entrypoint,
            env,
            unset_env,
            user,
            working_dir,
            labels,
            mounts,
            restart,
            network,
            endpoints,
            config,
            host_config,
            notes,
        } = self;
        f.debug_struct("Blueprint")
            .field("image", image)
            .field("image_id", image_id)
            .field("command", command)
            .field("entrypoint", entrypoint)
            .field("env", &env.iter().map(|(key, _)| key).collect::<Vec<_>>())
            .field("unset_env", unset_env)
            .field("user", user)
            .field("working_dir", working_dir)
            .field("labels", labels)
            .field("mounts", mounts)
            .field("restart", restart)
            .field("network", network)
            .field("endpoints", endpoints)
            .field("config", config)
            .field("host_config", host_config)
            .field("notes", notes)
            .finish()
    }
}

const COMPOSE_PROJECT: &str = "com.docker.compose.project";

#[cfg(test)]
mod tests;
