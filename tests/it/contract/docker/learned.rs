//! The wake kind `learned`: from a container that somebody else once started.

use std::sync::Arc;

use serde_json::{Value, json};
use sweepd_decide::RunId;
use sweepd_store::state::StateDb;
use sweepd_sweep::SystemClock;
use sweepd_sweep::adapters::{DockerRuntime, LearnedWaker, SqliteState};
use sweepd_sweep::ports::{
    Clock as _, Commit, LearnedSpec, Learner as _, Runtime, State as _, WakeOrder, Waker,
};
use sweepd_tests::docker::Rig;

use crate::contract::waking::{WakeLab, keeps_to_the_contract_of_wakers, order_in, script};

keeps_to_the_contract_of_wakers!(LearnedWakeLab);

struct LearnedWakeLab {
    rig: Rig,
    runtime: DockerRuntime,
    waker: LearnedWaker,
    order: WakeOrder,
    without_image: LearnedWaker,
}

impl WakeLab for LearnedWakeLab {
    async fn new() -> Option<Self> {
        let rig = Rig::new().await?;
        let order = order_in(&rig.dir(), SystemClock::new().now());
        let elsewhere = rig.dir().join("elsewhere");
        std::fs::create_dir(&elsewhere).unwrap();
        let bind = format!("--volume={}:/workspace", elsewhere.display());
        let first = RunId::new(rig.run(&["--rm", &bind], &script("/workspace")));
        let nobody = waker(&rig, &order, &Value::Null).await;
        let spec = nobody.learn(&first).await.unwrap().spec;
        rig.docker(&["rm", "-f", first.as_str()]);
        let mut gone = spec.clone();
        *gone.pointer_mut("/image").unwrap() = json!("sweepd-test-no-such-image:1");
        *gone.pointer_mut("/image_id").unwrap() = Value::Null;
        Some(Self {
            runtime: DockerRuntime::new(rig.client().clone()),
            waker: waker(&rig, &order, &spec).await,
            without_image: waker(&rig, &order, &gone).await,
            rig,
            order,
        })
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
        self.rig.install()
    }

    fn failing(&self) -> (Box<dyn Waker>, &'static str) {
        let words = "there is no image sweepd-test-no-such-image:1";
        (Box::new(self.without_image.clone()), words)
    }
}

/// A waker with a state of its own, in which this is written down.
async fn waker(rig: &Rig, order: &WakeOrder, spec: &Value) -> LearnedWaker {
    let now = SystemClock::new().now();
    let dir = tempfile::TempDir::new_in(rig.dir()).unwrap().keep();
    let state = SqliteState::new(Some(StateDb::open(&dir, now).unwrap()));
    let (agent, run, spec) = (order.agent.clone(), RunId::new("first"), spec.clone());
    let spec = (!spec.is_null()).then_some(LearnedSpec { agent, run, spec });
    state.commit(Commit { spec, ..Commit::new(now) }).await.unwrap();
    LearnedWaker::new(rig.client().clone(), Arc::new(state), rig.install())
}
