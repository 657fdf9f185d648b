//! A clock that leaps to whatever is waited for: an example takes no time.

use std::sync::Mutex;

use sweepd_sweep::decide::Timestamp;
use sweepd_sweep::ports::{Clock, ClockReading, Doing};

use super::lock;

/// The host's clock. A real host takes `sweepd_sweep::SystemClock`, unless it simulates time.
#[derive(Debug)]
pub(crate) struct LeapingClock(Mutex<Timestamp>);

impl LeapingClock {
    pub(crate) const fn at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }
}

impl Clock for LeapingClock {
    fn now(&self) -> Timestamp {
        *lock(&self.0)
    }

    /// Nothing here ever sleeps or is set, so all clocks run alike.
    fn reading(&self) -> ClockReading {
        let ms = self.now().as_millis();
        ClockReading { boot_id: "example".to_owned(), realtime: ms, boottime: ms, monotonic: ms }
    }

    fn sleep_until(&self, at: Timestamp) -> Doing<'_, ()> {
        Box::pin(async move {
            // Whoever else has something to do does it first.
            for _ in 0..4 {
                tokio::task::yield_now().await;
            }
            let mut now = lock(&self.0);
            *now = at.max(*now);
        })
    }
}
