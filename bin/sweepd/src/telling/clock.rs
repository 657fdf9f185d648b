//! Instants for people: short, in UTC, and never without saying so.

use sweepd_decide::{Span, Timestamp};

const DAY: i64 = 86_400_000;

/// `10:02Z`; on another day `2026-11-26 10:02Z`.
pub(crate) fn clock(at: Timestamp, now: Timestamp) -> String {
    let text = at.to_sqlite();
    let minute = text.get(..16).unwrap_or(&text);
    let same = at.as_millis().div_euclid(DAY) == now.as_millis().div_euclid(DAY);
    let shown = if same { minute.get(11..).unwrap_or(minute) } else { minute };
    format!("{shown}Z")
}

/// The same, and in how long that is.
pub(crate) fn clock_ahead(at: Timestamp, now: Timestamp) -> String {
    format!("{} (in {})", clock(at, now), rounded(at.since(now)))
}

/// In how long that is.
pub(crate) fn ahead(at: Timestamp, now: Timestamp) -> String {
    if at <= now { "now".to_owned() } else { format!("in {}", rounded(at.since(now))) }
}

/// A span to what matters: seconds below a minute, minutes below a day, hours above.
pub(crate) fn rounded(span: Span) -> Span {
    let millis = span.as_millis().max(0);
    let unit = match millis {
        0..60_000 => 1000,
        60_000..DAY => 60_000,
        _ => 3_600_000,
    };
    Span::from_millis(millis / unit * unit)
}

#[cfg(test)]
mod tests {
    use sweepd_decide::parse_utc;

    use super::*;

    #[test]
    fn the_day_is_left_out_where_it_is_today() {
        let at = |text: &str| parse_utc(text).unwrap();
        let now = at("2026-11-27 10:10:00");
        assert_eq!(clock(at("2026-11-27 00:00:59"), now), "00:00Z");
        assert_eq!(clock(at("2026-11-26 23:59:59"), now), "2026-11-26 23:59Z");
        assert_eq!(clock_ahead(at("2026-11-27 12:11:30"), now), "12:11Z (in 2 h 1 min)");
    }

    #[test]
    fn nobody_reads_seconds_of_hours() {
        let shown = |secs| rounded(Span::from_secs(secs)).to_string();
        let all = [59, 61, 3599, 7261, 90_061].map(shown);
        assert_eq!(all, ["59 s", "1 min", "59 min", "2 h 1 min", "1 d 1 h"]);
    }
}
