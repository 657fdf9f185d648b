//! Does the core decide what the golden vectors say?

use std::path::Path;

use conformance::{Family, run_file};

/// Passed, skipped, early.
fn outcome(family: Family, name: &str) -> (usize, usize, usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(name);
    let report = run_file(family, &path).unwrap();
    assert!(report.failures.is_empty(), "{}", report.failures.join("\n"));
    (report.passed, report.skipped, report.early)
}

#[test]
fn profile_nanoclaw_decides_what_the_original_decides() {
    assert_eq!(outcome(Family::Decide, "decide.jsonl.gz"), (7924, 156, 0));
}

#[test]
fn profile_standard_decides_what_the_reference_model_decides_and_rechecks_no_earlier() {
    assert_eq!(outcome(Family::DecideStandard, "decide_standard.jsonl.gz"), (4231, 0, 0));
}

#[test]
fn timestamps_are_read_strictly() {
    assert_eq!(outcome(Family::ParseUtc, "parse_utc.jsonl.gz"), (850, 0, 0));
}
