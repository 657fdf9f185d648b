//! What is counted over looks and agents: the brake's wishes, an incident's good looks.

use sweepd_decide::{AgentId, Memory, RunId, RunState, Span, Wish};
use sweepd_sweep::ports::{AgentRecord, Commit, Hint, Inspection, State as _};

use super::host::{Host, PATIENT, at, bob};
use super::life::Life;
use super::office::Does;

#[tokio::test]
async fn agents_of_a_source_that_is_configured_no_more_do_not_hold_the_brake() {
    let host = Host::with_ada();
    for name in ["gone/a", "gone/b", "gone/c"] {
        let mut memory = Memory::default();
        memory.wish = Some(Wish { run: RunId::new(name), at: at(0), done: false, released: false });
        let (agent, report) = (AgentId::new(name), serde_json::json!({}));
        let record = AgentRecord { agent, memory, report, at: at(0) };
        let commit = Commit { agent: Some(record), ..Commit::new(at(0)) };
        host.store.commit(commit).await.unwrap();
    }
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(1_000_000));
    let open = life.ask(engine.incidents()).unwrap();
    let kinds: Vec<&str> = open.iter().map(|one| one.kind.as_str()).collect();
    assert!(!kinds.contains(&"brake-engaged"), "{kinds:?} {:?}", host.diary.acts());
}

#[tokio::test]
async fn whoever_is_paused_in_its_runtime_does_not_hold_the_brake() {
    let host = Host::new();
    for name in ["office/a", "office/b", "office/c"] {
        host.office.enlist(&AgentId::new(name), Does::Hangs);
        host.office.write(&AgentId::new(name), "m-1", None);
    }
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(61_000));
    for (_, found) in host.office.desks().runs.values_mut() {
        found.state = RunState::Paused;
    }
    life.until(&host.clock, at(1_000_000));
    let open = life.ask(engine.incidents()).unwrap();
    let kinds: Vec<&str> = open.iter().map(|one| one.kind.as_str()).collect();
    assert!(!kinds.contains(&"brake-engaged"), "{kinds:?}");
}

#[tokio::test]
async fn looks_less_than_five_seconds_apart_are_one_good_look() {
    let host = Host::new();
    host.office.enlist(&bob(), Does::Works);
    host.office.write(&bob(), "m-1", None);
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(5_000));
    let begun = Inspection {
        state: RunState::Running,
        started_at: Some(at(2_000)),
        exit_code: None,
        oom_killed: false,
        restarts: 0,
        revives: false,
        witnessed: true,
    };
    host.office.desks().runs.insert(RunId::new("second"), (bob(), begun));
    host.office.tell(Hint::Agent(bob()));
    life.until(&host.clock, at(10_000));
    assert_eq!(life.ask(engine.incidents()).unwrap().len(), 1);
    host.office.desks().runs.remove(&RunId::new("second"));
    life.until(&host.clock, at(20_000));
    // A first good look, which is under way while a survey for somebody else begins.
    host.office.desks().look_shut = Some(bob());
    host.office.tell(Hint::Agent(bob()));
    life.until(&host.clock, at(20_500));
    host.office.desks().list_takes = Some(Span::from_millis(200));
    host.office.tell(Hint::Run(RunId::new("somebody-elses")));
    life.until(&host.clock, at(20_600));
    host.office.desks().look_shut = None;
    host.office.door.notify_waiters();
    life.until(&host.clock, at(21_000));
    let open = life.ask(engine.incidents()).unwrap();
    assert_eq!((open.len(), open[0].good_looks), (1, 1));
    host.office.tell(Hint::Agent(bob()));
    life.until(&host.clock, at(22_500));
    assert_eq!(life.ask(engine.incidents()).unwrap().len(), 1, "2 s after the first good look");
}
