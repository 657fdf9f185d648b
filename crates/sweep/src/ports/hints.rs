//! What is worth a look, told by whoever sees it first.

use sweepd_decide::{AgentId, RunId};

use super::{Doing, Enlisted};

/// Tells when to look, and at whom. It never says what will be found there, and nobody relies on
/// it: whatever it does not tell is found at the next resync.
pub trait Hints: Send + Sync {
    /// Waits for hints. A stream that breaks is begun anew by it, and tells [`Hint::Everybody`]
    /// once it is back: what happened meanwhile nobody knows.
    ///
    /// # Cancel safety
    /// Safe: a hint that was not returned is returned by the next call.
    fn next(&self) -> Doing<'_, Vec<Hint>>;

    /// Whom to look after from now on: the source's whole roster.
    ///
    /// # Cancel safety
    /// Some of them may be looked after, and others not; the next call makes up for it.
    fn watch<'a>(&'a self, roster: &'a [Enlisted]) -> Doing<'a, ()>;
}

/// Whom to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the agenda must handle all of them")]
pub enum Hint {
    /// This agent: its files have changed.
    Agent(AgentId),
    /// Whoever this run belongs to: it has begun, ended, or was changed.
    Run(RunId),
    /// Whoever is new: the roster may have changed.
    Newcomers,
    /// Everybody of this source.
    Everybody,
}
