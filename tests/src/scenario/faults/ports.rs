//! The ports as the faults let them through.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use sweepd_decide::{AgentId, RowChange, Run, RunId, Timestamp};
use sweepd_sweep::Pause;
use sweepd_sweep::ports::{
    AgentRecord, Applied, ClockRecord, Commit, Committed, Doing, ExitSeen, HostState, Incident,
    Inspection, Intent, PortError, Roster, Runtime, Seen, SessionLook, Source, SourceRecord, State,
    Stopped, WakeKind, WakeOrder, Waker, Woken,
};

use super::{Faults, With};
use crate::scenario::act::{Point, Question};

impl<P> With<P> {
    /// `port`, until a fault befalls it.
    pub(in crate::scenario) const fn new(port: P, faults: Arc<Faults>) -> Self {
        Self { port, faults }
    }
}

impl<S: State> State for With<S> {
    fn agents(&self) -> Doing<'_, Result<Vec<AgentRecord>, PortError>> {
        Box::pin(self.faults.asked(self.port.agents()))
    }

    fn intents(&self) -> Doing<'_, Result<Vec<Intent>, PortError>> {
        Box::pin(self.faults.asked(self.port.intents()))
    }

    fn incidents(&self) -> Doing<'_, Result<Vec<Incident>, PortError>> {
        Box::pin(self.faults.asked(self.port.incidents()))
    }

    fn source<'a>(&'a self, name: &'a str) -> Doing<'a, Result<SourceRecord, PortError>> {
        Box::pin(self.faults.asked(self.port.source(name)))
    }

    fn spec<'a>(&'a self, agent: &'a AgentId) -> Doing<'a, Result<Option<Value>, PortError>> {
        Box::pin(self.faults.asked(self.port.spec(agent)))
    }

    fn pauses(&self) -> Doing<'_, Result<Vec<Pause>, PortError>> {
        Box::pin(self.faults.asked(self.port.pauses()))
    }

    fn last_clock(&self) -> Doing<'_, Result<Option<ClockRecord>, PortError>> {
        Box::pin(self.faults.asked(self.port.last_clock()))
    }

    fn forget(&self, before: Timestamp) -> Doing<'_, Result<(), PortError>> {
        Box::pin(async move {
            self.faults.refuse()?;
            self.faults.asked(self.port.forget(before)).await
        })
    }

    fn commit(&self, commit: Commit) -> Doing<'_, Result<Committed, PortError>> {
        Box::pin(async move {
            self.faults.alive().await;
            self.faults.refuse()?;
            self.faults.keep(&commit);
            self.faults.asked(self.port.commit(commit)).await
        })
    }
}

impl<S: Source> Source for With<S> {
    fn name(&self) -> &str {
        self.port.name()
    }

    fn roster(&self) -> Doing<'_, Result<Roster, PortError>> {
        Box::pin(self.faults.asked(self.port.roster()))
    }

    fn host(&self) -> Doing<'_, HostState> {
        Box::pin(self.faults.asked(self.port.host()))
    }

    fn look<'a>(&'a self, agent: &'a AgentId, heal: bool) -> Doing<'a, SessionLook> {
        Box::pin(async move {
            let look = self.faults.asked(self.port.look(agent, heal)).await;
            self.faults.look(agent).await;
            look
        })
    }

    fn apply<'a>(
        &'a self,
        agent: &'a AgentId,
        change: &'a RowChange,
    ) -> Doing<'a, Result<Applied, PortError>> {
        Box::pin(async move {
            self.faults.pass(Point::BeforeWrite).await;
            let applied = self.faults.asked(self.port.apply(agent, change)).await;
            self.faults.pass(Point::AfterWrite).await;
            applied
        })
    }
}

impl<R: Runtime> Runtime for With<R> {
    fn kind(&self) -> &'static str {
        self.port.kind()
    }

    fn list(&self) -> Doing<'_, Result<Vec<Seen>, PortError>> {
        self.port.list()
    }

    fn inspect<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<Inspection, PortError>> {
        Box::pin(async move {
            self.faults.answer(Question::Inspect)?;
            self.port.inspect(run).await
        })
    }

    fn stop<'a>(&'a self, run: &'a Run, grace: Duration) -> Doing<'a, Result<Stopped, PortError>> {
        Box::pin(async move {
            self.faults.answer(Question::Stop)?;
            self.faults.pass(Point::BeforeStop).await;
            let stopped = self.port.stop(run, grace).await;
            self.faults.pass(Point::AfterStop).await;
            stopped
        })
    }

    fn exits(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Doing<'_, Result<Vec<ExitSeen>, PortError>> {
        Box::pin(async move {
            self.faults.answer(Question::Events)?;
            self.port.exits(since, until).await
        })
    }

    fn logs<'a>(&'a self, run: &'a RunId, lines: usize) -> Doing<'a, Result<String, PortError>> {
        self.port.logs(run, lines)
    }

    fn remove<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<(), PortError>> {
        self.port.remove(run)
    }
}

impl<W: Waker> Waker for With<W> {
    fn kind(&self) -> WakeKind {
        self.port.kind()
    }

    fn wake<'a>(&'a self, order: &'a WakeOrder) -> Doing<'a, Result<Woken, PortError>> {
        Box::pin(async move {
            self.faults.answer(Question::Wake)?;
            let woken = self.port.wake(order).await;
            self.faults.pass(Point::AfterWake).await;
            woken
        })
    }
}
