//! Reads the timestamps that agents and hosts write as text: one strict grammar, UTC by default.
//!
//! It does not know the host's time zone, and it does not guess: what does not fit is `None`.

use super::{DAY, Timestamp, days_from_civil};

/// Parses `YYYY-MM-DD`, a space or `T`, `HH:MM[:SS[.fraction]]`, and optionally `Z`, `z`, `±HH:MM`
/// or `±HHMM` (after a space one more space may precede it). No zone means UTC.
///
/// The fraction has one to nine digits; digits after the third are cut off. Every field has to be
/// in range (the 31st of April is not a date). `None` for anything else.
///
/// ```
/// use sweepd_decide::{Timestamp, parse_utc};
///
/// let bare = parse_utc("2026-05-12 01:00:00");
/// assert_eq!(bare, parse_utc("2026-05-12T03:00:00.000+02:00"));
/// assert_eq!(bare, Some(Timestamp::from_millis(1_778_547_600_000)));
/// assert_eq!(parse_utc("12 May 2026"), None);
/// ```
///
/// Source: `tests/vectors/parse_utc.jsonl.gz`, group by group; docs/rules/timestamps.md.
pub fn parse_utc(text: &str) -> Option<Timestamp> {
    let mut at = Cursor(text.as_bytes());
    let (year, month, day) = at.date()?;
    let spaced = match at.next()? {
        b' ' => true,
        b'T' => false,
        _ => return None,
    };
    let of_day = at.time_of_day()?;
    let offset = at.offset(spaced)?;
    let days = days_from_civil(year, month, day);
    Some(Timestamp::from_millis(days * DAY + of_day - offset))
}

/// What is left to read.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.next();
        }
        found
    }

    fn digit(&mut self) -> Option<i64> {
        match self.0.first() {
            Some(d) if d.is_ascii_digit() => {
                self.next();
                Some(i64::from(*d - b'0'))
            }
            _ => None,
        }
    }

    /// Exactly `n` digits.
    fn digits(&mut self, n: usize) -> Option<i64> {
        (0..n).try_fold(0, |value, _| Some(value * 10 + self.digit()?))
    }

    fn two_digits_up_to(&mut self, max: i64) -> Option<i64> {
        self.digits(2).filter(|value| *value <= max)
    }

    fn date(&mut self) -> Option<(i64, i64, i64)> {
        let year = self.digits(4)?;
        let month = self.eat(b'-').then(|| self.digits(2))??;
        let day = self.eat(b'-').then(|| self.digits(2))??;
        let real = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        real.then_some((year, month, day))
    }

    /// Milliseconds since midnight.
    fn time_of_day(&mut self) -> Option<i64> {
        let hour = self.two_digits_up_to(23)?;
        let minute = self.eat(b':').then(|| self.two_digits_up_to(59))??;
        let mut millis = (hour * 60 + minute) * 60_000;
        if self.eat(b':') {
            millis += self.two_digits_up_to(59)? * 1000;
            if self.eat(b'.') {
                millis += self.fraction()?;
            }
        }
        Some(millis)
    }

    /// One to nine digits, cut to milliseconds.
    fn fraction(&mut self) -> Option<i64> {
        let mut millis = self.digit()? * 100;
        let mut worth = 10;
        for _ in 1..9 {
            let Some(digit) = self.digit() else { break };
            millis += digit * worth;
            worth /= 10;
        }
        Some(millis)
    }

    /// The zone's distance from UTC in milliseconds; 0 where none is written. Must end the text.
    fn offset(&mut self, spaced: bool) -> Option<i64> {
        if self.0.is_empty() {
            return Some(0);
        }
        if spaced {
            self.eat(b' ');
        }
        let millis = match self.next()? {
            b'Z' | b'z' => 0,
            b'+' => self.hours_and_minutes()?,
            b'-' => -self.hours_and_minutes()?,
            _ => return None,
        };
        self.0.is_empty().then_some(millis)
    }

    fn hours_and_minutes(&mut self) -> Option<i64> {
        let hours = self.two_digits_up_to(23)?;
        self.eat(b':');
        let minutes = self.two_digits_up_to(59)?;
        Some((hours * 60 + minutes) * 60_000)
    }
}

const fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
