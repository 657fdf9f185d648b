//! The run on one page.

use std::collections::BTreeMap;
use std::path::Path;

use sweepd_decide::{Span, parse_utc};

use crate::cast::Fault;
use crate::clock::now;
use crate::gauge::Gauge;
use crate::hearer::Hearer;
use crate::journal::{Event, word};
use crate::stage::Stage;
use crate::verdict::{self, Verdict};

/// So much of what speaks against something is shown.
const MOST: usize = 12;
/// Between the two looks that a stop needs.
const CONFIRMED: Span = Span::from_secs(5);

pub(crate) fn print(stage: &Stage, gauge: &Gauge, hearer: &Hearer, verdict: &Verdict, log: &Path) {
    let lasted = now().since(stage.began);
    println!("\n== soak: {lasted}, from {} ==\n", stage.began);
    faults(stage);
    told(stage);
    stops(stage);
    deaths(stage);
    println!("{}", hearer.summary());
    usage(gauge);
    lines(log);
    println!("\nonly the resync saw: {}", verdict.caught.len());
    for caught in &verdict.caught {
        println!("  {} {} {}", caught.at, caught.agent, caught.what);
        println!("      {}", caught.why);
    }
    println!();
    for check in &verdict.checks {
        let word = if check.against.is_empty() { "ok    " } else { "FAILED" };
        println!("{word} {}", check.question);
        for line in check.against.iter().take(MOST) {
            println!("         {line}");
        }
        if check.against.len() > MOST {
            println!("         and {} more", check.against.len() - MOST);
        }
    }
}

fn faults(stage: &Stage) {
    let episodes = stage.episodes.borrow();
    println!("{:<26} {:>6} {:>6} {:>9}  calls for", "fault", "played", "as due", "took, s");
    for fault in Fault::ALL {
        let of = episodes.iter().filter(|episode| episode.fault == *fault);
        let (mut played, mut well, mut took) = (0, 0, Vec::new());
        for episode in of {
            played += 1;
            well += usize::from(episode.told == episode.called_for);
            took.push(episode.ended.since(episode.began).as_millis() / 1000);
        }
        took.sort_unstable();
        let took =
            took.first().zip(took.last()).map_or_else(String::new, |(a, b)| format!("{a}..{b}"));
        let words = fault.calls_for().join(", ");
        println!("{:<26} {played:>6} {well:>6} {took:>9}  {words}", fault.name());
    }
}

/// How often each thing was told, and what Docker saw.
fn told(stage: &Stage) {
    let (journal, timeline) = (stage.journal.borrow(), stage.timeline.borrow());
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut words: BTreeMap<String, usize> = BTreeMap::new();
    for event in &journal.events {
        *kinds.entry(&event.kind).or_default() += 1;
        let idle = event.kind == "agent_stopped" && event.data["idle"] == true;
        let word = word(event).or_else(|| idle.then(|| "stopped: idle".to_owned()));
        if let Some(word) = word {
            *words.entry(word).or_default() += 1;
        }
    }
    let list = |of: Vec<String>| of.join(", ");
    println!(
        "\n{} events: {}",
        journal.events.len(),
        list(kinds.iter().map(|(kind, n)| format!("{kind} {n}")).collect())
    );
    println!("in words: {}", list(words.iter().map(|(word, n)| format!("{word} {n}")).collect()));
    let mut actions: BTreeMap<&str, usize> = BTreeMap::new();
    for moment in &timeline.moments {
        *actions.entry(&moment.action).or_default() += 1;
    }
    println!("Docker: {}", list(actions.iter().map(|(what, n)| format!("{what} {n}")).collect()));
    println!("messages sent: {}", stage.sent.borrow().len());
}

/// How long after the confirmation was due each stop for a fault was done, container and all.
fn stops(stage: &Stage) {
    let journal = stage.journal.borrow();
    let is_fault = |event: &&Event| event.kind == "agent_stopped" && event.data["idle"] == false;
    let mut late: Vec<i64> = journal
        .events
        .iter()
        .filter(is_fault)
        .filter(|event| event.data["killed"] == false)
        .filter_map(|event| {
            let overdue = parse_utc(event.data["evidence"]["overdue_at"].as_str()?)?;
            Some(event.at.since(overdue.plus(CONFIRMED)).as_millis())
        })
        .collect();
    late.sort_unstable();
    let median = late.get(late.len() / 2).copied().unwrap_or(0);
    println!(
        "stops done after their confirmation was due: median {median} ms, worst {} ms, of {}",
        late.last().copied().unwrap_or(0),
        late.len()
    );
}

fn deaths(stage: &Stage) {
    let late = verdict::delays(stage);
    println!(
        "ends told after Docker told them: median {} ms, worst {} ms, of {}; {} later than a second",
        late.get(late.len() / 2).map_or(0, |(ms, _)| *ms),
        late.last().map_or(0, |(ms, _)| *ms),
        late.len(),
        late.iter().filter(|(ms, _)| *ms > 1000).count()
    );
}

/// The daemon's log: how many lines of each level, and those that are no event and no incident.
fn lines(log: &Path) {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
    let mut others = Vec::new();
    for line in text.lines() {
        let level = line.split_whitespace().nth(1).unwrap_or_default();
        *levels.entry(level).or_default() += 1;
        let told = line.contains(" kind=") || line.contains(" incident ");
        others.extend(Some(line).filter(|_| !told));
    }
    let levels: Vec<String> = levels.iter().map(|(level, n)| format!("{level} {n}")).collect();
    println!("log: {}; lines that are no event:", levels.join(", "));
    for line in others.iter().take(MOST) {
        println!("  {line}");
    }
}

fn usage(gauge: &Gauge) {
    let rss = &gauge.rss;
    let at = |share: usize| rss.get(rss.len().saturating_sub(1) * share / 10).copied().unwrap_or(0);
    let most = rss.iter().max().copied().unwrap_or(0);
    println!(
        "sweepd: memory {} KiB at a tenth of the run, {} at half, {} at the end, {most} at most; \
         processor {} ms a minute",
        at(1),
        at(5),
        at(10),
        gauge.cpu_per_minute()
    );
}
