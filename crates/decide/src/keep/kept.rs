//! What is remembered about an always-on container from look to look.

use alloc::string::String;

use super::{KeepPolicy, Standing};
use crate::id::RunId;
use crate::time::Timestamp;

/// Everything that the world does not show about an always-on container.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
#[non_exhaustive]
pub struct Kept {
    /// Where it stood at the last look. `None`: nobody has looked.
    pub stands: Option<Standing>,
    /// When it was first seen to stand so.
    pub since: Option<Timestamp>,
    /// That it stands so has been told.
    pub told: bool,
    /// Looks in a row that found it missing and count.
    pub looks: u32,
    /// When the last of them was.
    pub counted_at: Option<Timestamp>,
    /// Attempts to start it or to make it anew since it was steady last.
    pub attempts: u32,
    /// When the last of them began.
    pub attempted_at: Option<Timestamp>,
    /// It has begun, and how it ended is not written down yet.
    pub under_way: bool,
    /// What the last attempt said, if it failed.
    pub last_error: Option<String>,
    /// A person stopped it through sweepd.
    pub by_hand: bool,
    /// The run that had its name last, up or not.
    pub run: Option<RunId>,
    /// The run from which it was learned what it is made of.
    pub learned: Option<RunId>,
    /// What tells that from anything else learned: a hash.
    pub print: Option<u64>,
    /// The compose project it belongs to, as of then.
    pub project: Option<String>,
    /// It was not made as it should be: how not. For as long as it is there.
    pub flaw: Option<String>,
}

impl Kept {
    /// The memory with a look at `now` in it that found it standing so.
    pub(super) fn at(&self, standing: Standing, policy: &KeepPolicy, now: Timestamp) -> Self {
        let mut kept = self.clone();
        // Seen later than now: the clock was set back, and nobody knows since when.
        let since = self.since.filter(|at| *at <= now);
        let same = self.stands == Some(standing);
        let is_up = same && standing == Standing::Up;
        if is_up && since.is_some_and(|since| now >= since.plus(policy.steady)) {
            kept.attempts = 0;
            kept.attempted_at = None;
        }
        // The same of an attempt: it waits from now on.
        kept.attempted_at = kept.attempted_at.map(|at| at.min(now));
        kept.told &= same;
        kept.stands = Some(standing);
        kept.since = since.filter(|_| same).or(Some(now));
        if standing != Standing::Missing || !same {
            kept.looks = 0;
            kept.counted_at = None;
        }
        if standing == Standing::Up {
            kept.last_error = None;
        }
        kept.by_hand &= standing != Standing::Up;
        if standing == Standing::Missing {
            kept.flaw = None;
        }
        kept
    }

    /// Counts a look that found it missing, if it is far enough from the last that counted. One
    /// that is recorded later than now says nothing.
    pub(super) fn count(&mut self, policy: &KeepPolicy, counts: bool, now: Timestamp) {
        let Some(last) = self.counted_at.filter(|last| *last <= now) else {
            self.looks = 1;
            self.counted_at = Some(now);
            return;
        };
        if counts && now >= last.plus(policy.apart) {
            self.looks = self.looks.saturating_add(1);
            self.counted_at = Some(now);
        }
    }

    /// Whether attempts do not bring it back, or do not keep it up.
    pub(super) const fn is_failing(&self, policy: &KeepPolicy) -> bool {
        self.attempts >= policy.failures
    }
}

/// No attempt to bring it back is made before this. `None`: nothing is in the way of one.
#[must_use]
pub fn not_before(policy: &KeepPolicy, kept: &Kept) -> Option<Timestamp> {
    let earlier = kept.attempts.checked_sub(1)?;
    Some(kept.attempted_at?.plus(policy.backoff.after(earlier)))
}

/// The memory once an attempt to bring it back has begun at `now`: whoever has stopped it by hand
/// wants it up again.
#[must_use]
pub fn begun(kept: &Kept, now: Timestamp) -> Kept {
    Kept {
        attempts: kept.attempts.saturating_add(1),
        attempted_at: Some(now),
        under_way: true,
        by_hand: false,
        ..kept.clone()
    }
}

/// The memory once an attempt has brought it back at `now`; `flaw`: not as it should be.
#[must_use]
pub fn worked(kept: &Kept, flaw: Option<String>, now: Timestamp) -> Kept {
    Kept {
        stands: Some(Standing::Up),
        since: Some(now),
        told: true,
        looks: 0,
        counted_at: None,
        under_way: false,
        last_error: None,
        by_hand: false,
        flaw,
        ..kept.clone()
    }
}

/// The memory once an attempt has failed, with what it said.
#[must_use]
pub fn failed(kept: &Kept, error: &str) -> Kept {
    Kept { under_way: false, last_error: Some(String::from(error)), ..kept.clone() }
}

/// The memory once it is known what the container is made of, as of `run`; `print` tells it
/// from anything else.
#[must_use]
pub fn learned(kept: &Kept, run: &RunId, print: u64, project: Option<&str>) -> Kept {
    let project = project.map(String::from);
    Kept { learned: Some(run.clone()), print: Some(print), project, ..kept.clone() }
}

/// The memory once a person has stopped it.
#[must_use]
pub fn stopped_by_hand(kept: &Kept) -> Kept {
    Kept { by_hand: true, ..kept.clone() }
}
