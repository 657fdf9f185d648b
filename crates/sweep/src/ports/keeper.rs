//! How an always-on container is brought back.

use serde_json::Value;
use sweepd_decide::{AgentId, RunId, Timestamp};

use super::{Doing, PortError};

/// Makes always-on containers anew. Decides and retries nothing.
pub trait Keeper: Send + Sync {
    /// Makes a container anew under its own name and starts it. Never touches another.
    ///
    /// # Errors
    /// [`PortError::Superseded`] if somebody else has made one of that name meanwhile;
    /// [`PortError::Refused`] with the engine's words; else don't know: it may have been made.
    ///
    /// # Cancel safety
    /// It may have been made, or made and not started; the next list shows it.
    fn recreate<'a>(&'a self, order: &'a Recreation) -> Doing<'a, Result<Recreated, PortError>>;

    /// Starts one that is there and not up. That it runs already is success.
    ///
    /// # Errors
    /// [`PortError::Refused`] with the engine's words; else don't know.
    ///
    /// # Cancel safety
    /// It may have been started; the next list shows it.
    fn start<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<(), PortError>>;

    /// What the runtime remembers of a run in `since..=until`, oldest first: evidence, no more.
    ///
    /// # Errors
    /// Don't know.
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn history<'a>(
        &'a self,
        run: &'a RunId,
        since: Timestamp,
        until: Timestamp,
    ) -> Doing<'a, Result<Vec<Happening>, PortError>>;
}

/// Which container is made anew.
#[derive(Clone, PartialEq)]
pub struct Recreation {
    /// Whose it is.
    pub agent: AgentId,
    /// Its name.
    pub name: String,
    /// What was learned of it, if it was ever seen: it fills what is not declared.
    pub learned: Option<Value>,
}

impl std::fmt::Debug for Recreation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recreation")
            .field("agent", &self.agent)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A container that was made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recreated {
    /// The new run.
    pub run: RunId,
    /// When it started, where the keeper knows.
    pub started_at: Option<Timestamp>,
    /// It had ended before it was seen running: how, in its own words.
    pub ended: Option<String>,
    /// What a person should know about how it was made.
    pub notes: Vec<String>,
    /// Mounts that are not what they should be.
    pub mounts_differ: Vec<String>,
}

/// Something that happened to a run, as the runtime remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// What: `kill`, `die`, `oom`, `stop`, `destroy` …
    pub what: String,
    /// The exit code, of a `die`.
    pub exit_code: Option<i64>,
    /// The signal, of a `kill`.
    pub signal: Option<i64>,
}
