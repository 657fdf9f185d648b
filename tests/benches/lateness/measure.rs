//! One fleet, from its start to its figures.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;
use sweepd_decide::{Span, Timestamp, parse_utc};
use tokio::sync::oneshot;

use crate::breakdown::{self, Delay};
use crate::clock::{now, wait, wait_until};
use crate::cpu::engine_ms;
use crate::fleet::Fleet;
use crate::ports::{Lap, Stopwatch};
use crate::work::{Claimed, work};

/// The daemon looks at everybody so often.
const RESYNC: Span = Span::from_secs(60);
/// After the first look at everybody nothing happens for so long, and no resync falls into it.
const QUIET: Span = Span::from_secs(40);
/// From the last deadline to the answer of its heir, with time to spare.
const DRAIN: Span = Span::from_secs(30);
const CONFIRM: Span = Span::from_secs(5);

/// What came out.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) agents: usize,
    pub(crate) deadlines: usize,
    /// Deadline to the look that saw it, milliseconds, sorted.
    pub(crate) seen: Vec<i64>,
    /// Confirmation due to the stop being called, milliseconds, sorted.
    pub(crate) acted: Vec<i64>,
    /// Deadlines that nobody saw, and stops that nobody made.
    pub(crate) missed: (usize, usize),
    /// Processor time of a minute: of a quiet fleet, of one with a resync in it, of the load.
    pub(crate) cpu: [i64; 3],
    pub(crate) laps: Vec<Lap>,
    pub(crate) delays: Vec<Delay>,
    pub(crate) confirms: Vec<Delay>,
    pub(crate) load: (Timestamp, Timestamp),
    pub(crate) quiet: (Timestamp, Timestamp),
}

/// Processor time, and when nothing happened.
struct Spent {
    cpu: [i64; 3],
    quiet: (Timestamp, Timestamp),
}

pub(crate) fn measure(size: usize, tolerance: Span, secs: i64) -> Measured {
    let watch = Arc::new(Stopwatch::default());
    let fleet = Fleet::new(size, tolerance, &watch);
    let engine = fleet.engine(&watch);
    let (end, ended) = oneshot::channel::<()>();
    let stop = AtomicBool::new(false);
    // The first look at everybody, the quiet, and a resync come first.
    let claims = now().plus(Span::from_secs(20)).plus(RESYNC);
    let plan = plan(size, (claims, claims.plus(Span::from_secs(secs))));
    let begin = claims.plus(tolerance);
    let load = (begin, begin.plus(Span::from_secs(secs)));

    let (claimed, spent) = thread::scope(|scope| {
        let agents = scope.spawn(|| work(&fleet, &plan, &stop));
        let daemon = thread::Builder::new().name("engine-main".to_owned());
        let daemon = daemon.spawn_scoped(scope, || {
            let mut runtime = tokio::runtime::Builder::new_multi_thread();
            // A thread that ends takes its processor time with it.
            runtime.thread_name("engine").thread_keep_alive(Duration::from_hours(1));
            let runtime = runtime.enable_all().build().unwrap();
            let shutdown = async { drop(ended.await) };
            runtime.block_on(engine.run(shutdown)).unwrap();
        });
        let spent = phases(&watch, load);
        end.send(()).unwrap();
        daemon.unwrap().join().unwrap();
        stop.store(true, Ordering::Relaxed);
        (agents.join().unwrap(), spent)
    });
    figures(&fleet, &claimed, &spent, watch.laps(), load)
}

/// Waits the run through, and reads the processor time of each of its parts.
fn phases(watch: &Stopwatch, load: (Timestamp, Timestamp)) -> Spent {
    while !watch.laps().iter().any(|lap| lap.what == "commit survey") {
        wait(Span::from_millis(100));
    }
    wait(Span::from_secs(8));
    // The resync falls between the end of the quiet and the end of the minute.
    let (at, from) = (engine_ms(), now());
    wait(QUIET);
    let calm = (from, now());
    let quiet = (engine_ms() - at) * RESYNC.as_millis() / QUIET.as_millis();
    wait_until(from.plus(RESYNC));
    let whole = engine_ms() - at;
    wait_until(load.0);
    let at = engine_ms();
    wait_until(load.1);
    let lasted = load.1.since(load.0).as_millis();
    let busy = (engine_ms() - at) * RESYNC.as_millis() / lasted;
    wait(DRAIN);
    Spent { cpu: [quiet, whole, busy], quiet: calm }
}

/// Everybody claims once, at some instant.
fn plan(size: usize, (from, to): (Timestamp, Timestamp)) -> Vec<(Timestamp, usize)> {
    let span = to.since(from).as_millis();
    let mut x: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut plan: Vec<_> = (0..size)
        .map(|n| {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            (from.plus(Span::from_millis(i64::try_from(x >> 1).unwrap() % span)), n)
        })
        .collect();
    plan.sort_unstable();
    plan
}

fn figures(
    fleet: &Fleet,
    claimed: &[Claimed],
    spent: &Spent,
    laps: Vec<Lap>,
    load: (Timestamp, Timestamp),
) -> Measured {
    let looks = first_looks(fleet);
    // The first runs are called in the order of the agents, from 1.
    let stops: BTreeMap<String, i64> =
        fleet.runtime.stops().into_iter().rev().map(|(run, at)| (run.to_string(), at)).collect();
    let places: BTreeMap<&str, usize> =
        fleet.agents.iter().enumerate().map(|(n, agent)| (agent.id.as_str(), n)).collect();
    let (mut seen, mut acted, mut missed) = (Vec::new(), Vec::new(), (0, 0));
    let (mut delays, mut confirms) = (Vec::new(), Vec::new());
    for Claimed { agent, deadline } in claimed {
        let Some(look) = looks.get(agent.as_str()) else {
            missed.0 += 1;
            continue;
        };
        seen.push(look.since(*deadline).as_millis());
        delays.push(breakdown::of(&laps, agent.as_str(), *deadline, look.as_millis() * 1000));
        let run = format!("sim-{}", places[agent.as_str()] + 1);
        let Some(stop) = stops.get(&run) else {
            missed.1 += 1;
            continue;
        };
        let due = look.plus(CONFIRM);
        acted.push(stop / 1000 - due.as_millis());
        confirms.push(breakdown::of(&laps, agent.as_str(), due, *stop));
    }
    seen.sort_unstable();
    acted.sort_unstable();
    let (agents, deadlines) = (fleet.agents.len(), claimed.len());
    let Spent { cpu, quiet } = *spent;
    Measured { agents, deadlines, seen, acted, missed, cpu, laps, delays, confirms, load, quiet }
}

/// The instant of each agent's first look that decided `hold`, or a stop: `now` of the decision's
/// own inputs, to the millisecond.
fn first_looks(fleet: &Fleet) -> BTreeMap<String, Timestamp> {
    let db = Connection::open(fleet.dir.path().join("state/sweepd.db")).unwrap();
    let mut all = db.prepare("SELECT agent, inputs FROM decisions ORDER BY id DESC").unwrap();
    let read = |row: &rusqlite::Row<'_>| {
        let (agent, inputs): (String, String) = (row.get(0)?, row.get(1)?);
        let inputs: Value = serde_json::from_str(&inputs).unwrap();
        Ok((agent, instant(&inputs["now"])))
    };
    all.query_map([], read).unwrap().map(Result::unwrap).collect()
}

fn instant(value: &Value) -> Timestamp {
    let text = value.as_str().and_then(parse_utc);
    text.or_else(|| value.as_i64().map(Timestamp::from_millis)).unwrap()
}
