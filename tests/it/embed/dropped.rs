//! Dropped at any await: nothing is half done, and the next engine over the same state goes on.

use super::host::{Host, PATIENT, at};
use super::life::Life;

/// By then ada has been woken, stopped, charged and woken again, whoever was dropped in between.
const LONG_ENOUGH: i64 = 600_000;

/// Lets `run` live for `polls` polls and no longer. Whether it had rested for good before.
fn run_for(host: &Host, polls: usize) -> bool {
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    while life.polls() < polls {
        if life.step() {
            continue;
        }
        match host.clock.next().filter(|next| *next <= at(100_000)) {
            Some(next) => host.clock.set(next),
            None => return true,
        }
    }
    false
}

#[tokio::test]
async fn run_may_be_dropped_at_every_await() {
    let mut polls = 0;
    loop {
        let host = Host::with_ada();
        let rested = run_for(&host, polls);
        host.diary.assert_whole();
        host.run_until(at(LONG_ENOUGH));
        host.assert_finished(&format!("dropped after {polls} polls"));
        if rested {
            break;
        }
        polls += 1;
    }
    assert!(polls > 100, "there are more awaits than {polls}");
}

/// The host that crashes all the time: each engine lives for some polls only.
#[tokio::test]
async fn a_run_that_is_dropped_over_and_over_gets_there_all_the_same() {
    for polls in [40, 60, 100] {
        let host = Host::with_ada();
        for _ in 0..200 {
            run_for(&host, polls);
            host.diary.assert_whole();
        }
        host.run_until(at(LONG_ENOUGH));
        host.assert_finished(&format!("dropped after every {polls} polls"));
    }
}

#[tokio::test]
async fn sweep_may_be_dropped_at_every_await() {
    // The call that stops: it waits for the confirmation, stops, looks again and settles.
    let mut polls = 0;
    loop {
        let host = Host::with_ada();
        host.engine(PATIENT).sweep().await.unwrap();
        host.clock.set(at(60_001));
        let engine = host.engine(PATIENT);
        let mut life = Life::of(engine.sweep());
        while life.polls() < polls && !life.is_over() {
            if !life.step() && !life.is_over() {
                host.clock.set(host.clock.next().unwrap());
            }
        }
        let over = life.is_over();
        drop(life);
        host.diary.assert_whole();
        host.run_until(at(LONG_ENOUGH));
        host.assert_finished(&format!("dropped after {polls} polls"));
        if over {
            break;
        }
        polls += 1;
    }
    assert!(polls > 30, "there are more awaits than {polls}");
}
