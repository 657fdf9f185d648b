//! Instants, spans and waits: arithmetic that saturates, texts that people read.

use sweepd_decide::{Backoff, Recheck, Span, Timestamp, Written, parse_utc};

fn at(text: &str) -> Timestamp {
    parse_utc(text).unwrap()
}

#[test]
fn an_instant_is_printed_in_rfc_3339_and_in_sqlites_form() {
    for text in [
        "1970-01-01T00:00:00.000Z",
        "2026-11-22T10:00:00.001Z",
        "2000-02-29T23:59:59.999Z",
        "1969-12-31T23:59:59.999Z",
        "2100-03-01T00:00:00.000Z",
        "0001-01-01T00:00:00.000Z",
    ] {
        assert_eq!(at(text).to_string(), text);
        assert_eq!(at(text).to_sqlite(), text[..19].replace('T', " "));
    }
}

#[test]
fn every_day_of_four_centuries_survives_printing_and_parsing() {
    let first = at("1900-01-01T12:00:00.000Z");
    for day in 0..146_097 {
        let instant = first.plus(Span::from_mins(day * 24 * 60));
        assert_eq!(parse_utc(&instant.to_string()), Some(instant));
    }
}

#[test]
fn time_saturates_at_both_ends() {
    assert_eq!(Timestamp::MAX.plus(Span::from_millis(1)), Timestamp::MAX);
    assert_eq!(Timestamp::MIN.minus(Span::from_millis(1)), Timestamp::MIN);
    assert_eq!(Timestamp::MAX.since(Timestamp::MIN), Span::MAX);
    assert_eq!(Span::MAX.plus(Span::from_millis(1)), Span::MAX);
    assert_eq!(Span::from_secs(i64::MAX), Span::MAX);
    assert_eq!(Span::from_mins(i64::MAX), Span::MAX);
    assert_eq!(Recheck::from(Timestamp::MAX), Recheck::OnChange);
}

#[test]
fn arithmetic_goes_the_way_it_says() {
    let noon = at("2026-01-01T12:00:00.750Z");
    assert_eq!(noon.plus(Span::from_secs(2)), at("2026-01-01T12:00:02.750Z"));
    assert_eq!(noon.minus(Span::from_mins(1)), at("2026-01-01T11:59:00.750Z"));
    assert_eq!(noon.floor_to_second(), at("2026-01-01T12:00:00Z"));
    assert_eq!(Timestamp::from_millis(-1).floor_to_second(), Timestamp::from_millis(-1000));
    assert_eq!(noon.since(at("2026-01-01T12:00:00Z")).as_millis(), 750);
    assert_eq!(Span::from_secs(3).plus(Span::from_millis(5)).as_millis(), 3005);
}

#[test]
fn a_span_is_printed_in_the_two_units_that_matter() {
    let shown = |ms| Span::from_millis(ms).to_string();
    let texts = [
        (0, "0 ms"),
        (999, "999 ms"),
        (1000, "1 s"),
        (1250, "1.250 s"),
        (59_000, "59 s"),
        (60_000, "1 min"),
        (90_000, "1 min 30 s"),
        (3_600_000, "1 h"),
        (5_400_000, "1 h 30 min"),
        (86_400_000, "1 d"),
        (93_600_000, "1 d 2 h"),
        (-1500, "-1.500 s"),
        (-90_000, "-1 min 30 s"),
    ];
    for (ms, text) in texts {
        assert_eq!(shown(ms), text);
    }
}

#[test]
fn a_wait_doubles_up_to_its_cap() {
    let wait = Backoff { base: Span::from_secs(10), cap: Span::from_mins(5) };
    let waits: Vec<i64> = (0..7).map(|n| wait.after(n).as_millis() / 1000).collect();
    assert_eq!(waits, [10, 20, 40, 80, 160, 300, 300]);
    assert_eq!(wait.after(62), Span::from_mins(5));
    assert_eq!(wait.after(63), Span::from_mins(5));
    assert_eq!(wait.after(u32::MAX), Span::from_mins(5));
}

#[test]
fn the_sooner_recheck_wins_and_never_is_latest() {
    let (one, two) =
        (Recheck::At(Timestamp::from_millis(1)), Recheck::At(Timestamp::from_millis(2)));
    assert_eq!(one.sooner(two), one);
    assert_eq!(two.sooner(one), one);
    assert_eq!(two.sooner(Recheck::OnChange), two);
    assert_eq!(Recheck::OnChange.sooner(two), two);
    assert_eq!(Recheck::OnChange.sooner(Recheck::OnChange).at(), None);
}

#[test]
fn a_written_time_keeps_its_text_also_through_json() {
    for raw in [Some("2026-05-12 01:00:00"), Some("garbage"), None] {
        let written = Written::new(raw.map(str::to_owned));
        assert_eq!(written.raw(), raw);
        assert_eq!(written.at(), raw.and_then(parse_utc));
        let json = serde_json::to_string(&written).unwrap();
        assert_eq!(json, serde_json::to_string(&raw).unwrap());
        assert_eq!(serde_json::from_str::<Written>(&json).unwrap(), written);
        assert_eq!(Option::<String>::from(written.clone()).as_deref(), raw);
        if let Some(raw) = raw {
            assert_eq!(Written::from(raw), written);
        }
    }
}

#[test]
fn a_century_is_a_leap_year_every_fourth_time() {
    for (year, leap) in
        [(1900, false), (1996, true), (1999, false), (2000, true), (2026, false), (2100, false)]
    {
        let text = format!("{year}-02-29 00:00:00");
        assert_eq!(parse_utc(&text).is_some(), leap, "{text}");
    }
}
