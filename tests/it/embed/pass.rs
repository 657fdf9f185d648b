//! Level 1: one pass at a time, in the host's own loop.

use sweepd_decide::Span;
use sweepd_sweep::AgentState;
use sweepd_sweep::ports::Clock as _;

use super::host::{Host, IMPATIENT, PATIENT, at, done, only};
use super::life::Life;

#[tokio::test]
async fn level_1_stops_a_stuck_agent_at_the_second_look_and_wakes_it_when_work_is_due() {
    let host = Host::with_ada();
    let engine = host.engine(IMPATIENT);
    let mut story = Vec::new();
    for _ in 0..7 {
        let report = engine.sweep().await.unwrap();
        let agent = only(&report);
        let now = host.clock.now().since(at(0)).as_millis();
        story.push((now, agent.decision.action.clone(), done(agent)));
        host.clock.set(report.next_look().unwrap());
    }
    let expected: [(i64, &str, &[&str]); 7] = [
        (0, "none", &["wake Done"]),
        (60_000, "ok", &[]),
        (60_001, "hold", &[]),
        (65_001, "kill-claim", &["stop Done", "release Done", "retry Done"]),
        (70_000, "none", &["wake Done"]),
        (130_000, "ok", &["sync Done"]),
        (190_000, "ok", &[]),
    ];
    let story: Vec<_> = story
        .iter()
        .map(|(now, action, done)| {
            (*now, action.as_str(), done.iter().map(String::as_str).collect::<Vec<_>>())
        })
        .collect();
    let expected: Vec<_> = expected.map(|(now, action, done)| (now, action, done.to_vec())).into();
    assert_eq!(story, expected);
    host.assert_finished("at the end");
}

/// What nobody announces is seen at the next call, whatever the last report said.
#[tokio::test]
async fn a_report_without_a_next_look_does_not_say_that_nothing_will_ever_change() {
    let host = Host::with_ada();
    host.office.set_silent(true);
    let engine = host.engine(IMPATIENT);
    let report = engine.sweep().await.unwrap();
    assert_eq!((report.next_look(), only(&report).state), (None, AgentState::Unknown));
    assert!(!report.trouble.is_empty());
    host.office.set_silent(false);
    let report = engine.sweep().await.unwrap();
    assert_eq!(done(only(&report)), ["wake Done"]);
}

#[tokio::test]
async fn a_patient_call_waits_on_the_hosts_clock_for_the_look_that_confirms() {
    let host = Host::with_ada();
    let engine = host.engine(PATIENT);
    engine.sweep().await.unwrap();
    host.clock.set(at(60_001));
    let mut life = Life::of(engine.sweep());
    life.settle();
    assert_eq!((life.is_over(), host.clock.next()), (false, Some(at(65_001))));
    host.clock.advance(Span::from_secs(5));
    life.settle();
    let report = life.end().unwrap();
    assert_eq!(done(only(&report)), ["stop Done", "release Done", "retry Done"]);
    assert_eq!(report.next_look(), Some(at(70_000)));
}
