//! A clock that moves only when it is told to, or when somebody waits for it.

use std::sync::{Mutex, PoisonError};

use sweepd_decide::{Span, Timestamp};

use crate::ports::{Clock, ClockReading, Doing};

/// A clock moved by hand. Waiting moves it to the instant waited for.
#[derive(Debug)]
pub struct ManualClock {
    hands: Mutex<Hands>,
}

#[derive(Debug, Clone, Copy)]
struct Hands {
    now: Timestamp,
    suspended: Span,
    ticked: Span,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub const fn at(now: Timestamp) -> Self {
        let hands = Hands { now, suspended: Span::ZERO, ticked: Span::ZERO };
        Self { hands: Mutex::new(hands) }
    }

    /// Shows `now` from here on.
    pub fn set(&self, now: Timestamp) {
        self.with(|hands| {
            hands.ticked = hands.ticked.plus(now.since(hands.now));
            hands.now = now;
        });
    }

    /// Moves on by `span`.
    pub fn advance(&self, span: Span) {
        self.set(self.now().plus(span));
    }

    /// Moves on by `span` in which the host was suspended.
    pub fn suspend(&self, span: Span) {
        self.with(|hands| {
            hands.now = hands.now.plus(span);
            hands.suspended = hands.suspended.plus(span);
        });
    }

    /// The wall clock jumps by `span`; no time passes.
    pub fn step(&self, span: Span) {
        self.with(|hands| hands.now = hands.now.plus(span));
    }

    fn with<T>(&self, work: impl FnOnce(&mut Hands) -> T) -> T {
        work(&mut self.hands.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.with(|hands| hands.now)
    }

    fn reading(&self) -> ClockReading {
        self.with(|hands| ClockReading {
            boot_id: "simulated".to_owned(),
            realtime: hands.now.as_millis(),
            boottime: hands.ticked.plus(hands.suspended).as_millis(),
            monotonic: hands.ticked.as_millis(),
        })
    }

    fn sleep_until(&self, at: Timestamp) -> Doing<'_, ()> {
        Box::pin(async move {
            if at > self.now() {
                self.set(at);
            }
        })
    }
}
