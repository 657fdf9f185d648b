//! A sink is replaced, or mended after a long time: who waits behind it is told all the same.

use sweepd_decide::{FindingKind, Setback};
use sweepd_sweep::sim::SimSink;

use super::rig::{Rig, told};

/// Its only sink took nothing, and somebody has configured another one.
async fn replaced() -> Rig {
    let mut rig = Rig::new();
    rig.ops().down("401", Setback::Stopped);
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell().await;
    rig.sinks = vec![("other".to_owned(), SimSink::default())];
    rig.restart();
    rig
}

/// `ops` takes nothing for a day and two hours, which `log` hears.
async fn shut() -> Rig {
    let rig = Rig::with(vec![("ops", SimSink::default()), ("log", SimSink::default())], |_| {});
    rig.ops().down("401", Setback::Stopped);
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell_every(60, 26).await;
    rig
}

#[tokio::test]
async fn the_one_that_takes_its_place_is_told_what_waited() {
    let rig = replaced().await;
    rig.tell_every(1, 30).await;
    assert_eq!(told(rig.sink("other")), ["opened zombie:s/a"]);
}

#[tokio::test]
async fn the_one_that_takes_its_place_is_told_the_end_too() {
    let rig = replaced().await;
    rig.tell_every(30, 1).await;
    rig.end(&["zombie:s/a"]).await;
    rig.tell_every(1, 30).await;
    assert_eq!(told(rig.sink("other")), ["opened zombie:s/a", "resolved zombie:s/a"]);
}

#[tokio::test]
async fn one_that_is_mended_when_nothing_waits_there_is_no_incident_any_more() {
    let rig = shut().await;
    rig.end(&["zombie:s/a"]).await;
    rig.tell_every(60, 25).await;
    assert_eq!(rig.waiting().await, 0, "it is given up");
    rig.ops().up();
    rig.ops().rotate("another token");
    rig.tell_every(60, 5).await;
    let ends = told(rig.sink("log")).into_iter().filter(|one| !one.starts_with("still"));
    assert_eq!(
        ends.collect::<Vec<_>>(),
        [
            "opened zombie:s/a",
            "opened sink-failed:ops",
            "resolved zombie:s/a",
            "resolved sink-failed:ops"
        ]
    );
    assert_eq!(told(rig.ops()), [""; 0]);
}

#[tokio::test]
async fn one_that_is_mended_after_a_day_hears_the_end_of_what_it_never_heard() {
    let rig = shut().await;
    rig.ops().up();
    rig.ops().rotate("another token");
    rig.end(&["zombie:s/a"]).await;
    rig.tell_every(1, 3).await;
    assert_eq!(told(rig.ops()), ["still zombie:s/a", "resolved zombie:s/a"]);
    let dead = rig.given_up().await;
    assert_eq!((dead.len(), dead[0].thread.as_str()), (1, "zombie:s/a"), "the opening");
}

#[tokio::test]
async fn its_notes_are_dropped_with_it() {
    let mut rig = Rig::with(vec![("ops", SimSink::default()), ("log", SimSink::default())], |_| {});
    rig.sink("log").down("401", Setback::Stopped);
    // The greeting waits there.
    rig.sweep().await;
    assert_eq!(rig.waiting().await, 1);
    rig.sinks.retain(|(name, _)| name == "ops");
    rig.restart();
    rig.sweep().await;
    assert_eq!(rig.waiting().await, 0);
    assert_eq!(rig.given_up().await.len(), 0, "nobody has to see to it");
}
