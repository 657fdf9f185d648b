//! Host processes, as a runtime and as a wake kind.
//!
//! They have no labels of their own, no mounts and no second life under one id, and the runtime
//! answers from `/proc`: it is never silent.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use futures_util::FutureExt as _;
use rustix::process::{Pid, Signal, kill_process_group};
use sweepd_decide::{AgentId, Memory, Run, RunId, RunState, Span, Timestamp};
use sweepd_process::{Look, ProcessId, Supervisor};
use sweepd_sweep::SystemClock;
use sweepd_sweep::adapters::{ProcessRuntime, ProcessWake, ProcessWaker};
use sweepd_sweep::ports::{Clock as _, Runtime, WakeOrder, Waker};
use tempfile::TempDir;

use super::any::keeps_to_the_contract_of_any_runtime;
use super::lab::{Does, GRACE, Lab, POLITE, start, until, within};
use super::waking::{WakeLab, keeps_to_the_contract_of_wakers, order_in, script};

keeps_to_the_contract_of_any_runtime!(ProcessLab);

mod waker {
    use crate::contract::waking::WakeLab as _;

    super::keeps_to_the_contract_of_wakers!(super::ProcessWakeLab);
}

#[tokio::test]
async fn a_runtime_that_starts_anew_takes_over_what_is_remembered_but_not_exit_codes() {
    let lab = ProcessLab::new().await.unwrap();
    within(async {
        let up = start(&lab, Does::Listens).await;
        let over = start(&lab, Does::Ends(3)).await;
        let remembered = [(1, &up), (2, &over)].map(|(number, run)| {
            let mut memory = Memory::default();
            memory.run = Some(run.clone());
            (agent(number), memory)
        });
        let next = ProcessRuntime::new("another", lab.dir(), LOG_CAP, remembered).unwrap();
        let states = next.list().await.unwrap().into_iter().map(|seen| (seen.run, seen.state));
        let expected = [(up.id.clone(), RunState::Running), (over.id.clone(), RunState::Exited)];
        assert_eq!(states.collect::<BTreeMap<_, _>>(), BTreeMap::from(expected));
        assert_eq!(next.inspect(&up.id).await.unwrap().started_at, up.started_at);
        assert_eq!(next.inspect(&over.id).await.unwrap().exit_code, None);
        let stopped = next.stop(&up, GRACE).await.unwrap();
        assert_eq!((stopped.exit_code, stopped.killed), (None, false));
        // Whoever started it knows more.
        let seen = lab.runtime().inspect(&up.id).await.unwrap();
        assert_eq!(seen.exit_code, Some(POLITE));
    })
    .await;
}

/// sweepd was killed between the start of a run and the writing down of it.
#[tokio::test]
async fn a_run_whose_wake_was_never_answered_is_found_by_the_mark_of_that_wake() {
    let lab = ProcessLab::new().await.unwrap();
    within(async {
        let run = start(&lab, Does::Listens).await;
        let began = lab.runtime().inspect(&run.id).await.unwrap().started_at.unwrap();
        let left_by = |agent: AgentId, at: Timestamp| {
            let mut memory = Memory::default();
            memory.wakes.under_way = true;
            memory.wakes.attempted_at = Some(at);
            (agent, memory)
        };
        let install = lab.house.install.as_str();
        let seen_by = async |install: &str, remembered: (AgentId, Memory)| {
            let next = ProcessRuntime::new(install, lab.dir(), LOG_CAP, [remembered]).unwrap();
            next.list().await.unwrap()
        };
        let found = seen_by(install, left_by(agent(1), began)).await;
        let own = lab.runtime().list().await.unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((&found[0].run, &found[0].labels), (&own[0].run, &own[0].labels));
        let later = began.plus(Span::from_millis(1));
        for (install, remembered) in [
            ("another", left_by(agent(1), began)),
            (install, left_by(agent(2), began)),
            (install, left_by(agent(1), later)),
            (install, (agent(1), Memory::default())),
        ] {
            assert_eq!(seen_by(install, remembered).await, []);
        }
    })
    .await;
}

/// A wrapper that dies leaves children that still write: nobody is to be started beside them.
#[tokio::test]
async fn a_run_is_over_when_its_whole_group_is() {
    let lab = ProcessWakeLab::new().await.unwrap();
    within(async {
        let wake = shell("sleep 1000 & echo begun");
        let waker = ProcessWaker::new(lab.house.runtime.clone(), wake);
        let woken = waker.wake(&lab.order).await.unwrap();
        let run = Run { id: woken.run.unwrap(), started_at: woken.started_at };
        let leader = format!("/proc/{}", ProcessId::try_from(&run.id).unwrap().pid());
        until(async || {
            let stat = std::fs::read_to_string(format!("{leader}/stat")).unwrap_or_default();
            let dead = stat.is_empty() || stat.contains(") Z ");
            dead.then_some(())
        })
        .await;
        assert_eq!(lab.runtime().inspect(&run.id).await.unwrap().state, RunState::Running);
        assert!(waker.wake(&lab.order).await.unwrap().already);
        lab.runtime().stop(&run, GRACE).await.unwrap();
        assert_eq!(lab.runtime().inspect(&run.id).await.unwrap().state, RunState::Exited);
    })
    .await;
}

#[tokio::test]
async fn each_look_caps_the_log_of_what_runs() {
    let house = House::new();
    let logs = house.dir.path().join("capped");
    let runtime = ProcessRuntime::new(&house.install, &logs, 10_000, []).unwrap();
    let order = order_in(house.dir.path(), SystemClock::new().now());
    within(async {
        let script =
            "i=0; while [ $i -lt 3000 ]; do echo a line of text; i=$((i+1)); done; sleep 1000";
        let waker = ProcessWaker::new(runtime.clone(), shell(script));
        let run = waker.wake(&order).await.unwrap().run.unwrap();
        house.started.lock().unwrap().push(run);
        let size = || {
            let files = std::fs::read_dir(&logs).unwrap();
            files.map(|file| file.unwrap().metadata().unwrap().len()).sum::<u64>()
        };
        until(async || (size() >= 42_000).then_some(())).await;
        runtime.list().await.unwrap();
        assert!(size() <= 10_000, "{}", size());
    })
    .await;
}

#[tokio::test]
async fn a_placeholder_without_a_value_is_named_and_nothing_runs() {
    let lab = ProcessWakeLab::new().await.unwrap();
    within(async {
        let mut wake = ProcessWake::default();
        wake.argv = vec!["/bin/sh".to_owned(), "{group_folder}".to_owned()];
        let waker = ProcessWaker::new(lab.house.runtime.clone(), wake);
        let error = waker.wake(&lab.order).await.unwrap_err();
        assert!(error.chain().contains("{group_folder}"), "{}", error.chain());
        assert!(lab.runtime().list().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_process_runs_in_its_agents_directory() {
    let lab = ProcessWakeLab::new().await.unwrap();
    within(async {
        let wake = shell("pwd");
        let waker = ProcessWaker::new(lab.house.runtime.clone(), wake);
        let run = waker.wake(&lab.order).await.unwrap().run.unwrap();
        let home = lab.order.workspace.as_deref().and_then(Path::to_str).unwrap();
        let told = async || {
            let log = lab.runtime().logs(&run, 10).await.unwrap();
            (!log.is_empty()).then_some(log)
        };
        assert_eq!(until(told).await, home);
    })
    .await;
}

/// A runtime, and everything it has started ended at the end.
struct House {
    runtime: ProcessRuntime,
    install: String,
    dir: TempDir,
    started: Mutex<Vec<RunId>>,
}

impl House {
    /// Of an installation that no other test is of: each finds what carries its mark.
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let install = dir.path().to_str().unwrap().to_owned();
        let logs = dir.path().join("logs");
        let runtime = ProcessRuntime::new(&install, logs, LOG_CAP, []).unwrap();
        Self { runtime, install, dir, started: Mutex::default() }
    }
}

/// Also when the test fails.
impl Drop for House {
    fn drop(&mut self) {
        let supervisor = Supervisor::new().unwrap();
        let listed = self.runtime.list().now_or_never().and_then(Result::ok).unwrap_or_default();
        let mut all = self.started.lock().unwrap();
        all.extend(listed.into_iter().map(|seen| seen.run));
        for id in all.iter() {
            let id = ProcessId::try_from(id).unwrap();
            let up = matches!(supervisor.look(&id), Ok(Look::Running { .. }));
            if let Some(pid) = Pid::from_raw(id.pid()).filter(|_| up) {
                let _may_have_ended = kill_process_group(pid, Signal::KILL);
            }
        }
    }
}

struct ProcessLab {
    house: House,
    orders: Mutex<u32>,
}

impl ProcessLab {
    fn dir(&self) -> PathBuf {
        self.house.dir.path().to_owned()
    }
}

impl Lab for ProcessLab {
    async fn new() -> Option<Self> {
        Some(Self { house: House::new(), orders: Mutex::default() })
    }

    fn runtime(&self) -> &dyn Runtime {
        &self.house.runtime
    }

    async fn begin(&self, does: Does) -> RunId {
        let number = {
            let mut orders = self.orders.lock().unwrap();
            *orders += 1;
            *orders
        };
        let order = WakeOrder {
            agent: agent(number),
            workspace: None,
            places: BTreeMap::new(),
            now: SystemClock::new().now(),
        };
        let waker = ProcessWaker::new(self.house.runtime.clone(), shell(&does.script()));
        let id = waker.wake(&order).await.unwrap().run.unwrap();
        self.house.started.lock().unwrap().push(id.clone());
        id
    }

    async fn pause(&self, run: &RunId) {
        let pid = Pid::from_raw(ProcessId::try_from(run).unwrap().pid()).unwrap();
        let stat = format!("/proc/{}/stat", pid.as_raw_nonzero());
        kill_process_group(pid, Signal::STOP).unwrap();
        until(async || {
            let stat = std::fs::read_to_string(&stat).unwrap();
            let paused = stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'));
            if !paused {
                // A shell that is hit amid a vfork waits for its child, which is paused: once more.
                kill_process_group(pid, Signal::CONT).unwrap();
                kill_process_group(pid, Signal::STOP).unwrap();
            }
            paused.then_some(())
        })
        .await;
    }

    fn nobody(&self) -> RunId {
        RunId::new("pid:1@1@00000000-0000-0000-0000-000000000000")
    }
}

struct ProcessWakeLab {
    house: House,
    waker: ProcessWaker,
    order: WakeOrder,
}

impl WakeLab for ProcessWakeLab {
    async fn new() -> Option<Self> {
        let house = House::new();
        let order = order_in(house.dir.path(), SystemClock::new().now());
        let waker = ProcessWaker::new(house.runtime.clone(), shell(&script(".")));
        Some(Self { house, waker, order })
    }

    fn waker(&self) -> &dyn Waker {
        &self.waker
    }

    fn runtime(&self) -> &dyn Runtime {
        &self.house.runtime
    }

    fn order(&self) -> &WakeOrder {
        &self.order
    }

    fn install(&self) -> String {
        self.house.install.clone()
    }

    fn failing(&self) -> (Box<dyn Waker>, &'static str) {
        let mut wake = ProcessWake::default();
        wake.argv = vec!["/no/such/program".to_owned()];
        (Box::new(ProcessWaker::new(self.house.runtime.clone(), wake)), "/no/such/program")
    }
}

fn agent(number: u32) -> AgentId {
    AgentId::new(format!("hosts/{number}"))
}

fn shell(script: &str) -> ProcessWake {
    let mut wake = ProcessWake::default();
    wake.argv = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
    wake.env = vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())];
    wake
}

const LOG_CAP: u64 = 1 << 20;
