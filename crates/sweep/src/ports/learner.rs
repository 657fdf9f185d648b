//! What a run is made of: asked while it is there, for afterwards nobody can be.

use serde_json::Value;
use sweepd_decide::{AgentId, RunId};

use super::{Doing, Enlisted, PortError};

/// Learns what runs are made of. Decides and retries nothing.
pub trait Learner: Send + Sync {
    /// Learns what a run that is there is made of, so that one like it can be made.
    ///
    /// # Errors
    /// [`PortError::Gone`] if there is no such run any more; else don't know.
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn learn<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<Learned, PortError>>;

    /// Under whose name that is written down: an agent's own, or one that several share.
    fn shelf(&self, agent: &Enlisted) -> AgentId {
        agent.agent.clone()
    }
}

/// What a container is made of, as it was learned while it was there.
#[derive(Clone, PartialEq)]
pub struct Learned {
    /// Enough to make it again, for its keeper. May hold secrets.
    pub spec: Value,
    /// The compose project it belongs to, if any.
    pub project: Option<String>,
}

impl std::fmt::Debug for Learned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Learned").field("project", &self.project).finish_non_exhaustive()
    }
}
