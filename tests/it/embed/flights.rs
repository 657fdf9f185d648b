//! Each agent has its turn by itself: whoever takes long holds up nobody but himself.

use sweepd_decide::AgentId;
use sweepd_sweep::ports::Hint;
use sweepd_sweep::{Order, Scope};

use super::host::{Host, PATIENT, ada, at};
use super::life::Life;
use super::office::Does;

#[tokio::test]
async fn a_stop_that_takes_long_holds_up_nobody_else() {
    let host = Host::with_ada();
    let bob = AgentId::new("office/bob");
    host.office.enlist(&bob, Does::Works);
    host.office.shut_door(true);
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(66_000));
    assert_eq!((host.office.desks().stops_begun, host.diary.acts().stops), (1, 0));

    // A hint, and then a limit of his own.
    host.office.write(&bob, "m-1", None);
    host.office.tell(Hint::Agent(bob.clone()));
    life.until(&host.clock, at(66_100));
    assert!(host.office.up(&bob), "he is woken while she is being stopped");
    let looks = (host.office.looks(&ada()), host.office.looks(&bob));
    life.until(&host.clock, at(200_000));
    assert!(host.office.looks(&bob) > looks.1, "and looked at when that is due");
    assert_eq!(host.office.looks(&ada()), looks.0, "she has one turn at a time");
    assert_eq!(host.office.desks().stops_begun, 1);

    host.office.shut_door(false);
    life.until(&host.clock, at(300_000));
    host.diary.assert_whole();
    assert_eq!(host.office.row(&bob, "m-1").status(), "completed");
}

#[tokio::test]
async fn an_order_over_everybody_waits_for_whoever_is_busy() {
    let host = Host::with_ada();
    let bob = AgentId::new("office/bob");
    host.office.enlist(&bob, Does::Works);
    host.office.shut_door(true);
    let engine = host.engine(PATIENT);
    let handle = engine.handle();
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(66_000));

    let mut asked = Life::of(handle.order(Order::Look, Scope::All));
    for _ in 0..3 {
        asked.settle();
        life.settle();
    }
    assert!(!asked.is_over(), "it is not known yet how she stands");
    // Whoever else asks waits behind it, and is not forgotten.
    let mut second = Life::of(handle.order(Order::Wake, Scope::Agent(bob.clone())));
    second.settle();
    life.settle();

    host.office.shut_door(false);
    for _ in 0..3 {
        life.settle();
        asked.settle();
        second.settle();
    }
    let report = asked.end().unwrap();
    let names: Vec<&str> = report.agents.iter().map(|agent| agent.id.as_str()).collect();
    assert_eq!(names, ["office/ada", "office/bob"]);
    assert_eq!(second.end().unwrap().agents.len(), 1);
    assert!(host.office.up(&bob));
}

/// The work was written and nobody told: the resync finds it, and says that nobody had told.
#[tokio::test]
async fn what_only_the_resync_finds_is_told() {
    let host = Host::new();
    let [bob, eve] = ["office/bob", "office/eve"].map(AgentId::new);
    host.office.enlist(&bob, Does::Works);
    host.office.enlist(&eve, Does::Works);
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));
    host.office.write(&bob, "m-1", None);
    host.office.write(&eve, "m-1", None);
    host.office.tell(Hint::Agent(eve.clone()));
    life.until(&host.clock, at(50_000));
    host.office.tell(Hint::Agent(eve.clone()));
    life.until(&host.clock, at(59_999));
    assert!(!host.office.up(&bob) && host.office.up(&eve));
    assert_eq!(host.store.told("resync_caught"), Vec::<AgentId>::new());
    life.until(&host.clock, at(61_000));
    assert!(host.office.up(&bob));
    assert_eq!(host.store.told("resync_caught"), Vec::<AgentId>::new(), "a hint may be late");
    life.until(&host.clock, at(63_000));
    assert_eq!(host.store.told("resync_caught"), [bob]);
}
