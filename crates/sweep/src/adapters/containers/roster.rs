//! Who is expected: the registry's rows, and the configuration's tables.

use std::collections::BTreeSet;

use sweepd_decide::AgentId;
use sweepd_decide::keep::KeepPolicy;
use sweepd_store::registry::{self, Registry};

use super::{Declared, KeptContainers};
use crate::ports::{Doing, Enlisted, Expected, HostState, PortError, Roster, Source};

impl Source for KeptContainers {
    fn name(&self) -> &str {
        &self.name
    }

    /// A registry that cannot be read leaves those of the configuration, and the rest unknown.
    fn roster(&self) -> Doing<'_, Result<Roster, PortError>> {
        Box::pin(async move {
            let mut roster = Roster::default();
            for one in &self.fixed {
                self.enlist(&mut roster, &one.name, one.enabled, &one.policy);
            }
            match self.ask_registry().await {
                Ok(registry) => self.add(&mut roster, registry),
                Err(why) => roster.unread = Some(why),
            }
            roster.agents.sort_by(|one, other| one.agent.cmp(&other.agent));
            Ok(roster)
        })
    }

    /// Nobody else is asked to keep them up: whether somebody does, nobody can tell.
    fn host(&self) -> Doing<'_, HostState> {
        Box::pin(std::future::ready(HostState::Absent))
    }
}

impl KeptContainers {
    async fn ask_registry(&self) -> Result<Registry, String> {
        let Some((path, query)) = self.registry.clone() else { return Ok(Registry::default()) };
        let ask = move || registry::read(&path, &query, registry::DEADLINE_MS);
        match tokio::task::spawn_blocking(ask).await {
            Ok(Ok(registry)) => Ok(registry),
            Ok(Err(error)) => Err(error.to_string()),
            Err(error) => Err(format!("the registry could not be read: {error}")),
        }
    }

    fn add(&self, roster: &mut Roster, registry: Registry) {
        let fixed: BTreeSet<&str> = self.fixed.iter().map(|one| one.name.as_str()).collect();
        let mut listed = std::collections::BTreeMap::new();
        for entry in registry.entries {
            if !fixed.contains(entry.name.as_str()) {
                self.enlist(roster, &entry.name, entry.enabled, &self.policy);
                listed.insert(entry.name.clone(), Declared::from(entry));
            }
        }
        let refused = registry.refused.into_iter();
        roster.refused.extend(refused.filter(|(name, _)| !fixed.contains(name.as_str())));
        *self.listed() = listed;
    }

    fn enlist(&self, roster: &mut Roster, name: &str, enabled: bool, policy: &KeepPolicy) {
        let agent = AgentId::new(format!("{}/{name}", self.name));
        let prefix = self.prefix.as_deref().unwrap_or_default();
        if !enabled {
            roster.resting.push(agent);
        } else if !name.starts_with(prefix) {
            let why = format!("its name does not begin with the source's name-prefix {prefix:?}");
            roster.refused.push((name.to_owned(), why));
        } else {
            let container = Expected { name: name.to_owned(), policy: policy.clone() };
            roster.agents.push(Enlisted {
                agent,
                workspace: None,
                places: std::collections::BTreeMap::new(),
                ghost: None,
                container: Some(container),
            });
        }
    }
}
