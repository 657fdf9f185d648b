//! Which credential may replace which: a strict order, and no way back to an older one.
#![expect(clippy::indexing_slicing, reason = "test code")]

use sweepd_decide::{Reading, Timestamp, may_replace};

use crate::dice::{Dice, ms};

/// One of each, and ends at and next to each other.
const READINGS: [Reading; 9] = [
    Reading::Missing,
    Reading::Unreadable,
    Reading::NoEnd,
    Reading::Until(Timestamp::MIN),
    Reading::Until(ms(-1)),
    Reading::Until(ms(0)),
    Reading::Until(ms(1_795_341_600_000)),
    Reading::Until(ms(1_795_341_600_001)),
    Reading::Until(Timestamp::MAX),
];

#[test]
fn only_one_that_is_good_for_strictly_longer_replaces_one_that_can_be_read() {
    for (nth, old) in READINGS.into_iter().enumerate() {
        for (other, new) in READINGS.into_iter().enumerate() {
            let expect = nth >= 2 && other >= 3 && other > nth;
            assert_eq!(may_replace(old, new), expect, "{new:?} in place of {old:?}");
        }
    }
}

#[test]
fn to_replace_is_a_strict_order() {
    for a in READINGS {
        assert!(!may_replace(a, a), "{a:?}");
        for b in READINGS {
            assert!(!(may_replace(a, b) && may_replace(b, a)), "{a:?}, {b:?}");
            for c in READINGS {
                let through = may_replace(a, b) && may_replace(b, c);
                assert!(!through || may_replace(a, c), "{a:?}, {b:?}, {c:?}");
            }
        }
    }
}

/// Two who each hold a token, renew it at times, and look for a newer one at each other's.
#[derive(Debug)]
struct Holders {
    held: [Reading; 2],
    /// What each has read of the other's, and not yet compared.
    read: [Option<Reading>; 2],
    issued: i64,
}

impl Holders {
    const fn new() -> Self {
        Self { held: [Reading::NoEnd; 2], read: [None; 2], issued: 0 }
    }

    /// The service gives out another, which is good for longer than all before.
    fn rotate(&mut self, who: usize) {
        self.issued += 1;
        self.held[who] = Reading::Until(ms(self.issued));
    }

    fn look(&mut self, who: usize) {
        self.read[who] = Some(self.held[1 - who]);
    }

    /// Compares what was read with what is in place now, and replaces that in the same step.
    fn replace(&mut self, who: usize) {
        let newer = self.read[who].take().filter(|new| may_replace(self.held[who], *new));
        self.held[who] = newer.unwrap_or(self.held[who]);
    }

    fn ends(&self) -> [Option<Timestamp>; 2] {
        self.held.map(|held| match held {
            Reading::Until(end) => Some(end),
            Reading::NoEnd | Reading::Missing | Reading::Unreadable => None,
        })
    }
}

#[test]
fn two_holders_of_a_token_that_rotates_never_go_back_to_an_older_one() {
    let half_written = [Reading::Missing, Reading::Unreadable, Reading::NoEnd];
    for seed in 0..1_000 {
        let (dice, mut holders) = (&mut Dice(seed), Holders::new());
        for _ in 0..dice.within(1, 60) {
            let who = usize::from(dice.one_in(2));
            let before = holders.ends();
            match dice.within(0, 6) {
                0 => holders.rotate(who),
                1 => holders.read[who] = Some(dice.pick(&half_written)),
                2 | 3 => holders.look(who),
                _ => holders.replace(who),
            }
            let after = holders.ends();
            assert!(before.iter().zip(after).all(|(was, is)| is >= *was), "{seed}: {holders:?}");
        }
        for who in [0, 1] {
            holders.look(who);
            holders.replace(who);
        }
        let newest = (holders.issued > 0).then(|| ms(holders.issued));
        assert_eq!(holders.ends(), [newest; 2], "{seed}: the newest that was ever in place");
    }
}

#[test]
fn what_is_in_place_has_to_be_read_when_it_is_replaced() {
    let mut holders = Holders::new();
    holders.rotate(0);
    let old = holders.held[0];
    holders.rotate(1);
    holders.look(0);
    holders.rotate(0);
    // By what was in place before, it would go back.
    assert!(may_replace(old, holders.held[1]));
    holders.replace(0);
    assert_eq!(holders.ends(), [Some(ms(3)), Some(ms(2))]);
}
