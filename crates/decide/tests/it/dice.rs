//! Numbers at random, always the same ones, and laws that are held against many cases.
#![expect(clippy::indexing_slicing, clippy::panic, reason = "test code")]

use std::collections::BTreeSet;
use std::fmt::Debug;

use sweepd_decide::{Decision, Span, Timestamp};

/// Holds a law against many cases.
///
/// # Panics
/// With the first case that breaks it.
pub(crate) fn for_all<C: Debug>(
    cases: u64,
    make: impl Fn(&mut Dice) -> C,
    law: impl Fn(&C) -> Result<(), String>,
) {
    for seed in 0..cases {
        let case = make(&mut Dice(seed));
        if let Err(why) = law(&case) {
            panic!("case {seed}: {why}\n{case:?}");
        }
    }
}

pub(crate) const fn ms(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) const fn span(millis: i64) -> Span {
    Span::from_millis(millis)
}

/// Numbers at random, by splitting and mixing.
#[derive(Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of `low..=high`.
    pub(crate) fn within(&mut self, low: i64, high: i64) -> i64 {
        let many = u64::try_from(high - low + 1).unwrap();
        low + i64::try_from(self.roll() % many).unwrap()
    }

    pub(crate) const fn one_in(&mut self, many: u64) -> bool {
        self.roll().is_multiple_of(many)
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        let nth = self.roll() % u64::try_from(of.len()).unwrap();
        of[usize::try_from(nth).unwrap()]
    }

    pub(crate) fn small(&mut self, low: i64, high: i64) -> u32 {
        u32::try_from(self.within(low, high)).unwrap()
    }

    /// An edge, or the millisecond before or after it.
    pub(crate) fn near(&mut self, edges: &[Timestamp]) -> Timestamp {
        self.pick(edges).plus(span(self.within(-1, 1)))
    }
}

/// What instants and spans a case is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) instants: &'static [i64],
    pub(crate) spans: &'static [i64],
}

/// A few milliseconds: each of them can be looked at.
pub(crate) const SMALL: Sizes = Sizes {
    instants: &[0, 1, 2, 5, 9, 10, 11, 12, 17, 20, 21, 22, 30, 31, 40],
    spans: &[-2, 0, 1, 2, 3, 5, 9, 10, 11, 20],
};
/// No answer about instants and spans of [`SMALL`] changes later than so long after any of them.
pub(crate) const WATCHED: i64 = 200;

/// Hours, and instants hours apart.
pub(crate) const REAL: Sizes = Sizes {
    instants: &[1_778_547_600_000, 1_778_547_605_000, 1_778_547_720_000, 1_778_551_200_000],
    spans: &[0, 1_000, 5_000, 120_000, 300_000, 1_800_000, 3_600_000, 86_400_000],
};

/// Whatever can be written down.
pub(crate) const ANY: Sizes = Sizes {
    instants: &[
        i64::MIN,
        i64::MIN + 1,
        -60_000,
        -1,
        0,
        1,
        5_000,
        1_778_547_600_000,
        i64::MAX - 1,
        i64::MAX,
    ],
    spans: &[i64::MIN, -1, 0, 1, 5_000, 3_600_000, i64::MAX - 1, i64::MAX],
};

impl Sizes {
    pub(crate) fn at(self, dice: &mut Dice) -> Timestamp {
        ms(dice.pick(self.instants))
    }

    pub(crate) fn maybe_at(self, dice: &mut Dice) -> Option<Timestamp> {
        (!dice.one_in(3)).then(|| self.at(dice))
    }

    pub(crate) fn span(self, dice: &mut Dice) -> Span {
        span(dice.pick(self.spans))
    }
}

/// Each instant, and each that lies one of the spans later or earlier.
pub(crate) fn edges(instants: &[Timestamp], spans: &[Span]) -> Vec<Timestamp> {
    let around = |at: &Timestamp| {
        let at = *at;
        let moved = spans.iter().flat_map(move |span| [at.plus(*span), at.minus(*span)]);
        std::iter::once(at).chain(moved)
    };
    let edges: BTreeSet<Timestamp> = instants.iter().flat_map(around).collect();
    edges.into_iter().collect()
}

/// The first of the next milliseconds at which an answer differs from the one at `now`.
pub(crate) fn first_change<A: PartialEq>(
    now: Timestamp,
    ask: impl Fn(Timestamp) -> A,
) -> Option<Timestamp> {
    let said = ask(now);
    (1..=WATCHED).map(|later| now.plus(span(later))).find(|at| ask(*at) != said)
}

/// Whether an answer holds until its recheck and not longer: over each of the next milliseconds.
pub(crate) fn holds_until_recheck<A: PartialEq + Debug, E: PartialEq + Debug>(
    now: Timestamp,
    ask: impl Fn(Timestamp) -> Decision<A, E>,
) -> Result<(), String> {
    let said = ask(now);
    let changes = first_change(now, |at| {
        let Decision { action, evidence, .. } = ask(at);
        (action, evidence)
    });
    if said.recheck.at() == changes {
        return Ok(());
    }
    let then = changes.map(&ask);
    Err(format!("at {now} {said:?}, and at {changes:?} {then:?}"))
}

/// The same for instants far apart: what is tried is what lies on an edge or next to it. The end of
/// time is no instant at which anything is asked.
pub(crate) fn holds_between<A: PartialEq + Debug, E: PartialEq + Debug>(
    now: Timestamp,
    edges: &[Timestamp],
    ask: impl Fn(Timestamp) -> Decision<A, E>,
) -> Result<(), String> {
    let said = ask(now);
    let same =
        |then: &Decision<A, E>| (&then.action, &then.evidence) == (&said.action, &said.evidence);
    let recheck = said.recheck.at();
    if recheck.is_some_and(|at| at <= now) {
        return Err(format!("at {now} {said:?}"));
    }
    let next_to = edges.iter().flat_map(|at| [-1, 0, 1].map(|by| at.plus(span(by))));
    let before = |at: &Timestamp| recheck.is_none_or(|recheck| *at < recheck);
    let until = recheck.map(|at| at.minus(span(1)));
    for at in next_to.chain(until).filter(|at| *at > now && *at < Timestamp::MAX && before(at)) {
        let then = ask(at);
        if !same(&then) {
            return Err(format!("at {now} {said:?}, and at {at} {then:?}"));
        }
    }
    match recheck.map(&ask) {
        Some(then) if same(&then) => {
            Err(format!("at {now} {said:?}, and the same when asked again"))
        }
        Some(_) | None => Ok(()),
    }
}
