//! What does a cron expression say?
//!
//! The grammar is cron-parser's, read strictly: whatever that library rejects is rejected, and so is
//! what it accepts only by accident (fewer than five fields, `*-5`, `/5`, `1-2-3`, `8L`). No dates
//! are computed here.

use crate::calendar::{Days, Schedule};
use crate::error::Error;

mod field;

use field::{DAY_OF_MONTH, DAY_OF_WEEK, HOUR, MINUTE, MONTH, SECOND};

/// Reads an expression of five fields, of six with seconds, or an alias such as `@daily`.
///
/// # Errors
///
/// Only [`Error::BadExpression`].
pub(crate) fn parse(expr: &str) -> Result<Schedule, Error> {
    if expr.len() > LONGEST {
        let reason = format!("longer than {LONGEST} bytes");
        return Err(Error::bad(expr, reason));
    }
    let spelled = ALIASES
        .iter()
        .find_map(|&(alias, spelled)| (alias == expr).then_some(spelled))
        .unwrap_or(expr);
    read(spelled).map_err(|reason| Error::bad(expr, reason))
}

/// Two lists of all 60 values, spelled out with the rest, are below 600 bytes.
const LONGEST: usize = 1000;

/// Matched exactly: cron-parser knows no other spelling.
const ALIASES: &[(&str, &str)] = &[
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@weekdays", "0 0 * * 1-5"),
    ("@weekends", "0 0 * * 0,6"),
    ("@hourly", "0 * * * *"),
    ("@minutely", "* * * * *"),
    ("@secondly", "* * * * * *"),
];

/// Reads the fields; the error is the reason.
fn read(expr: &str) -> Result<Schedule, String> {
    let fields: Vec<&str> = expr.split_whitespace().collect();
    let (second, minute, hour, of_month, month, of_week) = match *fields.as_slice() {
        [minute, hour, of_month, month, of_week] => ("0", minute, hour, of_month, month, of_week),
        [second, minute, hour, of_month, month, of_week] => {
            (second, minute, hour, of_month, month, of_week)
        }
        [alias] if alias.starts_with('@') => return Err(unknown_alias()),
        [] => return Err(format!("no fields; {NEEDED}")),
        [_] => return Err(format!("1 field; {NEEDED}")),
        [..] if fields.len() < 5 => return Err(format!("{} fields; {NEEDED}", fields.len())),
        [..] => {
            let count = fields.len();
            return Err(format!("{count} fields; {NEEDED} (there is no year field)"));
        }
    };
    let schedule = Schedule {
        seconds: SECOND.values(&items(second))?,
        minutes: MINUTE.values(&items(minute))?,
        hours: HOUR.values(&items(hour))?,
        days: days(of_month, of_week)?,
        months: MONTH.values(&items(month))?,
    };
    if schedule.months.len() == 1 && !schedule.days.any_of_week && !schedule.has_days_of_month() {
        return Err(DAY_OF_MONTH.complaint(of_month, "no such day in that month"));
    }
    Ok(schedule)
}

fn items(field: &str) -> Vec<&str> {
    field.split(',').collect()
}

const NEEDED: &str = "cron needs 5, or 6 with seconds";

fn unknown_alias() -> String {
    let known: Vec<&str> = ALIASES.iter().map(|&(alias, _)| alias).collect();
    format!("unknown alias; known are, in small letters, {}", known.join(" "))
}

/// Reads the two fields that name days, with `L` and `#`.
fn days(of_month: &str, of_week: &str) -> Result<Days, String> {
    let (last, plain): (Vec<&str>, Vec<&str>) = of_month.split(',').partition(|item| *item == "L");
    if last.len() > 1 {
        return Err(DAY_OF_MONTH.complaint("L", "named twice"));
    }
    let mut days = Days {
        of_month: DAY_OF_MONTH.values(&plain)?,
        last_of_month: !last.is_empty(),
        any_of_month: is_bare_star(of_month),
        any_of_week: is_bare_star(of_week),
        ..Days::default()
    };
    if let Some((weekday, nth)) = of_week.split_once('#') {
        days.of_week = DAY_OF_WEEK.single(of_week, weekday)?;
        days.block = Some(block(of_week, nth)?);
        return Ok(days);
    }
    let (last, plain): (Vec<&str>, Vec<&str>) =
        of_week.split(',').partition(|item| item.ends_with('L'));
    for item in last {
        let weekday = item.strip_suffix('L').unwrap_or(item);
        if weekday.is_empty() {
            return Err(DAY_OF_WEEK.complaint(item, "L needs a weekday here, as in 5L"));
        }
        let value = DAY_OF_WEEK.single(item, weekday)?;
        if days.last_of_week.overlaps(value) {
            return Err(DAY_OF_WEEK.complaint(item, "named twice"));
        }
        days.last_of_week = days.last_of_week.union(value);
    }
    days.of_week = DAY_OF_WEEK.values(&plain)?;
    Ok(days)
}

/// `*/1` and `1-31` cover every day too, but count as a restriction: that is the old cron rule.
fn is_bare_star(field: &str) -> bool {
    matches!(field, "*" | "?")
}

/// The `2` of `5#2`.
fn block(field: &str, nth: &str) -> Result<i8, String> {
    match nth.trim_start_matches('0') {
        "1" => Ok(1),
        "2" => Ok(2),
        "3" => Ok(3),
        "4" => Ok(4),
        "5" => Ok(5),
        _ => Err(DAY_OF_WEEK.complaint(field, "# needs one weekday before it and 1 to 5 after it")),
    }
}

#[cfg(test)]
mod tests;
