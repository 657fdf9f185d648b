//! The simulated runtime and waker.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sweepd_decide::{AgentId, RunId, RunState, Span, Timestamp};
use sweepd_sweep::ports::{Clock as _, Runtime, WakeOrder, Waker};
use sweepd_sweep::sim::{ManualClock, SimRuntime, SimWaker, WakeScript};
use tempfile::TempDir;

use super::any::keeps_to_the_contract_of_any_runtime;
use super::container::keeps_to_the_contract_of_containers;
use super::lab::{ContainerLab, Does, LINES, Lab, POLITE};
use super::waking::{WakeLab, keeps_to_the_contract_of_wakers, order_in};

mod keeper;

keeps_to_the_contract_of_any_runtime!(SimLab);
keeps_to_the_contract_of_containers!(SimLab);

mod waker {
    use crate::contract::waking::WakeLab as _;

    super::keeps_to_the_contract_of_wakers!(super::SimWakeLab);
}

/// Which nobody can bring a real engine to at will.
#[tokio::test]
async fn every_state_that_there_is_is_listed() {
    let lab = SimLab::new().await.unwrap();
    let states = [
        RunState::Running,
        RunState::Restarting,
        RunState::Paused,
        RunState::Created,
        RunState::Exited,
        RunState::Dead,
        RunState::Removing,
    ];
    for state in states {
        let id = lab.begin(Does::Listens).await;
        lab.runtime.change(&id, |run| run.state = state);
    }
    let list = lab.runtime().list().await.unwrap();
    assert_eq!(list.iter().map(|seen| seen.state).collect::<Vec<_>>(), states);
}

struct SimLab {
    clock: Arc<ManualClock>,
    runtime: SimRuntime,
    _dir: TempDir,
    dir: PathBuf,
}

impl Lab for SimLab {
    async fn new() -> Option<Self> {
        let clock = Arc::new(ManualClock::at(NOW));
        let dir = TempDir::new().unwrap();
        let (runtime, path) = (SimRuntime::new(Arc::clone(&clock)), dir.path().canonicalize());
        Some(Self { clock, runtime, _dir: dir, dir: path.unwrap() })
    }

    fn runtime(&self) -> &dyn Runtime {
        &self.runtime
    }

    async fn begin(&self, does: Does) -> RunId {
        let id = self.runtime.start(&self.dir, BTreeMap::new());
        self.runtime.change(&id, |run| {
            run.ends_with = (does != Does::Ignores).then_some(POLITE);
            run.log = LINES.map(str::to_owned).to_vec();
        });
        self.clock.advance(A_WHILE);
        if let Does::Ends(code) = does {
            self.runtime.exit(&id, code);
            self.clock.advance(A_WHILE);
        }
        id
    }

    async fn pause(&self, run: &RunId) {
        self.runtime.change(run, |run| run.state = RunState::Paused);
    }

    fn nobody(&self) -> RunId {
        RunId::new("sim-0")
    }
}

impl ContainerLab for SimLab {
    async fn begin_with(
        &self,
        workspace: Option<&Path>,
        labels: BTreeMap<String, String>,
    ) -> RunId {
        let id = self.runtime.start(workspace.unwrap_or(&self.dir), labels);
        if workspace.is_none() {
            self.runtime.change(&id, |run| run.workspace = None);
        }
        id
    }

    async fn create(&self) -> RunId {
        let id = self.runtime.start(&self.dir, BTreeMap::new());
        self.runtime.change(&id, |run| run.state = RunState::Created);
        id
    }

    async fn restart(&self, run: &RunId) {
        self.clock.advance(A_WHILE);
        self.runtime.restart(run);
    }

    async fn vanished(&self, code: i64) -> RunId {
        let id = self.begin(Does::Ends(code)).await;
        self.runtime.vanish(&id);
        id
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn dir(&self) -> &Path {
        &self.dir
    }

    fn down(&self) -> Vec<Box<dyn Runtime>> {
        self.runtime.set_down(true);
        vec![Box::new(self.runtime.clone())]
    }
}

struct SimWakeLab {
    runtime: SimRuntime,
    waker: SimWaker,
    order: WakeOrder,
    _dir: TempDir,
}

impl WakeLab for SimWakeLab {
    async fn new() -> Option<Self> {
        let dir = TempDir::new().unwrap();
        let order = order_in(dir.path(), NOW);
        let runtime = SimRuntime::new(Arc::new(ManualClock::at(NOW)));
        let home = order.workspace.clone().unwrap();
        let homes: BTreeMap<AgentId, PathBuf> = [(order.agent.clone(), home)].into();
        Some(Self { waker: SimWaker::new(runtime.clone(), homes), runtime, order, _dir: dir })
    }

    fn waker(&self) -> &dyn Waker {
        &self.waker
    }

    fn runtime(&self) -> &dyn Runtime {
        &self.runtime
    }

    fn order(&self) -> &WakeOrder {
        &self.order
    }

    fn install(&self) -> String {
        String::new()
    }

    fn found_a_heartbeat(&self) -> Option<bool> {
        Some(false)
    }

    fn failing(&self) -> (Box<dyn Waker>, &'static str) {
        let waker = self.waker.clone();
        waker.script(WakeScript { succeeds: false, ..WakeScript::default() });
        (Box::new(waker), "the script says so")
    }
}

#[tokio::test]
async fn nobody_is_woken_while_the_runtime_is_down() {
    let lab = SimWakeLab::new().await.unwrap();
    lab.runtime.set_down(true);
    lab.waker.wake(&lab.order).await.unwrap_err();
    lab.runtime.set_down(false);
    assert_eq!(lab.runtime.up(), []);
}

const NOW: Timestamp = Timestamp::from_millis(1_795_341_600_123);
const A_WHILE: Span = Span::from_secs(1);
