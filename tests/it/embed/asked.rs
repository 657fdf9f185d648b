//! What a person asks for is done or said not to be, and nothing else is done with it.

use sweepd_decide::{AgentId, FindingKind, MessageId, Severity};
use sweepd_sweep::ports::{Commit, Incident, IncidentChange, State as _};
use sweepd_sweep::{Mode, Order, Scope};
use tokio::sync::oneshot;

use super::host::{Host, PATIENT, ada, at, bob, done, only};
use super::life::Life;
use super::office::Does;

#[tokio::test]
async fn an_order_to_wake_does_not_lift_a_pause_for_a_stop() {
    let host = Host::with_ada();
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(30_000));
    life.ask(engine.pause(Scope::Agent(ada()), None)).unwrap();
    life.until(&host.clock, at(100_000));
    assert_eq!(host.diary.acts().stops, 0);
    let handle = engine.handle();
    let report = life.ask(async { handle.order(Order::Wake, Scope::Agent(ada())).await }).unwrap();
    assert_eq!(host.diary.acts().stops, 0, "{:?}", done(only(&report)));
}

#[tokio::test]
async fn an_order_amid_an_ending_is_not_answered_with_nothing() {
    for steps in 0..60 {
        let host = Host::new();
        host.office.enlist(&bob(), Does::Works);
        let engine = host.engine(PATIENT);
        let handle = engine.handle();
        let (end, ended) = oneshot::channel::<()>();
        let mut life = Life::of(engine.run(async move { drop(ended.await) }));
        life.until(&host.clock, at(10_000));
        let mut asked = Life::of(handle.order(Order::Stop, Scope::Agent(bob())));
        asked.settle();
        for _ in 0..steps {
            life.step();
        }
        drop(end);
        life.settle();
        drop(life);
        asked.settle();
        if let Ok(report) = asked.end() {
            assert_eq!(report.agents.len(), 1, "after {steps} steps: Ok, and nobody in it");
        }
    }
}

#[tokio::test]
async fn a_requeue_that_is_only_planned_leaves_the_incident_open() {
    let host = Host::new();
    host.office.enlist(&ada(), Does::Works);
    host.office.write(&ada(), "m-1", None);
    host.office.give_up(&ada(), "m-1");
    let incident = Incident {
        key: "dead-letter:office/ada/m-1".to_owned(),
        kind: FindingKind::DeadLetter,
        severity: Severity::Error,
        agent: Some(ada()),
        summary: "given up".to_owned(),
        evidence: serde_json::json!({ "message_id": "m-1", "since": "2026-09-21T00:00:00Z" }),
        opened_at: at(0),
        good_looks: 0,
    };
    let commit = Commit { incidents: vec![IncidentChange::Seen(incident)], ..Commit::new(at(0)) };
    host.store.commit(commit).await.unwrap();
    let engine = host.engine_with(Mode::Observe, 8, PATIENT);
    engine.sweep().await.unwrap();
    assert_eq!(engine.incidents().await.unwrap().len(), 1);
    let order = Order::Requeue(MessageId::new("m-1"));
    let report = engine.carry_out(order, Scope::Agent(ada())).await.unwrap();
    assert_eq!(done(only(&report)), ["requeue Planned", "wake Planned"]);
    assert_eq!(host.office.row(&ada(), "m-1").status(), "failed");
    assert_eq!(engine.incidents().await.unwrap().len(), 1, "nothing was done, and it is over");
}

#[tokio::test]
async fn an_order_to_wake_is_carried_out_although_others_take_long() {
    let host = Host::new();
    host.office.enlist(&ada(), Does::Works);
    host.office.enlist(&bob(), Does::Works);
    let engine = host.engine_with(Mode::Enforce, 1, PATIENT);
    let handle = engine.handle();
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));
    host.office.desks().wakes_shut = true;
    let mut asked = Life::of(handle.order(Order::Wake, Scope::All));
    asked.settle();
    life.until(&host.clock, at(25_000));
    host.office.desks().wakes_shut = false;
    host.office.door.notify_waiters();
    life.until(&host.clock, at(26_000));
    asked.settle();
    let report = asked.end().unwrap();
    for agent in &report.agents {
        assert_eq!(done(agent), ["wake Done"], "{}", agent.id);
    }
}

#[tokio::test]
async fn a_pass_over_everybody_says_how_many() {
    let host = Host::with_ada();
    host.office.enlist(&bob(), Does::Works);
    host.office.shut_door(true);
    let engine = host.engine(PATIENT);
    let handle = engine.handle();
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(66_000));
    let mut asked = Life::of(handle.order(Order::Look, Scope::All));
    asked.settle();
    life.settle();
    host.office.shut_door(false);
    for _ in 0..3 {
        life.settle();
        asked.settle();
    }
    for commit in host.diary.commits_of() {
        for event in commit.events.iter().filter(|event| event.kind.as_str() == "pass_finished") {
            assert!(
                event.data["whole"] != true || event.data["summary"]["agents"] == 2,
                "{} {}",
                commit.at,
                event.data
            );
        }
    }
}

#[tokio::test]
async fn a_run_does_not_begin_amid_a_sweep_of_the_same_engine() {
    let host = Host::with_ada();
    host.run_until(at(30_000));
    host.clock.set(at(100_000));
    host.office.shut_door(true);
    let engine = host.engine(PATIENT);
    let mut sweep = Life::of(engine.sweep());
    sweep.until(&host.clock, at(106_000));
    assert_eq!(host.office.desks().stops_begun, 1);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(120_000));
    assert_eq!(host.office.desks().stops_begun, 1, "two stops of one agent at once");
}

#[tokio::test]
async fn an_order_does_not_wait_for_its_place_in_a_resync() {
    let host = Host::new();
    for name in ["office/a", "office/b", "office/c", "office/d"] {
        host.office.enlist(&AgentId::new(name), Does::Works);
    }
    let engine = host.engine_with(Mode::Enforce, 1, PATIENT);
    let handle = engine.handle();
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(59_000));
    let d = AgentId::new("office/d");
    host.office.desks().look_shut = Some(AgentId::new("office/a"));
    life.until(&host.clock, at(61_000));
    let mut asked = Life::of(handle.order(Order::Wake, Scope::Agent(d.clone())));
    asked.settle();
    life.settle();
    host.office.desks().look_shut = Some(AgentId::new("office/b"));
    host.office.door.notify_waiters();
    life.until(&host.clock, at(62_000));
    assert!(host.office.up(&d), "a person asked: b and c come first");
}

/// The second asks about those of the first who still wait for their turn.
#[tokio::test]
async fn an_order_does_not_take_what_another_has_ordered() {
    let host = Host::new();
    let names = ["office/a", "office/b", "office/c"].map(AgentId::new);
    for name in &names {
        host.office.enlist(name, Does::Works);
    }
    let engine = host.engine_with(Mode::Enforce, 1, PATIENT);
    let handle = engine.handle();
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));
    host.office.desks().look_shut = Some(names[0].clone());
    let mut first = Life::of(handle.order(Order::Wake, Scope::All));
    first.settle();
    life.settle();
    let mut second = Life::of(handle.order(Order::Look, Scope::All));
    second.settle();
    life.settle();
    assert!(!first.is_over() && !second.is_over());
    host.office.desks().look_shut = None;
    host.office.door.notify_waiters();
    for _ in 0..4 {
        life.settle();
        first.settle();
        second.settle();
    }
    let (first, second) = (first.end().unwrap(), second.end().unwrap());
    assert_eq!((first.agents.len(), second.agents.len()), (3, 3));
    for agent in &first.agents {
        assert_eq!(done(agent), ["wake Done"], "{}", agent.id);
    }
    assert!(names.iter().all(|name| host.office.up(name)));
}
