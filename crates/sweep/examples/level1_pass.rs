//! Level 1: one pass at a time, in the host's own loop. The report says what was done, and when
//! there may be something to do next.

#![expect(clippy::print_stdout, reason = "an example tells what happens")]

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use sweepd_decide::{Span, Timestamp};
use sweepd_sweep::Report;
use sweepd_sweep::ports::Clock as _;

#[path = "shared/host.rs"]
mod host;

use host::{LeapingClock, Office, Store};

/// The world changes without telling: whatever the report says, look at least this often.
const AT_LEAST: Span = Span::from_mins(1);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let begin = Timestamp::from_millis(1_790_000_000_000);
    let clock = Arc::new(LeapingClock::at(begin));
    let store = Arc::new(Store::default());
    let office = Arc::new(Office::new(&clock, begin));
    // The loop below waits by itself, so a call does not wait for what has to be confirmed.
    let engine = host::engine(&clock, &store, &office, Duration::from_secs(1));

    for call in 1..=7 {
        // While nothing can be written down, nothing is done to anybody.
        store.set_full(call == 4);
        let report = engine.sweep().await?;
        tell(clock.now(), &report);
        let latest = clock.now().plus(AT_LEAST);
        clock.sleep_until(report.next_look().map_or(latest, |at| at.min(latest))).await;
    }

    println!("what was written down:");
    for (at, event) in store.events() {
        if let Some(agent) = event.agent {
            println!("  {at}  {agent} {}", event.kind.as_str());
        }
    }
    Ok(())
}

fn tell(now: Timestamp, report: &Report) {
    for agent in &report.agents {
        println!("{now}  {} is {:?}: {}", agent.id, agent.state, agent.decision.action);
        for effect in &agent.effects {
            let why = effect.detail.as_deref().unwrap_or("work is due");
            println!("    {} {:?}: {why}", effect.effect, effect.outcome);
        }
    }
    for trouble in &report.trouble {
        println!("    trouble: {trouble}");
    }
}
