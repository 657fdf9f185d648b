//! Do so many agents look stuck at once that the host, the clock or the provider is the likelier
//! cause? Then stops for a fault are held, but for one that shows whether stopping helps.

use crate::id::RunId;
use crate::time::{Span, Timestamp};

/// When too many agents look stuck at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "three numbers")]
pub struct BrakePolicy {
    /// So many may be stopped for a fault in any case. 2.
    pub floor: u32,
    /// And so many of a hundred that run. 20.
    pub percent: u32,
    /// So long a stop counts that was done. 5 min.
    pub window: Span,
}

impl Default for BrakePolicy {
    fn default() -> Self {
        Self { floor: 2, percent: 20, window: Span::from_mins(5) }
    }
}

/// A stop for a fault that one agent's last look called for, confirmed or not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "a host may hold its own")]
pub struct Wish {
    /// Which run is to be stopped.
    pub run: RunId,
    /// When that was called for last, or done.
    pub at: Timestamp,
    /// It was begun.
    pub done: bool,
    /// Somebody let it go: it is neither held nor counted.
    pub released: bool,
}

/// What the brake has to say at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "evidence")]
pub struct Brake {
    /// Agents that looked stuck when they were looked at last, and those stopped within the window.
    pub wanted: u32,
    /// Agents that run.
    pub running: u32,
    /// So many are no cause for doubt.
    pub limit: u32,
    /// So long a stop counts that was done.
    pub window: Span,
}

impl Brake {
    /// Whether stops for a fault are held.
    pub const fn is_engaged(self) -> bool {
        self.wanted > self.limit
    }
}

/// Counts the wishes of all agents at `now`, of which `running` run.
///
/// It does not matter how many of all agents that is: where *everything* looks dead, the doubt is
/// greatest. A stop that is held goes on counting until a look takes it back, however long nobody
/// looks.
///
/// Source: docs/rules/brake.md.
pub fn brake<'a>(
    policy: &BrakePolicy,
    wishes: impl IntoIterator<Item = &'a Wish>,
    running: u32,
    now: Timestamp,
) -> Brake {
    let lasts = |wish: &Wish| !wish.done || now < wish.at.plus(policy.window);
    let counts = |wish: &&Wish| !wish.released && lasts(wish);
    let wanted = wishes.into_iter().filter(counts).count();
    let share = u64::from(running).saturating_mul(policy.percent.into()) / 100;
    Brake {
        wanted: u32::try_from(wanted).unwrap_or(u32::MAX),
        running,
        limit: u32::try_from(share).unwrap_or(u32::MAX).max(policy.floor),
        window: policy.window,
    }
}

/// Whether one stop may be done although the brake is on since `engaged_at`, given when such
/// canaries were let go: the first of an engagement.
///
/// The brake is noticed only while agents are served, so that its canary may be a little older
/// than its incident.
pub fn canary_is_free(
    policy: &BrakePolicy,
    canaries: impl IntoIterator<Item = Timestamp>,
    engaged_at: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    let since = engaged_at.unwrap_or(now).min(now).minus(policy.window);
    canaries.into_iter().all(|at| at < since)
}

/// What is remembered of an agent's wish after a look at `run`: `wants`, whether that called for a
/// stop for a fault. A stop that was begun is remembered for the window whatever comes after it.
#[must_use]
pub fn wish(
    policy: &BrakePolicy,
    before: Option<&Wish>,
    run: &RunId,
    wants: bool,
    now: Timestamp,
) -> Option<Wish> {
    let before = before.filter(|wish| !wish.done || now < wish.at.plus(policy.window));
    let same = before.filter(|wish| wish.run == *run);
    if wants {
        let released = same.is_some_and(|wish| wish.released);
        return Some(Wish { run: run.clone(), at: now, done: false, released });
    }
    before.filter(|wish| wish.done).cloned()
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec::Vec;

    use super::*;

    const POLICY: BrakePolicy = BrakePolicy { floor: 2, percent: 20, window: Span::from_mins(5) };

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_millis(minute.saturating_mul(60_000))
    }

    fn wishes(number: u32, minute: i64) -> Vec<Wish> {
        let wish = |n| Wish {
            run: RunId::new(format!("r{n}")),
            at: at(minute),
            done: false,
            released: false,
        };
        (0..number).map(wish).collect()
    }

    #[test]
    fn a_canary_of_the_last_window_before_the_engagement_is_this_engagement_s() {
        let free = |canary| canary_is_free(&POLICY, [canary], Some(at(10)), at(12));
        assert!(!free(at(5)), "just a window old");
        assert!(free(at(5).minus(Span::from_millis(1))));
    }

    #[test]
    fn more_than_two_and_more_than_a_fifth_of_those_that_run_are_too_many() {
        for (running, limit) in [(0, 2), (1, 2), (3, 2), (10, 2), (14, 2), (15, 3), (40, 8)] {
            let few = brake(&POLICY, &wishes(limit, 0), running, at(0));
            assert_eq!((few.limit, few.is_engaged()), (limit, false), "{running}");
            assert!(brake(&POLICY, &wishes(limit + 1, 0), running, at(0)).is_engaged());
        }
    }

    #[test]
    fn where_everything_looks_dead_it_stays_on() {
        assert!(brake(&POLICY, &wishes(40, 0), 40, at(0)).is_engaged());
    }

    #[test]
    fn what_was_done_counts_for_five_minutes_what_is_held_for_ever_what_is_released_not_at_all() {
        let mut three = wishes(3, 0);
        let last = Timestamp::from_millis(5 * 60_000 - 1);
        three[0].done = true;
        assert_eq!(brake(&POLICY, &three, 3, last).wanted, 3);
        assert_eq!(brake(&POLICY, &three, 3, at(5)).wanted, 2);
        assert_eq!(brake(&POLICY, &three, 3, at(500)).wanted, 2);
        three[1].released = true;
        assert_eq!(brake(&POLICY, &three, 3, at(0)).wanted, 2);
    }

    #[test]
    fn one_canary_for_each_engagement_however_long_it_lasts() {
        let free = |canaries: &[Timestamp], engaged, now| {
            canary_is_free(&POLICY, canaries.iter().copied(), engaged, at(now))
        };
        assert!(free(&[], None, 100));
        assert!(!free(&[at(100)], None, 100));
        assert!(!free(&[at(100)], Some(at(101)), 100 + 24 * 60));
        assert!(free(&[at(100)], None, 106));
        assert!(free(&[at(100)], Some(at(200)), 200));
    }

    #[test]
    fn a_wish_is_taken_back_by_a_good_look_and_a_stop_is_not() {
        let run = RunId::new("r0");
        let first = wish(&POLICY, None, &run, true, at(0)).unwrap();
        assert_eq!(wish(&POLICY, Some(&first), &run, false, at(1)), None);
        let done = Wish { done: true, ..first };
        assert_eq!(wish(&POLICY, Some(&done), &RunId::new("r1"), false, at(1)), Some(done.clone()));
        assert_eq!(wish(&POLICY, Some(&done), &run, false, at(5)), None);
        let released = Wish { done: false, released: true, ..done };
        let heir = RunId::new("r1");
        assert!(wish(&POLICY, Some(&released), &run, true, at(1)).unwrap().released);
        assert!(!wish(&POLICY, Some(&released), &heir, true, at(1)).unwrap().released);
    }
}
