//! Level 2: the engine runs, on the host's clock, until the host tells it to end.

use sweepd_decide::AgentId;
use sweepd_sweep::ports::{Clock as _, Hint};
use tokio::sync::oneshot;

use super::host::{Host, PATIENT, ada, at};
use super::life::Life;
use super::office::Does;

#[tokio::test]
async fn level_2_stops_a_stuck_agent_when_its_limit_passes_and_wakes_it_again() {
    let host = Host::with_ada();
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(65_000));
    assert_eq!((host.diary.acts().stops, host.office.up(&ada())), (0, true));
    life.until(&host.clock, at(66_000));
    assert_eq!((host.diary.acts().stops, host.office.up(&ada())), (1, false));
    life.until(&host.clock, at(69_999));
    assert_eq!(host.diary.acts().wakes, 1, "the retry is not due yet");
    life.until(&host.clock, at(200_000));
    host.assert_finished("at the end");
}

#[tokio::test]
async fn a_nudge_is_a_look_at_once() {
    let host = Host::new();
    let [bob, eve] = ["office/bob", "office/eve"].map(AgentId::new);
    host.office.enlist(&bob, Does::Works);
    host.office.enlist(&eve, Does::Works);
    let engine = host.engine(PATIENT);
    let handle = engine.handle();
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));
    host.office.write(&bob, "m-1", None);
    life.until(&host.clock, at(11_000));
    assert!(!host.office.up(&bob), "nobody has told");
    let (looks, others) = (host.office.looks(&bob), host.office.looks(&eve));

    life.ask(handle.nudge(bob.clone())).unwrap();
    life.settle();
    assert!(host.office.up(&bob) && host.office.looks(&bob) > looks);
    assert_eq!((host.clock.now(), host.office.looks(&eve)), (at(11_000), others));
}

#[tokio::test]
async fn the_hosts_own_hints_lead_to_a_look_before_the_resync() {
    let host = Host::new();
    let bob = AgentId::new("office/bob");
    host.office.enlist(&bob, Does::Works);
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));
    host.office.write(&bob, "m-1", None);
    host.office.tell(Hint::Agent(bob.clone()));
    life.until(&host.clock, at(10_100));
    assert!(host.office.up(&bob));

    let new = AgentId::new("office/new");
    host.office.enlist(&new, Does::Works);
    host.office.write(&new, "m-1", None);
    host.office.tell(Hint::Newcomers);
    life.until(&host.clock, at(12_000));
    assert!(host.office.up(&new));
}

#[tokio::test]
async fn a_shutdown_sees_a_stop_through_and_settles_it() {
    let host = Host::with_ada();
    host.office.shut_door(true);
    let engine = host.engine(PATIENT);
    let handle = engine.handle();
    let (end, ended) = oneshot::channel::<()>();
    let mut life = Life::of(engine.run(async move { drop(ended.await) }));
    life.until(&host.clock, at(66_000));
    assert_eq!((host.office.desks().stops_begun, host.diary.acts().stops), (1, 0));

    drop(end);
    life.settle();
    assert!(!life.is_over(), "a stop is under way");
    host.office.shut_door(false);
    life.settle();
    life.end().unwrap();
    assert_eq!(host.diary.acts().stops, 1);
    assert_eq!(host.office.row(&ada(), "m-1").tries(), 1, "what it left is settled");
    assert_eq!(host.store.open_intents(), 0);
    handle.nudge(ada()).await.unwrap_err();

    host.run_until(at(200_000));
    host.assert_finished("in the next life");
}
