//! The host's agents and their queues: where work comes from, and who tells of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use sweepd_decide::session::Queue;
use sweepd_decide::{
    Ack, AgentId, Claim, Message, MessageId, Observed, RowChange, RowState, RunId, Timestamp,
    Written,
};
use sweepd_sweep::ports::{
    Applied, Clock as _, Doing, Enlisted, Hint, Hints, HostState, Inspection, PortError, Roster,
    SessionFacts, SessionLook, Source,
};
use tokio::sync::Notify;

use super::clock::HandClock;
use super::diary::{Diary, Entry};
use super::host::{lock, moment};

/// The label by which the engine knows the runs of this host.
pub(super) const INSTALL: &str = "stranger";

/// What an agent does once it is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    /// Claims what is due, and hangs.
    Hangs,
    /// The first time so, and from then on it works.
    HangsFirst,
    /// Does what is due.
    Works,
}

/// Agents, queues and runs of one host.
pub(super) struct Office {
    pub(super) clock: Arc<HandClock>,
    pub(super) diary: Arc<Diary>,
    desks: Mutex<Desks>,
    told: Notify,
    /// Stops begun wait for it while they are held.
    pub(super) door: Notify,
}

/// All that there is in the office.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a whim of its own")]
pub(super) struct Desks {
    by_agent: BTreeMap<AgentId, Desk>,
    pub(super) runs: BTreeMap<RunId, (AgentId, Inspection)>,
    hints: Vec<Hint>,
    pub(super) silent: bool,
    pub(super) door_shut: bool,
    pub(super) stops_begun: usize,
    pub(super) list_takes: Option<sweepd_decide::Span>,
    pub(super) list_fails: bool,
    pub(super) look_shut: Option<AgentId>,
    pub(super) wakes_shut: bool,
}

struct Desk {
    does: Does,
    messages: Vec<Message>,
    claims: Vec<Claim>,
    acks: Vec<Ack>,
    runs: usize,
    looks: usize,
}

impl Office {
    pub(super) fn new(clock: &Arc<HandClock>, diary: &Arc<Diary>) -> Self {
        Self {
            clock: Arc::clone(clock),
            diary: Arc::clone(diary),
            desks: Mutex::default(),
            told: Notify::new(),
            door: Notify::new(),
        }
    }

    pub(super) fn enlist(&self, agent: &AgentId, does: Does) {
        let (messages, claims, acks) = (Vec::new(), Vec::new(), Vec::new());
        let desk = Desk { does, messages, claims, acks, runs: 0, looks: 0 };
        self.desks().by_agent.insert(agent.clone(), desk);
    }

    /// Takes an agent off the roster.
    pub(super) fn strike(&self, agent: &AgentId) {
        self.desks().by_agent.remove(agent);
    }

    /// Puts a message into a queue, due at once or at `after`. Nobody is told.
    pub(super) fn write(&self, agent: &AgentId, id: &str, after: Option<Timestamp>) {
        let now = self.clock.now();
        self.desk(agent, |desk| {
            let rowid = i64::try_from(desk.messages.len()).unwrap_or(0) + 1;
            let (status, tries) = (Some("pending".to_owned()), Some(0));
            let process_after = after.map(Timestamp::to_sqlite);
            desk.messages.push(Message {
                rowid,
                id: MessageId::new(id),
                kind: "task".to_owned(),
                timestamp: written(now),
                state: RowState { status, tries, process_after },
                recurrence: None,
                series_id: None,
                trigger: Some(1),
            });
        });
    }

    pub(super) fn row(&self, agent: &AgentId, id: &str) -> RowState {
        self.desk(agent, |desk| {
            let row = desk.messages.iter().find(|message| message.id.as_str() == id);
            row.map(|row| row.state.clone()).unwrap_or_default()
        })
    }

    /// Gives a message up, as the host's people do at times.
    pub(super) fn give_up(&self, agent: &AgentId, id: &str) {
        self.desk(agent, |desk| {
            for row in desk.messages.iter_mut().filter(|message| message.id.as_str() == id) {
                row.state.status = Some("failed".to_owned());
            }
        });
    }

    pub(super) fn looks(&self, agent: &AgentId) -> usize {
        self.desk(agent, |desk| desk.looks)
    }

    /// Tells whoever listens.
    pub(super) fn tell(&self, hint: Hint) {
        self.desks().hints.push(hint);
        self.told.notify_one();
    }

    pub(super) fn desks(&self) -> MutexGuard<'_, Desks> {
        lock(&self.desks)
    }

    pub(super) fn claim(&self, agent: &AgentId, id: &str) {
        let now = self.clock.now();
        self.desk(agent, |desk| {
            desk.claims
                .push(Claim { message_id: MessageId::new(id), status_changed: written(now) });
        });
    }

    fn desk<T>(&self, agent: &AgentId, work: impl FnOnce(&mut Desk) -> T) -> T {
        let mut desks = self.desks();
        let desk = desks.by_agent.get_mut(agent);
        work(desk.unwrap_or_else(|| panic!("there is no {agent}")))
    }
}

impl Desks {
    /// What an agent does that has just been started: how many runs it has had.
    pub(super) fn begin_work(&mut self, agent: &AgentId, now: Timestamp) -> usize {
        let Some(desk) = self.by_agent.get_mut(agent) else { return 0 };
        desk.runs += 1;
        desk.claims.clear();
        let hangs = desk.does == Does::Hangs || (desk.does == Does::HangsFirst && desk.runs == 1);
        for row in desk.messages.iter().filter(|row| row.state.status() == "pending") {
            let (message_id, status_changed) = (row.id.clone(), written(now));
            if hangs {
                desk.claims.push(Claim { message_id, status_changed });
            } else {
                let status = "completed".to_owned();
                desk.acks.push(Ack { message_id, status, status_changed });
            }
        }
        desk.runs
    }
}

impl Source for Office {
    fn name(&self) -> &'static str {
        "office"
    }

    fn roster(&self) -> Doing<'_, Result<Roster, PortError>> {
        Box::pin(async move {
            moment().await;
            let enlisted = |agent: &AgentId| Enlisted {
                agent: agent.clone(),
                workspace: None,
                places: BTreeMap::new(),
                ghost: None,
                container: None,
            };
            let agents = self.desks().by_agent.keys().map(enlisted).collect();
            Ok(Roster { agents, ..Roster::default() })
        })
    }

    fn host(&self) -> Doing<'_, HostState> {
        Box::pin(async {
            moment().await;
            HostState::Absent
        })
    }

    fn look<'a>(&'a self, agent: &'a AgentId, _heal: bool) -> Doing<'a, SessionLook> {
        Box::pin(async move {
            moment().await;
            let look = self.desk(agent, |desk| {
                desk.looks += 1;
                let queue = Queue {
                    messages: desk.messages.clone(),
                    claims: desk.claims.clone(),
                    acks: desk.acks.clone(),
                    answered: Vec::new(),
                };
                let last_ack = desk.acks.last().map(|ack| ack.status_changed.clone());
                SessionLook::Facts(Box::new(SessionFacts {
                    queue,
                    last_ack: Observed::from_option(last_ack),
                    tool: Observed::Absent,
                    heartbeat: Observed::Absent,
                    started_once: desk.runs > 0,
                    absent: Vec::new(),
                }))
            });
            loop {
                let opened = self.door.notified();
                if self.desks().look_shut.as_ref() != Some(agent) {
                    return look;
                }
                opened.await;
            }
        })
    }

    fn apply<'a>(
        &'a self,
        agent: &'a AgentId,
        change: &'a RowChange,
    ) -> Doing<'a, Result<Applied, PortError>> {
        Box::pin(async move {
            moment().await;
            let RowChange::Update { message_id, before, after } = change else {
                return Err(PortError::refused("clone a message", "nothing recurs here"));
            };
            let applied = self.desk(agent, |desk| {
                let row = desk.messages.iter_mut().find(|row| row.id == *message_id);
                let row =
                    row.ok_or_else(|| PortError::Gone { doing: "change a row".to_owned() })?;
                if row.state == *after {
                    return Ok(Applied::AlreadyDone);
                }
                if row.state != *before {
                    return Ok(Applied::Superseded);
                }
                row.state.clone_from(after);
                Ok(Applied::Done)
            })?;
            if applied == Applied::Done {
                self.diary.note(Entry::Applied(change.clone()));
            }
            moment().await;
            Ok(applied)
        })
    }
}

impl Hints for Office {
    fn next(&self) -> Doing<'_, Vec<Hint>> {
        Box::pin(async move {
            loop {
                let told = std::mem::take(&mut self.desks().hints);
                if !told.is_empty() {
                    return told;
                }
                self.told.notified().await;
            }
        })
    }

    fn watch<'a>(&'a self, _roster: &'a [Enlisted]) -> Doing<'a, ()> {
        Box::pin(async {})
    }
}

/// A time as agents write it: whole seconds.
fn written(at: Timestamp) -> Written {
    Written::new(Some(at.to_sqlite()))
}
