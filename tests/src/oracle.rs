//! What should the stuck decision say? The rules once more, word by word, by another hand.
//!
//! Nothing here knows of deadlines or rechecks: every rule is asked at one instant, by plain
//! comparisons in 128 bits. [`recheck_by_scan`] finds the recheck by asking at every instant that
//! could matter. Slow and obvious on purpose; the laws hold the real decision against it.
//!
//! Source: docs/rules; `tests/vectors/decide_standard.jsonl.gz` decides where words do not.

mod confirm;
mod facts;
mod nanoclaw;
mod rules;
mod scan;

pub use nanoclaw::{NanoExpect, judge_nanoclaw};
pub use scan::{edges, recheck_by_scan};

use serde::Serialize;
use sweepd_decide::stuck::{Look, Rule};
use sweepd_decide::{Policy, Snapshot, Timestamp};

use facts::Facts;

/// What a look must say in profile `standard`; the fields and words of the vectors' `expect`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Expect {
    /// `ok`, `hold`, `kill-ceiling`, `kill-claim`, `kill-silent` or `kill-start`.
    pub action: &'static str,
    /// The rule that wants a stop; `None` with `ok`.
    pub rule: Option<Rule>,
    /// Whether the agent has nothing to do, so that its stop is no fault.
    pub idle: bool,
    /// `suspend` or `confirmation`, where the stop is held.
    pub held_by: Option<&'static str>,
    /// Looks counted for this stop, this one included.
    pub looks: u32,
    /// The claim named.
    pub message_id: Option<String>,
    /// The instant the rule measures from, in UTC milliseconds.
    pub since: Option<i64>,
    /// What the rule allows, in milliseconds.
    pub limit_ms: Option<i64>,
    /// End of the declared budget, where the rule honours one.
    pub budget_end: Option<i64>,
    /// First instant at which the stop is due.
    pub overdue_at: Option<i64>,
    /// What is wrong without a stop.
    pub findings: Vec<ExpectedFinding>,
}

/// One finding of an [`Expect`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpectedFinding {
    /// `clock-suspicious`, `in-claim-silence` or `not-progressing`.
    pub kind: &'static str,
    /// The message it is about.
    pub message_id: Option<String>,
    /// Since when, in UTC milliseconds.
    pub since: i64,
}

/// What a look at `now` must say in profile `standard`.
pub fn judge(policy: &Policy, snapshot: &Snapshot, now: Timestamp) -> Expect {
    look(policy, snapshot, now).0
}

/// What a look at `now` leaves on record for the next one; `None` if no stop is due.
pub fn record(policy: &Policy, snapshot: &Snapshot, now: Timestamp) -> Option<Look> {
    look(policy, snapshot, now).1
}

fn look(policy: &Policy, snapshot: &Snapshot, now: Timestamp) -> (Expect, Option<Look>) {
    let facts = Facts::read(policy, snapshot, now);
    let stops = rules::stops(&facts);
    let findings = rules::findings(&facts);
    confirm::decide(policy, snapshot, now, &stops, findings)
}

/// Back to the width of an instant; what does not fit stays at the end of time.
fn narrow(at: i128) -> i64 {
    i64::try_from(at).unwrap_or(if at < 0 { i64::MIN } else { i64::MAX })
}
