//! What does the wall clock show in each minute of eight days?
//!
//! The zone's clock is only read, as a person would; what it skips and repeats is found by looking.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp as Instant};
use sweepd_decide::{Span, Timestamp};
use sweepd_schedule::Zone;

use crate::invented::Expression;

/// Eight days of a zone's clock, to the minute.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) zone: Zone,
    middle: Instant,
    /// Every minute with what the clock showed.
    shown: Vec<(Instant, DateTime)>,
    /// Each wall time with the first minute that showed it; skipped ones with the minute that shows
    /// the wall time that is later by what was skipped.
    runs_at: BTreeMap<DateTime, Instant>,
}

impl Watched {
    /// Four days to each side of noon UTC of `day`.
    pub(crate) fn around(zone: &str, day: &str) -> Self {
        let noon = day.parse::<Date>().unwrap().at(12, 0, 0, 0);
        let middle = noon.to_zoned(TimeZone::UTC).unwrap().timestamp();
        let clock = TimeZone::get(zone).unwrap();
        let shown: Vec<(Instant, DateTime)> = (-4 * 1440..4 * 1440)
            .map(|minute| {
                let at = middle + SignedDuration::from_mins(minute);
                (at, clock.to_datetime(at))
            })
            .collect();
        let mut runs_at = BTreeMap::new();
        for &(at, wall) in &shown {
            runs_at.entry(wall).or_insert(at);
        }
        for skipped in skips(&runs_at) {
            let length = SignedDuration::from_mins(i64::try_from(skipped.len()).unwrap());
            for wall in skipped {
                let moved = runs_at.get(&(wall + length)).copied();
                runs_at.extend(moved.map(|at| (wall, at)));
            }
        }
        Self { zone: Zone::parse(zone).unwrap(), middle, shown, runs_at }
    }

    /// All runs in the table, by the rule: every instant for a schedule of all hours, else once per
    /// wall time.
    pub(crate) fn runs(&self, expression: &Expression) -> Vec<Timestamp> {
        let minutes: BTreeSet<Instant> = if expression.is_for_every_hour() {
            let matching = self.shown.iter().filter(|(_, wall)| expression.matches(*wall));
            matching.map(|&(at, _)| at).collect()
        } else {
            let matching = self.runs_at.iter().filter(|(wall, _)| expression.matches(**wall));
            matching.map(|(_, &at)| at).collect()
        };
        minutes
            .into_iter()
            .flat_map(|minute| {
                let seconds = expression.seconds().iter();
                seconds.map(move |&second| {
                    let minute = Timestamp::from_millis(minute.as_millisecond());
                    minute.plus(Span::from_secs(i64::from(second)))
                })
            })
            .collect()
    }

    /// Whether each wall time was shown once, and none was left out.
    pub(crate) fn is_even(&self) -> bool {
        self.shown.iter().map(|&(at, wall)| (wall, at)).eq(self.runs_at.clone())
    }

    pub(crate) fn first_now(&self) -> Timestamp {
        self.hours_from_middle(-48)
    }

    pub(crate) fn last_now(&self) -> Timestamp {
        self.hours_from_middle(48)
    }

    /// The end of the table: nothing is known from here on.
    pub(crate) fn end(&self) -> Timestamp {
        self.hours_from_middle(96)
    }

    /// An instant to ask about, from the first (0) to the last (1).
    pub(crate) fn now_at(&self, share: f64) -> Timestamp {
        let whole = SignedDuration::from_hours(96).mul_f64(share);
        let ahead = i64::try_from(whole.as_millis()).unwrap();
        self.first_now().plus(Span::from_millis(ahead))
    }

    fn hours_from_middle(&self, hours: i64) -> Timestamp {
        let middle = Timestamp::from_millis(self.middle.as_millisecond());
        middle.plus(Span::from_mins(hours * 60))
    }
}

/// The wall times between the first and the last that were never shown, in unbroken rows.
fn skips(shown: &BTreeMap<DateTime, Instant>) -> Vec<Vec<DateTime>> {
    let minute = SignedDuration::from_mins(1);
    let mut rows: Vec<Vec<DateTime>> = Vec::new();
    let (Some((&first, _)), Some((&last, _))) = (shown.first_key_value(), shown.last_key_value())
    else {
        return rows;
    };
    let mut in_row = false;
    let mut wall = first;
    while wall < last {
        let skipped = !shown.contains_key(&wall);
        match rows.last_mut() {
            Some(row) if skipped && in_row => row.push(wall),
            _ if skipped => rows.push(vec![wall]),
            _ => {}
        }
        in_row = skipped;
        wall += minute;
    }
    rows
}
