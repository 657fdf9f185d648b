//! What time it is, and waiting for a time.

pub use sweepd_decide::ClockReading;
use sweepd_decide::Timestamp;

use super::Doing;

/// The clock. Decisions live in wall-clock UTC; waiting is monotonic.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// All clocks of the host at one instant, to tell a suspend or a step from time passing.
    fn reading(&self) -> ClockReading;

    /// Waits until `at`; returns at once if it has passed.
    ///
    /// # Cancel safety
    /// Dropping the future stops the waiting and nothing else.
    fn sleep_until(&self, at: Timestamp) -> Doing<'_, ()>;
}
