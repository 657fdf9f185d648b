//! The system's clock: the only place in the libraries that asks what time it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, Timespec, clock_gettime};
use sweepd_decide::Timestamp;

use crate::ports::{Clock, ClockReading, Doing};

/// The host's clocks.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl SystemClock {
    /// The host's clocks.
    pub const fn new() -> Self {
        Self
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let millis =
            since_epoch.map_or(0, |span| i64::try_from(span.as_millis()).unwrap_or(i64::MAX));
        Timestamp::from_millis(millis)
    }

    fn reading(&self) -> ClockReading {
        let boot_id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
        ClockReading {
            boot_id: boot_id.unwrap_or_default().trim().to_owned(),
            realtime: self.now().as_millis(),
            boottime: millis(clock_gettime(ClockId::Boottime)),
            monotonic: millis(clock_gettime(ClockId::Monotonic)),
        }
    }

    fn sleep_until(&self, at: Timestamp) -> Doing<'_, ()> {
        let wait = u64::try_from(at.since(self.now()).as_millis()).unwrap_or(0);
        Box::pin(async move {
            #[expect(clippy::disallowed_methods, reason = "this is the clock")]
            tokio::time::sleep(Duration::from_millis(wait)).await;
        })
    }
}

const fn millis(time: Timespec) -> i64 {
    time.tv_sec.saturating_mul(1000).saturating_add(time.tv_nsec / 1_000_000)
}
