//! How long a look or a write may take: deadlines of I/O, by the monotonic clock.
//!
//! Nothing here reaches a decision: an exhausted budget only turns a look into a failed one.

use std::time::{Duration, Instant};

/// A share of time that has been running since it was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    since: Instant,
    whole: Duration,
}

impl Budget {
    /// A budget of `millis` milliseconds, beginning now.
    pub(crate) fn of_millis(millis: u64) -> Self {
        Self { since: now(), whole: Duration::from_millis(millis) }
    }

    /// What is left of it.
    pub(crate) fn left(&self) -> Duration {
        self.whole.saturating_sub(now().saturating_duration_since(self.since))
    }

    /// Whether nothing is left.
    pub(crate) fn spent(&self) -> bool {
        self.left().is_zero()
    }
}

#[expect(clippy::disallowed_methods, reason = "an I/O deadline, not a decision")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_of_nothing_is_spent_at_once_and_an_endless_one_is_not() {
        assert!(Budget::of_millis(0).spent());
        assert!(!Budget::of_millis(u64::MAX).spent());
    }
}
