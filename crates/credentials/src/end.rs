//! Is this value an instant, and which one?
//!
//! What is no time is told in words and never becomes a time: a credential that cannot be
//! understood must not look good.

use serde_json::{Number, Value};
use sweepd_decide::{Timestamp, parse_utc};

/// Below it a number counts seconds (until the year 5138), from it on milliseconds (since 1973).
const SECONDS_BELOW: i64 = 100_000_000_000;

/// The first instant after the year 9999. What is said to end later was meant otherwise, in
/// microseconds say, and would look good for ever.
const TOO_LATE: i64 = 253_402_300_800_000;

/// What is wrong with a value as an instant: words that follow its name.
type Wrong = &'static str;

const LATE: Wrong = "is later than the year 9999";

/// An end in milliseconds or seconds since 1970, as number or digits, or as RFC 3339.
pub(crate) fn of_any(value: &Value) -> Result<Timestamp, Wrong> {
    if let Some(text) = value.as_str().filter(|text| !digits(text)) {
        return of_text(text);
    }
    let number = number(value, false)?;
    let millis = if number < SECONDS_BELOW { number.saturating_mul(1000) } else { number };
    in_reach(millis)
}

/// An end in seconds since 1970: `exp` of RFC 7519, which may have a fraction.
pub(crate) fn of_seconds(value: &Value) -> Result<Timestamp, Wrong> {
    in_reach(number(value, true)?.saturating_mul(1000))
}

const fn in_reach(millis: i64) -> Result<Timestamp, Wrong> {
    if millis < TOO_LATE { Ok(Timestamp::from_millis(millis)) } else { Err(LATE) }
}

/// A whole number from 0 on; with `floor`, the fraction of one is cut off.
fn number(value: &Value, floor: bool) -> Result<i64, Wrong> {
    match value {
        Value::Number(number) => whole(number, floor),
        // Only too many digits are left to fail.
        Value::String(text) if digits(text) => text.parse().map_err(|_| LATE),
        Value::Null => Err("is null"),
        Value::String(_) => Err("is a text, and no number"),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err("is neither number nor text"),
    }
}

fn whole(number: &Number, floor: bool) -> Result<i64, Wrong> {
    if let Some(whole) = number.as_i64() {
        return if whole < 0 { Err("is negative") } else { Ok(whole) };
    }
    let Some(float) = number.as_f64().filter(|float| float.is_finite()) else { return Err(LATE) };
    if float < 0.0 {
        Err("is negative")
    } else if float.fract() != 0.0 && !floor {
        Err("is no whole number")
    } else {
        format!("{:.0}", float.trunc()).parse().map_err(|_| LATE)
    }
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// RFC 3339. Without a zone it would be read as UTC, and be good for hours too long.
fn of_text(text: &str) -> Result<Timestamp, Wrong> {
    const NO_TIME: Wrong = "is a text, and neither a number nor a time (RFC 3339)";
    let instant = parse_utc(&text.to_ascii_uppercase()).ok_or(NO_TIME)?;
    let zoned = text.get(19..).is_some_and(|rest| rest.contains(['Z', 'z', '+', '-']));
    // `HH:MM` without seconds is no RFC 3339 either.
    if !zoned {
        return Err("is a time without seconds or zone (RFC 3339)");
    }
    in_reach(instant.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_number_is_seconds_below_ten_to_the_eleventh_and_milliseconds_from_there() {
        let cases = [
            (json!(1_764_000_000), 1_764_000_000_000),
            (json!(1_764_000_000_123_i64), 1_764_000_000_123),
            (json!("1764000000"), 1_764_000_000_000),
            (json!("1764000000123"), 1_764_000_000_123),
            (json!(1.7e12), 1_700_000_000_000),
            (json!(1.7e9), 1_700_000_000_000),
            (json!(99_999_999_999_i64), 99_999_999_999_000),
            (json!(100_000_000_000_i64), 100_000_000_000),
            (json!(0), 0),
            (json!("2026-11-22T10:00:00Z"), 1_795_341_600_000),
            (json!("2026-11-22t12:00:00.000+02:00"), 1_795_341_600_000),
            (json!(253_402_300_799_999_i64), 253_402_300_799_999),
        ];
        for (value, millis) in cases {
            assert_eq!(of_any(&value), Ok(Timestamp::from_millis(millis)), "{value}");
        }
    }

    #[test]
    fn what_is_no_time_is_said_in_words() {
        let cases = [
            (json!(null), "is null"),
            (json!(true), "is neither number nor text"),
            (json!([1]), "is neither number nor text"),
            (json!(-1), "is negative"),
            (json!(-1.5e12), "is negative"),
            (json!(1.5), "is no whole number"),
            (json!(1.7e300), LATE),
            (json!(u64::MAX), LATE),
            (json!(i64::MAX), LATE),
            (json!(1_764_000_000_000_000_i64), LATE),
            (json!("99999999999999999999999"), LATE),
            (json!("NaN"), "is a text, and neither a number nor a time (RFC 3339)"),
            (json!(""), "is a text, and neither a number nor a time (RFC 3339)"),
            (json!("-5"), "is a text, and neither a number nor a time (RFC 3339)"),
            (json!("soon"), "is a text, and neither a number nor a time (RFC 3339)"),
            (json!("2026-11-22"), "is a text, and neither a number nor a time (RFC 3339)"),
            (json!("2026-11-22T10:00:00"), "is a time without seconds or zone (RFC 3339)"),
            (json!("2026-11-22T10:00Z"), "is a time without seconds or zone (RFC 3339)"),
        ];
        for (value, words) in cases {
            assert_eq!(of_any(&value), Err(words), "{value}");
        }
    }

    #[test]
    fn an_exp_is_always_seconds_and_may_have_a_fraction() {
        assert_eq!(of_seconds(&json!(1.5)), Ok(Timestamp::from_millis(1000)));
        assert_eq!(of_seconds(&json!(1_764_000_000)).unwrap().as_millis(), 1_764_000_000_000);
        assert_eq!(of_seconds(&json!(1_764_000_000_000_i64)), Err(LATE));
        assert_eq!(of_seconds(&json!("2026-11-22T10:00:00Z")), Err("is a text, and no number"));
    }
}
