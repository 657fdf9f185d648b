//! Instants and spans: UTC milliseconds that saturate instead of overflowing.
//!
//! There is no clock here. Every instant is an argument; see [`Timestamp`].

use alloc::string::{String, ToString as _};
use core::fmt;

mod parse;

pub use parse::parse_utc;

/// An instant: milliseconds since 1970-01-01T00:00:00Z, negative before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct Timestamp(i64);

/// A span of time in milliseconds. Limits and grace periods are spans; ages are never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct Span(i64);

impl Timestamp {
    /// The latest instant that can be written down; a deadline that saturates here is never due.
    pub const MAX: Self = Self(i64::MAX);
    /// The earliest instant that can be written down.
    pub const MIN: Self = Self(i64::MIN);

    /// The instant `millis` milliseconds after the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This instant moved later by `span` (earlier if it is negative); saturates.
    #[must_use]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// This instant moved earlier by `span`; saturates.
    #[must_use]
    pub const fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// The span from `earlier` to this instant; negative if `earlier` is later. Saturates.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The start of the whole second this instant lies in.
    #[must_use]
    pub const fn floor_to_second(self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(1000)))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest span.
    pub const MAX: Self = Self(i64::MAX);

    /// A span of `millis` milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// A span of `secs` seconds; saturates.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// A span of `mins` minutes; saturates.
    pub const fn from_mins(mins: i64) -> Self {
        Self(mins.saturating_mul(60_000))
    }

    /// The whole seconds of this span.
    #[must_use]
    pub const fn floor_to_second(self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(1000)))
    }

    /// This span in milliseconds.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// What is left of this span without the other; negative if the other is longer. Saturates.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Both spans together; saturates.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// RFC 3339 in UTC with milliseconds, e.g. `2026-11-22T10:00:00.001Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY));
        let of_day = self.0.rem_euclid(DAY);
        let (h, m, s) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1000 % 60);
        let ms = of_day % 1000;
        write!(f, "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{ms:03}Z")
    }
}

impl Timestamp {
    /// This instant as SQLite's `datetime()` writes it: UTC, whole seconds, no zone.
    pub fn to_sqlite(self) -> String {
        let rfc3339 = self.to_string();
        rfc3339.chars().take(19).map(|c| if c == 'T' { ' ' } else { c }).collect()
    }
}

/// The two largest units that matter, e.g. `90 ms`, `5 s`, `1 min 30 s`, `2 h`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let (days, hours, mins, secs) =
            (ms / 86_400_000, ms / 3_600_000 % 24, ms / 60_000 % 60, ms / 1000 % 60);
        let pair = |f: &mut fmt::Formatter<'_>, a, unit, b, sub| match b {
            0 => write!(f, "{sign}{a} {unit}"),
            b => write!(f, "{sign}{a} {unit} {b} {sub}"),
        };
        if days > 0 {
            pair(f, days, "d", hours, "h")
        } else if hours > 0 {
            pair(f, hours, "h", mins, "min")
        } else if mins > 0 {
            pair(f, mins, "min", secs, "s")
        } else if ms >= 1000 && ms.is_multiple_of(1000) {
            write!(f, "{sign}{secs} s")
        } else if ms >= 1000 {
            write!(f, "{sign}{secs}.{:03} s", ms % 1000)
        } else {
            write!(f, "{sign}{ms} ms")
        }
    }
}

const DAY: i64 = 86_400_000;

/// Days since the epoch of a proleptic Gregorian date (years and months as people count them).
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The Gregorian date of a day since the epoch; the inverse of [`days_from_civil`].
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let mp = (5 * of_year + 2) / 153;
    let day = of_year - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}
