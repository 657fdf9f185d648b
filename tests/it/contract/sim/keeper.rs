//! The simulated keeper.

use std::collections::BTreeMap;
use std::sync::Arc;

use sweepd_decide::{RunId, Timestamp};
use sweepd_sweep::ports::{Clock as _, Keeper, Learner, Runtime};
use sweepd_sweep::sim::{KeepScript, ManualClock, SimKeeper, SimRuntime};

use crate::contract::keeping::{KeepLab, keeps_to_the_contract_of_keepers};

keeps_to_the_contract_of_keepers!(SimKeepLab);

struct SimKeepLab {
    clock: Arc<ManualClock>,
    runtime: SimRuntime,
    keeper: SimKeeper,
}

impl KeepLab for SimKeepLab {
    async fn new() -> Option<Self> {
        let clock = Arc::new(ManualClock::at(super::NOW));
        let runtime = SimRuntime::new(Arc::clone(&clock));
        let keeper = SimKeeper::new(runtime.clone(), "this-one");
        Some(Self { clock, runtime, keeper })
    }

    fn keeper(&self) -> &dyn Keeper {
        &self.keeper
    }

    fn learner(&self) -> &dyn Learner {
        &self.keeper
    }

    fn runtime(&self) -> &dyn Runtime {
        &self.runtime
    }

    fn install(&self) -> String {
        "this-one".to_owned()
    }

    fn name(&self) -> String {
        "hooks-dev".to_owned()
    }

    async fn begin(&self) -> RunId {
        self.runtime.make(&self.name(), BTreeMap::new()).unwrap()
    }

    async fn remove(&self, run: &RunId) {
        self.runtime.exit(run, 137);
        self.runtime.vanish(run);
    }

    fn lack(&self) {
        self.keeper.script(KeepScript::Lacks);
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn down(&self) -> Vec<(Box<dyn Keeper>, Box<dyn Learner>)> {
        self.runtime.set_down(true);
        vec![(Box::new(self.keeper.clone()), Box::new(self.keeper.clone()))]
    }
}
