//! Level 2: the engine runs until it is told to end, and is asked through a handle meanwhile.

#![expect(clippy::print_stdout, reason = "an example tells what happens")]

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use sweepd_decide::{AgentId, EventKind, Timestamp};
use sweepd_sweep::ports::Clock as _;
use sweepd_sweep::{Engine, Order, Report, Scope};
use tokio::sync::oneshot;

#[path = "shared/host.rs"]
mod host;

use host::{LeapingClock, Office, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let begin = Timestamp::from_millis(1_790_000_000_000);
    let clock = Arc::new(LeapingClock::at(begin));
    let store = Arc::new(Store::default());
    let office = Arc::new(Office::new(&clock, begin));
    let engine = host::engine(&clock, &store, &office, Duration::from_secs(20));

    // The host decides when to end: here its own script does, elsewhere a signal may.
    let (end, ended) = oneshot::channel::<()>();
    let shutdown = async move { drop(ended.await) };
    let (report, asked) = tokio::join!(engine.run(shutdown), ask(&engine, &clock, &store, end));
    asked?;
    println!("ended, with {} agent(s) looked at in the last round", report?.agents.len());

    println!("what was written down:");
    for (at, event) in store.events() {
        if let Some(agent) = event.agent {
            println!("  {at}  {agent} {}", event.kind.as_str());
        }
    }
    Ok(())
}

/// What the rest of the host does while the engine runs. The end comes when `end` is dropped.
async fn ask(
    engine: &Engine,
    clock: &LeapingClock,
    store: &Store,
    end: oneshot::Sender<()>,
) -> Result<(), Box<dyn Error>> {
    let handle = engine.handle();
    let ada = AgentId::new("office/ada");
    let only_ada = || Scope::Agent(ada.clone());

    // It is started because work is due; it hangs, and is stopped when its limit has passed.
    while !has_happened(store, EventKind::AgentStopped) {
        tokio::task::yield_now().await;
    }
    println!("{}  stopped by the engine", clock.now());

    // Started again by hand, without waiting for the retry to fall due.
    tell(clock, &handle.order(Order::Wake, only_ada()).await?);

    // Paused: looked at, and left alone. What a person orders is done all the same.
    engine.pause(only_ada(), None).await?;
    println!("{}  pauses: {}", clock.now(), engine.pauses().await?.len());
    tell(clock, &handle.order(Order::Stop, only_ada()).await?);
    engine.resume(only_ada()).await?;

    // While nothing can be written down, nothing is done: also not by hand.
    store.set_full(true);
    tell(clock, &handle.order(Order::Wake, only_ada()).await?);
    store.set_full(false);

    // Something has changed that the engine cannot know of yet.
    handle.nudge(ada).await?;
    for agent in handle.status(Scope::All).await?.agents {
        println!("{}  {}: {:?}, {:?}", clock.now(), agent.id, agent.state, agent.health);
    }
    for incident in engine.incidents().await? {
        println!("{}  open: {}", clock.now(), incident.summary);
    }
    drop(end);
    Ok(())
}

fn has_happened(store: &Store, kind: EventKind) -> bool {
    store.events().iter().any(|(_, event)| event.kind == kind)
}

fn tell(clock: &LeapingClock, report: &Report) {
    for agent in &report.agents {
        for effect in &agent.effects {
            let why = effect.detail.as_deref().unwrap_or("as asked");
            println!(
                "{}  {}: {} {:?}: {why}",
                clock.now(),
                agent.id,
                effect.effect,
                effect.outcome
            );
        }
    }
    for trouble in &report.trouble {
        println!("    trouble: {trouble}");
    }
}
