//! One runtime's complete list, and which of its runs belong to which agent.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use sweepd_decide::{AgentId, Presence, RunId, Sighting, Timestamp, presence};
use tokio::sync::OnceCell;

use crate::ports::{Enlisted, ExitSeen, Runtime, Seen};
use crate::setup::SourceSetup;

/// Label of the installation that a run belongs to.
pub const INSTALL_LABEL: &str = "sweepd.install";
/// Label of the agent that a run is of.
pub const AGENT_LABEL: &str = "sweepd.agent";
/// NanoClaw's own label.
const NANOCLAW_LABEL: &str = "nanoclaw-install";

/// What one runtime showed in this pass.
pub(crate) struct Fleet {
    runtime: Arc<dyn Runtime>,
    install: String,
    host_label: Option<String>,
    listed: Result<Listed, String>,
    exits: OnceCell<Vec<ExitSeen>>,
    since: Timestamp,
    /// Whatever was listed was so at this instant or later.
    listed_at: Timestamp,
}

#[derive(Default)]
struct Listed {
    runs: Vec<Seen>,
    by_workspace: BTreeMap<PathBuf, Vec<usize>>,
    by_agent: BTreeMap<String, Vec<usize>>,
    by_name: BTreeMap<String, usize>,
}

impl Fleet {
    /// Lists a runtime once. `since` is how far back its ends are of interest.
    pub(crate) async fn look(
        setup: &SourceSetup,
        install: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Self {
        let runtime = Arc::clone(&setup.runtime);
        let host_label = setup.host_label.clone();
        let listed = match runtime.list().await {
            Ok(runs) => Ok(Listed::index(runs, install)),
            Err(error) => Err(error.chain()),
        };
        let install = install.to_owned();
        let exits = OnceCell::new();
        Self { runtime, install, host_label, listed, exits, since, listed_at: now }
    }

    /// Why nothing may be concluded about anybody, if so.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.listed.as_ref().err().map(String::as_str)
    }

    /// For how many of them something is up.
    pub(crate) fn up(&self, roster: &[Enlisted]) -> usize {
        let is_up = |agent: &&Enlisted| self.of(agent).iter().any(|seen| seen.state.is_up());
        roster.iter().filter(is_up).count()
    }

    /// An instant before the list was made: an end after it was not seen in it.
    pub(crate) const fn listed_at(&self) -> Timestamp {
        self.listed_at
    }

    pub(crate) fn runtime(&self) -> &dyn Runtime {
        self.runtime.as_ref()
    }

    /// The runs that are an agent's: by its directory mounted as `/workspace`, by the name that its
    /// container has, or by our labels.
    pub(crate) fn of(&self, agent: &Enlisted) -> Vec<&Seen> {
        let Ok(listed) = &self.listed else { return Vec::new() };
        let mounted = agent.workspace.as_ref().and_then(|dir| listed.by_workspace.get(dir));
        let labeled = listed.by_agent.get(agent.agent.as_str());
        let container = agent.container.as_ref();
        let named = container.and_then(|expected| listed.by_name.get(&expected.name));
        let found = mounted.into_iter().chain(labeled).flatten().chain(named);
        let mut found: Vec<usize> = found.copied().collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|index| listed.runs.get(index)).collect()
    }

    /// The run with this very name.
    pub(crate) fn named(&self, name: &str) -> Option<&Seen> {
        let listed = self.listed.as_ref().ok()?;
        listed.runs.get(*listed.by_name.get(name)?)
    }

    /// The run with this id.
    pub(crate) fn find(&self, run: &RunId) -> Option<&Seen> {
        self.listed.as_ref().ok()?.runs.iter().find(|seen| seen.run == *run)
    }

    /// Runs with our label that are an agent's of `source`, with that agent.
    pub(crate) fn labeled(&self, source: &str) -> impl Iterator<Item = (AgentId, &Seen)> {
        let listed = self.listed.as_ref().ok().into_iter();
        let labeled = listed.flat_map(|listed| {
            let of = |index: &usize| listed.runs.get(*index);
            listed.by_agent.iter().flat_map(move |(agent, runs)| {
                let agent = AgentId::new(agent.as_str());
                runs.iter().filter_map(of).map(move |seen| (agent.clone(), seen))
            })
        });
        labeled.filter(move |(agent, _)| agent.source() == source)
    }

    /// Where an agent stands.
    pub(crate) fn presence(&self, agent: &Enlisted) -> Presence {
        self.presence_of(agent, |_| true)
    }

    /// Where an agent stands but for one run that has ended since it was listed.
    pub(crate) fn presence_without(&self, agent: &Enlisted, run: &RunId) -> Presence {
        self.presence_of(agent, |seen| seen.run != *run)
    }

    fn presence_of(&self, agent: &Enlisted, counts: impl Fn(&Seen) -> bool) -> Presence {
        let sightings: Vec<Sighting> = self
            .of(agent)
            .into_iter()
            .filter(|seen| counts(seen))
            .map(|seen| Sighting {
                run: seen.run.clone(),
                state: seen.state,
                labeled: self.is_ours(seen) || self.is_the_hosts(seen),
            })
            .collect();
        presence(&sightings)
    }

    fn is_the_hosts(&self, seen: &Seen) -> bool {
        let value = seen.labels.get(NANOCLAW_LABEL);
        value.is_some_and(|value| self.host_label.as_ref().is_none_or(|own| own == value))
    }

    /// Whether we made a run, and may remove it once it has ended.
    pub(crate) fn is_ours(&self, seen: &Seen) -> bool {
        seen.labels.get(INSTALL_LABEL).is_some_and(|install| *install == self.install)
    }

    /// The end of a run that the runtime remembers; asked for once in a pass. One that does not
    /// answer remembers nothing: that a run has ended is observed elsewhere.
    pub(crate) async fn exit_of(&self, run: &RunId, now: Timestamp) -> Option<&ExitSeen> {
        let ask = async || self.runtime.exits(self.since, now).await.unwrap_or_default();
        let exits = self.exits.get_or_init(ask).await;
        exits.iter().rev().find(|exit| exit.run == *run)
    }
}

impl Listed {
    fn index(runs: Vec<Seen>, install: &str) -> Self {
        let mut listed = Self::default();
        for (index, seen) in runs.iter().enumerate() {
            listed.by_name.insert(seen.name.clone(), index);
            if let Some(dir) = &seen.workspace {
                listed.by_workspace.entry(dir.clone()).or_default().push(index);
            }
            let ours = seen.labels.get(INSTALL_LABEL).is_some_and(|label| label == install);
            if let Some(agent) = seen.labels.get(AGENT_LABEL).filter(|_| ours) {
                listed.by_agent.entry(agent.clone()).or_default().push(index);
            }
        }
        Self { runs, ..listed }
    }
}
