//! One container, lived with by hand, with the limits as they come.

use sweepd_decide::keep::{KeepPolicy, Kept, Sight, Step, begun, failed, keep, worked};
use sweepd_decide::{Span, Timestamp};

pub(super) const MISSING: Sight = Sight::Missing;
pub(super) const LEFT: Sight = Sight::Stopped { restarts: false };
pub(super) const TRUSTED: Sight = Sight::Stopped { restarts: true };

/// One container, lived with second by second.
pub(super) struct Life {
    pub(super) policy: KeepPolicy,
    pub(super) kept: Kept,
}

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(1_778_547_600_500).plus(Span::from_secs(second))
}

impl Life {
    pub(super) fn new(change: impl FnOnce(&mut KeepPolicy)) -> Self {
        let mut policy = KeepPolicy::default();
        change(&mut policy);
        Self { policy, kept: Kept::default() }
    }

    pub(super) fn ordinary() -> Self {
        Self::new(|_| {})
    }

    pub(super) fn look(&mut self, second: i64, sight: Sight) -> Step {
        self.said(second, sight).0
    }

    /// What is called for, what is wrong, and the second of the recheck.
    pub(super) fn said(&mut self, second: i64, sight: Sight) -> (Step, &'static str, Option<i64>) {
        let (kept, decision) = keep(&self.policy, sight, &self.kept, true, at(second));
        self.kept = kept;
        let wrong = match (decision.evidence.down, decision.evidence.failing) {
            (false, false) => "",
            (true, false) => "down",
            (false, true) => "failing",
            (true, true) => "down and failing",
        };
        let recheck = decision.recheck.at().map(|then| then.since(at(0)).as_millis() / 1000);
        (decision.action, wrong, recheck)
    }

    pub(super) fn fails(&mut self, second: i64) {
        self.kept = failed(&begun(&self.kept, at(second)), "no such image");
    }

    pub(super) fn works(&mut self, second: i64) {
        self.kept = worked(&begun(&self.kept, at(second)), None, at(second));
    }
}
