//! Which wall-clock times does a schedule name, on a calendar without a zone?
//!
//! It does not read expressions (`grammar`) and knows nothing of clock changes (`next`).

use jiff::civil::{Date, DateTime, Time, time};

/// The numbers a field names, each below 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Set(u64);

/// A schedule as sets of numbers. `seconds`, `minutes`, `hours` and `months` are never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Schedule {
    pub(crate) seconds: Set,
    pub(crate) minutes: Set,
    pub(crate) hours: Set,
    pub(crate) days: Days,
    pub(crate) months: Set,
}

/// Which days of a month count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Days {
    /// Days of the month, 1 to 31.
    pub(crate) of_month: Set,
    /// `L`: the last day of the month too.
    pub(crate) last_of_month: bool,
    /// The day-of-month field is a bare `*`: it restricts nothing.
    pub(crate) any_of_month: bool,
    /// Weekdays, Sunday is 0.
    pub(crate) of_week: Set,
    /// `5L`: weekdays of which the last in the month counts.
    pub(crate) last_of_week: Set,
    /// The day-of-week field is a bare `*`: it restricts nothing.
    pub(crate) any_of_week: bool,
    /// `#2`: only days of this block of seven, the first being the 1st to the 7th.
    pub(crate) block: Option<i8>,
}

/// Months with their lengths in a leap year.
const LONGEST_MONTHS: [(i8, i8); 12] = [
    (1, 31),
    (2, 29),
    (3, 31),
    (4, 30),
    (5, 31),
    (6, 30),
    (7, 31),
    (8, 31),
    (9, 30),
    (10, 31),
    (11, 30),
    (12, 31),
];

impl Set {
    /// The set and `value`; `value` has to be below 64.
    #[must_use]
    pub(crate) fn with(self, value: u32) -> Self {
        Self(self.0 | 1_u64.checked_shl(value).unwrap_or(0))
    }

    #[must_use]
    pub(crate) fn without(self, value: u32) -> Self {
        Self(self.0 & !1_u64.checked_shl(value).unwrap_or(0))
    }

    #[must_use]
    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub(crate) fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn overlaps(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn contains(self, value: i8) -> bool {
        self.from(value) == Some(value)
    }

    /// The smallest member that is at least `least`.
    pub(crate) fn from(self, least: i8) -> Option<i8> {
        let mask = u64::MAX.checked_shl(u32::try_from(least).ok()?)?;
        let rest = self.0 & mask;
        if rest == 0 {
            return None;
        }
        i8::try_from(rest.trailing_zeros()).ok()
    }

    pub(crate) fn len(self) -> u32 {
        self.0.count_ones()
    }
}

impl Schedule {
    /// The first wall time at or after `from` that the schedule names; `None` if the calendar ends
    /// first. `from` has whole seconds.
    pub(crate) fn first_from(&self, from: DateTime) -> Option<DateTime> {
        let mut date = from.date();
        let mut earliest = from.time();
        loop {
            if !self.months.contains(date.month()) {
                date = date.last_of_month().tomorrow().ok()?;
                earliest = Time::midnight();
                continue;
            }
            if self.days.contain(date)
                && let Some(found) = self.time_from(earliest)
            {
                return Some(date.to_datetime(found));
            }
            date = date.tomorrow().ok()?;
            earliest = Time::midnight();
        }
    }

    /// Whether any date can match: false for the 31st of a short month and the 30th of February.
    ///
    /// A weekday is there in every month, a fifth one in every month of more than 28 days, so a
    /// weekday field always names dates.
    pub(crate) fn has_dates(&self) -> bool {
        !self.days.any_of_week || self.has_days_of_month()
    }

    /// Whether the day-of-month field names a day that one of the months has.
    pub(crate) fn has_days_of_month(&self) -> bool {
        let Some(smallest) = self.days.of_month.from(1) else {
            return self.days.last_of_month;
        };
        self.days.last_of_month
            || LONGEST_MONTHS
                .iter()
                .any(|&(month, length)| self.months.contains(month) && smallest <= length)
    }

    /// The first time of day at or after `from`.
    fn time_from(&self, from: Time) -> Option<Time> {
        let mut hour = self.hours.from(from.hour())?;
        if hour == from.hour() {
            if let Some((minute, second)) = self.minute_from(from.minute(), from.second()) {
                return Some(time(hour, minute, second, 0));
            }
            hour = self.hours.from(hour + 1)?;
        }
        let (minute, second) = self.minute_from(0, 0)?;
        Some(time(hour, minute, second, 0))
    }

    /// The first minute and second of an hour at or after the ones given.
    fn minute_from(&self, minute: i8, second: i8) -> Option<(i8, i8)> {
        let mut found = self.minutes.from(minute)?;
        if found == minute {
            if let Some(second) = self.seconds.from(second) {
                return Some((found, second));
            }
            found = self.minutes.from(found + 1)?;
        }
        Some((found, self.seconds.from(0)?))
    }
}

impl Days {
    /// Whether `date` is one of them: where both fields restrict, either may match (the old cron
    /// rule), but `#` holds for both, as in cron-parser.
    pub(crate) fn contain(&self, date: Date) -> bool {
        if self.block.is_some_and(|block| block != (date.day() + 6) / 7) {
            return false;
        }
        let month_length = date.days_in_month();
        let weekday = date.weekday().to_sunday_zero_offset();
        let of_month = self.of_month.contains(date.day())
            || (self.last_of_month && date.day() == month_length);
        let of_week = self.of_week.contains(weekday)
            || (self.last_of_week.contains(weekday) && date.day() + 7 > month_length);
        match (self.any_of_month, self.any_of_week) {
            (_, true) => of_month,
            (true, false) => of_week,
            (false, false) => of_month || of_week,
        }
    }
}
