//! What time it is, and waiting.

use sweepd_decide::{Span, Timestamp};
use sweepd_sweep::SystemClock;
use sweepd_sweep::ports::Clock as _;

pub(crate) fn now() -> Timestamp {
    SystemClock::new().now()
}

pub(crate) async fn pause(span: Span) {
    SystemClock::new().sleep_until(now().plus(span)).await;
}
