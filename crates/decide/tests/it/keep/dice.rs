//! Stories at random, always the same ones, most of them on an edge of the rule; and the shortest
//! that breaks a law.

use sweepd_decide::keep::{KeepPolicy, Kept, Recreate, Sight, Step};
use sweepd_decide::{Backoff, Span};

pub(super) use crate::dice::Dice;

use super::story::{Deed, End, What, live};

/// Holds a law against many stories.
///
/// # Panics
/// With the shortest story found that breaks it.
pub(super) fn for_all(stories: u64, law: impl Fn(&KeepPolicy, &[Deed]) -> Result<(), String>) {
    for seed in 0..stories {
        let mut dice = Dice(seed);
        let policy = policy(&mut dice);
        let mut story = story(&mut dice, &policy);
        let Err(mut why) = law(&policy, &story) else { continue };
        while let Some((shorter, because)) = shorter(&story, |story| law(&policy, story).err()) {
            (story, why) = (shorter, because);
        }
        panic!("{why}\n{policy:?}\n{story:#?}");
    }
}

/// Some story with one deed less that breaks the law as well.
fn shorter(
    story: &[Deed],
    broken: impl Fn(&[Deed]) -> Option<String>,
) -> Option<(Vec<Deed>, String)> {
    (0..story.len()).find_map(|nth| {
        let mut shorter = story.to_vec();
        shorter.remove(nth);
        let why = ends_with_a_look(&shorter).then(|| broken(&shorter)).flatten()?;
        Some((shorter, why))
    })
}

fn ends_with_a_look(story: &[Deed]) -> bool {
    matches!(story.last(), Some(Deed { what: What::Look { .. }, .. }))
}

fn span(dice: &mut Dice, low: i64, high: i64) -> Span {
    Span::from_millis(dice.within(low, high))
}

/// Limits of a few milliseconds each.
fn policy(dice: &mut Dice) -> KeepPolicy {
    let mut policy = KeepPolicy::default();
    policy.looks = dice.small(0, 3);
    policy.apart = span(dice, 1, 6);
    policy.settle = if dice.one_in(2) { Span::ZERO } else { span(dice, 1, 5) };
    policy.trust = span(dice, 0, 20);
    policy.start_stopped = dice.one_in(2);
    policy.recreate = dice.pick(&[Recreate::Own, Recreate::Own, Recreate::Always, Recreate::Never]);
    policy.backoff = Backoff { base: span(dice, 1, 8), cap: span(dice, 1, 30) };
    policy.steady = span(dice, 1, 40);
    policy.failures = dice.small(1, 4);
    policy
}

pub(super) const SIGHTS: [Sight; 5] = [
    Sight::Missing,
    Sight::Up,
    Sight::Stopped { restarts: true },
    Sight::Stopped { restarts: false },
    Sight::Renamed,
];

/// A story that ends with a look. What the rule says steers it: an instant is often the edge of
/// the last answer or next to it, and what is called for is often tried.
fn story(dice: &mut Dice, policy: &KeepPolicy) -> Vec<Deed> {
    let mut story: Vec<Deed> = Vec::new();
    let (mut kept, mut step) = (Kept::default(), Step::Nothing);
    let (mut now, mut edges, mut sight) = (1_000, Vec::new(), Sight::Missing);
    let length = dice.within(1, 24);
    for nth in 1..=length {
        now = when(dice, now, &edges);
        let last = nth == length;
        let tried = !last && matches!(step, Step::Start | Step::Recreate) && dice.one_in(2);
        let what = if tried {
            attempt(dice)
        } else if last || !dice.one_in(4) {
            sight = if dice.one_in(3) { dice.pick(&SIGHTS) } else { sight };
            What::Look { sight, counts: !dice.one_in(4) }
        } else {
            aside(dice)
        };
        if let What::Attempt { end: End::Worked | End::Flawed, .. } = what {
            sight = Sight::Up;
        }
        let deed = Deed { at: now, what };
        let (after, decision) = live(policy, &kept, &deed);
        kept = after;
        story.push(deed);
        step = Step::Nothing;
        if let Some(decision) = decision {
            step = decision.action;
            edges = [decision.recheck.at(), decision.evidence.not_before]
                .into_iter()
                .flatten()
                .map(sweepd_decide::Timestamp::as_millis)
                .collect();
        }
    }
    story
}

fn when(dice: &mut Dice, now: i64, edges: &[i64]) -> i64 {
    match dice.within(0, 15) {
        0..=6 if !edges.is_empty() => dice.pick(edges) + dice.within(-1, 1),
        0..=13 => now + dice.within(0, 6),
        14 => now + dice.within(7, 60),
        _ => now - dice.within(1, 20),
    }
}

fn attempt(dice: &mut Dice) -> What {
    let ends = [
        End::Failed,
        End::Failed,
        End::Worked,
        End::Worked,
        End::Flawed,
        End::Superseded,
        End::Unanswered,
    ];
    What::Attempt { took: dice.within(0, 3), end: dice.pick(&ends) }
}

/// What is neither a look nor called for.
fn aside(dice: &mut Dice) -> What {
    match dice.within(0, 5) {
        0 | 1 => attempt(dice),
        2 => What::StopByHand,
        3 | 4 => What::Learn { compose: dice.one_in(2) },
        _ => What::Restart,
    }
}
