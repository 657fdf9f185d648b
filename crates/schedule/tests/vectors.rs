//! Does every golden case come out as recorded from the original, or saner where it was wrong?
//!
//! The rules of comparison are those of the vectors' own description: cron-parser's three bugs give
//! way to the plain reading, its matters of taste are skipped, and so are odd forms and odd zones
//! that it accepted.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;
use sweepd_decide::{Timestamp, parse_utc};
use sweepd_schedule::{Error, Zone, next_run};

#[test]
fn every_golden_case_comes_out_as_recorded_or_saner() {
    let mut tally = BTreeMap::<&str, u32>::new();
    let mut failures = Vec::new();
    for case in cases() {
        let got = answer(&case);
        let (verdict, failed) = match expectation(&case) {
            Expect::Run(at) if got == Ok(at) => ("passed", false),
            Expect::Error if got.is_err() => ("passed", false),
            // The original chose otherwise; ours is the plain reading all the same.
            Expect::Taste(at) if got == Ok(at) => ("skipped: matter of taste", false),
            Expect::Run(_) | Expect::Error | Expect::Taste(_) => ("failed", true),
            // Where both accept such an expression, the answers must be the same all the same.
            Expect::Accepted(at) => match &got {
                Ok(run) if *run == at => ("skipped: odd, same answer", false),
                Ok(_) => ("failed", true),
                Err(_) => ("skipped: odd, refused by us", false),
            },
        };
        *tally.entry(verdict).or_default() += 1;
        if failed {
            failures.push(format!("{case} => {got:?}"));
        }
    }
    for (verdict, count) in &tally {
        println!("{count:5} {verdict}");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    // 1220 cases: 1173 compared, 47 skipped as the vectors' description says.
    let expected = [
        ("passed", 1173),
        ("skipped: matter of taste", 13),
        ("skipped: odd, refused by us", 10),
        ("skipped: odd, same answer", 24),
    ];
    assert_eq!(tally, BTreeMap::from(expected));
}

enum Expect {
    Run(Timestamp),
    Error,
    /// The original runs at another instant for its own good reasons; the plain reading.
    Taste(Timestamp),
    /// A form or zone on which the original is no authority; what it said.
    Accepted(Timestamp),
}

fn expectation(case: &Value) -> Expect {
    let recorded = instant(&case["expect"]["next"]);
    let plain = instant(&case["sane_next"]);
    match (case["odd_kind"].as_str(), text(&case["group"])) {
        (Some("gap_policy" | "overlap_policy"), _) => Expect::Taste(plain.unwrap()),
        (Some("run_skipped" | "not_in_future" | "never_matches_loop_limit"), _) => {
            plain.map_or(Expect::Error, Expect::Run)
        }
        (Some(kind), _) => panic!("unknown odd_kind {kind}"),
        (None, "odd-form" | "tz-odd" | "invalid?") => {
            recorded.map_or(Expect::Error, Expect::Accepted)
        }
        (None, _) => recorded.map_or(Expect::Error, Expect::Run),
    }
}

/// The instant written there, if one is.
fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str().map(|text| parse_utc(text).unwrap())
}

fn answer(case: &Value) -> Result<Timestamp, Error> {
    let zone = Zone::parse(text(&case["tz"]))?;
    let now = Timestamp::from_millis(case["now_ms"].as_i64().unwrap());
    next_run(text(&case["expr"]), &zone, now)
}

fn cases() -> Vec<Value> {
    let packed = include_bytes!("../../../tests/vectors/recurrence.jsonl.gz");
    let mut lines = String::new();
    GzDecoder::new(packed.as_slice()).read_to_string(&mut lines).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
