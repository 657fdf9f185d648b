//! Ports that end at their n-th durable step, as a process does that is killed there.
//!
//! A step is what is not undone by dying: a commit, a row change, a stop, a wake, a removal. A
//! [`Fuse`] counts them over all ports of one life. At the step it was made for, it blows: either
//! directly before the step or directly after it has taken effect. From then on no port ever
//! answers again, so that nothing of that life goes on; whoever drives it waits for
//! [`Fuse::blown`] and drops it. Looks are not counted.

use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use sweepd_decide::{AgentId, Run, RunId, Timestamp};
use sweepd_sweep::Pause;
use sweepd_sweep::ports::{
    AgentRecord, Applied, ClockRecord, Commit, Committed, Doing, ExitSeen, HostState, Incident,
    Inspection, Intent, PortError, Roster, Runtime, Seen, SessionLook, Source, SourceRecord, State,
    Stopped, WakeKind, WakeOrder, Waker, Woken,
};
use tokio::sync::Notify;

/// On which side of a step a life ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there are two sides")]
pub enum Edge {
    /// The step has not happened.
    Before,
    /// The step has happened, and nobody was told.
    After,
}

/// What happens at the step that a fuse was made for, and afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Nothing: it only counts.
    Lives,
    Dies(usize, Edge),
    /// From this step on no commit succeeds, and everything else goes on.
    Forgets(usize),
}

/// Counts the steps of one life, and ends it.
#[derive(Debug)]
pub struct Fuse {
    fate: Fate,
    taken: Mutex<Vec<String>>,
    blown: Mutex<bool>,
    blow: Notify,
}

impl Fuse {
    /// Only counts.
    pub fn never() -> Arc<Self> {
        Self::of(Fate::Lives)
    }

    /// Ends at step `step`, the first being 0.
    pub fn at(step: usize, edge: Edge) -> Arc<Self> {
        Self::of(Fate::Dies(step, edge))
    }

    /// Ends nothing; but from step `step` on the state takes no commit any more.
    pub fn forgets_from(step: usize) -> Arc<Self> {
        Self::of(Fate::Forgets(step))
    }

    fn of(fate: Fate) -> Arc<Self> {
        let (taken, blown) = (Mutex::default(), Mutex::default());
        Arc::new(Self { fate, taken, blown, blow: Notify::new() })
    }

    /// Every step that was begun, in order, in words.
    pub fn taken(&self) -> Vec<String> {
        lock(&self.taken).clone()
    }

    /// Whether that life has ended, or its state takes no commits.
    pub fn is_blown(&self) -> bool {
        *lock(&self.blown)
    }

    /// Waits until that life has ended.
    ///
    /// # Cancel safety
    /// Safe.
    pub async fn blown(&self) {
        while !self.is_blown() || matches!(self.fate, Fate::Forgets(_)) {
            self.blow.notified().await;
        }
    }

    async fn step<T>(
        &self,
        words: String,
        work: impl Future<Output = Result<T, PortError>>,
    ) -> Result<T, PortError> {
        self.alive().await;
        let number = {
            let mut taken = lock(&self.taken);
            taken.push(words);
            taken.len() - 1
        };
        self.fall(Fate::Dies(number, Edge::Before)).await;
        let done = work.await;
        self.fall(Fate::Dies(number, Edge::After)).await;
        done
    }

    /// A step of the state.
    async fn write<T>(
        &self,
        words: String,
        work: impl Future<Output = Result<T, PortError>>,
    ) -> Result<T, PortError> {
        if let Fate::Forgets(step) = self.fate
            && lock(&self.taken).len() >= step
        {
            *lock(&self.blown) = true;
            return Err(PortError::refused("write the state", "no space left on device"));
        }
        self.step(words, work).await
    }

    /// A look: it is answered only to the living.
    async fn look<T>(&self, work: impl Future<Output = T>) -> T {
        self.alive().await;
        work.await
    }

    async fn alive(&self) {
        if self.is_blown() && matches!(self.fate, Fate::Dies(..)) {
            pending::<()>().await;
        }
    }

    async fn fall(&self, fate: Fate) {
        if self.fate == fate {
            *lock(&self.blown) = true;
            self.blow.notify_one();
            pending::<()>().await;
        }
    }
}

/// A port with a fuse.
pub struct Faulty<P: ?Sized> {
    port: Arc<P>,
    fuse: Arc<Fuse>,
}

impl<P: ?Sized> Faulty<P> {
    /// `port`, until `fuse` blows.
    pub fn new(port: Arc<P>, fuse: &Arc<Fuse>) -> Self {
        Self { port, fuse: Arc::clone(fuse) }
    }
}

impl<P: ?Sized> fmt::Debug for Faulty<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty").field("fuse", &self.fuse).finish_non_exhaustive()
    }
}

impl State for Faulty<dyn State> {
    fn agents(&self) -> Doing<'_, Result<Vec<AgentRecord>, PortError>> {
        Box::pin(self.fuse.look(self.port.agents()))
    }

    fn intents(&self) -> Doing<'_, Result<Vec<Intent>, PortError>> {
        Box::pin(self.fuse.look(self.port.intents()))
    }

    fn incidents(&self) -> Doing<'_, Result<Vec<Incident>, PortError>> {
        Box::pin(self.fuse.look(self.port.incidents()))
    }

    fn source<'a>(&'a self, name: &'a str) -> Doing<'a, Result<SourceRecord, PortError>> {
        Box::pin(self.fuse.look(self.port.source(name)))
    }

    fn spec<'a>(&'a self, agent: &'a AgentId) -> Doing<'a, Result<Option<Value>, PortError>> {
        Box::pin(self.fuse.look(self.port.spec(agent)))
    }

    fn pauses(&self) -> Doing<'_, Result<Vec<Pause>, PortError>> {
        Box::pin(self.fuse.look(self.port.pauses()))
    }

    fn last_clock(&self) -> Doing<'_, Result<Option<ClockRecord>, PortError>> {
        Box::pin(self.fuse.look(self.port.last_clock()))
    }

    fn forget(&self, before: Timestamp) -> Doing<'_, Result<(), PortError>> {
        let forget = self.port.forget(before);
        Box::pin(self.fuse.write(format!("commit of a prune before {before}"), forget))
    }

    fn commit(&self, commit: Commit) -> Doing<'_, Result<Committed, PortError>> {
        let words = contents(&commit);
        Box::pin(async move { self.fuse.write(words, self.port.commit(commit)).await })
    }
}

impl Source for Faulty<dyn Source> {
    fn name(&self) -> &str {
        self.port.name()
    }

    fn roster(&self) -> Doing<'_, Result<Roster, PortError>> {
        Box::pin(self.fuse.look(self.port.roster()))
    }

    fn host(&self) -> Doing<'_, HostState> {
        Box::pin(self.fuse.look(self.port.host()))
    }

    fn look<'a>(&'a self, agent: &'a AgentId, heal: bool) -> Doing<'a, SessionLook> {
        Box::pin(self.fuse.look(self.port.look(agent, heal)))
    }

    fn apply<'a>(
        &'a self,
        agent: &'a AgentId,
        change: &'a sweepd_decide::RowChange,
    ) -> Doing<'a, Result<Applied, PortError>> {
        let words = format!("apply to {agent} {change:?}");
        Box::pin(self.fuse.step(words, self.port.apply(agent, change)))
    }
}

impl Runtime for Faulty<dyn Runtime> {
    fn kind(&self) -> &'static str {
        self.port.kind()
    }

    fn list(&self) -> Doing<'_, Result<Vec<Seen>, PortError>> {
        Box::pin(self.fuse.look(self.port.list()))
    }

    fn inspect<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<Inspection, PortError>> {
        Box::pin(self.fuse.look(self.port.inspect(run)))
    }

    fn stop<'a>(&'a self, run: &'a Run, grace: Duration) -> Doing<'a, Result<Stopped, PortError>> {
        Box::pin(self.fuse.step(format!("stop {}", run.id), self.port.stop(run, grace)))
    }

    fn exits(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Doing<'_, Result<Vec<ExitSeen>, PortError>> {
        Box::pin(self.fuse.look(self.port.exits(since, until)))
    }

    fn logs<'a>(&'a self, run: &'a RunId, lines: usize) -> Doing<'a, Result<String, PortError>> {
        Box::pin(self.fuse.look(self.port.logs(run, lines)))
    }

    fn remove<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<(), PortError>> {
        Box::pin(self.fuse.step(format!("remove {run}"), self.port.remove(run)))
    }
}

impl Waker for Faulty<dyn Waker> {
    fn kind(&self) -> WakeKind {
        self.port.kind()
    }

    fn wake<'a>(&'a self, order: &'a WakeOrder) -> Doing<'a, Result<Woken, PortError>> {
        Box::pin(self.fuse.step(format!("wake {}", order.agent), self.port.wake(order)))
    }
}

/// What a commit holds, for whoever reads of a failure at it.
fn contents(commit: &Commit) -> String {
    let kinds: Vec<&str> = commit.events.iter().map(|event| event.kind.as_str()).collect();
    let agent = commit.agent.as_ref().map(|record| &record.agent);
    let (intents, settled) = (commit.intents.len(), commit.settled.len());
    let incidents = commit.incidents.len();
    format!(
        "commit of {agent:?}: {intents} intents, {settled} settled, {incidents} incident changes, \
         events {kinds:?}"
    )
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
