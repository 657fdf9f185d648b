//! Nobody is acted on by what is not so any more: an old list, a failed one, a pause that came or
//! went meanwhile.

use sweepd_decide::{AgentId, RunId, RunState};
use sweepd_sweep::ports::{Hint, Inspection};
use sweepd_sweep::{Mode, Scope};

use super::host::{Host, PATIENT, ada, at, bob};
use super::life::Life;
use super::office::Does;

#[tokio::test]
async fn an_end_told_amid_a_turn_is_looked_at() {
    let host = Host::new();
    host.office.enlist(&bob(), Does::Works);
    host.office.write(&bob(), "m-1", None);
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));
    assert!(host.office.up(&bob()));
    host.office.desks().look_shut = Some(bob());
    host.office.tell(Hint::Agent(bob()));
    life.until(&host.clock, at(12_000));
    // His turn is under way, and now his run ends; the runtime says so.
    let run = {
        let mut desks = host.office.desks();
        let (run, (_, found)) = desks.runs.iter_mut().next().unwrap();
        (found.state, found.exit_code) = (RunState::Exited, Some(1));
        run.clone()
    };
    host.office.tell(Hint::Run(run));
    life.until(&host.clock, at(13_000));
    host.office.desks().look_shut = None;
    host.office.door.notify_waiters();
    life.until(&host.clock, at(30_000));
    assert_eq!(host.store.told("container_died"), [bob()], "17 s later nobody has looked");
}

#[tokio::test]
async fn whoever_is_paused_before_his_turn_begins_is_left_alone() {
    let host = Host::with_ada();
    host.office.enlist(&bob(), Does::Works);
    let engine = host.engine_with(Mode::Enforce, 1, PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(64_000));
    // bob has the only seat, and ada waits with a stop due.
    host.office.desks().look_shut = Some(bob());
    host.office.tell(Hint::Agent(bob()));
    life.until(&host.clock, at(64_900));
    life.until(&host.clock, at(66_000));
    assert_eq!(host.diary.acts().stops, 0);
    life.ask(engine.pause(Scope::Agent(ada()), None)).unwrap();
    life.until(&host.clock, at(67_000));
    host.office.desks().look_shut = None;
    host.office.door.notify_waiters();
    life.until(&host.clock, at(68_000));
    assert_eq!(host.diary.acts().stops, 0, "she was paused a second before her turn began");
}

#[tokio::test]
async fn a_resume_amid_a_wait_is_seen() {
    let host = Host::new();
    let zed = AgentId::new("office/zed");
    host.office.enlist(&bob(), Does::Works);
    host.office.enlist(&zed, Does::Works);
    let engine = host.engine_with(Mode::Enforce, 1, PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(5_000));
    life.ask(engine.pause(Scope::Agent(zed.clone()), None)).unwrap();
    host.office.write(&zed, "m-1", None);
    host.office.desks().look_shut = Some(bob());
    host.office.tell(Hint::Agent(bob()));
    host.office.tell(Hint::Agent(zed.clone()));
    life.until(&host.clock, at(8_000));
    life.ask(engine.resume(Scope::Agent(zed.clone()))).unwrap();
    life.ask(engine.handle().nudge(zed.clone())).unwrap();
    life.until(&host.clock, at(9_000));
    host.office.desks().look_shut = None;
    host.office.door.notify_waiters();
    life.until(&host.clock, at(30_000));
    assert!(host.office.up(&zed), "resumed 22 s ago");
}

#[tokio::test]
async fn nothing_is_concluded_from_a_list_that_failed() {
    let host = Host::with_ada();
    host.office.shut_door(true);
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(66_000));
    assert_eq!(host.office.desks().stops_begun, 1);
    // Meanwhile a person has started another for her, which works on m-2.
    host.office.write(&ada(), "m-2", None);
    host.office.claim(&ada(), "m-2");
    let begun = Inspection {
        state: RunState::Running,
        started_at: Some(at(66_000)),
        exit_code: None,
        oom_killed: false,
        restarts: 0,
        revives: false,
        witnessed: true,
    };
    host.office.desks().runs.insert(RunId::new("by-hand"), (ada(), begun));
    host.office.desks().list_fails = true;
    host.office.shut_door(false);
    life.until(&host.clock, at(67_000));
    assert!(host.office.up(&ada()));
    let released: Vec<String> = host.released();
    assert!(
        !released.iter().any(|id| id == "m-2"),
        "released beside a run that is up: {released:?}"
    );
}

#[tokio::test]
async fn a_turn_that_waits_long_does_not_conclude_from_an_old_list() {
    let host = Host::new();
    let zed = AgentId::new("office/zed");
    host.office.enlist(&bob(), Does::Works);
    host.office.enlist(&zed, Does::Works);
    host.office.write(&zed, "m-1", Some(at(1_000_000)));
    host.office.desks().look_shut = Some(bob());
    let engine = host.engine_with(Mode::Enforce, 1, PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(2_000));
    // zed is started by a person, and claims m-1; she has been waiting for her turn all the while.
    let begun = Inspection {
        state: RunState::Running,
        started_at: Some(at(2_000)),
        exit_code: None,
        oom_killed: false,
        restarts: 0,
        revives: false,
        witnessed: true,
    };
    host.office.desks().runs.insert(RunId::new("by-hand"), (zed.clone(), begun));
    host.office.claim(&zed, "m-1");
    host.office.tell(Hint::Run(RunId::new("by-hand")));
    life.until(&host.clock, at(18_000));
    host.office.desks().look_shut = None;
    host.office.door.notify_waiters();
    life.until(&host.clock, at(18_100));
    assert!(host.released().is_empty(), "released beside a run that has been up for 16 s");
}

#[tokio::test]
async fn whoever_was_too_old_to_act_on_is_looked_at_again() {
    let host = Host::with_ada();
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(64_900));
    host.office.desks().look_shut = Some(ada());
    life.until(&host.clock, at(76_500));
    host.office.desks().look_shut = None;
    host.office.door.notify_waiters();
    life.until(&host.clock, at(77_000));
    assert_eq!(host.diary.acts().stops, 1, "what a slow look shows is as new as its end");
}

impl Host {
    fn released(&self) -> Vec<String> {
        self.diary
            .commits_of()
            .into_iter()
            .filter_map(|commit| commit.agent)
            .flat_map(|record| record.memory.released)
            .map(|one| one.claim.message_id.to_string())
            .collect()
    }
}
