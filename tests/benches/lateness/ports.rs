//! The ports, each call timed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use sweepd_decide::{AgentId, RowChange, Run, RunId, Timestamp};
use sweepd_sweep::Pause;
use sweepd_sweep::adapters::{NanoclawSource, SqliteState};
use sweepd_sweep::ports::{
    AgentRecord, Applied, ClockRecord, Commit, Committed, Doing, ExitSeen, HostState, Incident,
    Inspection, Intent, PortError, Roster, Runtime, Seen, SessionLook, Source, SourceRecord, State,
    Stopped, WakeKind, WakeOrder, Waker, Woken,
};
use sweepd_sweep::sim::{ManualClock, SimRuntime, SimWaker};

use crate::clock::{micros, now};

/// One call of a port: what, and from when to when, in microseconds.
#[derive(Debug, Clone)]
pub(crate) struct Lap {
    pub(crate) what: &'static str,
    pub(crate) from: i64,
    pub(crate) to: i64,
    /// Whom it was about.
    pub(crate) about: Option<String>,
}

/// Every call so far.
#[derive(Debug, Default)]
pub(crate) struct Stopwatch {
    laps: Mutex<Vec<Lap>>,
}

impl Stopwatch {
    async fn time<T>(
        &self,
        what: &'static str,
        about: Option<String>,
        call: impl Future<Output = T>,
    ) -> T {
        let from = micros();
        let done = call.await;
        let lap = Lap { what, from, to: micros(), about };
        self.laps.lock().unwrap_or_else(PoisonError::into_inner).push(lap);
        done
    }

    /// All of them, in the order in which they ended.
    pub(crate) fn laps(&self) -> Vec<Lap> {
        self.laps.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The state database.
#[derive(Debug)]
pub(crate) struct TimedState {
    state: SqliteState,
    watch: Arc<Stopwatch>,
}

impl TimedState {
    pub(crate) const fn new(state: SqliteState, watch: Arc<Stopwatch>) -> Self {
        Self { state, watch }
    }
}

impl State for TimedState {
    fn agents(&self) -> Doing<'_, Result<Vec<AgentRecord>, PortError>> {
        Box::pin(self.watch.time("read agents", None, self.state.agents()))
    }

    fn intents(&self) -> Doing<'_, Result<Vec<Intent>, PortError>> {
        Box::pin(self.watch.time("read intents", None, self.state.intents()))
    }

    fn incidents(&self) -> Doing<'_, Result<Vec<Incident>, PortError>> {
        Box::pin(self.watch.time("read incidents", None, self.state.incidents()))
    }

    fn source<'a>(&'a self, name: &'a str) -> Doing<'a, Result<SourceRecord, PortError>> {
        Box::pin(self.watch.time("read source", None, self.state.source(name)))
    }

    fn spec<'a>(&'a self, agent: &'a AgentId) -> Doing<'a, Result<Option<Value>, PortError>> {
        Box::pin(self.watch.time("read spec", None, self.state.spec(agent)))
    }

    fn pauses(&self) -> Doing<'_, Result<Vec<Pause>, PortError>> {
        Box::pin(self.watch.time("read pauses", None, self.state.pauses()))
    }

    fn last_clock(&self) -> Doing<'_, Result<Option<ClockRecord>, PortError>> {
        Box::pin(self.watch.time("read clock", None, self.state.last_clock()))
    }

    fn forget(&self, before: Timestamp) -> Doing<'_, Result<(), PortError>> {
        Box::pin(self.watch.time("forget", None, self.state.forget(before)))
    }

    fn commit(&self, commit: Commit) -> Doing<'_, Result<Committed, PortError>> {
        let what = if commit.clock.is_some() {
            "commit survey"
        } else if commit.agent.is_some() {
            "commit agent"
        } else {
            "commit other"
        };
        let about = commit.agent.as_ref().map(|record| record.agent.to_string());
        Box::pin(self.watch.time(what, about, self.state.commit(commit)))
    }
}

/// NanoClaw's files.
#[derive(Debug)]
pub(crate) struct TimedSource {
    source: NanoclawSource,
    watch: Arc<Stopwatch>,
}

impl TimedSource {
    pub(crate) const fn new(source: NanoclawSource, watch: Arc<Stopwatch>) -> Self {
        Self { source, watch }
    }
}

impl Source for TimedSource {
    fn name(&self) -> &str {
        self.source.name()
    }

    fn roster(&self) -> Doing<'_, Result<Roster, PortError>> {
        Box::pin(self.watch.time("roster", None, self.source.roster()))
    }

    fn host(&self) -> Doing<'_, HostState> {
        Box::pin(self.watch.time("host", None, self.source.host()))
    }

    fn look<'a>(&'a self, agent: &'a AgentId, heal: bool) -> Doing<'a, SessionLook> {
        let about = Some(agent.to_string());
        Box::pin(self.watch.time("look", about, self.source.look(agent, heal)))
    }

    fn apply<'a>(
        &'a self,
        agent: &'a AgentId,
        change: &'a RowChange,
    ) -> Doing<'a, Result<Applied, PortError>> {
        let about = Some(agent.to_string());
        Box::pin(self.watch.time("apply", about, self.source.apply(agent, change)))
    }
}

/// Simulated runs on the system's clock.
#[derive(Debug, Clone)]
pub(crate) struct TimedRuntime {
    sim: SimRuntime,
    hands: Arc<ManualClock>,
    watch: Arc<Stopwatch>,
    stops: Arc<Mutex<Vec<(RunId, i64)>>>,
}

impl TimedRuntime {
    pub(crate) fn new(sim: SimRuntime, hands: Arc<ManualClock>, watch: Arc<Stopwatch>) -> Self {
        Self { sim, hands, watch, stops: Arc::default() }
    }

    /// When each stop was asked for, in microseconds.
    pub(crate) fn stops(&self) -> Vec<(RunId, i64)> {
        self.stops.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Runtime for TimedRuntime {
    fn kind(&self) -> &'static str {
        self.sim.kind()
    }

    fn list(&self) -> Doing<'_, Result<Vec<Seen>, PortError>> {
        Box::pin(self.watch.time("list", None, self.sim.list()))
    }

    fn inspect<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<Inspection, PortError>> {
        Box::pin(self.watch.time("inspect", None, self.sim.inspect(run)))
    }

    fn stop<'a>(&'a self, run: &'a Run, grace: Duration) -> Doing<'a, Result<Stopped, PortError>> {
        let at = (run.id.clone(), micros());
        self.stops.lock().unwrap_or_else(PoisonError::into_inner).push(at);
        self.hands.set(now());
        self.sim.stop(run, grace)
    }

    fn exits(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Doing<'_, Result<Vec<ExitSeen>, PortError>> {
        self.sim.exits(since, until)
    }

    fn logs<'a>(&'a self, run: &'a RunId, lines: usize) -> Doing<'a, Result<String, PortError>> {
        self.sim.logs(run, lines)
    }

    fn remove<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<(), PortError>> {
        self.sim.remove(run)
    }
}

/// Starts simulated runs, and remembers whom the agents' side has to bring to life.
#[derive(Debug, Clone)]
pub(crate) struct TimedWaker {
    waker: SimWaker,
    hands: Arc<ManualClock>,
    woken: Arc<Mutex<Vec<AgentId>>>,
}

impl TimedWaker {
    pub(crate) fn new(waker: SimWaker, hands: Arc<ManualClock>) -> Self {
        Self { waker, hands, woken: Arc::default() }
    }

    /// Who was woken since it was asked last.
    pub(crate) fn woken(&self) -> Vec<AgentId> {
        std::mem::take(&mut *self.woken.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Waker for TimedWaker {
    fn kind(&self) -> WakeKind {
        self.waker.kind()
    }

    fn wake<'a>(&'a self, order: &'a WakeOrder) -> Doing<'a, Result<Woken, PortError>> {
        self.hands.set(now());
        Box::pin(async move {
            let woken = self.waker.wake(order).await?;
            self.woken.lock().unwrap_or_else(PoisonError::into_inner).push(order.agent.clone());
            Ok(woken)
        })
    }
}
