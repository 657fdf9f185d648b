//! How long is "1h 30m"?
//!
//! Reads and writes durations as the configuration has them. A number without a unit is refused:
//! nobody should have to know what it counts. The word "never" is the callers' affair.

use std::fmt;

use sweepd_decide::Span;

/// Units from large to small: how they are written, and their milliseconds.
const UNITS: [(&str, i64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// A century, more or less: nobody means more, and everybody can still add to it.
const LONGEST: i64 = 36_525 * 86_400_000;

/// Reads a duration: whole numbers with units `d`, `h`, `m` (or `min`), `s`, `ms`, from large to
/// small, each at most once, with or without spaces.
///
/// # Errors
///
/// [`BadDuration`], which quotes the text and says what to write instead.
pub(crate) fn parse(text: &str) -> Result<Span, BadDuration> {
    let bad = |reason| BadDuration { text: text.to_owned(), reason };
    let mut rest = text.trim();
    let mut total = 0_i64;
    let mut below = UNITS.iter();
    while !rest.is_empty() {
        let (number, after) = split_where(rest, |c| !c.is_ascii_digit());
        let (unit, after) = split_where(after.trim_start(), |c| !c.is_alphabetic());
        if number.is_empty() {
            return Err(bad(Reason::Unreadable));
        }
        if unit.is_empty() && after.is_empty() && number.len() == text.trim().len() {
            return Err(bad(Reason::NoUnit));
        }
        let unit = if unit == "min" { "m" } else { unit };
        let Some((_, millis)) = below.find(|(name, _)| *name == unit) else {
            return Err(bad(Reason::Unreadable));
        };
        let part = number.parse::<i64>().ok().and_then(|number| number.checked_mul(*millis));
        let sum = part.and_then(|part| total.checked_add(part)).filter(|sum| *sum <= LONGEST);
        total = sum.ok_or_else(|| bad(Reason::TooLong))?;
        rest = after.trim_start();
    }
    if text.trim().is_empty() { Err(bad(Reason::Unreadable)) } else { Ok(Span::from_millis(total)) }
}

/// Writes a duration so that [`parse`] reads it again, e.g. `1h 30m`.
pub(crate) fn show(span: Span) -> String {
    let mut rest = span.as_millis().max(0);
    let mut parts = Vec::new();
    for (unit, millis) in UNITS {
        if rest >= millis {
            parts.push(format!("{}{unit}", rest / millis));
            rest %= millis;
        }
    }
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}

/// A text that is no duration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadDuration {
    text: String,
    reason: Reason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Unreadable,
    NoUnit,
    TooLong,
}

impl fmt::Display for BadDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, reason } = self;
        match reason {
            Reason::Unreadable => {
                write!(
                    f,
                    "{text:?} is no duration; write for example \"30s\", \"90m\" or \"1h 30m\""
                )
            }
            Reason::NoUnit => {
                let number = text.trim();
                write!(
                    f,
                    "{text:?} has no unit; write \"{number}s\", \"{number}m\" or \"{number}h\""
                )
            }
            Reason::TooLong => write!(f, "{text:?} is longer than a century"),
        }
    }
}

fn split_where(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_read_in_all_their_spellings() {
        let cases = [
            ("30s", 30_000),
            ("2h", 7_200_000),
            ("1h 30m", 5_400_000),
            ("1h30m", 5_400_000),
            ("1 h 30 min", 5_400_000),
            ("500ms", 500),
            ("2d", 172_800_000),
            ("90m", 5_400_000),
            ("1d 2h 3m 4s 5ms", 93_784_005),
            (" 5s ", 5000),
            ("0s", 0),
        ];
        for (text, millis) in cases {
            assert_eq!(parse(text), Ok(Span::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_told_with_what_to_write() {
        let texts = [
            "",
            " ",
            "30",
            "soon",
            "60 seconds",
            "1.5h",
            "-5s",
            "5s 1h",
            "1h 1h",
            "5m 3min",
            "s",
            "1h 30",
            "5S",
            "1h,30m",
            "９s",
            "36526d",
            "99999999999d",
            "99999999999999999999s",
        ];
        let told: Vec<_> = texts.iter().map(|text| parse(text).unwrap_err().to_string()).collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_as_the_same_span(millis in 0..=LONGEST) {
            let span = Span::from_millis(millis);
            prop_assert_eq!(parse(&show(span)), Ok(span));
        }

        #[test]
        fn no_text_is_too_much(text in ".*") {
            let _read_or_refused = parse(&text);
        }
    }
}
