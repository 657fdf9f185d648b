//! Some days of a sink at random: what is filed, and how the sink takes it.

use std::collections::{BTreeMap, BTreeSet};

use sweepd_decide::outbox::OutboxPolicy;
use sweepd_decide::{Setback, Span};

use crate::dice::Dice;

pub(super) const SECOND: i64 = 1000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;

/// How a sink takes what it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Up,
    Down,
    /// It asks to be left alone for so long.
    Busy(i64),
    /// It takes nothing from us any more.
    Gone,
}

#[derive(Debug)]
pub(super) struct Week {
    pub(super) policy: OutboxPolicy,
    pub(super) seed: u64,
    /// When, and for which thread; their numbers are 1, 2 …
    pub(super) filings: Vec<(i64, i64)>,
    /// How the sink is from then on.
    pub(super) moods: Vec<(i64, Mood)>,
    /// When somebody gives it other settings.
    pub(super) repairs: Vec<i64>,
    /// What it never takes.
    pub(super) refused: BTreeSet<i64>,
    /// What it takes only later: how often it says so, and for how long each time.
    pub(super) deferred: BTreeMap<i64, (u32, i64)>,
    /// How long the posts take.
    pub(super) takes: Vec<i64>,
}

impl Week {
    /// How it takes a post that begins at `at`, the `times`-th of each.
    pub(super) fn takes(&self, at: i64, ids: &[i64], times: u32) -> Option<Setback> {
        let mood = self.moods.iter().rev().find(|(from, _)| *from <= at);
        match mood.map_or(Mood::Up, |(_, mood)| *mood) {
            Mood::Down => Some(Setback::Later(None)),
            Mood::Busy(span) => Some(Setback::Later(Some(Span::from_millis(span)))),
            Mood::Gone => Some(Setback::Stopped),
            Mood::Up if ids.iter().any(|id| self.refused.contains(id)) => Some(Setback::Refused),
            Mood::Up => {
                let later = ids.iter().filter_map(|id| self.deferred.get(id));
                let later = later.filter(|(often, _)| times <= *often).map(|(_, span)| *span);
                later.max().map(|span| Setback::Deferred(Span::from_millis(span)))
            }
        }
    }
}

fn policy(dice: &mut Dice) -> OutboxPolicy {
    let standard = OutboxPolicy::default();
    OutboxPolicy {
        burst: dice.pick(&[5, 5, 1, 2]),
        every: Span::from_millis(dice.pick(&[10, 10, 1, 60]) * SECOND),
        batch: dice.pick(&[50, 50, 1, 3]),
        ..standard
    }
}

/// Moods that follow one another for seconds, minutes, hours, and a day at times.
fn moods(dice: &mut Dice) -> Vec<(i64, Mood)> {
    let mut at = 0;
    let mut moods = Vec::new();
    for _ in 0..dice.within(0, 6) {
        let asks = dice.pick(&[1, 30, 1_800, 7_200]) * SECOND;
        let kinds = [Mood::Up, Mood::Up, Mood::Down, Mood::Down, Mood::Busy(asks), Mood::Gone];
        moods.push((at, dice.pick(&kinds)));
        at += dice.pick(&[SECOND, 20 * SECOND, 10 * MINUTE, HOUR, 3 * HOUR, 26 * HOUR]);
    }
    // At times it stays as it is.
    if !dice.one_in(8) {
        moods.push((at, Mood::Up));
    }
    moods
}

pub(super) fn week(dice: &mut Dice) -> Week {
    let moods = moods(dice);
    let threads = dice.pick(&[1, 3, 8, 60]);
    let many = if dice.one_in(10) { 200 } else { dice.within(1, 30) };
    let mut at = 0;
    let mut filings = Vec::new();
    for _ in 0..many {
        filings.push((at, dice.within(1, threads)));
        at += dice.pick(&[0, 0, 0, 1, SECOND, 10 * SECOND, 10 * MINUTE, HOUR]);
    }
    let gone = moods.windows(2).filter(|pair| pair[0].1 == Mood::Gone);
    let repairs = gone.map(|pair| pair[1].0).filter(|_| !dice.one_in(3)).collect();
    let some = |dice: &mut Dice| (1..=many).filter(|_| dice.one_in(8)).collect::<Vec<i64>>();
    let refused = if dice.one_in(2) { some(dice).into_iter().collect() } else { BTreeSet::new() };
    let spans = [SECOND, 30 * SECOND, HOUR, 30 * HOUR];
    let mut later = |id| {
        let often = dice.small(1, 3);
        (id, (often, dice.pick(&spans)))
    };
    let deferred = (1..=many).filter(|id| id % 7 == 3).map(&mut later).collect();
    let takes = (0..50).map(|_| dice.pick(&[0, 0, 1, 200, 200, 3_000, 30_000])).collect();
    let (policy, seed) = (policy(dice), dice.roll());
    Week { policy, seed, filings, moods, repairs, refused, deferred, takes }
}
