//! What does an attempt mean for what is tried next?

use super::{OutboxPolicy, SinkState};
use crate::alert::Setback;
use crate::time::Timestamp;

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_enums, reason = "it arrived or it did not")]
pub enum Attempt {
    /// It arrived.
    Arrived,
    /// It did not.
    Failed(Setback),
}

/// What becomes of the alerts of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled fate is a bug")]
pub enum Fate {
    /// They have arrived.
    Delivered,
    /// They wait for the next attempt.
    Wait,
    /// They wait, and not shorter than until then.
    WaitUntil(Timestamp),
    /// They wait, and are sent one by one.
    WaitAlone,
    /// They are given up.
    GivenUp,
}

/// How a sink stands after an attempt that began at `began` and ended at `now`, with `posted` alerts,
/// and what becomes of them.
///
/// Source: docs/rules/incidents.md, "The outbox".
pub fn tried(
    policy: &OutboxPolicy,
    sink: &SinkState,
    attempt: Attempt,
    posted: usize,
    began: Timestamp,
    now: Timestamp,
) -> (SinkState, Fate) {
    let (spent, since) = sink.bucket(policy, began);
    let spent = SinkState {
        spent: spent.saturating_add(1),
        spent_at: Some(since),
        asked_until: sink.asked_until.filter(|until| *until > now),
        ..*sink
    };
    // It answered: it is not down. Whether it takes anything only an arrival shows.
    let well = SinkState { failures: 0, failing_since: None, failed_at: None, ..spent };
    match attempt {
        Attempt::Arrived => {
            let open = SinkState {
                stopped_at: None,
                refused_at: None,
                doubted_at: None,
                asked_until: None,
                ..well
            };
            (open, Fate::Delivered)
        }
        Attempt::Failed(Setback::Deferred(span)) => (well, Fate::WaitUntil(now.plus(span))),
        Attempt::Failed(Setback::Refused) if posted > 1 => (well, Fate::WaitAlone),
        Attempt::Failed(Setback::Refused) => {
            let refused_at = Some(sink.refused_at.unwrap_or(now));
            (SinkState { refused_at, ..well }, Fate::GivenUp)
        }
        Attempt::Failed(Setback::Stopped) => {
            let stopped_at = Some(sink.stopped_at.unwrap_or(now));
            (SinkState { stopped_at, ..spent }, Fate::Wait)
        }
        Attempt::Failed(Setback::Later(ask)) => {
            let asked = ask.map(|ask| now.plus(ask.min(policy.longest_ask)));
            let failed = SinkState {
                failures: sink.failures.saturating_add(1),
                failing_since: Some(sink.failing_since.unwrap_or(now)),
                failed_at: Some(now),
                asked_until: spent.asked_until.max(asked),
                ..spent
            };
            (failed, Fate::Wait)
        }
    }
}
