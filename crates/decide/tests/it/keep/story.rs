//! What happens to one container and its memory, as a list; and the rule lived through it.

use sweepd_decide::keep::{
    KeepEvidence, KeepPolicy, Kept, Sight, Step, begun, failed, keep, learned, stopped_by_hand,
    worked,
};
use sweepd_decide::{Decision, RunId, Timestamp};

/// One thing that happens, and when by the clock: milliseconds, not always in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deed {
    pub(super) at: i64,
    pub(super) what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Look {
        sight: Sight,
        counts: bool,
    },
    /// To start it or to make it anew, which takes so long.
    Attempt {
        took: i64,
        end: End,
    },
    StopByHand,
    Learn {
        compose: bool,
    },
    /// The memory is written down and read again.
    Restart,
}

/// How an attempt ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Failed,
    Worked,
    Flawed,
    /// Somebody else was first: the memory is what it was before.
    Superseded,
    /// Nothing was written down.
    Unanswered,
}

/// What the rule said at a look, and what was remembered before and after.
#[derive(Debug, Clone)]
pub(super) struct Said {
    /// Which deed of the story.
    pub(super) nth: usize,
    pub(super) before: Kept,
    pub(super) kept: Kept,
    pub(super) decision: Decision<Step, KeepEvidence>,
}

pub(super) const fn ms(at: i64) -> Timestamp {
    Timestamp::from_millis(at)
}

/// The memory after one more deed, and what was said if it was a look.
pub(super) fn live(
    policy: &KeepPolicy,
    kept: &Kept,
    deed: &Deed,
) -> (Kept, Option<Decision<Step, KeepEvidence>>) {
    let kept = match deed.what {
        What::Look { sight, counts } => {
            let (kept, decision) = keep(policy, sight, kept, counts, ms(deed.at));
            return (kept, Some(decision));
        }
        What::Attempt { took, end } => {
            let begun = begun(kept, ms(deed.at));
            let over = ms(deed.at + took);
            match end {
                End::Failed => failed(&begun, &words(deed.at)),
                End::Worked => worked(&begun, None, over),
                End::Flawed => worked(&begun, Some(words(deed.at)), over),
                End::Superseded => kept.clone(),
                End::Unanswered => begun,
            }
        }
        What::StopByHand => stopped_by_hand(kept),
        What::Learn { compose } => {
            let (run, print) = run_and_print(deed.at);
            learned(kept, &run, print, compose.then_some("shop"))
        }
        What::Restart => {
            let written = serde_json::to_string(kept).unwrap();
            serde_json::from_str(&written).unwrap()
        }
    };
    (kept, None)
}

/// What the rule says at every look of a story.
pub(super) fn tell(policy: &KeepPolicy, story: &[Deed]) -> Vec<Said> {
    let mut before = Kept::default();
    let mut told = Vec::new();
    for (nth, deed) in story.iter().enumerate() {
        let (kept, decision) = live(policy, &before, deed);
        if let Some(decision) = decision {
            told.push(Said { nth, before, kept: kept.clone(), decision });
        }
        before = kept;
    }
    told
}

/// What an attempt that began then has to say.
pub(super) fn words(at: i64) -> String {
    format!("began at {at}")
}

pub(super) fn run_and_print(at: i64) -> (RunId, u64) {
    (RunId::new(format!("run-{at}")), at.unsigned_abs())
}
