//! The wake kind `command`: somebody else's program, here the `docker` program.

use std::sync::Arc;
use std::time::Duration;

use sweepd_decide::Timestamp;
use sweepd_sweep::SystemClock;
use sweepd_sweep::adapters::{CommandWake, CommandWaker, DockerRuntime, NoWaker};
use sweepd_sweep::ports::{Clock as _, PortError, Runtime, WakeKind, WakeOrder, Waker, Woken};
use sweepd_sweep::sim::{ManualClock, SimRuntime};
use sweepd_tests::docker::Rig;
use tempfile::TempDir;

use super::waking::{WakeLab, keeps_to_the_contract_of_wakers, no_such_image, order_in, script};

keeps_to_the_contract_of_wakers!(CommandWakeLab);

#[tokio::test]
async fn a_program_that_starts_nothing_has_failed_after_thirty_seconds() {
    let idle = Idle::new();
    let error = idle.wake("exit 0").await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error:?}");
    assert!(error.chain().contains("nothing runs for it after 30 s"), "{}", error.chain());
    assert!(idle.clock.now().since(NOW).as_millis() >= 29_000, "{}", idle.clock.now());
}

#[tokio::test]
async fn a_program_that_fails_says_why() {
    let error = Idle::new().wake("echo the image is gone >&2; exit 4").await.unwrap_err();
    assert!(error.chain().contains("the image is gone"), "{}", error.chain());
}

#[tokio::test]
async fn a_program_that_does_not_end_in_time_has_failed() {
    let idle = Idle::new();
    let wake = CommandWake { timeout: Duration::from_millis(50), ..shell("exec sleep 1000") };
    let runtime = Arc::new(idle.runtime.clone());
    let waker = CommandWaker::new(wake, runtime, idle.clock.clone(), "");
    let error = waker.wake(&idle.order).await.unwrap_err();
    assert!(error.chain().contains("still running after 50ms"), "{}", error.chain());
}

#[tokio::test]
async fn a_placeholder_without_a_value_is_named() {
    let error = Idle::new().wake(": {group_folder}").await.unwrap_err();
    assert!(error.chain().contains("{group_folder}"), "{}", error.chain());
}

/// While a runtime is silent nobody can tell whether the program did its work.
#[tokio::test]
async fn a_runtime_that_does_not_answer_makes_it_a_dont_know() {
    let idle = Idle::new();
    idle.runtime.set_down(true);
    let error = idle.wake("exit 0").await.unwrap_err();
    assert!(matches!(error, PortError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn wake_kind_none_wakes_nobody() {
    let waker = NoWaker::new();
    assert_eq!(waker.kind(), WakeKind::None);
    let error = waker.wake(&Idle::new().order).await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error:?}");
}

/// A runtime in which nothing runs, and a clock that nobody waits for.
struct Idle {
    clock: Arc<ManualClock>,
    runtime: SimRuntime,
    order: WakeOrder,
    _dir: TempDir,
}

impl Idle {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let clock = Arc::new(ManualClock::at(NOW));
        let runtime = SimRuntime::new(Arc::clone(&clock));
        Self { clock, runtime, order: order_in(dir.path(), NOW), _dir: dir }
    }

    async fn wake(&self, script: &str) -> Result<Woken, PortError> {
        let runtime = Arc::new(self.runtime.clone());
        let waker = CommandWaker::new(shell(script), runtime, self.clock.clone(), "");
        waker.wake(&self.order).await
    }
}

struct CommandWakeLab {
    rig: Rig,
    runtime: DockerRuntime,
    waker: CommandWaker,
    order: WakeOrder,
}

impl CommandWakeLab {
    fn waker_of(rig: &Rig, command: &str) -> CommandWaker {
        let runtime = Arc::new(DockerRuntime::new(rig.client().clone()));
        CommandWaker::new(shell(command), runtime, Arc::new(SystemClock::new()), rig.install())
    }

    /// `docker run` of the image, which knows nothing of our labels but the one for cleaning up.
    fn run(rig: &Rig, image: &str) -> String {
        format!(
            "docker -H {host} run -d --network=none --label sweepd.install={install} \
             --mount type=bind,source={{session_dir}},target=/workspace {image} \
             sh -c \"{script}\"",
            host = rig.client().host(),
            install = rig.install(),
            script = script("/workspace"),
        )
    }
}

impl WakeLab for CommandWakeLab {
    async fn new() -> Option<Self> {
        let rig = Rig::new().await?;
        let waker = Self::waker_of(&rig, &Self::run(&rig, &rig.image()));
        let order = order_in(&rig.dir(), SystemClock::new().now());
        Some(Self { runtime: DockerRuntime::new(rig.client().clone()), waker, order, rig })
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
        let (image, words) = no_such_image(&self.rig);
        let run = Self::run(&self.rig, &format!("--pull=never {image}"));
        (Box::new(Self::waker_of(&self.rig, &run)), words)
    }
}

fn shell(script: &str) -> CommandWake {
    CommandWake {
        argv: ["/bin/sh", "-c", script].map(str::to_owned).to_vec(),
        cwd: None,
        env: vec![("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned())],
        timeout: Duration::from_secs(30),
    }
}

const NOW: Timestamp = Timestamp::from_millis(1_795_341_600_123);
