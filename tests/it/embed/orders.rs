//! Level 2: what a person asks through the handle while the engine runs.

use sweepd_decide::{AgentId, MessageId};
use sweepd_sweep::{AgentState, Engine, NotRunning, Order, Report, Scope};
use tokio::sync::oneshot;

use super::host::{Host, PATIENT, ada, at, done, only};
use super::life::Life;
use super::office::Does;

/// A running engine over one agent that works, if there is anything to do.
fn quiet() -> Host {
    let host = Host::new();
    host.office.enlist(&ada(), Does::Works);
    host
}

fn ask<T>(life: &mut Life<'_, T>, engine: &Engine, order: Order) -> Report {
    let handle = engine.handle();
    let report = life.ask(async { handle.order(order, Scope::Agent(ada())).await });
    life.settle();
    report.unwrap()
}

#[tokio::test]
async fn an_order_to_wake_and_one_to_stop_are_carried_out_at_once() {
    let host = quiet();
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));

    let report = ask(&mut life, &engine, Order::Wake);
    assert_eq!(done(only(&report)), ["wake Done"]);
    assert!(host.office.up(&ada()));
    assert_eq!(done(only(&ask(&mut life, &engine, Order::Wake))), ["wake AlreadyDone"]);

    let report = ask(&mut life, &engine, Order::Stop);
    assert_eq!(done(only(&report)), ["stop Done"]);
    assert_eq!(only(&report).state, AgentState::Stopped);
    assert!(!host.office.up(&ada()));
    assert_eq!(done(only(&ask(&mut life, &engine, Order::Stop))), ["stop AlreadyDone"]);
    host.diary.assert_whole();
}

#[tokio::test]
async fn whoever_is_paused_is_left_alone_until_resumed_but_orders_are_carried_out() {
    let host = quiet();
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));
    life.ask(engine.pause(Scope::Agent(ada()), None)).unwrap();
    assert_eq!(life.ask(engine.pauses()).unwrap().len(), 1);

    host.office.write(&ada(), "m-1", None);
    life.until(&host.clock, at(100_000));
    assert_eq!(done(only(&ask(&mut life, &engine, Order::Look))), ["wake Held"]);
    assert_eq!(host.diary.acts().wakes, 0);
    assert_eq!(done(only(&ask(&mut life, &engine, Order::Wake))), ["wake Done"]);
    assert_eq!(done(only(&ask(&mut life, &engine, Order::Stop))), ["stop Done", "sync Held"]);

    assert!(life.ask(engine.resume(Scope::Agent(ada()))).unwrap());
    host.office.write(&ada(), "m-2", None);
    life.ask(engine.handle().nudge(ada())).unwrap();
    life.settle();
    assert!(host.office.up(&ada()), "it is woken as ever");
    host.diary.assert_whole();
}

#[tokio::test]
async fn a_message_that_was_given_up_is_put_back_and_worked_on() {
    let host = quiet();
    host.office.write(&ada(), "m-1", None);
    host.office.give_up(&ada(), "m-1");
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));
    assert_eq!(host.diary.acts().wakes, 0);

    let report = ask(&mut life, &engine, Order::Requeue(MessageId::new("m-1")));
    assert_eq!(done(only(&report)), ["requeue Done", "wake Done"]);
    life.until(&host.clock, at(100_000));
    assert_eq!(host.office.row(&ada(), "m-1").status(), "completed");
    let report = ask(&mut life, &engine, Order::Requeue(MessageId::new("m-7")));
    assert_eq!(done(only(&report)), ["requeue Failed"]);
    host.diary.assert_whole();
}

#[tokio::test]
async fn the_brake_holds_nobody_back_so_nobody_is_let_go() {
    let host = quiet();
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.settle();
    let released = life.ask(async { engine.handle().release_brake().await });
    assert_eq!(released, Ok(Vec::<AgentId>::new()));
    assert!(life.ask(engine.incidents()).unwrap().is_empty());
}

#[tokio::test]
async fn nobody_answers_once_the_engine_has_ended() {
    let host = quiet();
    let engine = host.engine(PATIENT);
    let handle = engine.handle();
    let (end, ended) = oneshot::channel::<()>();
    let mut life = Life::of(engine.run(async move { drop(ended.await) }));
    life.settle();
    drop(end);
    life.settle();
    life.end().unwrap();
    let _: NotRunning = handle.order(Order::Look, Scope::All).await.unwrap_err();
    let _: NotRunning = handle.release_brake().await.unwrap_err();
    drop(engine);
    let after: NotRunning = handle.nudge(ada()).await.unwrap_err();
    assert_eq!(after.to_string(), "the engine does not run");
}
