//! Level 2: what a host is told while the engine runs, asked or not.

use sweepd_decide::EventKind;
use sweepd_sweep::{AgentState, Happened, NotRunning, Order, Scope, Subscription};
use tokio::sync::oneshot;

use super::host::{Host, PATIENT, ada, at, bob};
use super::life::Life;
use super::office::Does;

/// What has been told so far.
fn heard(from: &mut Subscription) -> Vec<Happened> {
    let mut all = Vec::new();
    loop {
        let mut next = Life::of(from.next());
        next.settle();
        if !next.is_over() {
            return all;
        }
        all.extend(next.end());
    }
}

fn events(heard: &[Happened], kind: EventKind) -> usize {
    let of = |one: &&Happened| matches!(one, Happened::Event { event, .. } if event.kind == kind);
    heard.iter().filter(of).count()
}

#[tokio::test]
async fn status_and_explain_say_what_the_last_look_came_to() {
    let host = Host::with_ada();
    host.office.enlist(&bob(), Does::Works);
    let engine = host.engine(PATIENT);
    let handle = engine.handle();
    assert!(matches!(handle.status(Scope::All).await, Err(NotRunning { .. })));
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(30_000));

    let all = life.ask(handle.status(Scope::All)).unwrap();
    assert_eq!(all.agents.len(), 2);
    assert_eq!((all.summary.agents, all.schema), (2, 1));
    let one = life.ask(handle.status(bob())).unwrap();
    assert_eq!(one.agents.iter().map(|agent| &agent.id).collect::<Vec<_>>(), [&bob()]);
    let explained = life.ask(async { handle.explain(&ada()).await }).unwrap().unwrap();
    assert_eq!(explained.id, ada());
    assert_eq!(explained.state, AgentState::Running);
    assert!(explained.decision.evidence.get("sentence").is_some(), "{explained:?}");
    assert!(all.agents.contains(&explained));
    let nobody = "office/nobody".into();
    assert_eq!(life.ask(async { handle.explain(&nobody).await }), Ok(None));
    let looks = host.diary.acts();
    life.ask(handle.status(Scope::All)).unwrap();
    assert_eq!(host.diary.acts(), looks, "asking looks at nobody");
}

#[tokio::test]
async fn whoever_has_left_the_roster_is_known_no_more() {
    let host = Host::with_ada();
    host.office.enlist(&bob(), Does::Works);
    let engine = host.engine(PATIENT);
    let handle = engine.handle();
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));
    host.office.strike(&bob());
    life.until(&host.clock, at(130_000));
    let all = life.ask(handle.status(Scope::All)).unwrap();
    assert_eq!(all.agents.iter().map(|agent| &agent.id).collect::<Vec<_>>(), [&ada()]);
}

#[tokio::test]
async fn whatever_is_written_down_is_told_once_and_in_its_order() {
    let host = Host::with_ada();
    let engine = host.engine(PATIENT);
    let handle = engine.handle();
    let mut ear = handle.subscribe();
    let mut late = None;
    let (end, ended) = oneshot::channel::<()>();
    {
        let mut life = Life::of(engine.run(async move { drop(ended.await) }));
        life.until(&host.clock, at(60 * 60_000));
        late.replace(handle.subscribe());
        life.ask(async { handle.order(Order::Wake, Scope::Agent(ada())).await }).unwrap();
        drop(end);
        life.settle();
    }
    let told = heard(&mut ear);
    let of = |kind: EventKind| host.store.told(kind.as_str()).len();
    for kind in [EventKind::AgentWoken, EventKind::AgentStopped, EventKind::DecisionChanged] {
        assert_eq!(events(&told, kind), of(kind), "{kind:?}");
        assert!(of(kind) > 0, "{kind:?}");
    }
    let opened = told.iter().filter(|one| matches!(one, Happened::Opened { .. })).count();
    assert!(opened > 0, "{told:?}");
    let instants: Vec<_> = told.iter().filter_map(instant).collect();
    assert!(instants.is_sorted(), "{instants:?}");
    let late = heard(&mut late.unwrap());
    assert!(late.len() < told.len(), "the past is not told again");
    assert_eq!(late.last(), told.last());
    drop(engine);
    assert_eq!(ear.next().await, None, "the engine is gone");
    assert_eq!(handle.subscribe().next().await, None);
}

fn instant(happened: &Happened) -> Option<sweepd_decide::Timestamp> {
    match happened {
        Happened::Event { at, .. }
        | Happened::Opened { at, .. }
        | Happened::Resolved { at, .. } => Some(*at),
        Happened::Missed(_) | _ => None,
    }
}

#[tokio::test]
async fn whoever_is_too_slow_is_told_how_much_he_missed_and_holds_up_nobody() {
    let host = Host::with_ada();
    let engine = host.engine(PATIENT);
    let handle = engine.handle();
    let mut ear = handle.subscribe();
    let mut life = Life::of(engine.run(std::future::pending()));
    // Each resync writes down that it is over.
    life.until(&host.clock, at(30 * 60 * 60_000));
    let told = heard(&mut ear);
    let Some(Happened::Missed(missed)) = told.first() else { panic!("{:?}", told.first()) };
    assert!(*missed > 0);
    assert_eq!(told.len(), 1025, "what is kept, and what was missed");
}
