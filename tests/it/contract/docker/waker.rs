//! The wake kind `docker`, and what only it can meet: names that are taken, images, mounts.

use std::path::Path;
use std::time::Duration;

use sweepd_decide::{Run, RunId};
use sweepd_docker::Client;
use sweepd_sweep::SystemClock;
use sweepd_sweep::adapters::{DockerRuntime, DockerWake, DockerWaker, WakeMount};
use sweepd_sweep::ports::{Clock as _, PortError, Runtime, WakeOrder, Waker};
use sweepd_tests::docker::{Rig, patient};
use tokio::net::UnixListener;

use super::slow;
use crate::contract::lab::{Does, until, within};
use crate::contract::waking::{
    WakeLab, keeps_to_the_contract_of_wakers, no_such_image, order_in, script,
};

keeps_to_the_contract_of_wakers!(DockerWakeLab);

#[tokio::test]
async fn a_name_held_by_a_stranger_is_a_refusal_that_names_him_and_he_is_left_alone() {
    let Some(lab) = DockerWakeLab::new().await else { return };
    within(async {
        let name = lab.name_of_the_container().await;
        let strangers: [&[&str]; 3] = [
            &[],
            &["--label=sweepd.agent=nanoclaw/ag-1/sess-1"],
            &["--label=sweepd.install=another", "--label=sweepd.agent=nanoclaw/ag-1/sess-1"],
        ];
        for labels in strangers {
            let options = [&["--name", name.as_str()], labels].concat();
            let id = lab.rig.run(&options, &Does::Ends(0).script());
            lab.until_ended(&id).await;
            let error = lab.waker.wake(&lab.order).await.unwrap_err();
            assert!(matches!(error, PortError::Refused { .. }), "{error:?}");
            let said = error.chain();
            assert!(said.contains(&name) && said.contains(&id), "{said}");
            let found = lab.rig.client().inspect(&name).await.unwrap();
            assert_eq!(found.id, id);
            lab.rig.docker(&["rm", &id]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_dead_holder_of_the_name_that_is_ours_is_replaced() {
    let Some(lab) = DockerWakeLab::new().await else { return };
    within(async {
        let name = lab.name_of_the_container().await;
        let ours = [
            format!("--label=sweepd.install={}", lab.install()),
            format!("--label=sweepd.agent={}", lab.order.agent),
            format!("--name={name}"),
        ];
        let options: Vec<&str> = ours.iter().map(String::as_str).collect();
        let never_started = lab.rig.create(&options, "exit 0");
        let first = lab.waker.wake(&lab.order).await.unwrap();
        assert!(!first.already);
        let first = first.run.unwrap();
        assert_ne!(first.as_str(), never_started);
        let run = Run { id: first.clone(), started_at: None };
        lab.runtime.stop(&run, Duration::from_secs(10)).await.unwrap();
        let second = lab.waker.wake(&lab.order).await.unwrap().run.unwrap();
        assert_ne!(first, second);
        for gone in [RunId::new(never_started), first] {
            let seen = lab.runtime.inspect(&gone).await;
            assert!(matches!(seen, Err(PortError::Gone { .. })), "{seen:?}");
        }
        assert_eq!(lab.rig.client().inspect(&name).await.unwrap().id, second.as_str());
    })
    .await;
}

/// See `docs/defects.md`. The name is the same for both, so that only one of them can make it.
#[tokio::test]
async fn defect_0_16_two_wakes_at_once_make_one_container() {
    let Some(lab) = DockerWakeLab::new().await else { return };
    within(async {
        let other = DockerWaker::new(lab.rig.client().clone(), wake(&lab.rig), lab.install());
        for _ in 0..5 {
            let wakes = tokio::join!(lab.waker.wake(&lab.order), other.wake(&lab.order));
            let made = lab.made().await;
            let [run] = made.as_slice() else { panic!("{made:?} of {wakes:?}") };
            let up = lab.runtime.inspect(run).await.unwrap();
            assert!(up.state.is_up(), "{up:?} of {wakes:?}");
            for woken in [&wakes.0, &wakes.1].into_iter().flatten() {
                assert_eq!(woken.run.as_ref(), Some(run), "{wakes:?}");
            }
            assert!(wakes.0.is_ok() || wakes.1.is_ok(), "{wakes:?}");
            lab.rig.client().remove(run.as_str(), true).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_directory_that_is_missing_is_a_refusal_and_nothing_is_made() {
    let Some(lab) = DockerWakeLab::new().await else { return };
    within(async {
        let missing = lab.rig.dir().join("no/such/dir");
        let mut wake = wake(&lab.rig);
        wake.mounts.push(WakeMount {
            source: missing.to_str().unwrap().to_owned(),
            target: "/more".to_owned(),
            read_only: false,
        });
        let waker = DockerWaker::new(lab.rig.client().clone(), wake, lab.install());
        let error = waker.wake(&lab.order).await.unwrap_err();
        assert!(matches!(error, PortError::Refused { .. }), "{error:?}");
        assert!(error.chain().contains(missing.to_str().unwrap()), "{}", error.chain());
        assert!(!lab.rig.dir().join("no").exists());
        assert!(lab.made().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_run_that_ends_at_once_is_told_as_that_with_its_last_words() {
    let Some(lab) = DockerWakeLab::new().await else { return };
    within(async {
        let socket = lab.rig.dir().join("slow.sock");
        let engine = lab.rig.client().host().strip_prefix("unix://").unwrap().to_owned();
        let listener = UnixListener::bind(&socket).unwrap();
        let proxy = slow::serve(listener, Path::new(&engine), lab.rig.client());
        let slow = Client::connect(patient(&format!("unix://{}", socket.display()))).unwrap();
        let mut wake = wake(&lab.rig);
        let last_words = "echo 1 2 3; echo no credentials >&2; exit 3";
        wake.command = Some(["sh", "-c", last_words].map(str::to_owned).to_vec());
        let waker = DockerWaker::new(slow, wake, lab.install());
        let woken = tokio::select! {
            woken = waker.wake(&lab.order) => woken.unwrap(),
            () = proxy => return,
        };
        assert!(woken.run.is_some() && woken.started_at.is_some() && !woken.already, "{woken:?}");
        let said = woken.ended.unwrap();
        assert!(said.contains("exit code 3") && said.contains("no credentials"), "{said}");
        // It is left for an autopsy, and the next wake takes its place.
        assert_eq!(lab.made().await.len(), 1);
        lab.waker.wake(&lab.order).await.unwrap();
        assert_eq!(lab.made().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_placeholder_without_a_value_is_named_and_nothing_is_made() {
    let Some(lab) = DockerWakeLab::new().await else { return };
    within(async {
        let mut wake = wake(&lab.rig);
        wake.env.push(("GROUP".to_owned(), "{group_folder}".to_owned()));
        let waker = DockerWaker::new(lab.rig.client().clone(), wake, lab.install());
        let error = waker.wake(&lab.order).await.unwrap_err();
        assert!(error.chain().contains("{group_folder}"), "{}", error.chain());
        assert!(lab.made().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_wake_of_an_engine_that_does_not_answer_is_a_dont_know() {
    let Some(lab) = DockerWakeLab::new().await else { return };
    within(async {
        let host = format!("unix://{}", lab.rig.dir().join("no-such-socket").display());
        let waker = DockerWaker::new(super::impatient(&host), wake(&lab.rig), lab.install());
        let error = waker.wake(&lab.order).await.unwrap_err();
        assert!(matches!(error, PortError::Unreachable { .. }), "{error:?}");
    })
    .await;
}

struct DockerWakeLab {
    rig: Rig,
    runtime: DockerRuntime,
    waker: DockerWaker,
    order: WakeOrder,
}

impl DockerWakeLab {
    /// What our waker calls the agent's container: a name that is free again.
    async fn name_of_the_container(&self) -> String {
        let id = self.waker.wake(&self.order).await.unwrap().run.unwrap();
        let name = self.rig.client().inspect(id.as_str()).await.unwrap().name;
        self.rig.client().remove(id.as_str(), true).await.unwrap();
        name
    }

    async fn until_ended(&self, id: &str) {
        until(async || {
            let seen = self.rig.client().inspect(id).await.unwrap();
            (!seen.state.is_running()).then_some(())
        })
        .await;
    }

    /// The containers that carry our label, in any state.
    async fn made(&self) -> Vec<RunId> {
        let install = self.install();
        let mut list = self.runtime.list().await.unwrap();
        list.retain(|seen| seen.labels.get("sweepd.install") == Some(&install));
        list.into_iter().map(|seen| seen.run).collect()
    }
}

impl WakeLab for DockerWakeLab {
    async fn new() -> Option<Self> {
        let rig = Rig::new().await?;
        let runtime = DockerRuntime::new(rig.client().clone());
        let waker = DockerWaker::new(rig.client().clone(), wake(&rig), rig.install());
        let order = order_in(&rig.dir(), SystemClock::new().now());
        Some(Self { rig, runtime, waker, order })
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
        let mut wake = wake(&self.rig);
        let (image, words) = no_such_image(&self.rig);
        image.clone_into(&mut wake.image);
        let waker = DockerWaker::new(self.rig.client().clone(), wake, self.install());
        (Box::new(waker), words)
    }
}

fn wake(rig: &Rig) -> DockerWake {
    let mut wake = DockerWake::default();
    wake.image = rig.image();
    wake.command = Some(vec!["sh".to_owned(), "-c".to_owned(), script("/workspace")]);
    wake.mounts = vec![WakeMount {
        source: "{session_dir}".to_owned(),
        target: "/workspace".to_owned(),
        read_only: false,
    }];
    wake.network = Some("none".to_owned());
    wake
}
