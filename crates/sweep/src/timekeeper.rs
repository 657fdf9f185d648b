//! The host's clocks, from look to look: one memory of them for everything that is under way.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::json;
use sweepd_decide::{ClockReading, Doubt, EventKind, Span, doubt};

use crate::ports::{Clock, ClockRecord, NewEvent};

/// Keeps the clocks of the last look, and what is doubted about time.
#[derive(Debug, Default)]
pub(crate) struct Timekeeper {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The state was asked what it remembers.
    recalled: bool,
    clocks: Option<ClockReading>,
    doubt: Doubt,
    late: Span,
}

impl Timekeeper {
    /// What the state remembers, unless this process knows better.
    pub(crate) fn recall(&self, last: Option<ClockRecord>) {
        let mut kept = self.kept();
        if std::mem::replace(&mut kept.recalled, true) {
            return;
        }
        if let Some(last) = last {
            (kept.clocks, kept.doubt) = (Some(last.clocks), last.doubt);
        }
    }

    /// Notes that the next look comes so much later than planned.
    pub(crate) fn set_late(&self, late: Span) {
        let mut kept = self.kept();
        kept.late = kept.late.max(late);
    }

    /// Reads the clocks before a look: whether the host has slept, or time has jumped, since the
    /// last one.
    pub(crate) fn read(&self, clock: &dyn Clock) -> Vec<NewEvent> {
        let (clocks, now) = (clock.reading(), clock.now());
        let mut kept = self.kept();
        let late = std::mem::take(&mut kept.late);
        let (doubt, upsets) = doubt(&kept.doubt, kept.clocks.as_ref(), &clocks, late, now);
        let hold_until = doubt.hold_until.map(|at| at.to_string());
        let event = |upset| NewEvent {
            kind: EventKind::ClockStepped,
            agent: None,
            source: None,
            run: None,
            data: json!({ "what": upset, "hold_until": hold_until }),
        };
        let events = upsets.into_iter().map(event).collect();
        kept.clocks = Some(clocks);
        kept.doubt = doubt;
        events
    }

    /// What is doubted, as of the last look.
    pub(crate) fn doubt(&self) -> Doubt {
        self.kept().doubt.clone()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
