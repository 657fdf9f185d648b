//! Where the agents and their work come from: one agent, one message. What runs them is `runs`.
//!
//! The first run claims the message and hangs; a later one does the work.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use sweepd_sweep::decide::session::Queue;
use sweepd_sweep::decide::{
    Ack, AgentId, Claim, Message, MessageId, Observed, RowChange, RowState, RunId, Timestamp,
    Written,
};
use sweepd_sweep::ports::{
    Applied, Doing, Enlisted, HostState, Inspection, PortError, Roster, SessionFacts, SessionLook,
    Source,
};

use super::{LeapingClock, lock};

/// The label by which the engine knows the runs of this host.
pub(crate) const INSTALL: &str = "example";
/// The one agent, of source `office`.
pub(crate) const AGENT: &str = "office/ada";

/// The host's agents, their queue, and their runs.
#[derive(Debug)]
pub(crate) struct Office {
    pub(super) clock: Arc<LeapingClock>,
    desk: Mutex<Desk>,
}

#[derive(Debug)]
pub(super) struct Desk {
    message: Message,
    claim: Option<Claim>,
    ack: Option<Ack>,
    pub(super) runs: BTreeMap<RunId, Inspection>,
}

impl Office {
    /// An office with a message that is due.
    pub(crate) fn new(clock: &Arc<LeapingClock>, now: Timestamp) -> Self {
        let message = Message {
            rowid: 1,
            id: MessageId::new("m-1"),
            kind: "task".to_owned(),
            timestamp: written(now),
            state: RowState { status: Some("pending".to_owned()), ..RowState::default() },
            recurrence: None,
            series_id: None,
            trigger: Some(1),
        };
        let desk = Desk { message, claim: None, ack: None, runs: BTreeMap::new() };
        Self { clock: Arc::clone(clock), desk: Mutex::new(desk) }
    }

    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        lock(&self.desk)
    }
}

impl Desk {
    /// What an agent does that has just been started.
    pub(super) fn begin_work(&mut self, now: Timestamp) {
        let (message_id, status_changed) = (self.message.id.clone(), written(now));
        if self.runs.len() > 1 {
            let status = "completed".to_owned();
            self.claim = None;
            self.ack = Some(Ack { message_id, status, status_changed });
        } else {
            self.claim = Some(Claim { message_id, status_changed });
        }
    }

    fn facts(&self) -> SessionFacts {
        let queue = Queue {
            messages: vec![self.message.clone()],
            claims: self.claim.iter().cloned().collect(),
            acks: self.ack.iter().cloned().collect(),
            answered: Vec::new(),
        };
        let last_ack = self.ack.as_ref().map(|ack| ack.status_changed.clone());
        SessionFacts {
            queue,
            last_ack: Observed::from_option(last_ack),
            tool: Observed::Absent,
            heartbeat: Observed::Absent,
            started_once: !self.runs.is_empty(),
            absent: Vec::new(),
        }
    }
}

impl Source for Office {
    fn name(&self) -> &'static str {
        "office"
    }

    fn roster(&self) -> Doing<'_, Result<Roster, PortError>> {
        let agent = AgentId::new(AGENT);
        let ada = Enlisted {
            agent,
            workspace: None,
            places: BTreeMap::new(),
            ghost: None,
            container: None,
        };
        Box::pin(async move { Ok(Roster { agents: vec![ada], ..Roster::default() }) })
    }

    /// Nobody but the engine sweeps here; `Alive` would tell it to keep its hands off.
    fn host(&self) -> Doing<'_, HostState> {
        Box::pin(async { HostState::Absent })
    }

    fn look<'a>(&'a self, _agent: &'a AgentId, _heal: bool) -> Doing<'a, SessionLook> {
        Box::pin(async move { SessionLook::Facts(Box::new(self.desk().facts())) })
    }

    fn apply<'a>(
        &'a self,
        _agent: &'a AgentId,
        change: &'a RowChange,
    ) -> Doing<'a, Result<Applied, PortError>> {
        Box::pin(async move {
            let row = &mut self.desk().message.state;
            match change {
                RowChange::Update { after, .. } if *row == *after => Ok(Applied::AlreadyDone),
                RowChange::Update { before, after, .. } if *row == *before => {
                    row.clone_from(after);
                    Ok(Applied::Done)
                }
                RowChange::Update { .. } => Ok(Applied::Superseded),
                RowChange::Recur { .. } => Err(PortError::refused("clone", "nothing recurs here")),
            }
        })
    }
}

/// A time as agents write it: whole seconds.
fn written(at: Timestamp) -> Written {
    Written::new(Some(at.to_sqlite()))
}
