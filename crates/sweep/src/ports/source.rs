//! Where agents and their work come from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sweepd_decide::keep::KeepPolicy;
use sweepd_decide::session::Queue;
use sweepd_decide::{AgentId, Observed, RowChange, Timestamp, Tool, Written};

use super::{Doing, Exchange, PortError};

/// A source of agents.
pub trait Source: Send + Sync {
    /// Its configured name: the first part of its agents' ids.
    fn name(&self) -> &str;

    /// Everybody it knows, in the order in which they are to be served.
    ///
    /// # Errors
    /// The source cannot be read: nobody of it is touched.
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn roster(&self) -> Doing<'_, Result<Roster, PortError>>;

    /// Whether the source's own host is alive right now. Asked again directly before each wake
    /// and each write.
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn host(&self) -> Doing<'_, HostState>;

    /// One look at an agent's work. A failed look is data. Not asked of an always-on container
    /// ([`Enlisted::container`]): a source of nothing else leaves it as it is. `heal` allows rolling back a hot
    /// journal of the source's own queue: only with no host alive and nothing running.
    ///
    /// # Cancel safety
    /// Safe: nothing but such a roll-back is written.
    fn look<'a>(&'a self, agent: &'a AgentId, heal: bool) -> Doing<'a, SessionLook> {
        let _ = heal;
        let look = SessionLook::Ghost(format!("{agent} has no queue of work"));
        Box::pin(std::future::ready(look))
    }

    /// What was asked of an agent and what it said, since an instant. `None`: the source does not know
    /// of such, or it is nobody's business.
    ///
    /// # Errors
    /// It cannot be read now.
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn exchange<'a>(
        &'a self,
        agent: &'a AgentId,
        since: Timestamp,
    ) -> Doing<'a, Result<Option<Exchange>, PortError>> {
        let _ = (agent, since);
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Applies one change, conditionally; safe to apply twice. Not asked of an always-on container.
    ///
    /// # Errors
    /// [`PortError::Unreachable`] if it could not be applied now; any other: it never can.
    ///
    /// # Cancel safety
    /// The change is applied or it is not.
    fn apply<'a>(
        &'a self,
        agent: &'a AgentId,
        change: &'a RowChange,
    ) -> Doing<'a, Result<Applied, PortError>> {
        let doing = format!("change {} of {agent}", change.message_id());
        let refused = PortError::Refused { doing, source: Some("it has no queue of work".into()) };
        Box::pin(std::future::ready(Err(refused)))
    }
}

/// The agents of a source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roster {
    /// Those to be served.
    pub agents: Vec<Enlisted>,
    /// Those refused, with the reason: ids that would leave the tree.
    pub refused: Vec<(String, String)>,
    /// Those that are there and are to be left alone: nothing is concluded about them.
    pub resting: Vec<AgentId>,
    /// Why a part of it could not be read: of whoever is not listed nothing is known then.
    pub unread: Option<String>,
}

/// One agent of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enlisted {
    /// Its id.
    pub agent: AgentId,
    /// Its directory, canonical, where it has one: what its container mounts as `/workspace`.
    pub workspace: Option<PathBuf>,
    /// What a spec that wakes it may name: `session_dir`, `agent_group_id` …
    pub places: BTreeMap<&'static str, String>,
    /// Why it cannot be served although it is listed.
    pub ghost: Option<String>,
    /// The always-on container that it is. `None`: it is woken when there is work, and has a queue.
    pub container: Option<Expected>,
}

/// A container that is expected to be up at all times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Its name, in full: whatever has another is not it.
    pub name: String,
    /// What it is held to.
    pub policy: KeepPolicy,
}

/// Whether a source's own host process is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a host must handle both")]
pub enum HostState {
    /// It is, or we cannot rule it out.
    Alive,
    /// Nobody is there.
    Absent,
}

/// What one look found.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a host must handle all three")]
pub enum SessionLook {
    /// Everything there is to know.
    Facts(Box<SessionFacts>),
    /// The agent is listed, but its directory or its queue is not there.
    Ghost(String),
    /// Something could not be read.
    Failed(Box<LookFailure>),
}

/// The facts of one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFacts {
    /// Messages, claims, acks, answers.
    pub queue: Queue,
    /// The newest ack.
    pub last_ack: Observed<Written>,
    /// The tool in flight.
    pub tool: Observed<Tool>,
    /// The heartbeat file's modification time.
    pub heartbeat: Observed<Timestamp>,
    /// Whether the agent has ever written its own database.
    pub started_once: bool,
    /// Tables and columns that a step would need and that are not there.
    pub absent: Vec<String>,
}

/// A look that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookFailure {
    /// Why, for people.
    pub reason: String,
    /// The agent's own database has to be rolled back by its next run.
    pub hot_journal: bool,
    /// The queue, where that at least could be read.
    pub queue: Option<Queue>,
}

/// How a conditional write went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a host must handle all three")]
pub enum Applied {
    /// Written.
    Done,
    /// It stood there already.
    AlreadyDone,
    /// The row has changed meanwhile; nothing was written.
    Superseded,
}
