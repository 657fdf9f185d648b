//! Whoever waits for a service that has said until when is not stuck, and does not die of a message.

use agent_sim::fixture::Message;
use sweepd_decide::Span;
use sweepd_sweep::Mode;

use super::rig::Rig;

const FULL: &str = "Error: 429 Too Many Requests, retry-after: 7200";

/// It holds a claim for half an hour, and its log says this.
async fn working(line: &str) -> Rig {
    let mut rig = Rig::new();
    rig.mode = Mode::Enforce;
    rig.up(&[]);
    rig.session.message(&Message::chat("m-1", rig.now())).unwrap();
    rig.session.claim("m-1", rig.now()).unwrap();
    rig.log(&[line]);
    rig.session.heartbeat(rig.now()).unwrap();
    rig.sweep().await;
    rig.minutes(90);
    rig
}

/// How often it was stopped when it looked stuck for long.
async fn stops(rig: &Rig) -> usize {
    for _ in 0..4 {
        rig.sweep().await;
        rig.clock.advance(Span::from_secs(20));
    }
    rig.runtime.stops().len()
}

#[tokio::test]
async fn it_is_not_stopped_before_its_service_gives_it_something_again() {
    let rig = working(FULL).await;
    assert_eq!(stops(&rig).await, 0);
    let report = rig.sweep().await;
    let evidence = &report.agents[0].decision.evidence;
    let why = evidence["limited"].as_str().unwrap();
    assert!(
        why.starts_with("its service gives it nothing until 2026-11-27T12:00:00.000Z"),
        "{why}"
    );
    rig.minutes(40);
    assert_eq!(stops(&rig).await, 1, "then it is stuck like any other");
}

#[tokio::test]
async fn without_a_time_or_with_another_failure_it_is_stopped_as_ever() {
    for line in ["Error: 429 Too Many Requests", "Error: API Error: 401, retry-after: 7200"] {
        let rig = working(line).await;
        assert_eq!(stops(&rig).await, 1, "{line}");
    }
}

#[tokio::test]
async fn one_that_works_again_is_judged_as_ever() {
    let rig = working(FULL).await;
    rig.log(&["Result: (empty)"]);
    assert_eq!(stops(&rig).await, 1);
}

/// Deaths that count toward giving up its message.
async fn deaths(line: &str) -> usize {
    let rig = working(line).await;
    for run in rig.runtime.up() {
        rig.runtime.exit(&run, 1);
    }
    rig.sweep().await;
    rig.memory().await.deaths.len()
}

#[tokio::test]
async fn a_death_for_want_of_the_service_does_not_count_against_its_message() {
    assert_eq!((deaths(FULL).await, deaths("Error: something else").await), (0, 1));
}

#[tokio::test]
async fn what_it_had_claimed_waits_without_a_charge() {
    let rig = working(FULL).await;
    for run in rig.runtime.up() {
        rig.runtime.exit(&run, 1);
    }
    rig.sweep().await;
    let row = rig.session.messages().unwrap().remove(0);
    assert_eq!((row.tries, row.process_after.as_deref()), (Some(0), Some("2026-11-27 12:00:00")));
    assert_eq!(rig.runtime.up().len(), 0, "nobody is woken for it");
}
