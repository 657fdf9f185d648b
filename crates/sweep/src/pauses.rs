//! Who is to be left alone, as of now: what a person says holds from the next act on, also for turns
//! that are under way.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sweepd_decide::{AgentId, Timestamp};

use crate::order::{Pause, Scope};

/// The pauses that the state has, kept in step with it: only this process writes there.
#[derive(Debug, Default)]
pub(crate) struct Pauses {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    pauses: Vec<Pause>,
    /// What was said to this process about these is newer than what was read.
    said: BTreeSet<Scope>,
}

impl Pauses {
    /// What the state remembers.
    pub(crate) fn recall(&self, pauses: Vec<Pause>) {
        let mut kept = self.kept();
        let Kept { pauses: known, said } = &mut *kept;
        known.retain(|pause| said.contains(&pause.scope));
        known.extend(pauses.into_iter().filter(|pause| !said.contains(&pause.scope)));
    }

    /// A pause begins, in place of an earlier one of the same scope.
    pub(crate) fn begin(&self, pause: Pause) {
        let mut kept = self.kept();
        kept.said.insert(pause.scope.clone());
        kept.pauses.retain(|other| other.scope != pause.scope);
        kept.pauses.push(pause);
    }

    /// The pause of a scope is over.
    pub(crate) fn end(&self, scope: &Scope) {
        let mut kept = self.kept();
        kept.said.insert(scope.clone());
        kept.pauses.retain(|pause| pause.scope != *scope);
    }

    /// The pause that an agent is under at `now`.
    pub(crate) fn of(&self, agent: &AgentId, now: Timestamp) -> Option<Pause> {
        Pause::of(&self.kept().pauses, agent, now).cloned()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
