//! Whoever does not answer costs nobody but himself, and no more than a question now and then: no
//! loop, no deadline lost, no doubt forgotten.

use std::time::Duration;

use sweepd_decide::{AgentId, RunId, RunState, Span};
use sweepd_sweep::ports::{Clock as _, Commit, Hint, State as _};
use sweepd_sweep::{Mode, Order, Scope};
use tokio::sync::oneshot;

use super::host::{Host, PATIENT, ada, at, bob};
use super::life::Life;
use super::office::Does;

#[tokio::test]
async fn a_hint_while_the_runtime_is_silent_is_no_hot_loop() {
    let host = Host::new();
    host.office.enlist(&bob(), Does::Works);
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));
    host.office.set_silent(true);
    host.office.tell(Hint::Agent(bob()));
    life.until(&host.clock, at(20_000));
}

#[tokio::test]
async fn a_nudge_for_nobody_is_no_hot_loop() {
    let host = Host::new();
    host.office.enlist(&bob(), Does::Works);
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));
    life.ask(engine.handle().nudge(AgentId::new("office/nobody"))).unwrap();
    life.until(&host.clock, at(20_000));
}

#[tokio::test]
async fn trouble_with_the_state_is_over_when_it_is_over() {
    let host = Host::new();
    host.office.enlist(&bob(), Does::Works);
    let engine = host.engine(PATIENT);
    let handle = engine.handle();
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(50_000));
    host.store.leave_room_for(0);
    life.until(&host.clock, at(70_000));
    host.store.leave_room_for(usize::MAX);
    life.until(&host.clock, at(600_000));
    let report = life.ask(async { handle.order(Order::Look, Scope::All).await }).unwrap();
    assert_eq!(report.trouble, Vec::<String>::new(), "nine minutes later");
}

#[tokio::test]
async fn a_flood_of_events_does_not_put_the_resync_off() {
    let host = Host::new();
    host.office.enlist(&bob(), Does::Works);
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));
    host.office.desks().list_takes = Some(Span::from_millis(200));
    let looks = host.office.looks(&bob());
    let mut ms = 10_000;
    while ms < 600_000 {
        ms += 50;
        host.office.tell(Hint::Run(RunId::new("somebody-elses")));
        life.until(&host.clock, at(ms));
    }
    let looks = host.office.looks(&bob()) - looks;
    assert!(looks >= 5, "{looks} looks in ten minutes");
}

#[tokio::test]
async fn an_ending_that_waits_for_a_stop_is_no_hot_loop() {
    let host = Host::with_ada();
    host.office.enlist(&bob(), Does::Works);
    host.office.write(&bob(), "m-1", Some(at(70_000)));
    host.office.shut_door(true);
    let engine = host.engine(PATIENT);
    let (end, ended) = oneshot::channel::<()>();
    let mut life = Life::of(engine.run(async move { drop(ended.await) }));
    life.until(&host.clock, at(66_000));
    drop(end);
    life.settle();
    life.until(&host.clock, at(75_000));
    host.office.shut_door(false);
    life.settle();
    life.end().unwrap();
}

#[tokio::test]
async fn what_is_remembered_of_the_clocks_survives_a_hint_at_the_start() {
    for hinted in [false, true] {
        let host = Host::new();
        host.office.enlist(&bob(), Does::Works);
        let reading = host.clock.reading();
        let mut doubt = sweepd_decide::Doubt::default();
        doubt.hold_until = Some(at(60_000));
        let commit = Commit { clock: Some((reading, doubt)), ..Commit::new(at(0)) };
        host.store.commit(commit).await.unwrap();
        let engine = host.engine(PATIENT);
        if hinted {
            host.office.tell(Hint::Agent(bob()));
        }
        let mut life = Life::of(engine.run(std::future::pending()));
        life.until(&host.clock, at(1000));
        let kept = life.ask(host.store.last_clock()).unwrap().unwrap();
        assert_eq!(kept.doubt.hold_until, Some(at(60_000)), "hinted: {hinted}");
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_makes_nobody_deaf() {
    let host = Host::new();
    host.office.enlist(&bob(), Does::Works);
    host.office.write(&bob(), "m-1", None);
    host.clock.set(at(7_200_000));
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(7_210_000));
    let run = host.office.desks().runs.keys().next().unwrap().clone();
    host.clock.set(at(10_000));
    host.office.tell(Hint::Run(run.clone()));
    life.settle();
    life.until(&host.clock, at(200_000));
    host.office.desks().runs.get_mut(&run).unwrap().1.state = RunState::Exited;
    let looks = host.office.looks(&bob());
    host.office.tell(Hint::Run(run));
    life.until(&host.clock, at(205_000));
    assert!(host.office.looks(&bob()) > looks, "three minutes after the step");
}

#[tokio::test]
async fn one_failing_answer_does_not_put_a_limit_off_for_a_minute() {
    let host = Host::with_ada();
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(64_900));
    host.office.desks().list_fails = true;
    life.until(&host.clock, at(65_500));
    host.office.desks().list_fails = false;
    life.until(&host.clock, at(80_000));
    assert_eq!(host.diary.acts().stops, 1, "the runtime has answered again for 14 s");
}

/// It hangs in the kernel; real time has to pass until it gives up its seat.
#[tokio::test]
async fn a_look_that_hangs_does_not_keep_its_seat() {
    let host = Host::with_ada();
    host.office.enlist(&bob(), Does::Works);
    let engine = host.engine_with(Mode::Enforce, 1, PATIENT);
    host.office.desks().look_shut = Some(ada());
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(100));
    host.office.write(&bob(), "m-1", None);
    host.office.tell(Hint::Agent(bob()));
    let served = async {
        while !host.office.up(&bob()) {
            life.settle();
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), served).await.unwrap();
}
