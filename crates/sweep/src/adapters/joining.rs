//! Starting an agent's container under a name of our own, or joining the one that has the name.

use sweepd_decide::{AgentId, RunId};
use sweepd_docker::{Client, Error, Inspected, labels};

use super::docker::{port, state};
use super::ended::ended_at_once;
use super::heartbeat;
use crate::fingerprint::fingerprint;
use crate::ports::{Doing, PortError, WakeOrder, Woken};

/// Makes and starts the container: its full id.
pub(super) type Make<'a> = &'a (dyn Fn() -> Doing<'a, Result<String, Error>> + Send + Sync);

/// One wake.
pub(super) struct Joining<'a> {
    pub(super) client: &'a Client,
    pub(super) install: &'a str,
    pub(super) order: &'a WakeOrder,
    /// What the container is called.
    pub(super) name: &'a str,
    /// Values of its environment, which its last words may hold.
    pub(super) secrets: Vec<&'a str>,
}

impl Joining<'_> {
    /// Starts, or joins what runs under the same name and is ours, until it is seen running.
    pub(super) async fn wake(&self, make: Make<'_>) -> Result<Woken, PortError> {
        let (id, already) = self.start(make).await?;
        self.see(&id, already).await
    }

    /// The stale heartbeat goes only where a new run is to be started: a run that is joined keeps
    /// its own.
    async fn start(&self, make: Make<'_>) -> Result<(String, bool), PortError> {
        match self.client.inspect(self.name).await {
            Ok(holder) => {
                if let Some(id) = self.join_or_clear(&holder).await? {
                    return Ok((id, true));
                }
            }
            Err(Error::Gone { .. }) => {}
            Err(error) => return Err(port(&self.doing(), error)),
        }
        heartbeat::remove_stale(self.order.workspace.as_deref()).await;
        let started = match make().await {
            Err(Error::Conflict { holder, .. }) => {
                // Somebody was faster.
                if let Some(id) = self.join_or_clear(&holder).await? {
                    return Ok((id, true));
                }
                make().await
            }
            started => started,
        };
        started.map(|id| (id, false)).map_err(|error| port(&self.doing(), error))
    }

    /// What has the name already: joined if it is ours and up, removed if it is ours and dead.
    async fn join_or_clear(&self, holder: &Inspected) -> Result<Option<String>, PortError> {
        if !self.is_ours(holder) {
            let words = format!("the name {} is taken by {}", self.name, holder.id);
            return Err(PortError::refused(self.doing(), words));
        }
        if state(&holder.state).is_up() {
            return Ok(Some(holder.id.clone()));
        }
        let removed = self.client.remove(&holder.id, false).await;
        removed.map(|()| None).map_err(|error| port(&self.doing(), error))
    }

    fn is_ours(&self, holder: &Inspected) -> bool {
        let has =
            |label: &str, value: &str| holder.labels.get(label).is_some_and(|found| found == value);
        has(labels::INSTALL, self.install) && has(labels::AGENT, self.order.agent.as_str())
    }

    /// It has to be seen running; one that ended at once says why in its log.
    async fn see(&self, id: &str, already: bool) -> Result<Woken, PortError> {
        let found = self.client.inspect(id).await;
        let doing = || format!("see {} running", self.order.agent);
        let found = found.map_err(|error| port(&doing(), error))?;
        let (run, started_at) = (Some(RunId::new(id)), found.started_at);
        let up = state(&found.state).is_up();
        let secrets = self.secrets.iter().copied();
        let ended = if up { None } else { Some(ended_at_once(self.client, &found, secrets).await) };
        Ok(Woken { run, started_at, already, ended })
    }

    fn doing(&self) -> String {
        format!("wake {}", self.order.agent)
    }
}

/// `sweepd-<slug>`: the same for every wake of an agent, so that two of them collide.
pub(super) fn container_name(install: &str, agent: &AgentId) -> String {
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
