//! Creates a container from a spec and starts it.

use std::collections::BTreeMap;
use std::fmt;

use bollard::models::{ContainerCreateBody, HostConfig, Mount, MountType};
use bollard::query_parameters::{RemoveContainerOptions, StartContainerOptions};
use serde::Deserialize;
use serde_json::Value;

use crate::client::within;
use crate::convert::null_is_empty;
use crate::engine::Engine;
use crate::error::Doing;
use crate::{Bind, Client, Error, names};

/// What a new container is made of.
///
/// What is `None` or empty is left to the image. It gets no restart policy, and it is not removed
/// when it ends: somebody has to read what is left of it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Spec {
    /// Its name. Has to be free.
    pub name: String,
    /// The image. Has to be there: nothing is pulled.
    pub image: String,
    /// Replaces the image's command.
    pub command: Option<Vec<String>>,
    /// Replaces the image's entrypoint, and drops the image's command with it.
    pub entrypoint: Option<Vec<String>>,
    /// Environment, added to the image's. May hold secrets: `Debug` shows the keys only.
    pub env: Vec<(String, String)>,
    /// `uid`, `uid:gid` or names known in the image.
    pub user: Option<String>,
    /// Working directory in the container.
    pub working_dir: Option<String>,
    /// Labels, added to the image's.
    pub labels: BTreeMap<String, String>,
    /// Paths of the host to mount.
    pub mounts: Vec<Bind>,
    /// Network mode: `none`, `host`, or a network's name; `None` for the engine's default.
    pub network: Option<String>,
}

/// A container that was created and started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// Its immutable id, in full.
    pub id: String,
    /// What the engine had to say about the spec.
    pub warnings: Vec<String>,
}

impl Client {
    /// Creates a container and starts it. That it keeps running is for a later look to tell.
    ///
    /// Paths are mounted so that a missing source is an error and never created. If the engine
    /// refuses to start what it has created, the container is removed again, as far as that goes.
    ///
    /// # Errors
    ///
    /// * [`Error::Conflict`] if the name is taken, with the container that has it.
    /// * [`Error::Refused`], with the engine's words, e.g. about a missing image or source.
    /// * One for which [`Error::is_unknown`] holds: the container may exist, or even run. It is
    ///   not removed then. The name will tell.
    ///
    /// # Cancel safety
    ///
    /// Dropping it may leave a container of that name, created or running.
    pub async fn start(&self, spec: &Spec) -> Result<Started, Error> {
        let name = names::reference(&spec.name)?;
        let document = serde_json::to_value(body(spec))
            .map_err(|source| Error::answer(Doing("create container", name), source))?;
        let (Started { id, warnings }, engine) = self.create(name, &document).await?;
        self.or_undo(&id, engine, self.run(name, &id)).await?;
        Ok(Started { id, warnings })
    }

    /// Starts an existing container again. One that runs already is success.
    ///
    /// # Errors
    ///
    /// * [`Error::Name`] if `id` is not a full id.
    /// * [`Error::Gone`] if there is no such container any more.
    /// * [`Error::Refused`], with the engine's words. The container stays as it is.
    /// * One for which [`Error::is_unknown`] holds: it may have been started.
    ///
    /// # Cancel safety
    ///
    /// Dropping it does not take the request back once it was sent. It can be repeated.
    pub async fn start_again(&self, id: &str) -> Result<(), Error> {
        let id = names::immutable(id)?;
        match self.run(id, id).await {
            // The engine says 404 of a network that is gone, too.
            Err(Error::Gone { doing, message }) if !message.contains(id) => {
                Err(Error::Refused { doing, status: 404, message })
            }
            answer => answer,
        }
    }

    /// Starts the container `id`, which errors call `shown`. One that runs already is success.
    pub(crate) async fn run(&self, shown: &str, id: &str) -> Result<(), Error> {
        let doing = Doing("start container", shown);
        self.verb(doing, self.options().start, |docker| async move {
            docker.start_container(id, None::<StartContainerOptions>).await
        })
        .await
    }

    /// Does `rest` to the container that this call has created. If the engine refuses it, the
    /// container is removed again, best effort: what stays behind is found by its name. Of its
    /// volumes only those go that have no name and were made with it; on Podman none, which would
    /// take those along that others were made with.
    ///
    /// What is not known to have failed is left alone.
    pub(crate) async fn or_undo(
        &self,
        id: &str,
        engine: Engine,
        rest: impl Future<Output = Result<(), Error>>,
    ) -> Result<(), Error> {
        let answer = rest.await.map_err(Error::never_gone);
        if answer.as_ref().is_err_and(|error| !error.is_unknown()) {
            let v = engine == Engine::Docker;
            let options = RemoveContainerOptions { v, force: false, link: false };
            let doing = Doing("remove container", id);
            let removal = self.verb(doing, self.options().call, |docker| async move {
                docker.remove_container(id, Some(options)).await
            });
            removal.await.ok();
        }
        answer
    }

    /// Creates a container of this name from a document in the engine's words, and tells who did.
    pub(crate) async fn create(
        &self,
        name: &str,
        document: &Value,
    ) -> Result<(Started, Engine), Error> {
        let doing = Doing("create container", name);
        let missing = self.refuse_missing_source(document, doing);
        within(self.options().start, doing, missing).await?;
        let path = format!("/containers/create?name={name}");
        let create = self.hand(&path, document, doing, self.options().start);
        let refused = match create.await.map_err(Error::never_gone) {
            Ok((body, engine)) => {
                let row: Created =
                    serde_json::from_slice(&body).map_err(|source| Error::answer(doing, source))?;
                return Ok((Started { id: row.id, warnings: row.warnings }, engine));
            }
            Err(refused) => refused,
        };
        if !is_name_conflict(&refused) {
            return Err(refused);
        }
        match self.inspect(name).await {
            Ok(holder) if holder.name == name => {
                Err(Error::Conflict { name: holder.name.clone(), holder: Box::new(holder) })
            }
            // Gone in between, or it cannot be seen: the engine's words name it.
            Ok(_) | Err(_) => Err(refused),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Created {
    id: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    warnings: Vec<String>,
}

fn body(spec: &Spec) -> ContainerCreateBody {
    let host_config = HostConfig {
        mounts: Some(spec.mounts.iter().map(mount).collect()),
        network_mode: spec.network.clone(),
        auto_remove: Some(false),
        ..HostConfig::default()
    };
    ContainerCreateBody {
        image: Some(spec.image.clone()),
        cmd: spec.command.clone(),
        entrypoint: spec.entrypoint.clone(),
        env: Some(spec.env.iter().map(|(key, value)| format!("{key}={value}")).collect()),
        user: spec.user.clone(),
        working_dir: spec.working_dir.clone(),
        labels: Some(spec.labels.clone().into_iter().collect()),
        host_config: Some(host_config),
        ..ContainerCreateBody::default()
    }
}

/// Without `BindOptions`: `CreateMountpoint`, its one dangerous field, is off where absent.
fn mount(bind: &Bind) -> Mount {
    Mount {
        typ: Some(MountType::BIND),
        source: Some(bind.source.clone()),
        target: Some(bind.target.clone()),
        read_only: Some(bind.read_only),
        ..Mount::default()
    }
}

/// Docker answers 409 to a taken name, Podman up to 2026 500; the words are the same.
fn is_name_conflict(error: &Error) -> bool {
    matches!(error, Error::Refused { message, .. } if message.contains("already in use"))
}

/// Without the values of the environment.
impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            image,
            command,
            entrypoint,
            env,
            user,
            working_dir,
            labels,
            mounts,
            network,
        } = self;
        f.debug_struct("Spec")
            .field("name", name)
            .field("image", image)
            .field("command", command)
            .field("entrypoint", entrypoint)
            .field("env", &env.iter().map(|(key, _)| key).collect::<Vec<_>>())
            .field("user", user)
            .field("working_dir", working_dir)
            .field("labels", labels)
            .field("mounts", mounts)
            .field("network", network)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_mounts_what_exists_and_creates_nothing() {
        let spec = Spec {
            name: "x".to_owned(),
            image: "agent:1".to_owned(),
            env: vec![("TZ".to_owned(), "Europe/Madrid".to_owned())],
            mounts: vec![Bind {
                source: "/srv/s".to_owned(),
                target: "/workspace".to_owned(),
                read_only: true,
            }],
            ..Spec::default()
        };
        let sent = serde_json::to_value(body(&spec)).unwrap();
        let expected = serde_json::json!({
            "Image": "agent:1",
            "Env": ["TZ=Europe/Madrid"],
            "Labels": {},
            "HostConfig": {
                "AutoRemove": false,
                "Mounts": [
                    {"Type": "bind", "Source": "/srv/s", "Target": "/workspace", "ReadOnly": true},
                ],
            },
        });
        let without_nulls: serde_json::Map<_, _> = sent
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        assert_eq!(Value::Object(without_nulls), expected);
    }

    #[test]
    fn a_spec_never_shows_the_values_of_its_environment() {
        let env = vec![("TOKEN".to_owned(), "PLANTED-password".to_owned())];
        let shown = format!("{:?}", Spec { env, ..Spec::default() });
        assert!(shown.contains("TOKEN") && !shown.contains("PLANTED-password"), "{shown}");
    }
}
