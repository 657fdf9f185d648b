//! Always-on containers of a Docker engine.

use std::os::unix::net::UnixListener;

use sweepd_decide::{RunId, Timestamp};
use sweepd_sweep::SystemClock;
use sweepd_sweep::adapters::{DockerRuntime, KeptContainers};
use sweepd_sweep::ports::{Clock as _, Keeper, Learner, Runtime};
use sweepd_tests::docker::Rig;

use super::{MUTE, impatient};
use crate::contract::keeping::{KeepLab, keeps_to_the_contract_of_keepers};
use crate::contract::lab::Does;

keeps_to_the_contract_of_keepers!(DockerKeepLab);

struct DockerKeepLab {
    rig: Rig,
    name: String,
    runtime: DockerRuntime,
    keeper: KeptContainers,
    /// Takes connections and never says a word.
    _mute: UnixListener,
}

impl KeepLab for DockerKeepLab {
    async fn new() -> Option<Self> {
        let rig = Rig::new().await?;
        let (name, client) = (rig.name(), rig.client().clone());
        let runtime = DockerRuntime::new(client.clone());
        let keeper = KeptContainers::new("yard", rig.install(), client);
        let mute = UnixListener::bind(rig.dir().join(MUTE)).unwrap();
        Some(Self { rig, name, runtime, keeper, _mute: mute })
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
        self.rig.install()
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    async fn begin(&self) -> RunId {
        RunId::new(self.rig.run(&["--name", &self.name], &Does::Listens.script()))
    }

    async fn remove(&self, run: &RunId) {
        self.rig.docker(&["rm", "-f", run.as_str()]);
    }

    /// Nothing was learned, and no image is declared.
    fn lack(&self) {}

    fn now(&self) -> Timestamp {
        SystemClock::new().now()
    }

    fn down(&self) -> Vec<(Box<dyn Keeper>, Box<dyn Learner>)> {
        let silent = |socket: &str| {
            let host = format!("unix://{}", self.rig.dir().join(socket).display());
            KeptContainers::new("yard", self.rig.install(), impatient(&host))
        };
        let both = |socket: &str| -> (Box<dyn Keeper>, Box<dyn Learner>) {
            (Box::new(silent(socket)), Box::new(silent(socket)))
        };
        vec![both("no-such-socket"), both(MUTE)]
    }
}
