//! When does an expression next run, in a zone whose clock goes forward and back?
//!
//! It does not know why a clock changed or by how much: any change of the offset counts, also a
//! country's move across the date line, which skips a day.

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp as Instant};
use sweepd_decide::Timestamp;

use crate::calendar::Schedule;
use crate::error::{Error, shortened};
use crate::grammar;
use crate::zone::Zone;

/// The first run of `expr` strictly after `now`, reading the expression in `zone`.
///
/// The answer is a whole second and always later than `now`. Where the clock changes: an expression
/// whose hour field covers all 24 hours runs at every matching instant. Any other one runs once per
/// wall time it names: a skipped wall time is moved forward by as much as the clock was (02:30
/// becomes 03:30), and a repeated one runs on its first pass only.
///
/// Takes microseconds, whatever the expression.
///
/// # Errors
///
/// [`Error::BadExpression`] if `expr` is not understood, [`Error::NeverRuns`] if its dates do not
/// exist, [`Error::OutOfCalendar`] if `now` or the answer lies outside the years -9999 to 9999.
///
/// Source: docs/rules/schedule.md; `tests/vectors/recurrence.jsonl.gz`.
pub fn next_run(expr: &str, zone: &Zone, now: Timestamp) -> Result<Timestamp, Error> {
    let schedule = grammar::parse(expr)?;
    if !schedule.has_dates() {
        return Err(Error::NeverRuns { expr: shortened(expr) });
    }
    let next_second = now.as_millis().div_euclid(1000) + 1;
    Instant::from_second(next_second)
        .ok()
        .and_then(|from| first_from(&schedule, zone.rules(), from))
        .map(|run| Timestamp::from_millis(run.as_millisecond()))
        .ok_or(Error::OutOfCalendar { now })
}

/// The first run at or after `from`, which is a whole second.
fn first_from(schedule: &Schedule, zone: &TimeZone, mut from: Instant) -> Option<Instant> {
    let every_instant = schedule.hours.len() == 24;
    loop {
        from = from.max(quiet_until(schedule, from)?);
        let stretch = Stretch::around(zone, from);
        let found = if every_instant {
            stretch.shown(schedule, from)
        } else {
            let once = stretch.shown(schedule, from.max(stretch.repeats_until()));
            once.into_iter().chain(stretch.moved(schedule, from)).min()
        };
        if found.is_some() {
            return found;
        }
        from = stretch.end?;
    }
}

/// An instant before which certainly nothing runs: the search may go on there.
///
/// A clock is off UTC by 26 hours at most and is never moved further than that, so a wall time lies
/// within three days of the UTC time of its run.
fn quiet_until(schedule: &Schedule, from: Instant) -> Option<Instant> {
    let margin = SignedDuration::from_hours(72);
    let Ok(well_before) = from.checked_sub(margin) else {
        return Some(from);
    };
    let wall = schedule.first_from(Offset::UTC.to_datetime(well_before))?;
    Some(Offset::UTC.to_timestamp(wall).ok()?.checked_sub(margin).unwrap_or(from))
}

/// A span of time in which the clock runs evenly.
struct Stretch {
    offset: Offset,
    /// The clock change it begins with: when, and the offset until then.
    began: Option<(Instant, Offset)>,
    /// The clock change it ends with; `None` if there is none to come.
    end: Option<Instant>,
}

impl Stretch {
    /// The stretch that `at` lies in.
    fn around(zone: &TimeZone, at: Instant) -> Self {
        let second = SignedDuration::from_secs(1);
        let change = at
            .checked_add(second)
            .ok()
            .and_then(|after| zone.preceding(after).next())
            .map(|change| change.timestamp());
        let before = change.and_then(|change| change.checked_sub(second).ok());
        Self {
            offset: zone.to_offset(at),
            began: change.zip(before.map(|before| zone.to_offset(before))),
            end: zone.following(at).next().map(|change| change.timestamp()),
        }
    }

    /// The first instant from `from` on at which the clock shows a matching wall time.
    fn shown(&self, schedule: &Schedule, from: Instant) -> Option<Instant> {
        let wall = schedule.first_from(self.offset.to_datetime(from))?;
        let run = self.offset.to_timestamp(wall).ok()?;
        self.end.is_none_or(|end| run < end).then_some(run)
    }

    /// The first run from `from` on of a wall time that the change at the beginning skipped. The
    /// offset of before places it as far after the change as the clock was moved.
    fn moved(&self, schedule: &Schedule, from: Instant) -> Option<Instant> {
        let (change, before) = self.began?;
        let wall = schedule.first_from(before.to_datetime(from))?;
        if wall < self.offset.to_datetime(change) { before.to_timestamp(wall).ok() } else { None }
    }

    /// The end of the wall times that the change at the beginning made the clock show again.
    fn repeats_until(&self) -> Instant {
        self.began
            .and_then(|(change, before)| {
                let last_shown = before.to_datetime(change);
                self.offset.to_timestamp(last_shown).ok()
            })
            .unwrap_or(Instant::MIN)
    }
}

#[cfg(test)]
mod tests {
    use sweepd_decide::parse_utc;

    use super::*;

    /// The runs of `expr` in `zone` after `now`, as UTC times of day, up to a count.
    fn runs(expr: &str, zone: &str, now: &str, count: usize) -> Vec<String> {
        let zone = Zone::parse(zone).expect(zone);
        let mut now = parse_utc(now).expect(now);
        std::iter::repeat_with(|| {
            now = next_run(expr, &zone, now).expect(expr);
            now.to_string().replace(":00.000Z", "Z")
        })
        .take(count)
        .collect()
    }

    #[test]
    fn a_skipped_wall_time_runs_once_as_much_later_as_the_clock_was_moved() {
        // New York, 8 March 2026: 02:00 EST is followed by 03:00 EDT, at 07:00Z.
        assert_eq!(
            runs("30 2 * * *", "America/New_York", "2026-03-07 07:30:00", 2),
            ["2026-03-08T07:30Z", "2026-03-09T06:30Z"]
        );
        // 02:30 and 03:30 fall on one instant, and run once.
        assert_eq!(
            runs("30 2,3 * * *", "America/New_York", "2026-03-08 07:00:00", 2),
            ["2026-03-08T07:30Z", "2026-03-09T06:30Z"]
        );
        // What was moved runs among what was not: 03:00, 03:20 (02:20), 03:30, 03:40 (02:40).
        assert_eq!(
            runs("0,20,40 0-2 * * *", "America/New_York", "2026-03-08 06:40:00", 3),
            ["2026-03-08T07:00Z", "2026-03-08T07:20Z", "2026-03-08T07:40Z"]
        );
        // Lord Howe's clock moves by half an hour: 02:15 becomes 02:45.
        assert_eq!(
            runs("15 2 * * *", "Australia/Lord_Howe", "2026-10-03 00:00:00", 2),
            ["2026-10-03T15:45Z", "2026-10-04T15:15Z"]
        );
        // Santiago skips the first hour of the day.
        assert_eq!(
            runs("0 0 * * *", "America/Santiago", "2026-09-05 12:00:00", 2),
            ["2026-09-06T04:00Z", "2026-09-07T03:00Z"]
        );
        // Samoa skipped 30 December 2011 whole; its midnight is the 31st's.
        assert_eq!(
            runs("0 0 30 12 *", "Pacific/Apia", "2011-12-01 00:00:00", 2),
            ["2011-12-30T10:00Z", "2012-12-29T10:00Z"]
        );
    }

    #[test]
    fn a_repeated_wall_time_runs_on_its_first_pass_only() {
        // Berlin, 25 October 2026: 03:00 CEST is followed by 02:00 CET, at 01:00Z.
        assert_eq!(
            runs("30 2 * * *", "Europe/Berlin", "2026-10-24 12:00:00", 2),
            ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]
        );
        assert_eq!(
            runs("30 2 * * *", "Europe/Berlin", "2026-10-25 00:30:00", 1),
            ["2026-10-26T01:30Z"]
        );
        assert_eq!(
            runs("*/30 1-3 * * *", "Europe/Berlin", "2026-10-25 00:00:00", 3),
            ["2026-10-25T00:30Z", "2026-10-25T02:00Z", "2026-10-25T02:30Z"]
        );
    }

    #[test]
    fn a_schedule_for_every_hour_runs_at_every_matching_instant() {
        for every_hour in ["30 * * * *", "30 0-23 * * *", "30 */1 * * *", "0 30 ? * * *"] {
            assert_eq!(
                runs(every_hour, "Europe/Berlin", "2026-10-24 23:30:00", 3),
                ["2026-10-25T00:30Z", "2026-10-25T01:30Z", "2026-10-25T02:30Z"]
            );
            assert_eq!(
                runs(every_hour, "Europe/Berlin", "2026-03-29 00:00:00", 3),
                ["2026-03-29T00:30Z", "2026-03-29T01:30Z", "2026-03-29T02:30Z"]
            );
        }
        // 02:15 is skipped at Lord Howe, and not made up for: 01:15, 03:15.
        assert_eq!(
            runs("15 * * * *", "Australia/Lord_Howe", "2026-10-03 14:30:00", 2),
            ["2026-10-03T14:45Z", "2026-10-03T16:15Z"]
        );
    }

    #[test]
    fn the_day_the_clock_changes_is_not_lost() {
        assert_eq!(
            runs("0 9 * * SUN", "America/New_York", "2026-03-07 14:05:00", 2),
            ["2026-03-08T13:00Z", "2026-03-15T13:00Z"]
        );
    }

    #[test]
    fn the_answer_is_later_than_now_by_as_little_as_a_millisecond() {
        let zone = Zone::utc();
        let at = |millis| next_run("@secondly", &zone, Timestamp::from_millis(millis));
        for (now, next) in [(0, 1000), (999, 1000), (1000, 2000), (-1, 0), (-1000, 0)] {
            assert_eq!(at(now), Ok(Timestamp::from_millis(next)), "after {now}");
        }
    }

    #[test]
    fn dates_that_do_not_exist_are_found_out_without_a_search() {
        for expr in ["0 0 31 4 *", "0 0 30,31 2 *", "0 0 31 2,4,6,9,11 ?", "0 0 30/1 FEB *"] {
            let error = next_run(expr, &Zone::utc(), Timestamp::from_millis(0)).expect_err(expr);
            assert_eq!(
                error.to_string(),
                format!("schedule {expr:?} never runs: no such date exists")
            );
        }
    }

    #[test]
    fn the_ends_of_time_are_an_error_and_no_panic() {
        let zone = Zone::parse("America/New_York").expect("a zone");
        for now in [Timestamp::MIN, Timestamp::MAX] {
            let answer = next_run("0 9 * * *", &zone, now);
            assert_eq!(answer, Err(Error::OutOfCalendar { now }));
        }
        let first = parse_utc("0001-01-01 00:00:00").expect("a time");
        let last = parse_utc("9999-12-30 00:00:00").expect("a time");
        assert!(next_run("0 9 * * *", &zone, first).is_ok());
        assert!(next_run("0 0 1 1 *", &zone, last).is_err());
        let from_the_start = Timestamp::from_millis(-377_705_023_201_000);
        assert!(next_run("0 9 29 2 1", &zone, from_the_start).is_ok());
    }
}
