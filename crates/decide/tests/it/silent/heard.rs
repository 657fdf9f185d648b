//! Which lines of a log are kept: by hand, and in however many looks it is read.

use sweepd_decide::Timestamp;
use sweepd_decide::silent::{Hearing, KeptLine, Sign};

use crate::dice::{Dice, for_all, span};

use super::dice::line;
use super::hand::at;

const NEVER: Timestamp = Timestamp::MIN;

fn says(at: Timestamp, excerpt: &str) -> KeptLine {
    KeptLine {
        line: line(at, true, false, Some(Sign::Api)),
        excerpt: excerpt.to_owned(),
        until: None,
    }
}

/// Lines that say something, each at a second.
fn lines<const L: usize>(said: [(i64, &str); L]) -> Vec<KeptLine> {
    said.into_iter().map(|(second, excerpt)| says(at(second), excerpt)).collect()
}

/// What is kept of looks at a log.
fn kept<const L: usize>(looks: [Vec<KeptLine>; L]) -> String {
    let mut hearing = Hearing::default();
    for look in looks {
        hearing.listen(look, NEVER);
    }
    hearing.log.into_iter().map(|kept| kept.excerpt).collect()
}

#[test]
fn lines_that_are_newer_are_added_and_older_ones_never() {
    let known = || lines([(10, "a"), (20, "b")]);
    assert_eq!(kept([known()]), "ab");
    assert_eq!(kept([known(), lines([(21, "c"), (30, "d")])]), "abcd");
    assert_eq!(kept([known(), lines([(5, "x"), (15, "y"), (19, "z")])]), "ab");
    assert_eq!(kept([known(), lines([(15, "y"), (20, "b"), (21, "c")])]), "abc");
    let soon = vec![says(at(20).minus(span(1)), "x"), says(at(20).plus(span(1)), "c")];
    assert_eq!(kept([known(), soon]), "abc");
    assert_eq!(kept([known(), Vec::new()]), "ab");
}

#[test]
fn lines_of_the_last_instant_are_added_once() {
    let known = || lines([(10, "a"), (20, "b")]);
    assert_eq!(kept([known(), known()]), "ab");
    assert_eq!(kept([known(), lines([(20, "b"), (20, "c")])]), "abc");
    assert_eq!(kept([known(), lines([(20, "c")]), lines([(20, "b"), (20, "c")])]), "abc");
    assert_eq!(kept([known(), lines([(20, "a")])]), "aba", "another of the same words");
    // The same words of another kind are another line.
    let error = KeptLine {
        line: line(at(20), false, false, Some(Sign::Api)),
        excerpt: "b".into(),
        until: None,
    };
    assert_eq!(kept([known(), vec![error]]), "abb");
}

#[test]
fn they_stand_by_their_instants_and_those_of_one_as_they_were_read() {
    assert_eq!(kept([lines([(30, "d"), (10, "a"), (20, "b"), (20, "c")])]), "abcd");
    let looks = [lines([(10, "a")]), lines([(30, "d"), (20, "b"), (20, "c")]), lines([(30, "e")])];
    assert_eq!(kept(looks), "abcde");
}

#[test]
fn what_is_older_than_the_horizon_is_not_kept() {
    let left = |horizon: Timestamp| {
        let mut hearing = Hearing::default();
        hearing.listen(lines([(10, "a"), (20, "b"), (30, "c")]), horizon);
        let at_once = hearing.log.clone();
        hearing.listen(lines([(10, "a"), (20, "b"), (30, "c")]), NEVER);
        let all: String = at_once.iter().map(|kept| kept.excerpt.as_str()).collect();
        let mut hearing = Hearing::default();
        hearing.listen(lines([(10, "a"), (20, "b"), (30, "c")]), NEVER);
        hearing.listen(Vec::new(), horizon);
        assert_eq!(hearing.log, at_once, "now or later");
        all
    };
    let around = [at(20).minus(span(1)), at(20), at(20).plus(span(1))];
    assert_eq!(around.map(left), ["bc", "bc", "c"]);
    assert_eq!([at(31), at(10)].map(left), ["", "abc"]);
}

fn many(seconds: std::ops::Range<i64>) -> Vec<KeptLine> {
    seconds.map(|second| says(at(second), &second.to_string())).collect()
}

#[test]
fn at_most_five_hundred_are_kept_the_newest() {
    let mut hearing = Hearing::default();
    hearing.listen(many(0..500), NEVER);
    assert_eq!(hearing.log, many(0..500));
    hearing.listen(many(0..501), NEVER);
    assert_eq!(hearing.log, many(1..501));
    hearing.listen(many(600..1200), NEVER);
    assert_eq!(hearing.log, many(700..1200));
    let mut all = Hearing::default();
    all.listen(many(0..2000), at(1400));
    assert_eq!(all.log, many(1500..2000));
    all.listen(many(0..2000), at(1900));
    assert_eq!(all.log, many(1900..2000));
}

/// A log in the order of time, no two lines of which are the same, and looks at it: of which line
/// each is the first, which is the first that was not written yet, and its horizon.
type Growing = (Vec<KeptLine>, Vec<(usize, usize, Timestamp)>);

fn growing(dice: &mut Dice) -> Growing {
    let most = if dice.one_in(40) { 1_200 } else { 14 };
    let mut now = at(0);
    let lines = (0..dice.within(0, most)).map(|nth| {
        now = now.plus(span(dice.pick(&[0, 0, 1, 999, 1000, 5000])));
        says(now, &nth.to_string())
    });
    let log: Vec<KeptLine> = lines.collect();
    let (mut read, mut horizon) = (0, NEVER);
    let mut looks = Vec::new();
    for _ in 0..dice.within(0, 5) {
        let from = dice.roll() % u64::try_from(read + 1).unwrap();
        let more = dice.roll() % u64::try_from(log.len() - read + 1).unwrap();
        read += usize::try_from(more).unwrap();
        if let Some(line) = log.get(read.saturating_sub(3)).filter(|_| dice.one_in(3)) {
            horizon = horizon.max(line.line.at.plus(span(dice.within(-1, 1))));
        }
        looks.push((usize::try_from(from).unwrap(), read, horizon));
    }
    looks.push((read, log.len(), horizon));
    (log, looks)
}

#[test]
fn in_however_many_looks_a_log_is_read_the_same_is_kept() {
    for_all(4_000, growing, |(log, looks)| {
        let (mut parts, mut prefixes) = (Hearing::default(), Hearing::default());
        let mut horizon = NEVER;
        for (from, to, of_look) in looks {
            horizon = *of_look;
            parts.listen(log[*from..*to].to_vec(), horizon);
            prefixes.listen(log[..*to].to_vec(), horizon);
        }
        let mut whole = Hearing::default();
        whole.listen(log.clone(), horizon);
        let young = log.iter().filter(|kept| kept.line.at >= horizon);
        let young: Vec<KeptLine> = young.cloned().collect();
        let expect = &young[young.len().saturating_sub(500)..];
        for (name, hearing) in [("whole", whole), ("prefixes", prefixes), ("parts", parts)] {
            if hearing.log != expect {
                return Err(format!("{name}: {:?}, expected {expect:?}", hearing.log));
            }
        }
        Ok(())
    });
}

#[test]
fn hearing_the_same_twice_changes_nothing() {
    let make = |dice: &mut Dice| {
        let some = |dice: &mut Dice| -> Vec<KeptLine> {
            let instant = |dice: &mut Dice| at(dice.within(0, 5)).plus(span(dice.within(-1, 1)));
            let words = |dice: &mut Dice| dice.pick(&["a", "a", "b", ""]);
            (0..dice.within(0, 8)).map(|_| says(instant(dice), words(dice))).collect()
        };
        let (before, look) = (some(dice), some(dice));
        (before, look, at(dice.within(0, 5)))
    };
    for_all(6_000, make, |(before, look, horizon)| {
        let mut once = Hearing::default();
        once.listen(before.clone(), NEVER);
        once.listen(look.clone(), *horizon);
        let mut twice = once.clone();
        twice.listen(look.clone(), *horizon);
        if once == twice { Ok(()) } else { Err(format!("{once:?}, {twice:?}")) }
    });
}
