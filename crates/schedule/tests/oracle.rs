//! Does the next run agree with a clock that is simply watched, minute by minute?
//!
//! Around each of many clock changes, real and odd, a table lists what every minute shows on the
//! wall. The rule of docs/rules/schedule.md is read off that table: no offset is ever added or
//! compared. Expressions are invented together with their meaning, so no expression is parsed here.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

#[path = "oracle/invented.rs"]
mod invented;
#[path = "oracle/watched.rs"]
mod watched;

use std::sync::LazyLock;

use croner::parser::CronParser;
use jiff::tz::Offset;
use proptest::prelude::*;
use sweepd_decide::{Span, Timestamp};
use sweepd_schedule::{Error, Zone, next_run};

use invented::{Expression, fixed, random};
use watched::Watched;

/// Zone and a day (noon UTC) within two days of a clock change, or of none.
const CHANGES: &[(&str, &str)] = &[
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Europe/Berlin", "2027-03-28"),
    ("Europe/Berlin", "2026-10-25"),
    ("Europe/London", "2028-03-26"),
    ("Australia/Sydney", "2026-10-03"),
    ("Australia/Sydney", "2028-04-01"),
    // Half an hour.
    ("Australia/Lord_Howe", "2027-10-02"),
    ("Australia/Lord_Howe", "2027-04-03"),
    ("Pacific/Auckland", "2026-09-26"),
    ("Pacific/Auckland", "2027-04-03"),
    // 02:45 to 03:45.
    ("Pacific/Chatham", "2026-09-26"),
    ("Pacific/Chatham", "2027-04-03"),
    // Midnight is skipped, or its eve is repeated.
    ("America/Asuncion", "2024-10-06"),
    ("America/Asuncion", "2024-03-24"),
    ("America/Santiago", "2027-09-05"),
    ("America/Santiago", "2027-04-04"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("Africa/Cairo", "2025-04-24"),
    ("Africa/Cairo", "2025-10-30"),
    ("Asia/Beirut", "2026-03-28"),
    ("America/Havana", "2026-11-01"),
    // One minute past midnight.
    ("America/St_Johns", "2011-03-13"),
    ("America/St_Johns", "2010-11-07"),
    // Winter time in Ramadan.
    ("Africa/Casablanca", "2026-02-15"),
    ("Africa/Casablanca", "2026-03-22"),
    ("Asia/Jerusalem", "2026-03-27"),
    // Two hours.
    ("Antarctica/Troll", "2027-03-28"),
    ("Antarctica/Troll", "2027-10-31"),
    // For good: half an hour, a quarter, a whole day skipped, a whole day repeated.
    ("Asia/Pyongyang", "2018-05-04"),
    ("America/Caracas", "2016-05-01"),
    ("Asia/Kathmandu", "1985-12-31"),
    ("Pacific/Apia", "2011-12-30"),
    ("Pacific/Kwajalein", "1993-08-21"),
    ("Pacific/Kwajalein", "1969-10-01"),
    // None at all.
    ("Asia/Kolkata", "2026-06-01"),
    ("UTC", "2028-02-29"),
];

static TABLES: LazyLock<Vec<Watched>> = LazyLock::new(|| {
    let around = |(zone, day): &(&str, &str)| Watched::around(zone, day);
    CHANGES.iter().map(around).collect()
});

#[test]
fn each_change_of_clock_is_met_as_a_watched_clock_says() {
    let mut compared = 0;
    for watched in TABLES.iter() {
        let wanted = watched.first_now()..watched.last_now();
        for expression in fixed() {
            let runs = watched.runs(&expression);
            // No round number of seconds, so that all kinds of instants come up.
            let step = Span::from_millis(20_012_999);
            let mut nows = vec![watched.first_now()];
            while let Some(now) = nows.last().filter(|now| wanted.contains(now)) {
                nows.push(now.plus(step));
            }
            for run in runs.iter().filter(|run| wanted.contains(run)).take(5) {
                nows.extend([-1000, -1, 0, 1].map(|millis| run.plus(Span::from_millis(millis))));
            }
            for now in &nows {
                assert_agrees(watched, &expression, &runs, *now);
            }
            compared += nows.len();
        }
    }
    assert!(compared > 50_000, "only {compared}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_expression_runs_when_a_watched_clock_says(
        watched in (0..CHANGES.len()).prop_map(|index| &TABLES[index]),
        expression in random(),
        shares in prop::collection::vec(0.0..1.0_f64, 20),
    ) {
        let runs = watched.runs(&expression);
        for share in shares {
            assert_agrees(watched, &expression, &runs, watched.now_at(share));
        }
    }
}

proptest! {
    #[test]
    fn over_a_century_the_calendar_is_croner_s(
        expression in random().prop_filter("read differently on purpose", |expression| {
            !expression.has_nth_beside_days()
        }),
        second in 946_684_800..4_102_444_800_i64,
    ) {
        let text = expression.text.as_str();
        let now = jiff::Timestamp::from_second(second).unwrap();
        let theirs = CronParser::new()
            .parse(text)
            .unwrap()
            .find_next_occurrence(&Offset::UTC.to_datetime(now), false)
            .ok();
        let ours = next_run(text, &Zone::utc(), Timestamp::from_millis(second * 1000));
        if matches!(ours, Err(Error::BadExpression { .. })) {
            // "31 April or a Monday": croner runs it on Mondays.
            prop_assert!(expression.names_no_day_of_its_month());
            return Ok(());
        }
        let ours = ours.ok().map(|run| run.as_millis() / 1000);
        let theirs = theirs.map(|wall| Offset::UTC.to_timestamp(wall).unwrap().as_second());
        prop_assert_eq!(ours, theirs);
    }
}

proptest! {
    #[test]
    fn any_text_at_any_instant_gets_a_later_instant_or_an_error(
        fields in prop::collection::vec("[*?/,L#0-9SUNsunJAN-]{1,6}|[0-9]{1,2}|\\*|\\PC{0,4}", 0..8),
        millis in any::<i64>(),
        shift in 0..40_u32,
    ) {
        let text = fields.join(" ");
        let now = Timestamp::from_millis(millis >> shift);
        for (zone, _) in CHANGES.iter().step_by(7) {
            let zone = Zone::parse(zone).unwrap();
            match next_run(&text, &zone, now) {
                Ok(run) => prop_assert!(run > now && run.as_millis() % 1000 == 0),
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }
}

#[test]
fn every_table_but_the_calm_ones_holds_a_change_of_clock() {
    let calm: Vec<&str> = TABLES
        .iter()
        .filter(|watched| watched.is_even())
        .map(|watched| watched.zone.name())
        .collect();
    assert_eq!(calm, ["Asia/Kolkata", "UTC"]);
}

/// Fails unless the library names the first of `runs` after `now`, or, where the table ends before
/// there is one, nothing within the table.
#[track_caller]
fn assert_agrees(watched: &Watched, expression: &Expression, runs: &[Timestamp], now: Timestamp) {
    let expected = runs.get(runs.partition_point(|run| *run <= now)).copied();
    let got = next_run(&expression.text, &watched.zone, now).ok();
    let agrees = match expected {
        Some(_) => got == expected,
        None => got.is_none_or(|run| run >= watched.end()),
    };
    assert!(
        agrees,
        "{:?} in {} after {now}: got {got:?}, watched {expected:?}",
        expression.text,
        watched.zone.name()
    );
    assert!(got.is_none_or(|run| run > now));
}
