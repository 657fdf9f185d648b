//! What time it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sweepd_decide::{Span, Timestamp};
use sweepd_sweep::SystemClock;
use sweepd_sweep::ports::Clock as _;

pub(crate) fn now() -> Timestamp {
    SystemClock::new().now()
}

/// Microseconds since 1970, by the clock that the engine reads.
#[expect(clippy::disallowed_methods, reason = "a bench measures")]
pub(crate) fn micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_micros()).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a thread of the bench's own")]
pub(crate) fn wait_until(at: Timestamp) {
    let wait = u64::try_from(at.since(now()).as_millis()).unwrap_or(0);
    std::thread::sleep(Duration::from_millis(wait));
}

pub(crate) fn wait(span: Span) {
    wait_until(now().plus(span));
}
