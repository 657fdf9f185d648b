//! How long a sink is left alone after failures: doubled, capped, and spread by up to a quarter.

use std::collections::BTreeSet;

use sweepd_decide::outbox::OutboxPolicy;
use sweepd_decide::{Backoff, Span};

use super::dice::wait;

/// Seconds without spread, after so many failures.
const SECONDS: [i64; 11] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300];

#[test]
fn each_wait_lies_within_a_quarter_of_what_the_page_says() {
    let policy = OutboxPolicy::default();
    for (nth, seconds) in SECONDS.into_iter().chain([300; 60]).enumerate() {
        let failures = u32::try_from(nth + 1).unwrap();
        for failures in [failures, u32::MAX - 80 + failures].into_iter().take(1 + nth / 9) {
            for seed in 0..200 {
                let wait = wait(&policy, failures, seed).as_millis();
                let within = 750 * seconds <= wait && wait <= 1250 * seconds;
                assert!(within, "{wait} ms after {failures}, seed {seed}");
            }
        }
    }
}

#[test]
fn a_few_milliseconds_are_spread_as_well_as_they_can_be() {
    for base in 0..40 {
        for cap in [0, 1, 7, 40, 1_000] {
            let backoff = Backoff { base: Span::from_millis(base), cap: Span::from_millis(cap) };
            let policy = OutboxPolicy { backoff, ..OutboxPolicy::default() };
            for seed in 0..20 {
                let (wait, plain) = (wait(&policy, 1, seed).as_millis(), base.min(cap));
                assert!(3 * plain <= 4 * wait && 4 * wait <= 5 * plain, "{wait} of {plain}");
            }
        }
    }
}

#[test]
fn they_are_spread_over_the_whole_half() {
    let policy = OutboxPolicy::default();
    for failures in [1, 5, 20] {
        let waits: BTreeSet<i64> =
            (0..1_000).map(|seed| wait(&policy, failures, seed).as_millis()).collect();
        let plain = SECONDS[usize::try_from(failures - 1).unwrap().min(10)] * 1_000;
        let (first, last) = (*waits.first().unwrap(), *waits.last().unwrap());
        assert!(first < plain * 77 / 100 && plain * 123 / 100 < last, "{first} to {last}");
        let parts: BTreeSet<i64> =
            waits.iter().map(|wait| (wait - plain * 3 / 4) * 10 / plain).collect();
        assert!(parts.len() >= 5, "{parts:?}");
    }
    // Sinks that fail together do not come back together, and one does not come back in step.
    let shares = |seed| [10, 11, 12, 13].map(|failures| wait(&policy, failures, seed));
    assert_ne!(shares(1), shares(2));
    assert!((0..10).all(|seed| shares(seed).into_iter().collect::<BTreeSet<_>>().len() > 1));
}

#[test]
fn a_wait_that_cannot_be_written_down_never_ends() {
    let backoff = Backoff { base: Span::MAX, cap: Span::MAX };
    let policy = OutboxPolicy { backoff, ..OutboxPolicy::default() };
    for seed in 0..20 {
        let wait = wait(&policy, 3, seed);
        assert!(wait >= Span::from_millis(i64::MAX / 4 * 3), "{wait:?}");
    }
}
