//! Wake kind `docker`: a container from an image, with the session's directory mounted.

use std::collections::BTreeMap;

use sweepd_docker::{Bind, Client, Spec, labels};

use super::joining::{Joining, Make, container_name};
use super::template::{fill, fill_all};
use crate::fingerprint::fingerprint;
use crate::ports::{Doing, PortError, WakeKind, WakeOrder, Waker, Woken};

/// What a woken container is made of. Texts may hold placeholders.
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DockerWake {
    /// The image. Has to be there: nothing is pulled.
    pub image: String,
    /// Replaces the image's command.
    pub command: Option<Vec<String>>,
    /// Replaces the image's entrypoint.
    pub entrypoint: Option<Vec<String>>,
    /// Directories of the host.
    pub mounts: Vec<WakeMount>,
    /// Environment; values may be secrets.
    pub env: Vec<(String, String)>,
    /// User in the container.
    pub user: Option<String>,
    /// Network mode.
    pub network: Option<String>,
}

/// A directory of the host, mounted. Texts may hold placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WakeMount {
    /// On the host; has to be there.
    pub source: String,
    /// In the container.
    pub target: String,
    /// Nothing can be written there.
    pub read_only: bool,
}

impl std::fmt::Debug for DockerWake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DockerWake")
            .field("image", &self.image)
            .field("mounts", &self.mounts)
            .finish_non_exhaustive()
    }
}

impl DockerWake {
    /// Everything in it, for the hash that tells one spec from another.
    fn parts(&self) -> impl std::fmt::Debug {
        let Self { image, command, entrypoint, mounts, env, user, network } = self;
        (image, command, entrypoint, mounts, env, user, network)
    }
}

/// Wakes agents as containers.
#[derive(Debug, Clone)]
pub struct DockerWaker {
    client: Client,
    wake: DockerWake,
    install: String,
}

impl DockerWaker {
    /// Wakes through `client`; containers carry `install` as their label.
    pub fn new(client: Client, wake: DockerWake, install: impl Into<String>) -> Self {
        Self { client, wake, install: install.into() }
    }

    fn spec(&self, order: &WakeOrder) -> Result<Spec, PortError> {
        let wake = &self.wake;
        let bad = |error| PortError::refused(format!("make a spec for {}", order.agent), error);
        let list = |texts: &Option<Vec<String>>| {
            texts.as_ref().map(|texts| fill_all(texts, &order.places)).transpose().map_err(bad)
        };
        let env =
            wake.env.iter().map(|(key, value)| Ok((key.clone(), fill(value, &order.places)?)));
        let mount = |mount: &WakeMount| {
            Ok(Bind {
                source: fill(&mount.source, &order.places)?,
                target: fill(&mount.target, &order.places)?,
                read_only: mount.read_only,
            })
        };
        let hash = fingerprint(format!("{:?}", wake.parts()).bytes());
        Ok(Spec {
            name: container_name(&self.install, &order.agent),
            image: fill(&wake.image, &order.places).map_err(bad)?,
            command: list(&wake.command)?,
            entrypoint: list(&wake.entrypoint)?,
            env: env.collect::<Result<_, _>>().map_err(bad)?,
            user: wake.user.clone(),
            labels: BTreeMap::from([
                (labels::INSTALL.to_owned(), self.install.clone()),
                (labels::AGENT.to_owned(), order.agent.to_string()),
                (labels::SPEC.to_owned(), format!("{hash:016x}")),
            ]),
            mounts: wake.mounts.iter().map(mount).collect::<Result<_, _>>().map_err(bad)?,
            network: wake.network.clone(),
            ..Spec::default()
        })
    }
}

impl Waker for DockerWaker {
    fn kind(&self) -> WakeKind {
        WakeKind::Docker
    }

    fn wake<'a>(&'a self, order: &'a WakeOrder) -> Doing<'a, Result<Woken, PortError>> {
        Box::pin(async move {
            let spec = self.spec(order)?;
            let make: Make<'_> = &|| {
                let spec = &spec;
                Box::pin(async move { Ok(self.client.start(spec).await?.id) })
            };
            let (client, install) = (&self.client, self.install.as_str());
            let secrets = spec.env.iter().map(|(_, value)| value.as_str()).collect();
            Joining { client, install, order, name: &spec.name, secrets }.wake(make).await
        })
    }
}
