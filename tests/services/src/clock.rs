//! How the services write down an instant. They have no clock but the one that is set.

/// What the clock says until it is set: 2026-01-01T00:00:00Z, in milliseconds.
pub const START: i64 = 1_767_225_600_000;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// The first of 1970 was a Thursday.
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// `2026-01-01T00:00:00Z`
pub(crate) fn stamp(millis: i64) -> String {
    let at = Parts::of(millis);
    format!("{:04}-{:02}-{:02}T{}Z", at.year, at.month, at.day, at.time())
}

/// `2026-01-01T00:00:00.000Z`
pub(crate) fn stamp_millis(millis: i64) -> String {
    let text = stamp(millis);
    format!("{}.{:03}Z", text.trim_end_matches('Z'), millis.rem_euclid(1000))
}

/// `Thu, 01 Jan 2026 00:00:00 GMT`
pub(crate) fn http_date(millis: i64) -> String {
    let at = Parts::of(millis);
    let name = |names: &[&'static str], index: i64| {
        usize::try_from(index).ok().and_then(|index| names.get(index).copied()).unwrap_or_default()
    };
    let weekday = name(&DAYS, millis.div_euclid(86_400_000).rem_euclid(7));
    let month = name(&MONTHS, at.month - 1);
    format!("{weekday}, {:02} {month} {:04} {} GMT", at.day, at.year, at.time())
}

struct Parts {
    year: i64,
    month: i64,
    day: i64,
    second: i64,
}

impl Parts {
    /// Days to the proleptic Gregorian calendar, by eras of 400 years that begin in March.
    fn of(millis: i64) -> Self {
        let seconds = millis.div_euclid(1000);
        let shifted = seconds.div_euclid(86_400) + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        Self { year, month, day, second: seconds.rem_euclid(86_400) }
    }

    fn time(&self) -> String {
        let (hour, minute) = (self.second / 3600, self.second / 60 % 60);
        format!("{hour:02}:{minute:02}:{:02}", self.second % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_calendars_have_them() {
        assert_eq!(stamp(START), "2026-01-01T00:00:00Z");
        assert_eq!(stamp_millis(951_826_332_007), "2000-02-29T12:12:12.007Z");
        assert_eq!(stamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(http_date(START), "Thu, 01 Jan 2026 00:00:00 GMT");
        assert_eq!(http_date(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
