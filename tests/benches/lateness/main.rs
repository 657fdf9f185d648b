//! How late does the daemon see a deadline, and how late does it act?
//!
//!     cargo bench -p sweepd-tests --bench lateness
//!
//! Real session directories, a real state database, file hints and the system's clock; the runtime
//! is simulated, so that no engine's speed is measured. `LATENESS_SECS` is the measured span, 60;
//! `LATENESS_FLEETS` the fleets, agents by claim tolerance in seconds: `200x10,200x60,1000x60`. See
//! docs/reference/benchmarks.md.
//!
//! | file | holds |
//! |---|---|
//! | `clock` | what time it is, also in microseconds |
//! | `fleet` | session directories, runs, limits, the engine |
//! | `work` | what the agents and their host write |
//! | `ports` | the ports, each call timed |
//! | `cpu` | processor time of the engine's threads |
//! | `measure` | one fleet, from its start to its figures |
//! | `breakdown` | where the time went |
//! | `table` | figures as lines |
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench: what is not as expected ends it"
)]

use sweepd_decide::Span;

mod breakdown;
mod clock;
mod cpu;
mod fleet;
mod measure;
mod ports;
mod table;
mod work;

fn main() {
    // `cargo test` starts it too, and means something else.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let secs = env("LATENESS_SECS").and_then(|secs| secs.parse().ok()).unwrap_or(60);
    let fleets = env("LATENESS_FLEETS").unwrap_or_else(|| "200x10,200x60,1000x60".to_owned());
    for fleet in fleets.split(',') {
        let words = fleet.trim().split_once('x');
        let (size, tolerance) = words.expect("agents and seconds, as in 200x10");
        let tolerance = Span::from_secs(tolerance.parse().unwrap());
        let measured = measure::measure(size.parse().unwrap(), tolerance, secs);
        table::print(&measured, tolerance);
    }
}

#[expect(clippy::disallowed_methods, reason = "how long, and how many")]
fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
