//! The state as the engine writes it: nothing at all in a dry run, and never twice at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sweepd_decide::Timestamp;
use tokio::sync::Notify;

use crate::ports::{Commit, Committed, IncidentChange, PortError, State};
use crate::subscribe::{Ear, Teller};
use crate::trace;

/// Writes to the state, or pretends to.
pub(crate) struct Ledger {
    state: Arc<dyn State>,
    dry_run: bool,
    teller: Teller,
    /// Told when an incident opened, ended or is another one: people may have to be told.
    changed: Arc<Notify>,
    failing: Mutex<Failing>,
}

/// A state that cannot be written.
#[derive(Default)]
struct Failing {
    since: Option<Timestamp>,
    /// What was found meanwhile, the newest of each incident.
    lost: BTreeMap<String, IncidentChange>,
}

/// The state could not be written: whatever was to follow is not done.
#[derive(Debug, thiserror::Error)]
#[error("the state could not be written")]
pub(crate) struct LedgerError(#[source] pub(crate) PortError);

impl Ledger {
    pub(crate) fn new(state: Arc<dyn State>, dry_run: bool) -> Self {
        Self {
            state,
            dry_run,
            teller: Teller::default(),
            changed: Arc::default(),
            failing: Mutex::default(),
        }
    }

    /// Where to listen to what is written down.
    pub(crate) fn ear(&self) -> Ear {
        self.teller.ear()
    }

    pub(crate) fn state(&self) -> &dyn State {
        self.state.as_ref()
    }

    /// Forgets what is older than `before`.
    pub(crate) async fn forget(&self, before: Timestamp) -> Result<(), LedgerError> {
        if self.dry_run {
            return Ok(());
        }
        self.state.forget(before).await.map_err(LedgerError)
    }

    pub(crate) async fn commit(&self, commit: Commit) -> Result<Committed, LedgerError> {
        if self.dry_run {
            return Ok(Committed {
                intents: vec![0; commit.intents.len()],
                ..Committed::default()
            });
        }
        match self.state.commit(commit.clone()).await {
            Ok(committed) => {
                self.failing().since = None;
                self.announce(&commit, &committed);
                Ok(committed)
            }
            Err(error) => {
                self.lose(commit);
                Err(LedgerError(error))
            }
        }
    }

    /// Since when the state has not taken what it was given.
    pub(crate) fn failing_since(&self) -> Option<Timestamp> {
        self.failing().since
    }

    /// What it has not taken about incidents since that was asked last.
    pub(crate) fn lost(&self) -> Vec<IncidentChange> {
        std::mem::take(&mut self.failing().lost).into_values().collect()
    }

    fn lose(&self, commit: Commit) {
        let mut failing = self.failing();
        failing.since.get_or_insert(commit.at);
        for change in commit.incidents {
            let key = match &change {
                IncidentChange::Seen(incident) => incident.key.clone(),
                IncidentChange::Resolved { key, .. } => key.clone(),
                // It would end nothing by itself.
                IncidentChange::Good { .. } => continue,
            };
            failing.lost.insert(key, change);
        }
        drop(failing);
        self.changed.notify_one();
    }

    fn failing(&self) -> MutexGuard<'_, Failing> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whoever listens what a commit has made true.
    pub(crate) fn announce(&self, commit: &Commit, done: &Committed) {
        trace::committed(commit, done);
        self.teller.committed(commit, done);
        if !(done.opened.is_empty() && done.resolved.is_empty() && done.updated.is_empty()) {
            self.changed.notify_one();
        }
    }

    /// Who is told when an incident has changed.
    pub(crate) fn changed(&self) -> Arc<Notify> {
        Arc::clone(&self.changed)
    }
}
