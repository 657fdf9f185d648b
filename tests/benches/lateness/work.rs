//! What the agents and their host write: claims that nobody answers, heirs, heartbeats.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use agent_sim::fixture::Message;
use sweepd_decide::stuck::{Action, decide_stuck};
use sweepd_decide::{AgentId, Claim, Due, Heartbeat, Observed, Snapshot, Span, Timestamp};

use crate::clock::{now, wait};
use crate::fleet::{Agent, Fleet};

/// How often each agent beats while nothing is wrong with it.
const BEAT: Span = Span::from_secs(10);
const TICK: Span = Span::from_millis(10);

/// A claim that nobody answers.
#[derive(Debug, Clone)]
pub(crate) struct Claimed {
    pub(crate) agent: AgentId,
    /// The first instant at which it is overdue.
    pub(crate) deadline: Timestamp,
}

/// Writes until `stop`: the agents claim at the instants of `plan`, each once; heirs answer.
pub(crate) fn work(fleet: &Fleet, plan: &[(Timestamp, usize)], stop: &AtomicBool) -> Vec<Claimed> {
    let places: BTreeMap<&AgentId, usize> =
        fleet.agents.iter().enumerate().map(|(n, agent)| (&agent.id, n)).collect();
    let size = i64::try_from(fleet.agents.len()).unwrap();
    let mut hung = vec![false; fleet.agents.len()];
    let mut beats: Vec<Timestamp> =
        (0..size).map(|n| now().plus(Span::from_millis(BEAT.as_millis() * n / size))).collect();
    let mut plan = plan.iter().peekable();
    let mut claimed = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let at = now();
        while let Some((_, n)) = plan.next_if(|(due, _)| *due <= at) {
            hung[*n] = true;
            claimed.push(claim(&fleet.agents[*n]));
        }
        for id in fleet.waker.woken() {
            let n = places[&id];
            take_over(&fleet.agents[n]);
            hung[n] = false;
        }
        for (n, agent) in fleet.agents.iter().enumerate() {
            if !hung[n] && beats[n] <= at {
                agent.session.heartbeat(at).unwrap();
                beats[n] = at.plus(BEAT);
            }
        }
        wait(TICK);
    }
    claimed
}

/// A message comes in, is claimed at once, and nothing more is heard.
fn claim(agent: &Agent) -> Claimed {
    let beat = agent.session.heartbeat_at().unwrap().unwrap();
    agent.session.message(&Message::chat("m-1", now())).unwrap();
    let at = now();
    agent.session.claim("m-1", at).unwrap();
    let deadline = deadline(agent, at, beat);
    Claimed { agent: agent.id.clone(), deadline }
}

/// The heir forgets the claim, beats, and acks.
fn take_over(agent: &Agent) {
    let forget = "DELETE FROM processing_ack WHERE status = 'processing'";
    agent.session.outbound().unwrap().execute(forget, []).unwrap();
    agent.session.heartbeat(now()).unwrap();
    agent.session.ack("m-1", "completed", now()).unwrap();
}

/// The first instant at which the rules call the claim overdue: asked of the rules themselves.
fn deadline(agent: &Agent, at: Timestamp, beat: Timestamp) -> Timestamp {
    let mut seen = Snapshot::unknown();
    seen.start = Observed::Known(agent.started);
    seen.heartbeat = Observed::Known(Heartbeat { mtime: beat, first_seen: beat });
    seen.tool = Observed::Absent;
    let status_changed = at.to_sqlite().as_str().into();
    seen.claims = Observed::Known(vec![Claim { message_id: "m-1".into(), status_changed }]);
    seen.last_ack = Observed::Absent;
    seen.due = Observed::Known(vec![Due { message_id: "m-1".into(), at }]);
    let mut now = at;
    loop {
        let decision = decide_stuck(&agent.policy, &seen, now).decision;
        if decision.action != Action::Ok {
            return now;
        }
        now = decision.recheck.at().unwrap();
    }
}
