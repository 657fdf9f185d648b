//! What comes next for a running agent if nothing changes: the answer's staircase, walked down.

use alloc::vec::Vec;

use super::answer::{Action, Evidence, Judgment};
use super::decide_stuck;
use crate::finding::Finding;
use crate::policy::Policy;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

/// So many steps are looked at, changed or not.
const STEPS: usize = 256;

/// An answer to come.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "an instant and an answer")]
pub struct Prospect {
    /// When.
    pub at: Timestamp,
    /// What is answered then, given that every look before it was on time and found the same.
    pub judgment: Judgment,
}

/// The answers to come after the one at `now`, up to the first that stops the agent; at most
/// `most`. Steps at which nothing that is shown changes are left out. Empty: time alone changes
/// nothing.
///
/// Source: docs/rules/stuck.md, *Recheck*.
pub fn forecast(policy: &Policy, seen: &Snapshot, now: Timestamp, most: usize) -> Vec<Prospect> {
    let mut seen = seen.clone();
    let mut last = decide_stuck(policy, &seen, now);
    let mut prospects = Vec::new();
    let mut at = now;
    for _ in 0..STEPS {
        let next = last.decision.recheck.at().filter(|next| *next > at);
        let Some(next) = next.filter(|_| prospects.len() < most && !stops(&last)) else { break };
        at = next;
        seen.previous.clone_from(&last.record);
        let judgment = decide_stuck(policy, &seen, at);
        if shown(&judgment) != shown(&last) {
            prospects.push(Prospect { at, judgment: judgment.clone() });
        }
        last = judgment;
    }
    prospects
}

const fn stops(judgment: &Judgment) -> bool {
    !matches!(judgment.decision.action, Action::Ok | Action::Hold)
}

fn shown(judgment: &Judgment) -> (&Action, &Evidence, &[Finding]) {
    let Judgment { decision, findings, .. } = judgment;
    (&decision.action, &decision.evidence, findings)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec;

    use super::*;
    use crate::{Claim, Heartbeat, Observed, Span};

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000).plus(Span::from_millis(ms))
    }

    /// Up since 0, with a claim since 0 and the last heartbeat `beat` ms later, if any.
    fn scene(beat: Option<i64>) -> Snapshot {
        let mut seen = Snapshot::unknown();
        seen.start = Observed::Known(at(0));
        seen.heartbeat = beat.map_or(Observed::Absent, |ms| {
            Observed::Known(Heartbeat { mtime: at(ms), first_seen: at(ms) })
        });
        seen.tool = Observed::Absent;
        seen.last_ack = Observed::Absent;
        seen.due = Observed::Known(vec![]);
        seen.claims = Observed::Known(vec![Claim {
            message_id: "m-1".into(),
            status_changed: "2026-09-21 14:13:20".into(),
        }]);
        seen
    }

    fn steps(seen: &Snapshot) -> Vec<(i64, &'static str)> {
        let prospects = forecast(&Policy::default(), seen, at(1000), 10);
        let step = |one: &Prospect| {
            (one.at.since(at(0)).as_millis(), one.judgment.decision.action.as_str())
        };
        prospects.iter().map(step).collect()
    }

    #[test]
    fn a_silent_claim_is_held_for_a_look_and_then_stopped() {
        assert_eq!(steps(&scene(None)), [(60_001, "hold"), (65_001, "kill-claim")]);
    }

    #[test]
    fn after_a_beat_the_silence_is_told_and_the_ceiling_stops() {
        let seen = scene(Some(2000));
        assert_eq!(
            steps(&seen),
            [(602_001, "ok"), (1_802_001, "hold"), (1_807_001, "kill-ceiling")]
        );
        let told = forecast(&Policy::default(), &seen, at(1000), 10);
        assert_eq!(told[0].judgment.findings[0].kind.as_str(), "in-claim-silence");
        let why = told[2].judgment.decision.evidence.overdue.as_ref().unwrap().to_string();
        assert!(why.contains("no sign of life"), "{why}");
    }

    #[test]
    fn it_ends_after_as_many_as_were_asked_for_or_where_time_changes_nothing() {
        assert_eq!(forecast(&Policy::default(), &scene(None), at(1000), 1).len(), 1);
        assert!(forecast(&Policy::default(), &Snapshot::unknown(), at(1000), 9).is_empty());
    }
}
