//! When does nobody want to hear of an incident because maintenance was announced?

use std::sync::Arc;

use sweepd_decide::Timestamp;
use sweepd_schedule::{Zone, next_run};
use sweepd_sweep::Windows;
use sweepd_sweep::ports::Incident;

use super::audience::Subject;
use crate::config::alerts::{When, Window};

/// The `[[maintenance]]` tables.
#[derive(Debug)]
pub(super) struct Announced {
    windows: Vec<Window>,
    sources: Arc<[String]>,
}

impl Announced {
    pub(super) fn new(windows: &[Window], sources: Arc<[String]>) -> Self {
        Self { windows: windows.to_vec(), sources }
    }
}

impl Windows for Announced {
    /// The latest end of those that last at `now`. What is about sweepd itself is quiet only in a
    /// window for everybody.
    fn quiet_until(&self, incident: &Incident, now: Timestamp) -> Option<Timestamp> {
        let about = |window: &&Window| {
            let fits = || Subject::of(incident, &self.sources).fits(&window.patterns);
            window.patterns.is_empty() || fits().unwrap_or(false)
        };
        let ends = self.windows.iter().filter(about).filter_map(|window| end(&window.when, now));
        ends.max()
    }
}

/// When the window that lasts at `now` ends; `None`: none does.
fn end(when: &When, now: Timestamp) -> Option<Timestamp> {
    match when {
        When::Once { from, until } => (*from <= now && now < *until).then_some(*until),
        When::Again { cron, span, zone } => {
            let begun = last_run(cron, zone, now.minus(*span), now)?;
            Some(begun.plus(*span))
        }
    }
}

/// The last run after `since`, and not after `now`.
///
/// The first run after an instant is never before that of an earlier one: so the latest instant
/// whose next run is not after `now` is found by halving, however many runs lie in between.
fn last_run(cron: &str, zone: &Zone, since: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let next = |after: i64| {
        let next = next_run(cron, zone, Timestamp::from_millis(after)).ok();
        next.filter(|next| *next <= now)
    };
    let mut found = next(since.as_millis())?;
    let (mut low, mut high) = (since.as_millis(), now.as_millis());
    while high.saturating_sub(low) > 1 {
        let middle = low.saturating_add(high.saturating_sub(low) / 2);
        match next(middle) {
            Some(later) => (low, found) = (middle, later),
            None => high = middle,
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sweepd_decide::{FindingKind, Span, parse_utc};

    use super::super::audience::tests::incident;
    use super::*;
    use crate::config::Glob;

    fn at(text: &str) -> Timestamp {
        parse_utc(text).unwrap()
    }

    fn again(cron: &str, minutes: i64, zone: &str) -> When {
        let zone = Zone::parse(zone).unwrap();
        When::Again { cron: cron.to_owned(), span: Span::from_mins(minutes), zone }
    }

    fn shown(when: &When, now: &str) -> Option<String> {
        end(when, at(now)).map(Timestamp::to_sqlite)
    }

    #[test]
    fn a_window_holds_from_its_beginning_until_before_its_end() {
        let once = When::Once { from: at("2026-12-24 18:00:00"), until: at("2026-12-24 20:00:00") };
        assert_eq!(shown(&once, "2026-12-24 17:59:59.999"), None);
        let end = Some("2026-12-24 20:00:00".to_owned());
        assert_eq!(shown(&once, "2026-12-24 18:00:00"), end);
        assert_eq!(shown(&once, "2026-12-24 19:59:59.999"), end);
        assert_eq!(shown(&once, "2026-12-24 20:00:00"), None);
    }

    #[test]
    fn one_that_comes_again_holds_from_each_run_on() {
        let sundays = again("0 3 * * 0", 120, "UTC");
        assert_eq!(shown(&sundays, "2026-11-22 02:59:59.999"), None);
        let end = Some("2026-11-22 05:00:00".to_owned());
        assert_eq!(shown(&sundays, "2026-11-22 03:00:00"), end);
        assert_eq!(shown(&sundays, "2026-11-22 04:59:59.999"), end);
        assert_eq!(shown(&sundays, "2026-11-22 05:00:00"), None);
        assert_eq!(shown(&sundays, "2026-11-23 03:30:00"), None);
    }

    /// Each run begins it anew: it ends after the last.
    #[test]
    fn one_that_overlaps_itself_ends_after_its_last_run() {
        let hourly = again("0 * * * *", 90, "UTC");
        assert_eq!(shown(&hourly, "2026-11-22 10:59:00"), Some("2026-11-22 11:30:00".to_owned()));
        assert_eq!(shown(&hourly, "2026-11-22 11:00:00"), Some("2026-11-22 12:30:00".to_owned()));
        let minutely = again("* * * * *", 7 * 24 * 60, "UTC");
        assert_eq!(shown(&minutely, "2026-11-22 10:59:30"), Some("2026-11-29 10:59:00".to_owned()));
    }

    /// A span is a span, whatever the clock on the wall does meanwhile.
    #[test]
    fn a_change_of_the_clock_moves_the_beginning_and_not_the_length() {
        // In Madrid the clock goes from 02:00 to 03:00 on 29 March 2026 (01:00 in UTC), and from 03:00
        // to 02:00 on 25 October.
        let night = again("30 1 * * *", 120, "Europe/Madrid");
        assert_eq!(shown(&night, "2026-03-28 00:30:00"), Some("2026-03-28 02:30:00".to_owned()));
        assert_eq!(shown(&night, "2026-03-29 01:30:00"), Some("2026-03-29 02:30:00".to_owned()));
        assert_eq!(shown(&night, "2026-03-29 02:30:00"), None);
        assert_eq!(shown(&night, "2026-03-29 23:30:00"), Some("2026-03-30 01:30:00".to_owned()));
        let gap = again("30 2 * * *", 60, "Europe/Madrid");
        assert_eq!(shown(&gap, "2026-03-29 01:30:00"), Some("2026-03-29 02:30:00".to_owned()));
        // 02:30 comes twice, and counts once.
        assert_eq!(shown(&gap, "2026-10-25 00:45:00"), Some("2026-10-25 01:30:00".to_owned()));
        assert_eq!(shown(&gap, "2026-10-25 01:45:00"), None);
    }

    /// One run after the other, as it is defined.
    fn last_run_spelled_out(
        cron: &str,
        zone: &Zone,
        since: Timestamp,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let mut found = None;
        let mut at = since;
        while let Some(next) = next_run(cron, zone, at).ok().filter(|next| *next <= now) {
            (found, at) = (Some(next), next);
        }
        found
    }

    proptest! {
        #[test]
        fn the_last_run_is_the_one_that_is_found_by_going_through_all(
            // Around both changes of the clock in Madrid, and far from them.
            day in prop::sample::select(vec!["2026-03-29", "2026-10-25", "2026-07-01"]),
            offset in -172_800_000..172_800_000_i64,
            back in 0..200_000_000_i64,
            cron in prop::sample::select(vec![
                "30 2 * * *", "*/20 * * * *", "0 3 * * 0", "15 1,2,3 * * *", "0 0 1 * *",
            ]),
        ) {
            let zone = Zone::parse("Europe/Madrid").unwrap();
            let midnight = at(&format!("{day} 00:00:00"));
            let now = Timestamp::from_millis(midnight.as_millis() + offset);
            let since = now.minus(Span::from_millis(back));
            prop_assert_eq!(
                last_run(cron, &zone, since, now),
                last_run_spelled_out(cron, &zone, since, now)
            );
        }
    }

    #[test]
    fn of_several_that_last_the_latest_end_counts_for_those_they_are_about() {
        let until = |text: &str| When::Once { from: at("2026-11-22 00:00:00"), until: at(text) };
        let window = |pattern: Option<&str>, when| Window {
            patterns: pattern.map(Glob::new).into_iter().collect(),
            when,
        };
        let windows = [
            window(Some("nc/*"), until("2026-11-22 10:00:00")),
            window(Some("nc/slow/*"), until("2026-11-22 12:00:00")),
            window(None, until("2026-11-22 08:00:00")),
        ];
        let sources: Arc<[String]> = ["nc".to_owned()].into();
        let announced = Announced::new(&windows, sources);
        let end = |incident: &Incident| {
            announced.quiet_until(incident, at("2026-11-22 06:00:00")).map(Timestamp::to_sqlite)
        };
        let hour = |hour: &str| Some(format!("2026-11-22 {hour}:00:00"));
        assert_eq!(end(&incident(FindingKind::AgentStuck, "nc/slow/s", true)), hour("12"));
        assert_eq!(end(&incident(FindingKind::AgentStuck, "nc/a/s", true)), hour("10"));
        assert_eq!(end(&incident(FindingKind::HostDown, "nc", false)), hour("10"));
        assert_eq!(end(&incident(FindingKind::BrakeEngaged, "*", false)), hour("08"));
    }
}
