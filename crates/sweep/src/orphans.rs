//! Containers with our label that are nobody's, or one too many. They are told of; removed only
//! where that is configured, after a while, one in a pass.

use std::collections::BTreeSet;

use serde_json::json;
use sweepd_decide::{AgentId, EventKind, Finding, FindingKind, MessageId, Run, Timestamp};

use crate::call::Call;
use crate::engine::{Engine, span};
use crate::fleet::Fleet;
use crate::mode::Mode;
use crate::ports::{Enlisted, NewEvent, Roster, Seen};
use crate::setup::SourceSetup;
use crate::survey::Survey;

/// One too many, for the incident that it is.
struct Surplus {
    key: String,
    agent: AgentId,
    seen: Seen,
}

/// Containers of ours for agents that a whole roster does not know.
pub(crate) fn orphans(
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
    unknown(setup, roster, fleet).map(of).collect()
}

/// Containers with our label for an agent whose own container is another.
pub(crate) fn doubles<'a>(agent: &'a Enlisted, fleet: &'a Fleet) -> impl Iterator<Item = &'a Seen> {
    let own = agent.container.as_ref().map(|expected| expected.name.as_str());
    let labeled = fleet.labeled(agent.agent.source());
    let other = labeled
        .filter(move |(id, seen)| own.is_some_and(|own| *id == agent.agent && seen.name != own));
    other.map(|(_, seen)| seen)
}

fn unknown<'a>(
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
    labeled.filter(move |(agent, _)| !known.contains(agent) && !refused(agent))
}

impl Engine {
    /// Removes one container of each source that has been one too many for long enough, where that
    /// is configured.
    ///
    /// # Cancel safety
    /// It may have been stopped, and not removed: it is found again.
    pub(crate) async fn clear_orphans(&self, call: &mut Call, survey: &Survey) {
        for (setup, found) in survey.with(&self.sources) {
            let Some(grace) = setup.remove_orphans else { continue };
            if setup.mode != Mode::Enforce || self.options().dry_run {
                continue;
            }
            let surplus = surplus(setup, &found.view.roster, &found.fleet);
            let now = self.clock().now();
            let due = surplus.into_iter().find(|one| {
                let open = call.incidents.open().find(|open| open.key == one.key);
                let paused = self.pauses.of(&one.agent, now).is_some();
                !paused && open.is_some_and(|open| now >= open.opened_at.plus(span(grace)))
            });
            if let Some(Surplus { agent, seen, .. }) = due {
                call.events.push(self.remove_one(setup, agent, &seen).await);
            }
        }
    }

    async fn remove_one(&self, setup: &SourceSetup, agent: AgentId, seen: &Seen) -> NewEvent {
        let runtime = &setup.runtime;
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
        let error = removed.as_ref().err().map(crate::ports::PortError::chain);
        NewEvent {
            kind: if error.is_none() { EventKind::AgentStopped } else { EventKind::StopFailed },
            source: Some(agent.source().to_owned()),
            agent: Some(agent),
            run: Some(seen.run.clone()),
            data: json!({ "reason": "orphan", "name": seen.name, "error": error }),
        }
    }
}

fn surplus(setup: &SourceSetup, roster: &Roster, fleet: &Fleet) -> Vec<Surplus> {
    let source = setup.source.name();
    let orphans = unknown(setup, roster, fleet).map(|(agent, seen)| Surplus {
        key: format!("{}:{source}/{}", FindingKind::OrphanContainer.as_str(), seen.name),
        agent,
        seen: seen.clone(),
    });
    let doubles = roster.agents.iter().flat_map(|agent| {
        doubles(agent, fleet).map(|seen| Surplus {
            key: format!("{}:{}", FindingKind::DuplicateContainer.as_str(), agent.agent),
            agent: agent.agent.clone(),
            seen: seen.clone(),
        })
    });
    orphans.chain(doubles).collect()
}
