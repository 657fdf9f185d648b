//! Who wants a stop for a fault, over all agents: what the brake looks at.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::json;
use sweepd_decide::{
    AgentId, Brake, BrakePolicy, EventKind, Finding, FindingKind, Memory, Timestamp, Wish, brake,
    canary_is_free,
};

use crate::ports::NewEvent;

/// What the brake's incident is about: everybody.
pub(crate) const EVERYBODY: &str = "sweepd";

/// Every agent's wish. Shared by all turns that are under way.
#[derive(Debug)]
pub(crate) struct Board {
    policy: BrakePolicy,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    wishes: BTreeMap<AgentId, Wish>,
    canaries: BTreeMap<AgentId, Timestamp>,
    /// Runs that are up, by source.
    running: BTreeMap<String, u32>,
    engaged_at: Option<Timestamp>,
    recalled: bool,
}

/// What the brake says to one stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leave {
    /// Go on.
    Go,
    /// Go on, as the one that shows whether stopping helps.
    Canary(Brake),
    /// Not now.
    Held(Brake),
}

impl Board {
    pub(crate) fn new(policy: BrakePolicy) -> Self {
        Self { policy, seen: Mutex::default() }
    }

    pub(crate) const fn policy(&self) -> &BrakePolicy {
        &self.policy
    }

    /// Takes over what is remembered, the first time; from then on it knows better.
    pub(crate) fn recall<'a>(
        &self,
        remembered: impl Iterator<Item = (&'a AgentId, &'a Memory)>,
        engaged_at: Option<Timestamp>,
    ) {
        let mut seen = self.seen();
        seen.engaged_at = engaged_at;
        if std::mem::replace(&mut seen.recalled, true) {
            return;
        }
        for (agent, memory) in remembered {
            put(&mut seen.wishes, agent, memory.wish.clone());
            put(&mut seen.canaries, agent, memory.canary_at);
        }
    }

    /// Agents that are on a roster no more want nothing.
    pub(crate) fn strike_off(&self, source: &str, stays: impl Fn(&AgentId) -> bool) {
        let of_another = |agent: &AgentId| agent.source() != source;
        self.seen().wishes.retain(|agent, _| of_another(agent) || stays(agent));
    }

    /// Whether it is known of each of these sources how many of its agents run.
    pub(crate) fn has_counted(&self, sources: &[&str]) -> bool {
        let seen = self.seen();
        sources.iter().all(|source| seen.running.contains_key(*source))
    }

    /// So many runs of a source are up.
    pub(crate) fn count(&self, source: &str, running: usize) {
        let running = u32::try_from(running).unwrap_or(u32::MAX);
        self.seen().running.insert(source.to_owned(), running);
    }

    /// What an agent's last look called for.
    pub(crate) fn note(&self, agent: &AgentId, wish: Option<Wish>) {
        put(&mut self.seen().wishes, agent, wish);
    }

    /// Whether a confirmed stop for a fault may be done at `now`. If so, it counts as done.
    pub(crate) fn ask(&self, agent: &AgentId, now: Timestamp) -> Leave {
        let mut seen = self.seen();
        let found = seen.brake(&self.policy, now);
        let released = seen.wishes.get(agent).is_some_and(|wish| wish.released);
        let leave = if !found.is_engaged() || released {
            Leave::Go
        } else if canary_is_free(
            &self.policy,
            seen.canaries.values().copied(),
            seen.engaged_at,
            now,
        ) {
            seen.canaries.insert(agent.clone(), now);
            Leave::Canary(found)
        } else {
            Leave::Held(found)
        };
        let lets_go = leave != Leave::Held(found);
        if let Some(wish) = seen.wishes.get_mut(agent).filter(|_| lets_go) {
            wish.done = true;
            wish.at = now;
        }
        leave
    }

    /// An agent's wish as it stands on the board.
    pub(crate) fn wish_of(&self, agent: &AgentId) -> Option<Wish> {
        self.seen().wishes.get(agent).cloned()
    }

    /// Lets go whoever is wanted now. Who that is.
    pub(crate) fn release(&self) -> BTreeMap<AgentId, Wish> {
        let mut seen = self.seen();
        let held = seen.wishes.iter_mut().filter(|(_, wish)| !wish.done);
        let released = held.map(|(agent, wish)| {
            wish.released = true;
            (agent.clone(), wish.clone())
        });
        released.collect()
    }

    /// What the brake says of everybody.
    pub(crate) fn brake(&self, now: Timestamp) -> Brake {
        self.seen().brake(&self.policy, now)
    }

    /// The finding that the brake is on.
    pub(crate) fn finding(&self, now: Timestamp) -> Option<Finding> {
        let seen = self.seen();
        let found = seen.brake(&self.policy, now);
        if !found.is_engaged() {
            return None;
        }
        let canary = seen.canaries.iter().max_by_key(|(_, at)| **at);
        let canary = canary.map_or_else(
            || "one act will be done all the same, to see whether it helps".to_owned(),
            |(agent, at)| {
                format!("{agent} was stopped or made anew all the same at {at}, to see if it helps")
            },
        );
        Some(Finding {
            kind: FindingKind::BrakeEngaged,
            message_id: None,
            since: seen.engaged_at.unwrap_or(now),
            detail: Some(format!(
                "{}; {canary}; `sweepd brake release` lets the others go",
                sentence(found)
            )),
        })
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn brake(&self, policy: &BrakePolicy, now: Timestamp) -> Brake {
        let running = self.running.values().fold(0_u32, |sum, more| sum.saturating_add(*more));
        brake(policy, self.wishes.values(), running, now)
    }
}

/// The brake in one sentence.
pub(crate) fn sentence(found: Brake) -> String {
    let Brake { wanted, running, limit, window } = found;
    format!(
        "{wanted} agents look stuck, were stopped for it within {window}, or have vanished; {running} \
         run, limit {limit}"
    )
}

/// The event that the brake is on (`engaged`), that a stop was let through all the same
/// (`canary`), or that all were (`released`).
pub(crate) fn event(agent: Option<&AgentId>, what: &str, found: Option<Brake>) -> NewEvent {
    NewEvent {
        kind: EventKind::BrakeEngaged,
        agent: agent.cloned(),
        source: agent.map(|agent| agent.source().to_owned()),
        run: None,
        data: json!({ "what": what, "sentence": found.map(sentence) }),
    }
}

fn put<T>(map: &mut BTreeMap<AgentId, T>, agent: &AgentId, value: Option<T>) {
    match value {
        Some(value) => drop(map.insert(agent.clone(), value)),
        None => drop(map.remove(agent)),
    }
}
