//! How instants and spans are written in a scenario: relative to its start.
//!
//! `+01:30` is 90 s after the start, `+2:00:00.001` two hours and a millisecond, `-05:00` five
//! minutes before it. No clock is read here.

use sweepd_decide::{Span, Timestamp, parse_utc};

/// An instant further from the start than this is shown as it is.
const FAR: i64 = 48 * 3_600_000;

/// The instant that a scenario calls `+00:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin(pub(super) Timestamp);

impl Origin {
    /// An instant as it is written in a scenario.
    pub(super) fn show(self, at: Timestamp) -> String {
        let offset = at.since(self.0).as_millis();
        if offset.abs() >= FAR {
            return at.to_string();
        }
        let (sign, ms) = (if offset < 0 { '-' } else { '+' }, offset.abs());
        let (hours, mins, secs, millis) =
            (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        let hours = if hours > 0 { format!("{hours}:") } else { String::new() };
        let millis = if millis > 0 { format!(".{millis:03}") } else { String::new() };
        format!("{sign}{hours}{mins:02}:{secs:02}{millis}")
    }

    /// A text with every UTC instant in it, as SQLite or JavaScript writes them, made relative.
    pub(super) fn relative(self, text: &str) -> String {
        let mut shown = String::new();
        let mut rest = text;
        while let Some(head) = rest.chars().next() {
            let instant = [24, 20, 19].into_iter().find_map(|length| {
                let found = rest.get(..length).filter(|_| head.is_ascii_digit())?;
                let ends = length > 19 || !rest.get(length..)?.starts_with(['.', 'Z', '+']);
                Some((parse_utc(found).filter(|_| ends)?, length))
            });
            let (piece, length) = match instant {
                Some((at, length)) => (self.show(at), length),
                None => (head.to_string(), head.len_utf8()),
            };
            shown.push_str(&piece);
            rest = rest.get(length..).unwrap_or_default();
        }
        shown
    }
}

/// Reads `+MM:SS`, `+H:MM:SS`, each with `.mmm` if need be; `-` for before the start.
pub(super) fn offset(text: &str) -> Option<Span> {
    let (sign, clock) = match text.split_at_checked(1)? {
        ("+", clock) => (1, clock),
        ("-", clock) => (-1, clock),
        _ => return None,
    };
    let (clock, millis) = match clock.split_once('.') {
        Some((clock, millis)) if millis.len() == 3 => (clock, digits(millis)?),
        Some(_) => return None,
        None => (clock, 0),
    };
    let fields: Vec<&str> = clock.split(':').collect();
    let (hours, mins, secs) = match fields.as_slice() {
        [mins, secs] => (0, two(mins)?, two(secs)?),
        [hours, mins, secs] => (digits(hours)?, two(mins)?, two(secs)?),
        _ => return None,
    };
    Some(Span::from_millis(sign * (((hours * 60 + mins) * 60 + secs) * 1000 + millis)))
}

/// Reads `500ms`, `60s`, `30m`, `2h`, `3d`.
pub(super) fn span(text: &str) -> Option<Span> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(unit)?;
    let factor = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    digits(number)?.checked_mul(factor).map(Span::from_millis)
}

fn two(text: &str) -> Option<i64> {
    digits(text).filter(|number| text.len() == 2 && *number < 60)
}

fn digits(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_shown_as_they_are_read() {
        let origin = Origin(Timestamp::from_millis(1_795_341_600_000));
        for text in ["+00:00", "+01:30", "+59:59.999", "+1:00:00", "+26:00:00.001", "-05:00"] {
            let at = origin.0.plus(offset(text).unwrap());
            assert_eq!(origin.show(at), text);
        }
    }

    #[test]
    fn what_is_no_offset_is_not_read() {
        for text in ["", "+", "00:00", "+1:30", "+00:60", "+00:00.1", "+00", "+1:2:3:4", "+a:00"] {
            assert_eq!(offset(text), None, "{text}");
        }
        for text in ["", "5", "m", "5 m", "-5m", "5w"] {
            assert_eq!(span(text), None, "{text}");
        }
        assert_eq!(span("90s"), Some(Span::from_millis(90_000)));
    }

    #[test]
    fn instants_within_a_text_become_relative_and_nothing_else_does() {
        let origin = Origin(Timestamp::from_millis(1_795_341_600_000));
        let text = "since 2026-11-22T10:00:10.000Z, not before 2026-11-22 10:01:00; 2026-13-01 é";
        assert_eq!(origin.relative(text), "since +00:10, not before +01:00; 2026-13-01 é");
    }
}
