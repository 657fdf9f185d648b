//! Which of the alerts that wait for one sink is delivered next, and when; and what an attempt means
//! for the next one.
//!
//! Source: docs/rules/incidents.md, "The outbox".

mod next;
mod tried;

pub use next::{Hold, Next, Waiting, next};
pub use tried::{Attempt, Fate, tried};

use crate::backoff::Backoff;
use crate::time::{Span, Timestamp};

/// How a sink is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain numbers")]
pub struct OutboxPolicy {
    /// Between attempts at a sink that fails. 1 s, doubled up to 5 min, spread by up to a quarter.
    pub backoff: Backoff,
    /// What has waited for so long is given up. 24 h.
    pub give_up: Span,
    /// So long a sink is left alone at most because it asked for it. 1 h.
    pub longest_ask: Span,
    /// So many posts at once; at least 1.
    pub burst: u32,
    /// And then one each so often; at least a millisecond.
    pub every: Span,
    /// So many alerts fit into a post.
    pub batch: usize,
}

impl Default for OutboxPolicy {
    fn default() -> Self {
        Self {
            backoff: Backoff { base: Span::from_secs(1), cap: Span::from_mins(5) },
            give_up: Span::from_mins(24 * 60),
            longest_ask: Span::from_mins(60),
            burst: 5,
            every: Span::from_secs(10),
            batch: 50,
        }
    }
}

impl OutboxPolicy {
    /// A bucket holds a token at least.
    pub(crate) fn burst(&self) -> u32 {
        self.burst.max(1)
    }

    /// A token takes a moment at least.
    pub(crate) fn every(&self) -> Span {
        self.every.max(Span::from_millis(1))
    }
}

/// How a sink stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default))]
#[expect(clippy::exhaustive_structs, reason = "a host keeps it")]
pub struct SinkState {
    /// It takes nothing from us any more, since then.
    pub stopped_at: Option<Timestamp>,
    /// Attempts in a row that failed.
    pub failures: u32,
    /// When the first of them was.
    pub failing_since: Option<Timestamp>,
    /// When the last was.
    pub failed_at: Option<Timestamp>,
    /// It asked to be left alone until then.
    pub asked_until: Option<Timestamp>,
    /// It refused an alert, and has taken none since.
    pub refused_at: Option<Timestamp>,
    /// It had stopped then; somebody has seen to it since, and it has taken nothing yet.
    pub doubted_at: Option<Timestamp>,
    /// Tokens spent of a full bucket, as of [`SinkState::spent_at`].
    pub spent: u32,
    /// When that was so.
    pub spent_at: Option<Timestamp>,
}

/// A sink that has failed for so long, and so often, is an incident.
const FAILED_FOR: Span = Span::from_mins(10);
/// See [`FAILED_FOR`].
const FAILED_TIMES: u32 = 3;
/// So long after a sink stopped nobody has seen to it yet.
const SEEN_TO: Span = Span::from_secs(5);

impl SinkState {
    /// Since when something is wrong with it that people should know at `now`.
    pub fn wrong_since(&self, now: Timestamp) -> Option<Timestamp> {
        let failing = self
            .failing_since
            .filter(|since| self.failures >= FAILED_TIMES && now >= since.plus(FAILED_FOR));
        self.at_once().into_iter().chain(failing).min()
    }

    /// From when on something is wrong with it, if nothing happens until then.
    pub fn wrong_at(&self) -> Option<Timestamp> {
        let failing = self.failing_since.filter(|_| self.failures >= FAILED_TIMES);
        let failing = failing.map(|since| since.plus(FAILED_FOR));
        self.at_once().into_iter().chain(failing).min()
    }

    /// Since when something is wrong with it that people should know at once.
    fn at_once(&self) -> Option<Timestamp> {
        [self.stopped_at, self.doubted_at, self.refused_at].into_iter().flatten().min()
    }

    /// How a sink that has stopped stands once somebody has seen to it: its settings or its token are
    /// others. `None`: it has not stopped, or so lately that what it was asked with may have been the
    /// new ones. Whether it is well is seen when something arrives; if nothing `waits`, nothing is
    /// held against it.
    #[must_use]
    pub fn renewed(&self, waits: bool, now: Timestamp) -> Option<Self> {
        let stopped_at = self.stopped_at.filter(|at| now >= at.plus(SEEN_TO))?;
        let Self { spent, spent_at, refused_at, doubted_at, .. } = *self;
        let doubted_at = Some(doubted_at.unwrap_or(stopped_at)).filter(|_| waits);
        let refused_at = refused_at.filter(|_| waits);
        Some(Self { refused_at, doubted_at, spent, spent_at, ..Self::default() })
    }

    /// Without what a clock that was set back has left in the future: a failure that is not yet, and a
    /// wait that nobody can have asked for.
    #[must_use]
    pub fn credible(self, policy: &OutboxPolicy, now: Timestamp) -> Self {
        let longest = now.plus(policy.longest_ask);
        Self {
            failed_at: self.failed_at.filter(|at| *at <= now),
            failing_since: self.failing_since.map(|at| at.min(now)),
            asked_until: self.asked_until.filter(|until| *until <= longest),
            ..self
        }
    }

    /// Tokens spent at `now`, and since when that is so: one comes back each `every`.
    pub(crate) fn bucket(&self, policy: &OutboxPolicy, now: Timestamp) -> (u32, Timestamp) {
        let Some(at) = self.spent_at.filter(|at| *at <= now) else { return (0, now) };
        let every = policy.every().as_millis();
        let back = now.since(at).as_millis() / every;
        let spent = i64::from(self.spent.min(policy.burst())).saturating_sub(back);
        match u32::try_from(spent) {
            Ok(left) if left > 0 => (left, at.plus(Span::from_millis(back.saturating_mul(every)))),
            Ok(_) | Err(_) => (0, now),
        }
    }
}
