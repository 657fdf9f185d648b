//! Asking an engine that runs: the same questions and orders as to one that does not.

use std::sync::{Mutex, PoisonError};

use sweepd_decide::AgentId;
use tokio::sync::{mpsc, oneshot};

use crate::order::{Order, Scope};
use crate::report::Report;

/// So many asks wait at the most.
const WAITING: usize = 64;

/// Where a running engine is asked. Cheap to clone; outlives the engine.
#[derive(Debug, Clone)]
pub struct Handle {
    asks: mpsc::Sender<Ask>,
}

/// Nobody answers: the engine does not run, or has ended meanwhile. Whether an order was carried
/// out is not known then; ask again once one runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the engine does not run")]
#[non_exhaustive]
pub struct NotRunning;

/// What is asked for.
#[derive(Debug)]
pub(crate) enum Ask {
    /// An agent is worth a look.
    Nudge(AgentId),
    /// A round over a scope.
    Order { order: Order, scope: Scope, reply: oneshot::Sender<Report> },
    /// The brake lets go whoever it holds.
    Release { reply: oneshot::Sender<Vec<AgentId>> },
}

/// Both ends of the way in.
#[derive(Debug)]
pub(crate) struct Asks {
    sender: mpsc::Sender<Ask>,
    receiver: Mutex<Option<mpsc::Receiver<Ask>>>,
}

impl Asks {
    pub(crate) fn new() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self { sender, receiver: Mutex::new(Some(receiver)) }
    }

    pub(crate) fn handle(&self) -> Handle {
        Handle { asks: self.sender.clone() }
    }

    /// The end that hears; whoever runs takes it. `None`: somebody runs already, or has.
    pub(crate) fn take(&self) -> Option<mpsc::Receiver<Ask>> {
        self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Handle {
    /// An agent is worth a look: it gets one as soon as may be.
    ///
    /// # Errors
    /// [`NotRunning`].
    ///
    /// # Cancel safety
    /// Safe: it is told or it is not.
    pub async fn nudge(&self, agent: AgentId) -> Result<(), NotRunning> {
        self.asks.send(Ask::Nudge(agent)).await.map_err(|_ended| NotRunning)
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
        self.asks.send(ask).await.map_err(|_ended| NotRunning)?;
        answer.await.map_err(|_dropped| NotRunning)
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
        self.asks.send(Ask::Release { reply }).await.map_err(|_ended| NotRunning)?;
        answer.await.map_err(|_dropped| NotRunning)
    }
}
