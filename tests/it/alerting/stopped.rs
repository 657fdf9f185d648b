//! A sink that takes nothing from us any more is left alone, and the others hear of it.

use sweepd_decide::{FindingKind, Setback};
use sweepd_sweep::sim::SimSink;
use sweepd_sweep::{Attended, Attention};

use super::rig::{Rig, told};

fn two() -> Rig {
    Rig::with(vec![("ops", SimSink::default()), ("log", SimSink::default())], |_| {})
}

#[tokio::test]
async fn the_others_hear_of_a_401_and_of_its_end() {
    let rig = two();
    rig.ops().down("401 Unauthorized", Setback::Stopped);
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell().await;
    assert_eq!(told(rig.sink("log")), ["opened zombie:s/a", "opened sink-failed:ops"]);
    for _ in 0..50 {
        rig.minutes(1);
        rig.tell().await;
    }
    assert_eq!(rig.ops().attempts(), 1, "nobody knocks where the door is shut");

    rig.ops().up();
    rig.ops().rotate("another token");
    rig.tell().await;
    assert_eq!(told(rig.ops()), ["opened zombie:s/a"]);
    assert_eq!(told(rig.sink("log")).last().unwrap(), "resolved sink-failed:ops");
}

#[tokio::test]
async fn a_test_that_gets_through_opens_it_again() {
    let rig = two();
    rig.ops().down("404", Setback::Stopped);
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell().await;
    let test = |name: &str| Attention::Test(Some(name.to_owned()));
    let Attended::Tested(tested) = rig.attend(test("ops")).await.unwrap() else {
        unreachable!("a test")
    };
    assert_eq!(tested, [("ops".to_owned(), Err("404".to_owned()))]);
    assert_eq!(rig.attend(test("nobody")).await.unwrap_err(), "no sink is called \"nobody\"");
    rig.ops().up();
    let Attended::Tested(tested) = rig.attend(Attention::Test(None)).await.unwrap() else {
        unreachable!("a test")
    };
    assert!(tested.iter().all(|(_, arrived)| arrived.is_ok()), "{tested:?}");
    rig.tell().await;
    assert_eq!(told(rig.ops()), ["opened zombie:s/a"]);
}

#[tokio::test]
async fn what_lies_at_a_stopped_sink_is_given_up_after_a_day() {
    let rig = two();
    rig.ops().down("401", Setback::Stopped);
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    for _ in 0..24 {
        rig.tell().await;
        rig.minutes(60);
    }
    rig.tell().await;
    assert!(rig.given_up().await.iter().all(|dead| dead.sink == "ops"));
    assert_eq!(rig.given_up().await.len(), 1);
}

#[tokio::test]
async fn a_sink_that_is_not_configured_any_more_is_forgotten() {
    let mut rig = two();
    rig.ops().down("401", Setback::Stopped);
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell().await;
    rig.sinks.retain(|(name, _)| name != "ops");
    rig.restart();
    rig.tell().await;
    assert_eq!(rig.waiting().await, 0);
    assert_eq!(told(rig.sink("log")).last().unwrap(), "resolved sink-failed:ops");
}
