//! Figures as lines.

use std::collections::BTreeMap;

use sweepd_decide::{Span, Timestamp};

use crate::breakdown::Delay;
use crate::measure::Measured;
use crate::ports::Lap;

pub(crate) fn print(measured: &Measured, tolerance: Span) {
    let Measured { agents, deadlines, seen, acted, missed, cpu, .. } = measured;
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let lasted = measured.load.1.since(measured.load.0);
    println!(
        "\n{agents} agents, tolerance {tolerance}, {deadlines} deadlines within {lasted}; {cores} \
         cores, {build}\n"
    );
    println!("| | count | median | p99 | worst |");
    println!("|---|---|---|---|---|");
    println!("| deadline to the look that sees it | {} ms |", row(seen));
    println!("| confirmation due to the stop | {} ms |", row(acted));
    println!("\nnot seen {}, not stopped {}", missed.0, missed.1);
    let [quiet, whole, busy] = cpu;
    println!(
        "processor time of a minute: {quiet} ms quiet, {whole} ms with a resync, {busy} ms under \
         this load"
    );
    println!("\nwhere the time goes, ms (median / p99 / worst):");
    parts("deadline to look", &measured.delays);
    parts("confirmation to stop", &measured.confirms);
    calls("during the load", &measured.laps, measured.load);
    calls("of the quiet fleet", &measured.laps, measured.quiet);
}

fn calls(when: &str, laps: &[Lap], (from, to): (Timestamp, Timestamp)) {
    let lasted = to.since(from);
    println!("\ncalls {when}, in {lasted}:");
    println!("| call | count | median | p99 | worst, ms | all, ms |");
    println!("|---|---|---|---|---|---|");
    let within = |lap: &&Lap| {
        let at = Timestamp::from_millis(lap.from / 1000);
        from <= at && at < to
    };
    let mut by_name: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for lap in laps.iter().filter(within) {
        by_name.entry(lap.what).or_default().push(lap.to - lap.from);
    }
    for (name, mut took) in by_name {
        took.sort_unstable();
        let all: i64 = took.iter().sum();
        let [median, p99, worst] = [at(&took, 50), at(&took, 99), at(&took, 100)].map(ms);
        println!("| {name} | {} | {median} | {p99} | {worst} | {} |", took.len(), ms(all));
    }
}

fn row(sorted: &[i64]) -> String {
    let [median, p99, worst] = [50, 99, 100].map(|share| at(sorted, share));
    format!("{} | {median} | {p99} | {worst}", sorted.len())
}

fn parts(name: &str, delays: &[Delay]) {
    let part = |name: &str, part: fn(&Delay) -> i64| {
        let mut all: Vec<i64> = delays.iter().map(part).collect();
        all.sort_unstable();
        let [median, p99, worst] = [50, 99, 100].map(|share| ms(at(&all, share)));
        format!("{name} {median} / {p99} / {worst}")
    };
    println!("  {name}: {}", part("all", |delay| delay.total));
    println!("    {}", part("until its survey begins", |delay| delay.before));
    println!("      {}", part("of these behind another survey", |delay| delay.behind));
    println!("    {}", part("the survey", |delay| delay.survey));
    println!("    {}", part("from the survey to the act", |delay| delay.after));
}

/// The smallest value that so many of a hundred do not exceed.
fn at(sorted: &[i64], share: usize) -> i64 {
    let place = (sorted.len() * share).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied().unwrap_or(0)
}

fn ms(micros: i64) -> String {
    format!("{}.{}", micros / 1000, micros.rem_euclid(1000) / 100)
}
