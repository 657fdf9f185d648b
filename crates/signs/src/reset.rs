//! Until when does a text say that there is no more to be had?

use std::sync::LazyLock;

use jiff::civil::{Time, time};
use jiff::tz::TimeZone;
use regex_lite::{Captures, Regex};
use sweepd_decide::{Span, Timestamp};

/// Nothing is believed that lies further ahead.
const FURTHEST: Span = Span::from_mins(8 * 24 * 60);

/// How instants are written.
#[derive(Clone, Copy)]
enum Form {
    /// Seconds since the epoch.
    Epoch,
    /// RFC 3339.
    Instant,
    /// From now on: a number and a unit.
    Ahead,
    /// From now on, in seconds.
    Seconds,
    /// A time of day, with a zone; UTC without one.
    TimeOfDay,
}

/// What is looked for, in this order.
const TABLE: [(Form, &str); 6] = [
    (Form::Epoch, r"limit reached\|(\d{9,11})\b"),
    (Form::Epoch, r#"reset(?:s|_at|-at)?[\s:='"]{1,8}(\d{10})\b"#),
    (
        Form::Instant,
        r"(?:reset|retry|again)[^0-9]{0,40}(\d{4}-\d\d-\d\dt\d\d:\d\d:\d\d[^\s,;)]{0,14})",
    ),
    (Form::Seconds, r#"retry.after[\s:='"]{1,8}(\d{1,7})\b"#),
    (
        Form::Ahead,
        r"(?:again|reset|resets|retry) in (\d{1,5})\s?(ms|seconds?|secs?|s|minutes?|mins?|m|hours?|h|days?|d)\b",
    ),
    (
        Form::TimeOfDay,
        r"resets?(?: at)? (\d{1,2})(?::(\d\d))?\s?(am|pm)?(?: ?\(([a-z_]+(?:/[a-z_]+){0,2})\))?",
    ),
];

static READY: LazyLock<Vec<(Form, Regex)>> = LazyLock::new(|| {
    let ready = |(form, text): (Form, &str)| Some((form, Regex::new(&format!("(?i){text}")).ok()?));
    TABLE.into_iter().filter_map(ready).collect()
});

/// The instant from which on there is more again, as a text that was written at `at` says; `None`: it
/// does not say, or nothing that could be believed: before `at`, or more than eight days after it.
pub fn reset_at(text: &str, at: Timestamp) -> Option<Timestamp> {
    let found = READY.iter().find_map(|(form, regex)| read(*form, &regex.captures(text)?, at));
    found.filter(|found| *found > at && *found <= at.plus(FURTHEST))
}

fn read(form: Form, found: &Captures<'_>, at: Timestamp) -> Option<Timestamp> {
    let text = |nth: usize| found.get(nth).map(|found| found.as_str());
    let number = |nth: usize| text(nth)?.parse::<i64>().ok();
    Some(match form {
        Form::Epoch => Timestamp::from_millis(number(1)?.checked_mul(1000)?),
        Form::Instant => {
            let read: jiff::Timestamp = text(1)?.to_uppercase().parse().ok()?;
            Timestamp::from_millis(read.as_millisecond())
        }
        Form::Seconds => at.plus(Span::from_secs(number(1)?)),
        Form::Ahead => at.plus(ahead(number(1)?, text(2)?)),
        Form::TimeOfDay => next(of_day(number(1)?, number(2), text(3))?, text(4), at)?,
    })
}

fn ahead(number: i64, unit: &str) -> Span {
    let unit = unit.to_ascii_lowercase();
    match unit.as_str() {
        "ms" => Span::from_millis(number),
        _ if unit.starts_with('s') => Span::from_secs(number),
        _ if unit.starts_with('m') => Span::from_mins(number),
        _ if unit.starts_with('h') => Span::from_mins(number.saturating_mul(60)),
        _ => Span::from_mins(number.saturating_mul(24 * 60)),
    }
}

/// A time of day; a bare number without minutes or halves of the day is none.
fn of_day(hour: i64, minute: Option<i64>, half: Option<&str>) -> Option<Time> {
    let half = half.map(str::to_ascii_lowercase);
    let hour = match half.as_deref() {
        None => minute.map(|_| hour)?,
        Some("am") => (1..=12).contains(&hour).then_some(hour % 12)?,
        Some(_) => (1..=12).contains(&hour).then_some(hour % 12 + 12)?,
    };
    let (hour, minute) = (i8::try_from(hour).ok()?, i8::try_from(minute.unwrap_or(0)).ok()?);
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then(|| time(hour, minute, 0, 0))
}

/// The next time after `at` at which it is that time of day in a zone.
fn next(of_day: Time, zone: Option<&str>, at: Timestamp) -> Option<Timestamp> {
    let zone = zone.map_or(Some(TimeZone::UTC), |zone| TimeZone::get(zone).ok())?;
    let at_ms = jiff::Timestamp::from_millisecond(at.as_millis()).ok()?;
    let today = at_ms.to_zoned(zone.clone()).date();
    let on = |date: jiff::civil::Date| {
        let found = date.to_datetime(of_day).to_zoned(zone.clone()).ok()?.timestamp();
        Some(Timestamp::from_millis(found.as_millisecond()))
    };
    on(today).filter(|found| *found > at).or_else(|| on(today.tomorrow().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-27 10:00:00 UTC.
    const AT: Timestamp = Timestamp::from_millis(1_795_773_600_000);

    fn minutes(text: &str) -> Option<i64> {
        reset_at(text, AT).map(|found| found.since(AT).as_millis() / 60_000)
    }

    #[test]
    fn every_line_of_the_table_can_be_searched_for() {
        assert_eq!(READY.len(), TABLE.len());
    }

    #[test]
    fn times_are_read_as_the_services_write_them() {
        for (text, expect) in [
            ("Claude AI usage limit reached|1795777200", Some(60)),
            ("anthropic-ratelimit-requests-reset: 2026-11-27T10:30:00Z", Some(30)),
            ("{\"error\":\"rate_limit\",\"reset_at\":1795777200}", Some(60)),
            ("429 Too Many Requests, retry-after: 600", Some(10)),
            ("Retry after 120 seconds", Some(2)),
            ("rate limited, try again in 5 minutes", Some(5)),
            ("Please try again in 2h", Some(120)),
            ("You've hit your limit · resets 3pm (UTC)", Some(300)),
            ("You've hit your session limit · resets 3:30pm (America/New_York)", Some(630)),
            ("limit, resets at 09:59", Some(23 * 60 + 59)),
            ("limit, resets at 12am", Some(14 * 60)),
            // Nothing that is said, or nothing that can be.
            ("429", None),
            ("resets 7", None),
            ("resets 13pm", None),
            ("resets at 25:00", None),
            ("resets 3pm (Nowhere/City)", None),
            ("limit reached|1795770000", None),
            ("limit reached|1999999999", None),
            ("try again in 99999 days", None),
            ("retry after -5", None),
        ] {
            assert_eq!(minutes(text), expect, "{text}");
        }
    }
}
