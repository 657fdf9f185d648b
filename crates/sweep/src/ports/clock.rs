//! What time it is, and waiting for a time.

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

/// The clocks of one host at one instant, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct ClockReading {
    /// Which boot the other values belong to.
    pub boot_id: String,
    /// Wall clock, since the epoch.
    pub realtime: i64,
    /// Since boot, suspends included.
    pub boottime: i64,
    /// Since boot, suspends left out.
    pub monotonic: i64,
}
