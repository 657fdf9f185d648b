//! Containers with our label that are nobody's, or one too many. They are told of; removed only
//! where that is configured, after a while, one in a pass.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;
use sweepd_decide::{AgentId, EventKind, Finding, FindingKind, MessageId, Run, Timestamp};

use crate::call::Call;
use crate::engine::{Engine, span};
use crate::fleet::Fleet;
use crate::incidents;
use crate::mode::Mode;
use crate::ports::{Enlisted, Incident, NewEvent, PortError, Roster, Runtime, Seen};
use crate::setup::SourceSetup;
use crate::survey::{Found, Survey};

/// One that is to be removed.
pub(crate) struct Due {
    runtime: Arc<dyn Runtime>,
    agent: AgentId,
    seen: Seen,
}

/// The names of containers that any source knows: expected, at rest or refused.
#[derive(Debug, Default)]
pub(crate) struct Names(Mutex<BTreeMap<String, Option<BTreeSet<String>>>>);

impl Names {
    /// A source that expects containers is there, and nobody has asked it yet.
    pub(crate) fn of_sources(sources: &[SourceSetup]) -> Self {
        let keepers = sources.iter().filter(|setup| setup.keeper.is_some());
        let names = keepers.map(|setup| (setup.source.name().to_owned(), None));
        Self(Mutex::new(names.collect()))
    }

    /// What a source knows. Nobody can tell, where its roster is not whole.
    pub(crate) fn note(&self, source: &str, roster: Option<&Roster>) {
        let whole = roster.filter(|roster| roster.unread.is_none());
        let names = whole.map(|roster| {
            let expected = roster.agents.iter().filter_map(|agent| agent.container.as_ref());
            let expected = expected.map(|expected| expected.name.as_str());
            let own = |agent: &'_ AgentId| {
                agent.as_str().split_once('/').map(|(_, name)| name.to_owned())
            };
            let resting = roster.resting.iter().filter_map(own);
            let refused = roster.refused.iter().map(|(name, _)| name.clone());
            expected.map(str::to_owned).chain(resting).chain(refused).collect()
        });
        if let Some(known) = self.names().get_mut(source) {
            *known = names;
        }
    }

    /// Whether no source knows one of this name. No, where one of them cannot tell.
    fn is_nobodys(&self, name: &str) -> bool {
        let knows = |names: &Option<BTreeSet<String>>| {
            names.as_ref().is_none_or(|names| names.contains(name))
        };
        !self.names().values().any(knows)
    }

    fn names(&self) -> MutexGuard<'_, BTreeMap<String, Option<BTreeSet<String>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One too many, for the incident that it is.
struct Surplus {
    key: String,
    agent: AgentId,
    seen: Seen,
}

/// Containers of ours for agents that a whole roster does not know.
pub(crate) fn orphans(
    engine: &Engine,
    setup: &SourceSetup,
    roster: &Roster,
    fleet: &Fleet,
    now: Timestamp,
) -> Vec<Finding> {
    let of = |(agent, seen): (AgentId, &Seen)| Finding {
        kind: FindingKind::OrphanContainer,
        message_id: Some(MessageId::new(seen.name.as_str())),
        since: now,
        detail: Some(format!("{} is of {agent}, who is not there (any more)", seen.run)),
    };
    unknown(engine, setup, roster, fleet).map(of).collect()
}

/// Containers with our label for an agent whose own container is another, and is there.
pub(crate) fn doubles<'a>(
    names: &'a Names,
    agent: &'a Enlisted,
    fleet: &'a Fleet,
) -> impl Iterator<Item = &'a Seen> {
    let own = agent.container.as_ref().map(|expected| expected.name.as_str());
    // One that was given another name is the only one there is.
    let own = own.filter(|own| fleet.named(own).is_some());
    let labeled = fleet.labeled(agent.agent.source());
    let other = labeled
        .filter(move |(id, seen)| own.is_some_and(|own| *id == agent.agent && seen.name != own));
    // Another agent's own may carry a label from before it was given its name.
    other.map(|(_, seen)| seen).filter(|seen| names.is_nobodys(&seen.name))
}

fn unknown<'a>(
    engine: &'a Engine,
    setup: &'a SourceSetup,
    roster: &'a Roster,
    fleet: &'a Fleet,
) -> impl Iterator<Item = (AgentId, &'a Seen)> {
    let source = setup.source.name();
    let agents = roster.agents.iter().map(|enlisted| &enlisted.agent);
    let known: BTreeSet<&AgentId> = agents.chain(&roster.resting).collect();
    // Of one that is refused nobody knows whether it is there.
    let refused = move |agent: &AgentId| {
        let name = agent.as_str().strip_prefix(source).and_then(|rest| rest.strip_prefix('/'));
        roster.refused.iter().any(|(id, _)| Some(id.as_str()) == name)
    };
    let whole = roster.unread.is_none();
    let labeled = fleet.labeled(source).filter(move |_| whole);
    let nobodys = labeled.filter(move |(agent, _)| !known.contains(agent) && !refused(agent));
    // Of another source, or another agent's since: whoever is expected by its name is somebody.
    nobodys.filter(|(_, seen)| engine.expected.is_nobodys(&seen.name))
}

impl Engine {
    /// One container of each source that has been one too many for long enough, where such are to
    /// be removed.
    pub(crate) fn due_orphans(&self, call: &Call, survey: &Survey) -> Vec<Due> {
        let sources = survey.with(&self.sources);
        sources.filter_map(|(setup, found)| self.due_orphan(call, setup, found)).collect()
    }

    fn due_orphan(&self, call: &Call, setup: &SourceSetup, found: &Found) -> Option<Due> {
        let grace = setup.remove_orphans.filter(|_| !self.options().dry_run)?;
        let name = setup.source.name();
        // What is missing from a roster that has shrunk may be there again in a moment.
        let shrunk = |open: &Incident| {
            open.kind == FindingKind::SourceShrunk && incidents::is_about(&open.key, name)
        };
        if call.incidents.open().any(shrunk) {
            return None;
        }
        let now = self.clock().now();
        let surplus = surplus(self, setup, &found.view.roster, &found.fleet);
        let due = surplus.into_iter().find(|one| {
            let mode = setup.rules.mode(&one.agent).unwrap_or(setup.mode);
            let open = call.incidents.open().find(|open| open.key == one.key);
            let paused = self.pauses.of(&one.agent, now).is_some();
            mode == Mode::Enforce
                && !paused
                && open.is_some_and(|open| now >= open.opened_at.plus(span(grace)))
        })?;
        let Surplus { agent, seen, .. } = due;
        Some(Due { runtime: Arc::clone(&setup.runtime), agent, seen })
    }

    /// Removes them.
    ///
    /// # Cancel safety
    /// One may have been stopped, and not removed: it is found again.
    pub(crate) async fn remove_orphans(&self, due: Vec<Due>) -> Vec<NewEvent> {
        let mut events = Vec::new();
        for one in due {
            events.push(self.remove_one(one).await);
        }
        events
    }

    async fn remove_one(&self, due: Due) -> NewEvent {
        let Due { runtime, agent, seen } = due;
        let ended = match runtime.inspect(&seen.run).await {
            Ok(found) if found.state.is_up() => {
                let run = Run { id: seen.run.clone(), started_at: found.started_at };
                runtime.stop(&run, self.options().grace).await.map(drop)
            }
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        let removed = match ended {
            Ok(()) => runtime.remove(&seen.run).await,
            Err(error) => Err(error),
        };
        let error = removed.as_ref().err().map(PortError::chain);
        NewEvent {
            kind: if error.is_none() { EventKind::AgentStopped } else { EventKind::StopFailed },
            source: Some(agent.source().to_owned()),
            agent: Some(agent),
            run: Some(seen.run),
            data: json!({ "reason": "orphan", "name": seen.name, "error": error }),
        }
    }
}

fn surplus(engine: &Engine, setup: &SourceSetup, roster: &Roster, fleet: &Fleet) -> Vec<Surplus> {
    let source = setup.source.name();
    let orphans = unknown(engine, setup, roster, fleet).map(|(agent, seen)| Surplus {
        key: format!("{}:{source}/{}", FindingKind::OrphanContainer.as_str(), seen.name),
        agent,
        seen: seen.clone(),
    });
    let doubles = roster.agents.iter().flat_map(|agent| {
        doubles(&engine.expected, agent, fleet).map(|seen| Surplus {
            key: format!("{}:{}", FindingKind::DuplicateContainer.as_str(), agent.agent),
            agent: agent.agent.clone(),
            seen: seen.clone(),
        })
    });
    orphans.chain(doubles).collect()
}
