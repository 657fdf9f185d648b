//! The clock of a scenario: whoever waits for an instant sleeps until the scenario gets there.

use std::sync::{Arc, Mutex, PoisonError};

use sweepd_decide::Timestamp;
use sweepd_sweep::ports::{Clock, ClockReading, Doing};
use sweepd_sweep::sim::ManualClock;
use tokio::sync::Notify;

/// A clock that stands still while somebody waits for it, until it is moved.
#[derive(Debug)]
pub(super) struct StepClock {
    hands: Arc<ManualClock>,
    waiting: Mutex<Option<Timestamp>>,
    asleep: Notify,
    moved: Notify,
}

impl StepClock {
    /// Over `hands`, which somebody else moves.
    pub(super) fn new(hands: Arc<ManualClock>) -> Self {
        Self { hands, waiting: Mutex::default(), asleep: Notify::new(), moved: Notify::new() }
    }

    /// Until somebody waits for an instant that has not come.
    pub(super) async fn asleep(&self) {
        self.asleep.notified().await;
    }

    /// The instant that is waited for.
    pub(super) fn waiting(&self) -> Option<Timestamp> {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets whoever waits look at the hands again.
    pub(super) fn moved(&self) {
        self.moved.notify_waiters();
    }

    /// Nobody waits any more.
    pub(super) fn forget(&self) {
        self.wait_for(None);
    }

    fn wait_for(&self, at: Option<Timestamp>) {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }
}

impl Clock for StepClock {
    fn now(&self) -> Timestamp {
        self.hands.now()
    }

    fn reading(&self) -> ClockReading {
        self.hands.reading()
    }

    fn sleep_until(&self, at: Timestamp) -> Doing<'_, ()> {
        Box::pin(async move {
            while self.hands.now() < at {
                let mut moved = std::pin::pin!(self.moved.notified());
                moved.as_mut().enable();
                self.wait_for(Some(at));
                self.asleep.notify_one();
                moved.await;
            }
            self.forget();
        })
    }
}
