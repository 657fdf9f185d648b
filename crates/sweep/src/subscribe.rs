//! What was written down, told as it happens to whoever listens.

use sweepd_decide::Timestamp;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::ports::{Commit, Committed, Incident, IncidentChange, NewEvent};

/// Whoever is slower than so many happenings misses the oldest of them.
const KEPT: usize = 1024;

/// What happened. Told once it is committed, in the order of the commits.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Happened {
    /// An event.
    #[non_exhaustive]
    Event {
        /// When it was written down.
        at: Timestamp,
        /// What it says.
        event: NewEvent,
    },
    /// An incident opened.
    #[non_exhaustive]
    Opened {
        /// When it was written down.
        at: Timestamp,
        /// What it says.
        incident: Incident,
    },
    /// An incident is over.
    #[non_exhaustive]
    Resolved {
        /// When it was written down.
        at: Timestamp,
        /// Its key.
        key: String,
        /// How it ended.
        how: String,
    },
    /// So many happenings were missed: whoever listens was too slow. What they came to is in the
    /// state, and in [`Handle::status`](crate::Handle::status).
    Missed(u64),
}

/// Hears what happens from now on.
#[derive(Debug)]
pub struct Subscription {
    heard: Option<broadcast::Receiver<Happened>>,
}

impl Subscription {
    /// What happens next. `None`: the engine is gone, and nothing happens any more.
    ///
    /// # Cancel safety
    /// Safe: what was not returned is returned by the next call.
    pub async fn next(&mut self) -> Option<Happened> {
        match self.heard.as_mut()?.recv().await {
            Ok(happened) => Some(happened),
            Err(RecvError::Lagged(missed)) => Some(Happened::Missed(missed)),
            Err(RecvError::Closed) => None,
        }
    }
}

/// Tells whoever listens.
#[derive(Debug, Clone)]
pub(crate) struct Teller(broadcast::Sender<Happened>);

/// Where one may listen; keeps nobody alive.
#[derive(Debug, Clone)]
pub(crate) struct Ear(broadcast::WeakSender<Happened>);

impl Default for Teller {
    fn default() -> Self {
        Self(broadcast::channel(KEPT).0)
    }
}

impl Teller {
    pub(crate) fn ear(&self) -> Ear {
        Ear(self.0.downgrade())
    }

    /// Tells what a commit has made true.
    pub(crate) fn committed(&self, commit: &Commit, done: &Committed) {
        if self.0.receiver_count() == 0 {
            return;
        }
        let at = commit.at;
        for event in commit.events.iter().cloned() {
            self.tell(Happened::Event { at, event });
        }
        for change in commit.incidents.iter().cloned() {
            match change {
                IncidentChange::Seen(incident) if done.opened.contains(&incident.key) => {
                    self.tell(Happened::Opened { at, incident });
                }
                IncidentChange::Resolved { key, how } if done.resolved.contains(&key) => {
                    self.tell(Happened::Resolved { at, key, how });
                }
                IncidentChange::Seen(_)
                | IncidentChange::Resolved { .. }
                | IncidentChange::Good { .. } => {}
            }
        }
    }

    fn tell(&self, happened: Happened) {
        // Whoever listened may have gone meanwhile.
        drop(self.0.send(happened));
    }
}

impl Ear {
    pub(crate) fn listen(&self) -> Subscription {
        Subscription { heard: self.0.upgrade().map(|teller| teller.subscribe()) }
    }
}
