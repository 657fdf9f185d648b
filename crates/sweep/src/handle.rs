//! Asking an engine that runs: the same questions and orders as to one that does not.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sweepd_decide::AgentId;
use tokio::sync::{mpsc, oneshot};

use crate::alerting::{AttendError, Attended, Attention};
use crate::order::{Order, Scope};
use crate::report::{AgentReport, Report};
use crate::subscribe::{Ear, Subscription};

/// So many asks wait at the most.
const WAITING: usize = 64;

/// Where a running engine is asked. Cheap to clone; outlives the engine.
#[derive(Debug, Clone)]
pub struct Handle {
    way: Way,
    ear: Ear,
}

/// The way in to whoever runs; `None`: nobody does.
type Way = Arc<Mutex<Option<mpsc::Sender<Ask>>>>;

/// Nobody answers: the engine does not run, or has ended meanwhile. Whether an order was carried
/// out is not known then; ask again once one runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, thiserror::Error)]
#[error("the engine does not run")]
#[non_exhaustive]
pub struct NotRunning;

/// What is asked for.
#[derive(Debug)]
pub(crate) enum Ask {
    /// Whoever is in a scope is worth a look.
    Nudge(Scope),
    /// A round over a scope.
    Order { order: Order, scope: Scope, reply: oneshot::Sender<Report> },
    /// What is known of those in a scope.
    Status { scope: Scope, reply: oneshot::Sender<Report> },
    /// Something about incidents and alerts.
    Attend { attention: Attention, reply: oneshot::Sender<Result<Attended, AttendError>> },
    /// The brake lets go whoever it holds.
    Release { reply: oneshot::Sender<Vec<AgentId>> },
}

/// The way in, and whether somebody hears.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    way: Way,
}

impl Asks {
    pub(crate) fn handle(&self, ear: Ear) -> Handle {
        Handle { way: Arc::clone(&self.way), ear }
    }

    /// Hears from now on. `None`: somebody does already.
    pub(crate) fn hear(&self) -> Option<Hearing> {
        let mut way = locked(&self.way);
        if way.is_some() {
            return None;
        }
        let (sender, asks) = mpsc::channel(WAITING);
        *way = Some(sender);
        Some(Hearing { asks, way: Arc::clone(&self.way) })
    }
}

/// Whoever hears, until this is dropped: then another may run, and whoever asked and was not
/// answered is told that nobody runs.
#[derive(Debug)]
pub(crate) struct Hearing {
    asks: mpsc::Receiver<Ask>,
    way: Way,
}

impl Hearing {
    pub(crate) async fn next(&mut self) -> Option<Ask> {
        self.asks.recv().await
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        *locked(&self.way) = None;
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Handle {
    /// Whoever is in a scope is worth a look: each gets one as soon as may be.
    ///
    /// # Errors
    /// [`NotRunning`].
    ///
    /// # Cancel safety
    /// Safe: it is told or it is not.
    pub async fn nudge(&self, scope: impl Into<Scope>) -> Result<(), NotRunning> {
        self.send(Ask::Nudge(scope.into())).await
    }

    /// A round over a scope, and what came of it. Whoever's turn is under way is waited for.
    ///
    /// # Errors
    /// [`NotRunning`]. Whatever could not be done to an agent is among its effects.
    ///
    /// # Cancel safety
    /// The order is carried out all the same; only its answer is lost.
    pub async fn order(&self, order: Order, scope: Scope) -> Result<Report, NotRunning> {
        let (reply, answer) = oneshot::channel();
        let ask = Ask::Order { order, scope, reply };
        self.send(ask).await?;
        answer.await.map_err(|_dropped| NotRunning)
    }

    /// What is known of those in a scope, each as of his last look, and which incidents are open
    /// about them. Looks at nobody, and waits for nobody's turn. Empty until the first looks are over.
    ///
    /// # Errors
    /// [`NotRunning`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    pub async fn status(&self, scope: impl Into<Scope>) -> Result<Report, NotRunning> {
        let (reply, answer) = oneshot::channel();
        self.send(Ask::Status { scope: scope.into(), reply }).await?;
        answer.await.map_err(|_dropped| NotRunning)
    }

    /// What was decided about an agent at its last look, from what, and until when that holds; what
    /// comes next, where [`Options::forecast`](crate::Options) asks for it. `None`: it is not known.
    ///
    /// # Errors
    /// [`NotRunning`].
    ///
    /// # Cancel safety
    /// As [`Handle::status`].
    pub async fn explain(&self, agent: &AgentId) -> Result<Option<AgentReport>, NotRunning> {
        Ok(self.status(agent.clone()).await?.agents.pop())
    }

    /// Hears whatever is written down from now on, also by [`Engine::sweep`](crate::Engine::sweep).
    pub fn subscribe(&self) -> Subscription {
        self.ear.listen()
    }

    /// Lets those go whom the brake holds now: their stops are neither held nor counted any more.
    /// Who they are.
    ///
    /// # Errors
    /// [`NotRunning`].
    ///
    /// # Cancel safety
    /// As [`Handle::order`].
    pub async fn release_brake(&self) -> Result<Vec<AgentId>, NotRunning> {
        let (reply, answer) = oneshot::channel();
        self.send(Ask::Release { reply }).await?;
        answer.await.map_err(|_dropped| NotRunning)
    }

    /// Does what somebody wants about incidents and alerts: [`Engine::attend`](crate::Engine::attend).
    ///
    /// # Errors
    /// [`NotRunning`]; or what that says.
    ///
    /// # Cancel safety
    /// As [`Handle::order`].
    pub async fn attend(
        &self,
        attention: Attention,
    ) -> Result<Result<Attended, AttendError>, NotRunning> {
        let (reply, answer) = oneshot::channel();
        self.send(Ask::Attend { attention, reply }).await?;
        answer.await.map_err(|_dropped| NotRunning)
    }

    async fn send(&self, ask: Ask) -> Result<(), NotRunning> {
        let way = locked(&self.way).clone().ok_or(NotRunning)?;
        way.send(ask).await.map_err(|_ended| NotRunning)
    }
}
