//! Who is to be left alone, as of now: what a person says holds from the next act on, also for turns
//! that are under way.

use std::sync::{Mutex, MutexGuard, PoisonError};

use sweepd_decide::{AgentId, Timestamp};

use crate::order::{Pause, Scope};

/// The pauses that the state has, kept in step with it: only this process writes there.
#[derive(Debug, Default)]
pub(crate) struct Pauses {
    kept: Mutex<Vec<Pause>>,
}

impl Pauses {
    /// What the state remembers.
    pub(crate) fn recall(&self, pauses: Vec<Pause>) {
        *self.kept() = pauses;
    }

    /// A pause begins, in place of an earlier one of the same scope.
    pub(crate) fn begin(&self, pause: Pause) {
        let mut kept = self.kept();
        kept.retain(|other| other.scope != pause.scope);
        kept.push(pause);
    }

    /// The pause of a scope is over.
    pub(crate) fn end(&self, scope: &Scope) {
        self.kept().retain(|pause| pause.scope != *scope);
    }

    /// The pause that an agent is under at `now`.
    pub(crate) fn of(&self, agent: &AgentId, now: Timestamp) -> Option<Pause> {
        Pause::of(&self.kept(), agent, now).cloned()
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Pause>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
