//! Learns what a container is made of while it is there, so that it can be made again.
//!
//! What comes of the running of it (addresses, generated names, states) is not learned, nor what
//! its image says anyway.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::convert::null_is_empty;
use crate::engine::Engine;
use crate::error::Doing;
use crate::mount::MountRow;
use crate::{Blueprint, Client, Error, names};

mod config;
mod host;
mod mounts;
mod networks;
mod podman;

/// So many hex digits of its id a container has for a hostname, where it was given none.
const SHORT_ID: usize = 12;

impl Client {
    /// Learns the blueprint of the container with this id or name, by inspecting it and its image.
    ///
    /// Everything is learned that [`Client::rebuild`] can give back; what it cannot give back as
    /// it was is in [`Blueprint::notes`]. In particular:
    ///
    /// * Anonymous volumes are in it by their names, and so is what was mounted from other
    ///   containers (`--volumes-from`).
    /// * An anonymous volume that is mounted by its name is no longer one that goes with the
    ///   container that is made again (`docker rm -v`).
    /// * One that has been taken off all networks gets none.
    /// * A random port of the host stays random, on Docker. Podman does not tell it from a fixed
    ///   one.
    /// * A network, process or IPC namespace shared with another container goes by that
    ///   container's name, since its id does not last.
    /// * A MAC address is in it if it was set for the container as a whole, as engines before
    ///   API 1.44 do; those later do not tell a set one from a generated one, nor does Podman.
    /// * Podman does not tell fixed addresses, a domain name, an init, options of the log, nor what
    ///   was taken out of the image's environment.
    /// * What the engine's own defaults were when it was made (logs, masked paths, namespaces) are
    ///   its own: engines do not tell them from what was asked for.
    ///
    /// # Errors
    ///
    /// [`Error::Gone`] if there is no such container. [`Error::Refused`] if it shares a namespace
    /// of one that is gone. Else it could not be asked: don't know.
    ///
    /// # Cancel safety
    ///
    /// Dropping it is safe at every await: it only looks.
    pub async fn learn(&self, id: &str) -> Result<Blueprint, Error> {
        let id = names::reference(id)?;
        let doing = Doing("inspect container", id);
        let path = format!("/containers/{id}/json");
        let (mut row, engine): (Row, _) =
            self.look_at(&path, doing, self.options().inspect).await?;
        self.name_namespaces(doing, &mut row.host_config).await?;
        let image = self.image_config(&row.image).await?;
        let notes = match engine {
            Engine::Docker => Vec::new(),
            Engine::Podman => podman::put_right(&mut row, image.as_ref()),
        };
        let mut learned = row.blueprint(image);
        learned.notes.extend(notes);
        Ok(learned)
    }

    /// The image's own configuration, or `None` if there is no such image (any more).
    async fn image_config(&self, image: &str) -> Result<Option<Map<String, Value>>, Error> {
        Ok(self.image(image).await?.map(|row| row.config))
    }

    /// The image with this name or id, or `None` if there is none.
    pub(crate) async fn image(&self, image: &str) -> Result<Option<ImageRow>, Error> {
        let image = names::image(image)?;
        let path = format!("/images/{image}/json");
        match self.look(&path, Doing("inspect image", image), self.options().inspect).await {
            Ok(row) => Ok(Some(row)),
            Err(Error::Gone { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes the names of other containers, whose namespaces this one shares, for their ids. Of
    /// one that is gone nobody knows the name any more: from its id nothing could be made.
    async fn name_namespaces(
        &self,
        doing: Doing<'_>,
        host: &mut Map<String, Value>,
    ) -> Result<(), Error> {
        for key in ["NetworkMode", "IpcMode", "PidMode"] {
            let mode = host.get(key).and_then(Value::as_str).unwrap_or_default();
            let Some(other) = mode.strip_prefix("container:") else { continue };
            match self.inspect(other).await {
                Ok(other) => {
                    host.insert(key.to_owned(), format!("container:{}", other.name).into());
                }
                Err(Error::Gone { .. } | Error::Name { .. }) => {
                    let message = format!("it shares a namespace of {other}, which is gone");
                    let doing = doing.to_string();
                    return Err(Error::Refused { doing, status: 409, message });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// An image as engines describe it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImageRow {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    config: Map<String, Value>,
}

/// A container as engines describe it. Fields without a default have to be there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    image: String,
    config: Map<String, Value>,
    host_config: Map<String, Value>,
    #[serde(deserialize_with = "null_is_empty")]
    mounts: Vec<MountRow>,
    #[serde(default, deserialize_with = "null_is_empty")]
    network_settings: NetworkRow,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct NetworkRow {
    networks: Option<BTreeMap<String, Map<String, Value>>>,
}

impl Row {
    fn blueprint(self, image: Option<Map<String, Value>>) -> Blueprint {
        let Self { id, image: image_id, config, host_config, mounts, network_settings } = self;
        let short = id.get(..SHORT_ID).unwrap_or(&id);
        let mut learned = Blueprint { image_id: Some(image_id), ..Blueprint::default() };
        if image.is_none() {
            learned.notes.push("its image is gone: what the image said is part of it".to_owned());
        }
        mounts::learn(&mut learned, &host_config, mounts);
        host::learn(&mut learned, host_config);
        networks::learn(&mut learned, network_settings.networks, short);
        config::learn(&mut learned, config, &image.unwrap_or_default(), short);
        learned
    }
}

/// Takes a list of text out of an engine's document.
fn take_list(from: &mut Map<String, Value>, key: &str) -> Vec<String> {
    let Some(Value::Array(list)) = from.remove(key) else { return Vec::new() };
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Takes a text out of an engine's document, unless it is empty, which is how engines write none.
fn take_text(from: &mut Map<String, Value>, key: &str) -> Option<String> {
    match from.remove(key) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
