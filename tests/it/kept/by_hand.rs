//! What a person asks for.

use sweepd_sweep::{Mode, Order, Scope};

use super::yard::{Yard, at, done, id, open};

async fn ask(yard: &Yard, order: Order) -> sweepd_sweep::Report {
    yard.engine().carry_out(order, Scope::Agent(id("a"))).await.unwrap()
}

#[tokio::test]
async fn a_stop_by_hand_is_no_fault_and_a_wake_ends_it() {
    let yard = Yard::with(&["a"]);
    yard.sweep().await;
    let report = ask(&yard, Order::Stop).await;
    assert_eq!(done(&report, "a"), ["stop Done"]);
    yard.clock.set(at(600_000));
    let report = yard.sweep().await;
    assert_eq!((open(&report), report.summary.failing), (vec![], 0));
    assert_eq!(yard.last("container_stopped")["by_us"], true);
    let report = ask(&yard, Order::Wake).await;
    assert_eq!(done(&report, "a"), ["start Done"]);
    assert!(yard.is_up("a"));
    assert_eq!(done(&ask(&yard, Order::Wake).await, "a"), ["wake AlreadyDone"]);
}

#[tokio::test]
async fn a_wake_of_one_that_is_missing_waits_for_nothing() {
    let yard = Yard::with(&["a"]);
    yard.sweep().await;
    yard.remove("a");
    let report = ask(&yard, Order::Wake).await;
    assert_eq!(done(&report, "a"), ["recreate Done"]);
    assert_eq!(yard.clock_ms(), 0);
}

#[tokio::test]
async fn whoever_is_paused_is_told_of_and_left_alone() {
    let yard = Yard::with(&["a"]);
    yard.sweep().await;
    yard.engine().pause(Scope::Agent(id("a")), None).await.unwrap();
    yard.remove("a");
    for minute in 1..5 {
        yard.clock.set(at(minute * 60_000));
        yard.sweep().await;
    }
    assert!(yard.keeper.recreations().is_empty());
    assert!(yard.events("a").iter().any(|(_, kind)| *kind == "container_missing"));
    yard.engine().resume(Scope::Agent(id("a"))).await.unwrap();
    assert_eq!(done(&yard.sweep().await, "a"), ["recreate Done"]);
}

#[tokio::test]
async fn in_observe_and_assist_it_is_only_planned() {
    for mode in [Mode::Observe, Mode::Assist] {
        let mut yard = Yard::with(&["a"]);
        yard.mode = mode;
        yard.sweep().await;
        yard.remove("a");
        yard.sweep().await;
        yard.clock.set(at(70_000));
        let report = yard.sweep().await;
        assert_eq!(done(&report, "a"), ["recreate Planned"]);
        assert_eq!(open(&report), ["container-down:yard/a"]);
        assert!(yard.keeper.recreations().is_empty());
    }
}

#[tokio::test]
async fn it_has_no_queue_to_put_anything_back_into() {
    let yard = Yard::with(&["a"]);
    let report = ask(&yard, Order::Requeue("m-1".into())).await;
    assert_eq!(done(&report, "a"), ["requeue Failed"]);
}

#[tokio::test]
async fn what_a_person_asks_for_is_no_attempt_that_failed() {
    let yard = Yard::with(&["a"]);
    yard.sweep().await;
    for _ in 0..4 {
        ask(&yard, Order::Stop).await;
        ask(&yard, Order::Wake).await;
    }
    let report = yard.sweep().await;
    assert_eq!((open(&report), report.summary.failing), (vec![], 0));
    ask(&yard, Order::Stop).await;
    assert_eq!(open(&yard.sweep().await), Vec::<&str>::new());
}
