//! Wake kind `learned`: a container like the last one of the agent's group that was seen up, with
//! this session's directory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sweepd_decide::{AgentId, RunId};
use sweepd_docker::{Blueprint, Client, Mount, MountKind};

use super::joining::{Joining, Make, container_name};
use super::learned::{learned, mark};
use crate::ports::{
    Doing, Enlisted, Learned, Learner, PortError, State, WakeKind, WakeOrder, Waker, Woken,
};

/// Where agents find their directory.
const WORKSPACE: &str = "/workspace";
/// What tells an agent's group.
const GROUP: &str = "agent_group_id";

/// Learns from whatever container of a group is up, whoever started it, and wakes from that.
#[derive(Clone)]
pub struct LearnedWaker {
    client: Client,
    state: Arc<dyn State>,
    install: String,
}

impl std::fmt::Debug for LearnedWaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LearnedWaker").field("client", &self.client).finish_non_exhaustive()
    }
}

impl LearnedWaker {
    /// Wakes through `client` from what is written down in `state`; containers carry `install` as
    /// their label.
    pub fn new(client: Client, state: Arc<dyn State>, install: impl Into<String>) -> Self {
        Self { client, state, install: install.into() }
    }

    async fn blueprint(&self, order: &WakeOrder) -> Result<Blueprint, PortError> {
        let doing = || format!("wake {}", order.agent);
        let from = shelf(&order.agent, order.places.get(GROUP));
        let Some(spec) = self.state.spec(&from).await? else {
            let words = format!(
                "nothing is learned of {from} yet: a container of it has to be seen up once, \
                 started by its own host or by hand"
            );
            return Err(PortError::lacking(doing(), words));
        };
        let mut made: Blueprint =
            serde_json::from_value(spec).map_err(|error| PortError::lacking(doing(), error))?;
        let dir = order.workspace.as_deref().ok_or("it has no directory");
        dir.and_then(|dir| settle_in(&mut made.mounts, dir))
            .map_err(|why| PortError::lacking(doing(), why))?;
        Ok(made)
    }
}

impl Learner for LearnedWaker {
    fn learn<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<Learned, PortError>> {
        Box::pin(learned(&self.client, run))
    }

    fn shelf(&self, agent: &Enlisted) -> AgentId {
        shelf(&agent.agent, agent.places.get(GROUP))
    }
}

impl Waker for LearnedWaker {
    fn kind(&self) -> WakeKind {
        WakeKind::Learned
    }

    fn wake<'a>(&'a self, order: &'a WakeOrder) -> Doing<'a, Result<Woken, PortError>> {
        Box::pin(async move {
            let blueprint = self.blueprint(order).await?;
            let name = container_name(&self.install, &order.agent);
            let labels = mark(&blueprint, &self.install, &order.agent);
            let make: Make<'_> = &|| {
                let rebuilt = self.client.rebuild(&name, &blueprint, &labels);
                Box::pin(async move { Ok(rebuilt.await?.id) })
            };
            let (client, install) = (&self.client, self.install.as_str());
            let secrets = blueprint.env.iter().map(|(_, value)| value.as_str()).collect();
            Joining { client, install, order, name: &name, secrets }.wake(make).await
        })
    }
}

/// A group's own name, beside those of its sessions.
fn shelf(agent: &AgentId, group: Option<&String>) -> AgentId {
    group.map_or_else(|| agent.clone(), |group| AgentId::new(format!("{}/{group}", agent.source())))
}

/// Mounts this directory at `/workspace`, and what lies below the one that was there from below
/// this one.
fn settle_in(mounts: &mut [Mount], dir: &Path) -> Result<(), &'static str> {
    let workspace = |mount: &&Mount| {
        mount.kind == MountKind::Bind && Path::new(&mount.target) == Path::new(WORKSPACE)
    };
    let before = mounts.iter().find(workspace).map(|mount| PathBuf::from(&mount.source));
    let before = before.ok_or("what was learned has no directory of the host at /workspace")?;
    for mount in mounts.iter_mut().filter(|mount| mount.kind == MountKind::Bind) {
        if let Ok(below) = Path::new(&mount.source).strip_prefix(&before) {
            // To join nothing would leave a slash behind.
            let moved = if below == Path::new("") { dir.to_owned() } else { dir.join(below) };
            mount.source = moved.to_string_lossy().into_owned();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mounts(texts: &[&str]) -> Vec<Mount> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn the_session_s_directory_and_what_is_below_it_become_this_one_s() {
        let mut all = mounts(&[
            "/s/ag/one:/workspace",
            "/groups/ag:/workspace/agent",
            "/s/ag/one/cache:/cache:ro",
            "/s/ag/one-more:/other",
            "one:/volume",
        ]);
        settle_in(&mut all, Path::new("/s/ag/two")).unwrap();
        let wanted = [
            "/s/ag/two:/workspace",
            "/groups/ag:/workspace/agent",
            "/s/ag/two/cache:/cache:ro",
            "/s/ag/one-more:/other",
            "one:/volume",
        ];
        assert_eq!(all, mounts(&wanted));
    }

    #[test]
    fn without_a_workspace_to_put_it_in_place_of_there_is_none() {
        for texts in [&["/a:/work"][..], &["volume:/workspace"], &[]] {
            assert!(settle_in(&mut mounts(texts), Path::new("/s")).is_err());
        }
    }
}
