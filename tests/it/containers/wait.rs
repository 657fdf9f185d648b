//! What time is it, and does something hold yet?
//!
//! Levels are waited for, never spans: what a test needs is true at the end of the wait, or the
//! test fails and says what was not.

use sweepd_decide::{Span, Timestamp};
use sweepd_sweep::SystemClock;
use sweepd_sweep::ports::Clock as _;

/// Whatever takes longer than this will not come.
const PATIENCE: Span = Span::from_secs(60);
const AGAIN: Span = Span::from_millis(50);

pub(crate) fn now() -> Timestamp {
    SystemClock::new().now()
}

pub(crate) fn ago(span: Span) -> Timestamp {
    Timestamp::from_millis(now().as_millis() - span.as_millis())
}

/// Waits until `holds`.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = now().plus(PATIENCE);
    while !holds() {
        assert!(now() < deadline, "in vain: {what}");
        SystemClock::new().sleep_until(now().plus(AGAIN)).await;
    }
}

/// Waits until it is later than `at`.
pub(crate) async fn later_than(at: Timestamp) {
    SystemClock::new().sleep_until(at.plus(Span::from_millis(1))).await;
    until(&format!("{at} passes"), || now() > at).await;
}
