//! Evidence.
use std::sync::Arc;
use std::time::Duration;

use sweepd_decide::{
    AgentId, FindingKind, Memory, MessageId, Run, RunId, RunState, Severity, Span, Wish,
};
use sweepd_sweep::ports::{
    AgentRecord, Clock as _, ClockReading, Commit, Hint, Incident, IncidentChange, Inspection,
    State as _,
};
use sweepd_sweep::{Engine, Mode, Options, Order, Scope, SourceSetup, Zone};
use tokio::sync::oneshot;

use super::diary::Entry;
use super::host::{Host, IMPATIENT, PATIENT, ada, at, done, only};
use super::life::Life;
use super::office::{Does, INSTALL};

fn bob() -> AgentId {
    AgentId::new("office/bob")
}

fn engine(host: &Host, mode: Mode, seats: usize) -> Engine {
    let office = &host.office;
    let mut setup = SourceSetup::new(office.clone(), office.clone(), office.clone());
    setup.mode = mode;
    setup.zone = Zone::utc();
    setup.hints = vec![office.clone()];
    let mut options = Options::default();
    options.mode = mode;
    options.patience = Duration::from_secs(20);
    options.concurrency = seats;
    Engine::new(host.clock.clone(), host.store.clone(), INSTALL, vec![setup], options)
}

#[tokio::test]
async fn r01_a_hint_while_the_runtime_is_silent_is_no_hot_loop() {
    let host = Host::new();
    host.office.enlist(&bob(), Does::Works);
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));
    host.office.set_silent(true);
    host.office.tell(Hint::Agent(bob()));
    life.until(&host.clock, at(20_000));
}

#[tokio::test]
async fn r02_a_nudge_for_nobody_is_no_hot_loop() {
    let host = Host::new();
    host.office.enlist(&bob(), Does::Works);
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));
    life.ask(engine.handle().nudge(AgentId::new("office/nobody"))).unwrap();
    life.until(&host.clock, at(20_000));
}

#[tokio::test]
async fn r03_an_end_told_amid_a_turn_is_looked_at() {
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
async fn r04_whoever_is_paused_before_his_turn_begins_is_left_alone() {
    let host = Host::with_ada();
    host.office.enlist(&bob(), Does::Works);
    let engine = engine(&host, Mode::Enforce, 1);
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
async fn r05_an_order_to_wake_does_not_lift_a_pause_for_a_stop() {
    let host = Host::with_ada();
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(30_000));
    life.ask(engine.pause(Scope::Agent(ada()), None)).unwrap();
    life.until(&host.clock, at(100_000));
    assert_eq!(host.diary.acts().stops, 0);
    let handle = engine.handle();
    let report = life.ask(async { handle.order(Order::Wake, Scope::Agent(ada())).await }).unwrap();
    assert_eq!(host.diary.acts().stops, 0, "{:?}", done(only(&report)));
}

#[tokio::test]
async fn r06_an_order_amid_an_ending_is_not_answered_with_nothing() {
    for steps in 0..60 {
        let host = Host::new();
        host.office.enlist(&bob(), Does::Works);
        let engine = host.engine(PATIENT);
        let handle = engine.handle();
        let (end, ended) = oneshot::channel::<()>();
        let mut life = Life::of(engine.run(async move { drop(ended.await) }));
        life.until(&host.clock, at(10_000));
        let mut asked = Life::of(handle.order(Order::Stop, Scope::Agent(bob())));
        asked.settle();
        for _ in 0..steps {
            life.step();
        }
        drop(end);
        life.settle();
        drop(life);
        asked.settle();
        if let Ok(report) = asked.end() {
            assert_eq!(report.agents.len(), 1, "after {steps} steps: Ok, and nobody in it");
        }
    }
}

#[tokio::test]
async fn r07_a_requeue_that_is_only_planned_leaves_the_incident_open() {
    let host = Host::new();
    host.office.enlist(&ada(), Does::Works);
    host.office.write(&ada(), "m-1", None);
    host.office.give_up(&ada(), "m-1");
    let incident = Incident {
        key: "dead-letter:office/ada/m-1".to_owned(),
        kind: FindingKind::DeadLetter,
        severity: Severity::Error,
        agent: Some(ada()),
        summary: "given up".to_owned(),
        evidence: serde_json::json!({ "message_id": "m-1", "since": "2026-09-21T00:00:00Z" }),
        opened_at: at(0),
        good_looks: 0,
    };
    let commit = Commit { incidents: vec![IncidentChange::Seen(incident)], ..Commit::new(at(0)) };
    host.store.commit(commit).await.unwrap();
    let engine = engine(&host, Mode::Observe, 8);
    engine.sweep().await.unwrap();
    assert_eq!(engine.incidents().await.unwrap().len(), 1);
    let order = Order::Requeue(MessageId::new("m-1"));
    let report = engine.carry_out(order, Scope::Agent(ada())).await.unwrap();
    assert_eq!(done(only(&report)), ["requeue Planned", "wake Planned"]);
    assert_eq!(host.office.row(&ada(), "m-1").status(), "failed");
    assert_eq!(engine.incidents().await.unwrap().len(), 1, "nothing was done, and it is over");
}

#[tokio::test]
async fn r08_trouble_with_the_state_is_over_when_it_is_over() {
    let host = Host::new();
    host.office.enlist(&bob(), Does::Works);
    let engine = host.engine(PATIENT);
    let handle = engine.handle();
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(50_000));
    host.store.leave_room_for(0);
    life.until(&host.clock, at(70_000));
    host.store.leave_room_for(usize::MAX);
    life.until(&host.clock, at(600_000));
    let report = life.ask(async { handle.order(Order::Look, Scope::All).await }).unwrap();
    assert_eq!(report.trouble, Vec::<String>::new(), "nine minutes later");
}

#[tokio::test]
async fn r09_agents_of_a_source_that_is_configured_no_more_do_not_hold_the_brake() {
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
async fn r10_a_flood_of_events_does_not_put_the_resync_off() {
    let host = Host::new();
    host.office.enlist(&bob(), Does::Works);
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));
    host.office.desks().list_takes = Some(Span::from_millis(200));
    let looks = host.office.looks(&bob());
    let mut ms = 10_000;
    while ms < 600_000 {
        ms += 50;
        host.office.tell(Hint::Run(RunId::new("somebody-elses")));
        life.until(&host.clock, at(ms));
    }
    let looks = host.office.looks(&bob()) - looks;
    assert!(looks >= 5, "{looks} looks in ten minutes");
}

#[tokio::test]
async fn r12_what_is_remembered_of_the_clocks_survives_a_hint_at_the_start() {
    for hinted in [false, true] {
        let host = Host::new();
        host.office.enlist(&bob(), Does::Works);
        let reading = host.clock.reading();
        let mut doubt = sweepd_decide::Doubt::default();
        doubt.hold_until = Some(at(60_000));
        let commit = Commit { clock: Some((reading, doubt)), ..Commit::new(at(0)) };
        host.store.commit(commit).await.unwrap();
        let engine = host.engine(PATIENT);
        if hinted {
            host.office.tell(Hint::Agent(bob()));
        }
        let mut life = Life::of(engine.run(std::future::pending()));
        life.until(&host.clock, at(1000));
        let kept = life.ask(host.store.last_clock()).unwrap().unwrap();
        assert_eq!(kept.doubt.hold_until, Some(at(60_000)), "hinted: {hinted}");
    }
}

#[tokio::test]
async fn r14_nothing_is_concluded_from_a_list_that_failed() {
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

#[tokio::test]
async fn r15_an_order_to_wake_is_carried_out_although_others_take_long() {
    let host = Host::new();
    host.office.enlist(&ada(), Does::Works);
    host.office.enlist(&bob(), Does::Works);
    let engine = engine(&host, Mode::Enforce, 1);
    let handle = engine.handle();
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(10_000));
    host.office.desks().wakes_shut = true;
    let mut asked = Life::of(handle.order(Order::Wake, Scope::All));
    asked.settle();
    life.until(&host.clock, at(25_000));
    host.office.desks().wakes_shut = false;
    host.office.door.notify_waiters();
    life.until(&host.clock, at(26_000));
    asked.settle();
    let report = asked.end().unwrap();
    for agent in &report.agents {
        assert_eq!(done(agent), ["wake Done"], "{}", agent.id);
    }
}

#[tokio::test]
async fn r13_cost_of_a_resync() {
    for number in [500_usize, 1000, 2000, 4000] {
        let host = Host::new();
        for n in 0..number {
            let agent = AgentId::new(format!("office/agent-{n:05}"));
            host.office.enlist(&agent, Does::Works);
            host.office.write(&agent, "m-1", Some(at(1_000_000)));
        }
        let engine = host.engine(PATIENT);
        let mut life = Life::of(engine.run(std::future::pending()));
        life.until(&host.clock, at(30_000));
        let begun = std::time::Instant::now();
        life.until(&host.clock, at(80_000));
        eprintln!("{number} agents: one resync took {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn r11_an_ending_that_waits_for_a_stop_is_no_hot_loop() {
    let host = Host::with_ada();
    host.office.enlist(&bob(), Does::Works);
    host.office.write(&bob(), "m-1", Some(at(70_000)));
    host.office.shut_door(true);
    let engine = host.engine(PATIENT);
    let (end, ended) = oneshot::channel::<()>();
    let mut life = Life::of(engine.run(async move { drop(ended.await) }));
    life.until(&host.clock, at(66_000));
    drop(end);
    life.settle();
    life.until(&host.clock, at(75_000));
    host.office.shut_door(false);
    life.settle();
    life.end().unwrap();
}

#[tokio::test]
async fn r16_a_turn_that_waits_long_does_not_conclude_from_an_old_list() {
    let host = Host::new();
    let zed = AgentId::new("office/zed");
    host.office.enlist(&bob(), Does::Works);
    host.office.enlist(&zed, Does::Works);
    host.office.write(&zed, "m-1", Some(at(1_000_000)));
    host.office.desks().look_shut = Some(bob());
    let engine = engine(&host, Mode::Enforce, 1);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(2_000));
    // zed is started by a person, and claims m-1; she has been waiting for her turn all the while.
    let begun = Inspection {
        state: RunState::Running,
        started_at: Some(at(2_000)),
        exit_code: None,
        oom_killed: false,
        restarts: 0,
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
async fn r17_a_clock_that_was_set_back_makes_nobody_deaf() {
    let host = Host::new();
    host.office.enlist(&bob(), Does::Works);
    host.office.write(&bob(), "m-1", None);
    host.clock.set(at(7_200_000));
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(7_210_000));
    let run = host.office.desks().runs.keys().next().unwrap().clone();
    host.clock.set(at(10_000));
    host.office.tell(Hint::Run(run.clone()));
    life.settle();
    life.until(&host.clock, at(200_000));
    host.office.desks().runs.get_mut(&run).unwrap().1.state = RunState::Exited;
    let looks = host.office.looks(&bob());
    host.office.tell(Hint::Run(run));
    life.until(&host.clock, at(205_000));
    assert!(host.office.looks(&bob()) > looks, "three minutes after the step");
}

#[tokio::test]
async fn r18_whoever_was_too_old_to_act_on_is_looked_at_again() {
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

#[tokio::test]
async fn r21_a_pass_over_everybody_says_how_many() {
    let host = Host::with_ada();
    host.office.enlist(&bob(), Does::Works);
    host.office.shut_door(true);
    let engine = host.engine(PATIENT);
    let handle = engine.handle();
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(66_000));
    let mut asked = Life::of(handle.order(Order::Look, Scope::All));
    asked.settle();
    life.settle();
    host.office.shut_door(false);
    for _ in 0..3 {
        life.settle();
        asked.settle();
    }
    for commit in host.diary.commits_of() {
        for event in commit.events.iter().filter(|event| event.kind.as_str() == "pass_finished") {
            assert!(
                event.data["whole"] != true || event.data["summary"]["agents"] == 2,
                "{} {}",
                commit.at,
                event.data
            );
        }
    }
}

#[tokio::test]
async fn r22_one_failing_answer_does_not_put_a_limit_off_for_a_minute() {
    let host = Host::with_ada();
    let engine = host.engine(PATIENT);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(64_900));
    host.office.desks().list_fails = true;
    life.until(&host.clock, at(65_500));
    host.office.desks().list_fails = false;
    life.until(&host.clock, at(80_000));
    assert_eq!(host.diary.acts().stops, 1, "the runtime has answered again for 14 s");
}

#[tokio::test]
async fn r23_whoever_is_paused_in_its_runtime_does_not_hold_the_brake() {
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
async fn r24_a_run_does_not_begin_amid_a_sweep_of_the_same_engine() {
    let host = Host::with_ada();
    host.run_until(at(30_000));
    host.clock.set(at(100_000));
    host.office.shut_door(true);
    let engine = host.engine(PATIENT);
    let mut sweep = Life::of(engine.sweep());
    sweep.until(&host.clock, at(106_000));
    assert_eq!(host.office.desks().stops_begun, 1);
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(120_000));
    assert_eq!(host.office.desks().stops_begun, 1, "two stops of one agent at once");
}

#[tokio::test]
async fn r27_looks_less_than_five_seconds_apart_are_one_good_look() {
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

#[tokio::test]
async fn r30_a_resume_amid_a_wait_is_seen() {
    let host = Host::new();
    let zed = AgentId::new("office/zed");
    host.office.enlist(&bob(), Does::Works);
    host.office.enlist(&zed, Does::Works);
    let engine = engine(&host, Mode::Enforce, 1);
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
async fn r31_an_order_does_not_wait_for_its_place_in_a_resync() {
    let host = Host::new();
    for name in ["office/a", "office/b", "office/c", "office/d"] {
        host.office.enlist(&AgentId::new(name), Does::Works);
    }
    let engine = engine(&host, Mode::Enforce, 1);
    let handle = engine.handle();
    let mut life = Life::of(engine.run(std::future::pending()));
    life.until(&host.clock, at(59_000));
    let d = AgentId::new("office/d");
    host.office.desks().look_shut = Some(AgentId::new("office/a"));
    life.until(&host.clock, at(61_000));
    let mut asked = Life::of(handle.order(Order::Wake, Scope::Agent(d.clone())));
    asked.settle();
    life.settle();
    host.office.desks().look_shut = Some(AgentId::new("office/b"));
    host.office.door.notify_waiters();
    life.until(&host.clock, at(62_000));
    assert!(host.office.up(&d), "a person asked: b and c come first");
}

#[tokio::test]
async fn r32_a_directory_that_was_made_anew_is_watched_anew() {
    use sweepd_sweep::adapters::NanoclawHints;
    use sweepd_sweep::ports::{Enlisted, Hints as _};
    let base = std::env::var("R32_DIR").unwrap_or_else(|_| "/tmp".to_owned());
    let root = tempfile::tempdir_in(base).unwrap();
    let dir = root.path().join("v2-sessions/ag/s");
    std::fs::create_dir_all(&dir).unwrap();
    let on = Enlisted {
        agent: bob(),
        workspace: Some(dir.clone()),
        places: Default::default(),
        ghost: None,
    };
    let hints = NanoclawHints::new(root.path());
    hints.watch(std::slice::from_ref(&on)).await;
    let told = async |file: &str| {
        std::fs::write(dir.join(file), "x").unwrap();
        tokio::time::timeout(Duration::from_secs(1), hints.next()).await.is_ok()
    };
    assert!(told("inbound.db").await);
    tokio::time::sleep(Duration::from_millis(200)).await;
    std::fs::remove_dir_all(&dir).unwrap();
    std::fs::create_dir(&dir).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    while tokio::time::timeout(Duration::from_millis(100), hints.next()).await.is_ok() {}
    hints.watch(std::slice::from_ref(&on)).await;
    while tokio::time::timeout(Duration::from_millis(100), hints.next()).await.is_ok() {}
    assert!(told("inbound.db").await, "its new directory is not watched");
}

struct Real(std::sync::atomic::AtomicUsize);

impl sweepd_sweep::ports::Clock for Real {
    fn now(&self) -> sweepd_decide::Timestamp {
        sweepd_sweep::SystemClock::new().now()
    }
    fn reading(&self) -> ClockReading {
        sweepd_sweep::SystemClock::new().reading()
    }
    fn sleep_until(&self, at: sweepd_decide::Timestamp) -> sweepd_sweep::ports::Doing<'_, ()> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let wait = u64::try_from(at.since(self.now()).as_millis()).unwrap_or(0);
        Box::pin(tokio::time::sleep(Duration::from_millis(wait)))
    }
}

#[tokio::test]
async fn r33_an_ending_that_waits_does_not_spin() {
    let host = Host::new();
    let clock = Arc::new(Real(0.into()));
    host.clock.set(clock.now());
    let zed = AgentId::new("office/zed");
    host.office.enlist(&bob(), Does::Works);
    host.office.enlist(&zed, Does::Works);
    host.office.write(&bob(), "m-1", None);
    host.office.write(&zed, "m-1", Some(clock.now().plus(Span::from_secs(2))));
    host.office.desks().wakes_shut = true;
    let office = &host.office;
    let mut setup = SourceSetup::new(office.clone(), office.clone(), office.clone());
    setup.mode = Mode::Enforce;
    let mut options = Options::default();
    options.mode = Mode::Enforce;
    let engine = Engine::new(clock.clone(), host.store.clone(), INSTALL, vec![setup], options);
    let run = engine.run(tokio::time::sleep(Duration::from_millis(500)));
    let watch = async {
        tokio::time::sleep(Duration::from_millis(1000)).await;
        let before = clock.0.load(std::sync::atomic::Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(4)).await;
        let after = clock.0.load(std::sync::atomic::Ordering::SeqCst);
        host.office.desks().wakes_shut = false;
        host.office.door.notify_waiters();
        after - before
    };
    let (_, slept) = tokio::join!(run, watch);
    assert!(slept < 50, "slept {slept} times in 4 s");
}

#[tokio::test]
async fn r34_a_silent_runtime_and_a_hint_in_real_time() {
    let host = Host::new();
    let clock = Arc::new(Real(0.into()));
    host.clock.set(clock.now());
    host.office.enlist(&bob(), Does::Works);
    let office = &host.office;
    let mut setup = SourceSetup::new(office.clone(), office.clone(), office.clone());
    setup.mode = Mode::Enforce;
    setup.hints = vec![office.clone()];
    let engine =
        Engine::new(clock.clone(), host.store.clone(), INSTALL, vec![setup], Options::default());
    let run = engine.run(tokio::time::sleep(Duration::from_secs(3)));
    let watch = async {
        tokio::time::sleep(Duration::from_millis(1000)).await;
        host.office.set_silent(true);
        host.office.tell(Hint::Agent(bob()));
        tokio::time::sleep(Duration::from_millis(100)).await;
        let before = host.diary.commits();
        tokio::time::sleep(Duration::from_secs(1)).await;
        host.diary.commits() - before
    };
    let (_, commits) = tokio::join!(run, watch);
    assert!(commits < 10, "{commits} commits in one second");
}
