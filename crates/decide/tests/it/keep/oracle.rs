//! What the page says of one container, worked out from its whole history at every look.
//!
//! Nothing is carried from look to look: where the rule keeps a memory, this reads the story again.
//! Instants are plain milliseconds; stories are short and their numbers small.

use sweepd_decide::keep::{KeepPolicy, Recreate, Sight, Standing, Step, Why};

use super::reading::{
    Stand, begun, by_hand, failed, last_begun, last_look, of_compose, run, since,
};
use super::story::{Deed, What, words};

/// What a look has to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) step: Step,
    pub(super) standing: Standing,
    pub(super) since: i64,
    pub(super) changed: bool,
    pub(super) looks: u32,
    pub(super) attempts: u32,
    pub(super) not_before: Option<i64>,
    pub(super) down: bool,
    pub(super) failing: bool,
    pub(super) last_error: Option<String>,
}

/// The answer to the look that the story ends with.
pub(super) fn answer(policy: &KeepPolicy, story: &[Deed]) -> Answer {
    let (sight, now) = last_look(story);
    let run = run(story);
    let since = since(&run);
    let settled = told(policy, &run);
    let changed = settled && !(1..run.len()).any(|upto| told(policy, &run[..upto]));
    let looks = counted(policy, &run).len();
    let begun = begun(policy, story);
    // An attempt later than now says that the clock was put back: it waits from then on.
    let last = last_begun(story, begun.len());
    let not_before = last.map(|at| at + wait(policy, begun.len()));
    let by_hand = by_hand(story);
    let over = now >= since + policy.trust.as_millis();
    let down = !by_hand
        && match sight {
            Sight::Up => false,
            Sight::Stopped { restarts: false } => settled || over,
            Sight::Stopped { restarts: true } | Sight::Missing | Sight::Renamed => over,
        };
    let waits = not_before.is_some_and(|at| now < at);
    let step = match sight {
        Sight::Up => Step::Nothing,
        _ if by_hand => Step::Report(Why::ByHand),
        Sight::Renamed => Step::Report(Why::Renamed),
        Sight::Stopped { .. } if !settled => Step::Wait(Why::Settling),
        Sight::Stopped { restarts: true } if !over => Step::Wait(Why::RestartPolicy),
        Sight::Stopped { .. } if !policy.start_stopped => Step::Report(Why::Configured),
        Sight::Stopped { .. } if waits => Step::Wait(Why::Backoff),
        Sight::Stopped { .. } => Step::Start,
        Sight::Missing => match policy.recreate {
            Recreate::Never => Step::Report(Why::Configured),
            Recreate::Own if of_compose(story) => Step::Report(Why::Compose),
            _ if looks < size(policy.looks) => Step::Wait(Why::Confirmation),
            _ if waits => Step::Wait(Why::Backoff),
            Recreate::Own | Recreate::Always => Step::Recreate,
        },
    };
    let attempts = number(begun.len());
    let failing = attempts >= policy.failures && !by_hand;
    let last_error = failed(story).last().map(|at| words(*at));
    let (looks, standing) = (number(looks), sight.standing());
    Answer {
        step,
        standing,
        since,
        changed,
        looks,
        attempts,
        not_before,
        down,
        failing,
        last_error,
    }
}

/// Whether the last of these moments, which all show it standing alike, is one to tell of.
fn told(policy: &KeepPolicy, run: &[Stand]) -> bool {
    let last = run.last().unwrap();
    last.standing != Standing::Stopped || last.at - since(run) >= policy.settle.as_millis()
}

/// The first instant after the look at which the same sight calls for something else, is counted
/// where that is waited for, or lets earlier attempts be forgotten: by trying each millisecond.
pub(super) fn recheck_by_scan(policy: &KeepPolicy, story: &[Deed], until: i64) -> Option<i64> {
    let said = answer(policy, story);
    let (sight, now) = last_look(story);
    let mut longer = story.to_vec();
    let matters = |answer: &Answer| {
        let waited_for = answer.step == Step::Wait(Why::Confirmation);
        let looks = waited_for.then_some(answer.looks);
        (answer.step, answer.down, answer.failing, answer.attempts, looks)
    };
    (now + 1..=until).find(|at| {
        longer.truncate(story.len());
        longer.push(Deed { at: *at, what: What::Look { sight, counts: true } });
        matters(&answer(policy, &longer)) != matters(&said)
    })
}

/// The instants of the looks that count towards making it anew: the first in any case, and those
/// that may as further ones. Where the clock was put back, those recorded later say nothing.
fn counted(policy: &KeepPolicy, run: &[Stand]) -> Vec<i64> {
    let mut counted: Vec<i64> = Vec::new();
    for look in run.iter().filter(|look| look.standing == Standing::Missing) {
        if counted.last().is_some_and(|last| look.at < *last) {
            counted.clear();
        }
        let further = |last: &i64| look.counts && look.at - last >= policy.apart.as_millis();
        if counted.last().is_none_or(further) {
            counted.push(look.at);
        }
    }
    counted
}

/// The wait after so many attempts.
fn wait(policy: &KeepPolicy, attempts: usize) -> i64 {
    let (base, cap) = (policy.backoff.base.as_millis(), policy.backoff.cap.as_millis());
    (1..attempts).fold(base, |wait, _| (wait * 2).min(cap)).min(cap)
}

fn number(len: usize) -> u32 {
    u32::try_from(len).unwrap()
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap()
}
