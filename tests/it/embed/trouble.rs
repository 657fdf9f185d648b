//! The host's own parts fail: then nothing is done to anybody.

use sweepd_decide::FindingKind;
use sweepd_sweep::ports::Clock as _;
use sweepd_sweep::{EngineError, Order, Scope};

use super::diary::Acts;
use super::host::{Host, IMPATIENT, PATIENT, ada, at};
use super::life::Life;

const NOTHING: Acts = Acts { stops: 0, wakes: 0, rows: 0 };

#[tokio::test]
async fn nobody_is_touched_while_the_state_takes_no_commit() {
    let host = Host::with_ada();
    host.store.leave_room_for(0);
    let engine = host.engine(IMPATIENT);
    let report = engine.sweep().await.unwrap();
    assert_eq!(host.diary.acts(), NOTHING);
    let kinds: Vec<&str> = report.incidents.iter().map(|open| open.kind.as_str()).collect();
    assert_eq!(kinds, [FindingKind::SelfDegraded.as_str()]);
    assert!(report.trouble.iter().any(|why| why.contains("no space left")), "{report:?}");
    let paused = engine.pause(Scope::All, None).await;
    assert!(matches!(paused, Err(EngineError::Unwritten(_))), "{paused:?}");

    host.store.leave_room_for(usize::MAX);
    host.run_until(at(600_000));
    host.assert_finished("once there is room again");
}

#[tokio::test]
async fn a_stuck_agent_is_not_stopped_while_the_state_takes_no_commit() {
    let host = Host::with_ada();
    let engine = host.engine(PATIENT);
    let handle = engine.handle();
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(30_000));
    let before = host.diary.acts();
    host.store.leave_room_for(0);
    life.until(&host.clock, at(300_000));
    let report = life.ask(async { handle.order(Order::Stop, Scope::Agent(ada())).await });
    assert!(!report.unwrap().trouble.is_empty());
    assert_eq!((host.diary.acts(), host.office.up(&ada())), (before, true));
    assert_eq!(host.office.desks().stops_begun, 0);

    host.store.leave_room_for(usize::MAX);
    life.until(&host.clock, at(600_000));
    host.assert_finished("once there is room again");
}

#[tokio::test]
async fn whichever_commit_fails_nothing_is_done_that_was_not_written_down() {
    let whole = Host::with_ada();
    whole.run_until(at(200_000));
    let commits = whole.diary.commits();
    assert!(commits > 10, "{commits}");
    for room in 0..commits {
        let host = Host::with_ada();
        host.store.leave_room_for(room);
        host.run_until(at(200_000));
        host.diary.assert_whole();
        host.store.leave_room_for(usize::MAX);
        host.run_until(at(1_000_000));
        host.assert_finished(&format!("after {room} commits the disk was full"));
    }
}

#[tokio::test]
async fn nobody_is_touched_while_the_runtime_does_not_answer() {
    let host = Host::with_ada();
    host.office.set_silent(true);
    host.run_until(at(100_000));
    assert_eq!(host.diary.acts(), NOTHING);
    assert!(!host.office.up(&ada()));
    host.office.set_silent(false);
    host.run_until(host.clock.now().plus(sweepd_decide::Span::from_mins(10)));
    host.assert_finished("once it answers again");
}

#[tokio::test]
async fn a_stuck_agent_is_not_stopped_while_the_runtime_does_not_answer() {
    let host = Host::with_ada();
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(60_500));
    let before = host.diary.acts();
    host.office.set_silent(true);
    life.until(&host.clock, at(500_000));
    assert_eq!((host.diary.acts(), host.office.up(&ada())), (before, true));
    let open = life.ask(engine.incidents()).unwrap();
    let kinds: Vec<FindingKind> = open.iter().map(|open| open.kind).collect();
    assert_eq!(kinds, [FindingKind::RuntimeUnreachable]);

    host.office.set_silent(false);
    life.until(&host.clock, at(1_000_000));
    host.assert_finished("once it answers again");
}
