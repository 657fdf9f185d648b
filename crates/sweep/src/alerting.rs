//! Telling people: what they are told of, whom, and what becomes of it.
//!
//! Two steps that know nothing of each other but the outbox between them. A *notice* looks at all
//! incidents and promises alerts, in one transaction with what it knows of them then; a *delivery*
//! makes one attempt at one sink. Both are level-triggered: whatever was promised or not is read
//! again each time, so that a crash loses nothing.
//!
//! | file | holds |
//! |---|---|
//! | `setup` | what a host hands in |
//! | `notice` | which incidents are told now |
//! | `case` | what the rule of telling is asked about one of them |
//! | `derived` | incidents about incidents and sinks: flapping, sinks that fail |
//! | `story` | an incident as it is told |
//! | `deeds` | what was done about it, from the journal |
//! | `advice` | what a person should do; pure |
//! | `notes` | that sweepd watches, and the daily line |
//! | `delivery` | one attempt at one sink |
//! | `rounds` | notices and deliveries, in a call and in the daemon |
//! | `memory` | an outbox in memory |
//! | `adrift` | telling from memory, as long as the state cannot be written |
//! | `attend` | what people do: acknowledge, snooze, close, try again |

use std::sync::{Arc, Mutex, PoisonError};

use sweepd_decide::{Alert, Moment, News, Occasion, Timestamp};
use tokio::sync::Notify;

mod adrift;
mod advice;
mod attend;
mod case;
mod deeds;
mod delivery;
mod derived;
mod mark;
mod memory;
mod notes;
mod notice;
mod rounds;
mod setup;
mod story;

pub use attend::{AttendError, Attended, Attention};
#[cfg(feature = "test-util")]
pub use memory::MemoryOutbox;
#[cfg(not(feature = "test-util"))]
pub(crate) use memory::MemoryOutbox;
pub use setup::{AlertSetup, Audience, Digest, Everything, SinkSetup, Windows};

use crate::ports::PortError;

pub(crate) use notes::Census;

/// How people are told, and what has to be known for it from one time to the next.
pub(crate) struct Alerting {
    pub(crate) setup: AlertSetup,
    /// Something may have to be told.
    changed: Arc<Notify>,
    /// What is told while the state cannot be written.
    adrift: adrift::Adrift,
    /// Since when the outbox cannot be used, and why.
    trouble: Mutex<Option<(Timestamp, String)>>,
    /// Whom sweepd watches, as of the last pass over everybody.
    census: Mutex<Option<Census>>,
}

impl Alerting {
    pub(crate) fn new(setup: AlertSetup, changed: Arc<Notify>) -> Self {
        Self {
            setup,
            changed,
            adrift: adrift::Adrift::default(),
            trouble: Mutex::default(),
            census: Mutex::default(),
        }
    }

    /// What keeps people from being told, in plain words.
    pub(crate) fn trouble(&self) -> Option<String> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.as_ref().map(|(_, why)| format!("alerts: {why}"))
    }

    fn trouble_since(&self) -> Option<Timestamp> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.as_ref().map(|(since, _)| *since)
    }

    /// The outbox can be used, or cannot, for this reason.
    fn note(&self, error: Option<&PortError>, now: Timestamp) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let since = trouble.as_ref().map_or(now, |(since, _)| *since);
        if trouble.is_none()
            && let Some(error) = error
        {
            tracing::error!(error = error.chain(), "nobody can be told of what is wrong");
        }
        *trouble = error.map(|error| (since, error.chain()));
    }

    /// An incident has changed.
    pub(crate) fn nudge(&self) {
        self.changed.notify_one();
    }
}

/// The moment that an alert tells, in one published word.
pub(crate) const fn moment(alert: &Alert) -> &'static str {
    match &alert.news {
        News::Incident(story) => match story.moment {
            Moment::Opened => "opened",
            Moment::Still => "still",
            Moment::Resolved => "resolved",
        },
        News::Note(note) => match note.occasion {
            Occasion::Start => "start",
            Occasion::Digest => "digest",
            Occasion::Test => "test",
        },
    }
}
