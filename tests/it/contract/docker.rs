//! A real Docker engine.

use std::collections::BTreeMap;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sweepd_decide::{RunId, RunState, Timestamp};
use sweepd_docker::{Client, Options};
use sweepd_sweep::SystemClock;
use sweepd_sweep::adapters::DockerRuntime;
use sweepd_sweep::ports::{Clock as _, PortError, Runtime};
use sweepd_tests::docker::Rig;

use super::any::keeps_to_the_contract_of_any_runtime;
use super::container::keeps_to_the_contract_of_containers;
use super::lab::{ContainerLab, Does, Lab, until, within};

mod keeper;
mod learned;
mod slow;
mod waker;

keeps_to_the_contract_of_any_runtime!(DockerLab);
keeps_to_the_contract_of_containers!(DockerLab);

#[tokio::test]
async fn a_run_between_two_of_its_lives_is_up() {
    let Some(lab) = DockerLab::new().await else { return };
    within(async {
        let id = RunId::new(lab.rig.run(&["--restart=always"], "exit 1"));
        if lab.rig.engine().is_podman() {
            // It starts it again at once, and has no word for the moment between: then it has
            // ended. And it cannot describe a process that is on its way out.
            until(async || {
                let seen = lab.runtime.inspect(&id).await.ok()?;
                (seen.state == RunState::Running && seen.restarts > 1).then_some(())
            })
            .await;
            return;
        }
        until(async || {
            let list = lab.runtime.list().await.unwrap();
            let seen = list.into_iter().find(|seen| seen.run == id).unwrap();
            (seen.state == RunState::Restarting).then_some(())
        })
        .await;
        until(async || {
            let seen = lab.runtime.inspect(&id).await.unwrap();
            (seen.state == RunState::Restarting && seen.restarts > 0).then_some(())
        })
        .await;
        assert!(RunState::Restarting.is_up());
    })
    .await;
}

#[tokio::test]
async fn only_a_directory_bound_to_exactly_workspace_is_one() {
    let Some(lab) = DockerLab::new().await else { return };
    within(async {
        let dir = lab.dir.join("elsewhere");
        std::fs::create_dir(&dir).unwrap();
        let elsewhere = ["/workspace2", "/workspace/in", "/data"]
            .map(|place| format!("--mount=type=bind,source={},target={place}", dir.display()));
        let mut options: Vec<&str> = elsewhere.iter().map(String::as_str).collect();
        options.push("--tmpfs=/workspace");
        let id = RunId::new(lab.rig.run(&options, &Does::Listens.script()));
        let list = lab.runtime.list().await.unwrap();
        let seen = list.into_iter().find(|seen| seen.run == id).unwrap();
        assert_eq!(seen.workspace, None);
    })
    .await;
}

#[tokio::test]
async fn a_name_or_a_prefix_of_an_id_names_no_run() {
    let Some(lab) = DockerLab::new().await else { return };
    within(async {
        let name = lab.rig.name();
        let id = lab.rig.run(&["--name", &name], &Does::Listens.script());
        for alias in [name.as_str(), id.split_at(12).0] {
            let run = sweepd_decide::Run { id: RunId::new(alias), started_at: None };
            let stop = lab.runtime.stop(&run, Duration::ZERO).await;
            assert!(matches!(stop, Err(PortError::Refused { .. })), "{stop:?}");
        }
        let seen = lab.runtime.inspect(&RunId::new(id)).await.unwrap();
        assert_eq!(seen.state, RunState::Running);
    })
    .await;
}

struct DockerLab {
    rig: Rig,
    runtime: DockerRuntime,
    dir: PathBuf,
    /// Takes connections and never says a word.
    _mute: UnixListener,
}

impl Lab for DockerLab {
    async fn new() -> Option<Self> {
        let rig = Rig::new().await?;
        let (runtime, dir) = (DockerRuntime::new(rig.client().clone()), rig.dir());
        let mute = UnixListener::bind(dir.join(MUTE)).unwrap();
        Some(Self { rig, runtime, dir, _mute: mute })
    }

    fn runtime(&self) -> &dyn Runtime {
        &self.runtime
    }

    async fn begin(&self, does: Does) -> RunId {
        RunId::new(self.rig.run(&[], &does.script()))
    }

    async fn pause(&self, run: &RunId) {
        self.rig.docker(&["pause", run.as_str()]);
    }

    fn nobody(&self) -> RunId {
        RunId::new("0123456789abcdef".repeat(4))
    }
}

impl ContainerLab for DockerLab {
    async fn begin_with(
        &self,
        workspace: Option<&Path>,
        labels: BTreeMap<String, String>,
    ) -> RunId {
        let mut options: Vec<String> =
            labels.iter().map(|(key, value)| format!("--label={key}={value}")).collect();
        // As NanoClaw does it, not by the call of our own waker.
        options.extend(workspace.map(|dir| format!("--volume={}:/workspace", dir.display())));
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        RunId::new(self.rig.run(&options, &Does::Listens.script()))
    }

    async fn create(&self) -> RunId {
        RunId::new(self.rig.create(&[], &Does::Listens.script()))
    }

    async fn restart(&self, run: &RunId) {
        self.rig.docker(&["restart", "-t", "0", run.as_str()]);
    }

    async fn vanished(&self, code: i64) -> RunId {
        let id = RunId::new(self.rig.run(&["--rm"], &Does::Ends(code).script()));
        let gone = async || self.runtime.inspect(&id).await.err();
        until(gone).await;
        id
    }

    fn now(&self) -> Timestamp {
        SystemClock::new().now()
    }

    fn dir(&self) -> &Path {
        &self.dir
    }

    fn down(&self) -> Vec<Box<dyn Runtime>> {
        let silent = |host: PathBuf| -> Box<dyn Runtime> {
            Box::new(DockerRuntime::new(impatient(&format!("unix://{}", host.display()))))
        };
        vec![silent(self.dir.join("no-such-socket")), silent(self.dir.join(MUTE))]
    }
}

/// A client that soon gives up.
fn impatient(host: &str) -> Client {
    let soon = Duration::from_millis(50);
    let options = Options {
        host: host.to_owned(),
        list: soon,
        inspect: soon,
        start: soon,
        call: soon,
        logs: soon,
        events: soon,
    };
    Client::connect(options).unwrap()
}

const MUTE: &str = "mute.sock";
