//! Exponential waits in whole milliseconds: doubled each time, up to a cap. No randomness.

use crate::time::Span;

/// `base`, then twice that, and so on, never more than `cap`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Backoff {
    /// The first wait.
    pub base: Span,
    /// The longest wait.
    pub cap: Span,
}

impl Backoff {
    /// The wait after `failures` earlier ones: `base · 2^failures`, at most `cap`; saturates.
    ///
    /// ```
    /// use sweepd_decide::{Backoff, Span};
    ///
    /// let wake = Backoff { base: Span::from_secs(10), cap: Span::from_mins(5) };
    /// assert_eq!(wake.after(0), Span::from_secs(10));
    /// assert_eq!(wake.after(3), Span::from_secs(80));
    /// assert_eq!(wake.after(60), Span::from_mins(5));
    /// ```
    pub fn after(self, failures: u32) -> Span {
        let factor = 2_i64.saturating_pow(failures);
        let wait = self.base.as_millis().saturating_mul(factor);
        Span::from_millis(wait).min(self.cap)
    }
}
