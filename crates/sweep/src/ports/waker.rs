//! How an agent is started.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sweepd_decide::{AgentId, RunId, Timestamp};

use super::{Doing, PortError};

/// Starts agents, or joins a run of theirs that is up. Retries nothing: when to wake is decided
/// elsewhere.
pub trait Waker: Send + Sync {
    /// What kind it is.
    fn kind(&self) -> WakeKind;

    /// Starts the agent and waits until it is seen running.
    ///
    /// # Errors
    /// It was not seen running; the words are the runtime's.
    ///
    /// # Cancel safety
    /// A run may have been started; the next list shows it.
    fn wake<'a>(&'a self, order: &'a WakeOrder) -> Doing<'a, Result<Woken, PortError>>;
}

/// The kinds of waking a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum WakeKind {
    /// A container from an image.
    Docker,
    /// A container like the last one that was seen up.
    Learned,
    /// A supervised child process.
    Process,
    /// Somebody else's program.
    Command,
    /// Nobody wakes these agents.
    None,
}

/// Whom to wake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WakeOrder {
    /// The agent.
    pub agent: AgentId,
    /// Its directory.
    pub workspace: Option<PathBuf>,
    /// What a spec may name: `session_dir`, `agent_group_id` …
    pub places: BTreeMap<&'static str, String>,
    /// When this was decided.
    pub now: Timestamp,
}

/// A wake that started something, or found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Woken {
    /// The new run, where the waker knows it.
    pub run: Option<RunId>,
    /// When it started, where the waker knows; else the runtime is asked when it is met.
    pub started_at: Option<Timestamp>,
    /// It was running already.
    pub already: bool,
    /// It had ended before it was seen running: how, in its own words.
    pub ended: Option<String>,
}
