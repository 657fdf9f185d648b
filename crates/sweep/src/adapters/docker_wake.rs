//! Wake kind `docker`: a container from an image, with the session's directory mounted.

use std::collections::BTreeMap;

use sweepd_decide::{AgentId, RunId};
use sweepd_docker::{Bind, Client, Error, Inspected, Spec, labels};

use super::docker::{port, state};
use super::ended::ended_at_once;
use super::heartbeat;
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

    /// Starts, or joins what runs under the same name and is ours. The stale heartbeat goes only
    /// where a new run is to be started: a run that is joined keeps its own.
    async fn start(&self, spec: &Spec, order: &WakeOrder) -> Result<(String, bool), PortError> {
        let doing = || format!("wake {}", order.agent);
        match self.client.inspect(&spec.name).await {
            Ok(holder) => {
                if let Some(id) = self.join_or_clear(&spec.name, &holder, &order.agent).await? {
                    return Ok((id, true));
                }
            }
            Err(Error::Gone { .. }) => {}
            Err(error) => return Err(port(&doing(), error)),
        }
        heartbeat::remove_stale(order.workspace.as_deref()).await;
        let started = match self.client.start(spec).await {
            Err(Error::Conflict { holder, .. }) => {
                // Somebody was faster.
                if let Some(id) = self.join_or_clear(&spec.name, &holder, &order.agent).await? {
                    return Ok((id, true));
                }
                self.client.start(spec).await
            }
            started => started,
        };
        started.map(|started| (started.id, false)).map_err(|error| port(&doing(), error))
    }

    /// What has the name already: joined if it is ours and up, removed if it is ours and dead.
    async fn join_or_clear(
        &self,
        name: &str,
        holder: &Inspected,
        agent: &AgentId,
    ) -> Result<Option<String>, PortError> {
        let doing = || format!("wake {agent}");
        if !self.is_ours(holder, agent) {
            let words = format!("the name {name} is taken by {}", holder.id);
            return Err(PortError::refused(doing(), words));
        }
        if state(&holder.state).is_up() {
            return Ok(Some(holder.id.clone()));
        }
        let removed = self.client.remove(&holder.id, false).await;
        removed.map(|()| None).map_err(|error| port(&doing(), error))
    }

    fn is_ours(&self, holder: &Inspected, agent: &AgentId) -> bool {
        let has =
            |label: &str, value: &str| holder.labels.get(label).is_some_and(|found| found == value);
        has(labels::INSTALL, &self.install) && has(labels::AGENT, agent.as_str())
    }

    /// It has to be seen running; one that ended at once says why in its log.
    async fn see(&self, id: &str, already: bool, agent: &AgentId) -> Result<Woken, PortError> {
        let found = self.client.inspect(id).await;
        let found = found.map_err(|error| port(&format!("see {agent} running"), error))?;
        let (run, started_at) = (Some(RunId::new(id)), found.started_at);
        if state(&found.state).is_up() {
            return Ok(Woken { run, started_at, already, ended: None });
        }
        let words = ended_at_once(&self.client, &found).await;
        Ok(Woken { run, started_at, already, ended: Some(words) })
    }
}

impl Waker for DockerWaker {
    fn kind(&self) -> WakeKind {
        WakeKind::Docker
    }

    fn wake<'a>(&'a self, order: &'a WakeOrder) -> Doing<'a, Result<Woken, PortError>> {
        Box::pin(async move {
            let spec = self.spec(order)?;
            let (id, already) = self.start(&spec, order).await?;
            self.see(&id, already, &order.agent).await
        })
    }
}

/// `sweepd-<slug>`: the same for every wake of an agent, so that two of them collide.
fn container_name(install: &str, agent: &AgentId) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '-' };
    let slug: String = agent.as_str().chars().map(plain).take(80).collect();
    let hash = fingerprint(install.bytes().chain([b'/']).chain(agent.as_str().bytes()));
    format!("sweepd-{slug}-{:08x}", hash & 0xffff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_legal_stable_and_different_for_different_agents() {
        let one = container_name("i", &AgentId::new("nanoclaw/ag 1/s"));
        let other = container_name("i", &AgentId::new("nanoclaw/ag-1/s"));
        assert!(one.starts_with("sweepd-nanoclaw-ag-1-s-"));
        assert_ne!(one, other);
        assert_eq!(one, container_name("i", &AgentId::new("nanoclaw/ag 1/s")));
    }
}
