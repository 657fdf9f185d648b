//! Always-on containers: where does one stand, and what does that call for?
//!
//! A container that is up calls for nothing. One that is stopped is left to its restart policy for
//! a while. One that is missing is made anew once enough looks agree, and not faster than its
//! earlier ends and failures allow.
//!
//! Source: docs/rules/containers.md.

use alloc::string::String;

use crate::backoff::Backoff;
use crate::decision::{Decision, Recheck};
use crate::time::{Span, Timestamp};

mod kept;

pub use kept::{Kept, begun, failed, learned, not_before, stopped_by_hand, worked};

/// The limits that an always-on container is held to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct KeepPolicy {
    /// Looks in a row that find it missing before it is made anew. 2.
    pub looks: u32,
    /// Looks closer together than this count as one. 5 s.
    pub apart: Span,
    /// A stop that has not lasted for so long is not told, nor acted on: whoever removes a
    /// container stops it first. 0; a daemon, which sees it at once, sets 1 s.
    pub settle: Span,
    /// So long a stopped container's restart policy is trusted, and so long whatever is not up is
    /// no finding yet; one that is stopped and has no policy is one at once. 60 s.
    pub trust: Span,
    /// One that its restart policy does not bring back is started. No: it is only reported.
    pub start_stopped: bool,
    /// Whether one that is missing is made anew.
    pub recreate: Recreate,
    /// Between two attempts. 10 s, doubled up to 5 min.
    pub backoff: Backoff,
    /// Up for so long, earlier attempts are forgotten. 10 min.
    pub steady: Span,
    /// So many attempts that did not keep it up are an incident. 3.
    pub failures: u32,
}

impl Default for KeepPolicy {
    fn default() -> Self {
        Self {
            looks: 2,
            apart: Span::from_secs(5),
            settle: Span::ZERO,
            trust: Span::from_secs(60),
            start_stopped: false,
            recreate: Recreate::Own,
            backoff: Backoff { base: Span::from_secs(10), cap: Span::from_mins(5) },
            steady: Span::from_mins(10),
            failures: 3,
        }
    }
}

/// Whether a container that is missing is made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum Recreate {
    /// Unless it belongs to a compose project, which has its own way of doing that.
    #[default]
    Own,
    /// Also then.
    Always,
    /// It is only reported.
    Never,
}

/// What a look at a complete list shows of one container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "a host must handle all of them")]
pub enum Sight {
    /// It is up: it runs, is being restarted by its runtime, or somebody has paused it.
    Up,
    /// It is there and not up.
    Stopped {
        /// It has a restart policy that may bring it back.
        restarts: bool,
    },
    /// Nothing has its name, and the one known last is gone.
    Missing,
    /// Nothing has its name; the one known last lives on under another.
    Renamed,
}

/// Where a container stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum Standing {
    /// It is up.
    Up,
    /// It is there and not up.
    Stopped,
    /// It is not there.
    Missing,
    /// It has another name.
    Renamed,
}

impl Sight {
    /// In one word.
    pub const fn standing(self) -> Standing {
        match self {
            Self::Up => Standing::Up,
            Self::Stopped { .. } => Standing::Stopped,
            Self::Missing => Standing::Missing,
            Self::Renamed => Standing::Renamed,
        }
    }
}

/// What is called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled step is a bug")]
pub enum Step {
    /// Nothing.
    Nothing,
    /// To wait.
    Wait(Why),
    /// To tell a person, and nothing else.
    Report(Why),
    /// To start the container that is there.
    Start,
    /// To make it anew.
    Recreate,
}

/// Why nothing is done yet, or at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum Why {
    /// Another look has to agree.
    Confirmation,
    /// It has only just stopped.
    Settling,
    /// Its restart policy may bring it back.
    RestartPolicy,
    /// The last attempt was too short a while ago.
    Backoff,
    /// A person stopped it through sweepd.
    ByHand,
    /// It belongs to a compose project.
    Compose,
    /// The configuration says so.
    Configured,
    /// It lives on under another name: somebody is at work on it.
    Renamed,
}

/// What decided, as instants and counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct KeepEvidence {
    /// Where it stands.
    pub standing: Standing,
    /// Since when, as far as looks tell.
    pub since: Timestamp,
    /// It is to be told that it stands so: it stood elsewhere before, or nobody had looked.
    pub changed: bool,
    /// Looks in a row that found it missing.
    pub looks: u32,
    /// Attempts to bring it back since it was steady last.
    pub attempts: u32,
    /// No attempt is made before this.
    pub not_before: Option<Timestamp>,
    /// It has been down for too long: a finding.
    pub down: bool,
    /// Attempts do not bring it back, or do not keep it up: a finding, until it has been steady.
    pub failing: bool,
    /// What the last attempt said, if it failed.
    pub last_error: Option<String>,
}

/// Decides about one container from what a look shows and what is remembered; also what is to be
/// remembered from now on. `counts`: this look may count as a further one of those that have to
/// agree. In a one-shot call only its first look does.
///
/// Recheck: when another look would count, when the restart policy's time or the wait is over, when
/// it has been down for long enough to be a finding, or up for long enough to be steady.
pub fn keep(
    policy: &KeepPolicy,
    sight: Sight,
    before: &Kept,
    counts: bool,
    now: Timestamp,
) -> (Kept, Decision<Step, KeepEvidence>) {
    let standing = sight.standing();
    let mut kept = before.at(standing, policy, now);
    if standing == Standing::Missing {
        kept.count(policy, counts, now);
    }
    let since = kept.since.unwrap_or(now);
    let not_before = not_before(policy, &kept);
    let lasts = now >= since.plus(policy.trust);
    let settled = standing != Standing::Stopped || now >= since.plus(policy.settle);
    let changed = settled && !kept.told;
    kept.told |= settled;
    let step = match sight {
        Sight::Up => Step::Nothing,
        _ if kept.by_hand => Step::Report(Why::ByHand),
        Sight::Stopped { .. } if !settled => Step::Wait(Why::Settling),
        Sight::Stopped { restarts } => stopped(policy, restarts && !lasts, not_before, now),
        Sight::Missing => missing(policy, &kept, not_before, now),
        Sight::Renamed => Step::Report(Why::Renamed),
    };
    let alone = matches!(sight, Sight::Stopped { restarts: false }) && settled;
    let excused = step == Step::Report(Why::ByHand);
    let down = standing != Standing::Up && !excused && (lasts || alone);
    // What a person stopped does not come back, and is not to.
    let failing = kept.is_failing(policy) && !kept.by_hand;
    let recheck = recheck(policy, &kept, standing, step, down || excused, not_before, now);
    let evidence = KeepEvidence {
        standing,
        since,
        changed,
        looks: kept.looks,
        attempts: kept.attempts,
        not_before,
        down,
        failing,
        last_error: kept.last_error.clone(),
    };
    (kept, Decision { action: step, evidence, recheck })
}

fn stopped(
    policy: &KeepPolicy,
    trusted: bool,
    not_before: Option<Timestamp>,
    now: Timestamp,
) -> Step {
    if trusted {
        Step::Wait(Why::RestartPolicy)
    } else if !policy.start_stopped {
        Step::Report(Why::Configured)
    } else if not_before.is_some_and(|at| now < at) {
        Step::Wait(Why::Backoff)
    } else {
        Step::Start
    }
}

fn missing(
    policy: &KeepPolicy,
    kept: &Kept,
    not_before: Option<Timestamp>,
    now: Timestamp,
) -> Step {
    if policy.recreate == Recreate::Never {
        Step::Report(Why::Configured)
    } else if policy.recreate == Recreate::Own && kept.project.is_some() {
        Step::Report(Why::Compose)
    } else if kept.looks < policy.looks {
        Step::Wait(Why::Confirmation)
    } else if not_before.is_some_and(|at| now < at) {
        Step::Wait(Why::Backoff)
    } else {
        Step::Recreate
    }
}

fn recheck(
    policy: &KeepPolicy,
    kept: &Kept,
    standing: Standing,
    step: Step,
    told: bool,
    not_before: Option<Timestamp>,
    now: Timestamp,
) -> Recheck {
    let since = kept.since.unwrap_or(now);
    let steady = (standing == Standing::Up && kept.attempts > 0).then(|| since.plus(policy.steady));
    let lasts = (standing != Standing::Up && !told).then(|| since.plus(policy.trust));
    let step = if step == Step::Wait(Why::Confirmation) {
        kept.counted_at.map(|at| at.plus(policy.apart))
    } else if step == Step::Wait(Why::Settling) {
        Some(since.plus(policy.settle))
    } else {
        not_before.filter(|_| step == Step::Wait(Why::Backoff))
    };
    let edges = [steady, lasts, step].into_iter().flatten();
    edges.filter(|at| *at > now).min().map_or(Recheck::OnChange, Recheck::from)
}
