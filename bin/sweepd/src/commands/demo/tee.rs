//! The state, with somebody looking over its shoulder: every commit is told once it is made.

use std::sync::Arc;

use serde_json::Value;
use sweepd_decide::{AgentId, Timestamp};
use sweepd_sweep::Pause;
use sweepd_sweep::adapters::SqliteState;
use sweepd_sweep::ports::{
    AgentRecord, ClockRecord, Commit, Committed, Doing, Incident, Intent, PortError, SourceRecord,
    State,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Where commits are told, and where they are heard.
pub(super) fn channel() -> (UnboundedSender<Commit>, UnboundedReceiver<Commit>) {
    unbounded_channel()
}

/// A state that tells what it commits.
pub(super) struct TeeState {
    state: SqliteState,
    told: UnboundedSender<Commit>,
}

impl TeeState {
    pub(super) fn new(state: SqliteState, told: UnboundedSender<Commit>) -> Arc<Self> {
        Arc::new(Self { state, told })
    }
}

impl State for TeeState {
    fn agents(&self) -> Doing<'_, Result<Vec<AgentRecord>, PortError>> {
        self.state.agents()
    }

    fn intents(&self) -> Doing<'_, Result<Vec<Intent>, PortError>> {
        self.state.intents()
    }

    fn incidents(&self) -> Doing<'_, Result<Vec<Incident>, PortError>> {
        self.state.incidents()
    }

    fn source<'a>(&'a self, name: &'a str) -> Doing<'a, Result<SourceRecord, PortError>> {
        self.state.source(name)
    }

    fn spec<'a>(&'a self, agent: &'a AgentId) -> Doing<'a, Result<Option<Value>, PortError>> {
        self.state.spec(agent)
    }

    fn pauses(&self) -> Doing<'_, Result<Vec<Pause>, PortError>> {
        self.state.pauses()
    }

    fn last_clock(&self) -> Doing<'_, Result<Option<ClockRecord>, PortError>> {
        self.state.last_clock()
    }

    fn forget(&self, before: Timestamp) -> Doing<'_, Result<(), PortError>> {
        self.state.forget(before)
    }

    fn commit(&self, commit: Commit) -> Doing<'_, Result<Committed, PortError>> {
        Box::pin(async move {
            let committed = self.state.commit(commit.clone()).await?;
            // Nobody listens any more once the show is over.
            drop(self.told.send(commit));
            Ok(committed)
        })
    }
}
