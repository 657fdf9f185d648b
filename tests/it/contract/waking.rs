//! What every waker keeps to.
//!
//! Runs of a lab note in their directory whether they found a heartbeat there when they began.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime};

use sweepd_decide::{AgentId, RunId, Timestamp};
use sweepd_sweep::ports::{PortError, Runtime, WakeOrder, Waker};
use sweepd_sweep::{AGENT_LABEL, INSTALL_LABEL};
use sweepd_tests::docker::Rig;

use super::lab::{GRACE, until};

/// A waker, what shows its runs, and an agent.
pub(super) trait WakeLab: Sized {
    /// `None`: what it needs is not on this machine.
    async fn new() -> Option<Self>;

    /// The waker under test.
    fn waker(&self) -> &dyn Waker;

    /// Where its runs show.
    fn runtime(&self) -> &dyn Runtime;

    /// Whom to wake.
    fn order(&self) -> &WakeOrder;

    /// The installation's label.
    fn install(&self) -> String;

    /// What the run that was woken last has noted; `None`: nothing yet.
    fn found_a_heartbeat(&self) -> Option<bool> {
        let dir = self.order().workspace.as_deref().unwrap();
        let note = |name: &str| dir.join(name).exists().then_some(name == STALE);
        note(STALE).or_else(|| note(FRESH))
    }

    /// A waker of the same kind whose wakes fail, and words of whoever fails.
    fn failing(&self) -> (Box<dyn Waker>, &'static str);
}

/// A test of each sentence in `$lab`.
macro_rules! keeps_to_the_contract_of_wakers {
    ($lab:ty) => {
        $crate::contract::lab::holds! { $lab:
            waking::a_wake_starts_one_run_that_is_listed_as_the_agents
            waking::waking_again_joins_the_run_that_is_up
            waking::a_stale_heartbeat_is_gone_before_the_run_begins
            waking::joining_leaves_the_heartbeat_of_the_run_alone
            waking::what_was_stopped_can_be_woken_again
            waking::a_wake_that_fails_says_why_and_starts_nothing
        }
    };
}

pub(super) use keeps_to_the_contract_of_wakers;

pub(super) async fn a_wake_starts_one_run_that_is_listed_as_the_agents(lab: &impl WakeLab) {
    assert_eq!(up(lab).await, []);
    let woken = lab.waker().wake(lab.order()).await.unwrap();
    assert!(!woken.already);
    let run = woken.run.unwrap();
    if woken.started_at.is_some() {
        let seen = lab.runtime().inspect(&run).await.unwrap();
        assert_eq!(seen.started_at, woken.started_at);
    }
    assert_eq!(up(lab).await, [run]);
}

pub(super) async fn waking_again_joins_the_run_that_is_up(lab: &impl WakeLab) {
    let first = lab.waker().wake(lab.order()).await.unwrap();
    let again = lab.waker().wake(lab.order()).await.unwrap();
    assert!(again.already, "{again:?}");
    assert_eq!(again.run, first.run);
    assert_eq!(up(lab).await, [first.run.unwrap()]);
}

pub(super) async fn a_stale_heartbeat_is_gone_before_the_run_begins(lab: &impl WakeLab) {
    beat(lab);
    lab.waker().wake(lab.order()).await.unwrap();
    assert!(!until(async || lab.found_a_heartbeat()).await);
    assert!(!heartbeat(lab).exists());
}

/// It is the only sign of life that the run has given.
pub(super) async fn joining_leaves_the_heartbeat_of_the_run_alone(lab: &impl WakeLab) {
    lab.waker().wake(lab.order()).await.unwrap();
    until(async || lab.found_a_heartbeat()).await;
    beat(lab);
    let again = lab.waker().wake(lab.order()).await.unwrap();
    assert!(again.already && heartbeat(lab).exists(), "{again:?}");
}

pub(super) async fn what_was_stopped_can_be_woken_again(lab: &impl WakeLab) {
    let first = lab.waker().wake(lab.order()).await.unwrap().run.unwrap();
    let run = sweepd_decide::Run { id: first.clone(), started_at: None };
    lab.runtime().stop(&run, GRACE).await.unwrap();
    let woken = lab.waker().wake(lab.order()).await.unwrap();
    assert!(!woken.already);
    let second = woken.run.unwrap();
    assert_ne!(first, second);
    assert_eq!(up(lab).await, [second]);
}

pub(super) async fn a_wake_that_fails_says_why_and_starts_nothing(lab: &impl WakeLab) {
    let (failing, words) = lab.failing();
    let error = failing.wake(lab.order()).await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error:?}");
    let said = error.chain();
    assert!(said.contains(words) && said.contains(lab.order().agent.as_str()), "{said}");
    assert_eq!(up(lab).await, []);
}

/// An image that is nowhere, and how the engine says so.
pub(super) fn no_such_image(rig: &Rig) -> (&'static str, &'static str) {
    let docker = "No such image: sweepd-test-no-such-image:1";
    // Podman tells the name in full.
    let podman = "no such image: docker.io/library/sweepd-test-no-such-image:1";
    ("sweepd-test-no-such-image:1", if rig.engine().is_podman() { podman } else { docker })
}

/// An agent in a directory of its own.
pub(super) fn order_in(dir: &Path, now: Timestamp) -> WakeOrder {
    let home = dir.canonicalize().unwrap().join("home");
    std::fs::create_dir(&home).unwrap();
    let place = home.to_str().unwrap().to_owned();
    WakeOrder {
        agent: AgentId::new("nanoclaw/ag-1/sess-1"),
        places: BTreeMap::from([("session_dir", place), ("session_id", "sess-1".to_owned())]),
        workspace: Some(home),
        now,
    }
}

/// What runs do in the directory `home`, for a shell: note, and go on until they are told to end.
pub(super) fn script(home: &str) -> String {
    format!(
        "trap 'exit 0' TERM; \
         if [ -e {home}/.heartbeat ]; then : > {home}/{STALE}; else : > {home}/{FRESH}; fi; \
         while :; do sleep 0.1; done"
    )
}

/// Runs that are up and that the engine would take for the agent's.
async fn up(lab: &impl WakeLab) -> Vec<RunId> {
    let (order, install) = (lab.order(), lab.install());
    let mut list = lab.runtime().list().await.unwrap();
    list.retain(|seen| {
        let label = |key: &str, value: &str| seen.labels.get(key).is_some_and(|has| has == value);
        let labeled = label(INSTALL_LABEL, &install) && label(AGENT_LABEL, order.agent.as_str());
        let mounted = seen.workspace.is_some() && seen.workspace == order.workspace;
        seen.state.is_up() && (labeled || mounted)
    });
    list.into_iter().map(|seen| seen.run).collect()
}

fn heartbeat(lab: &impl WakeLab) -> std::path::PathBuf {
    lab.order().workspace.as_deref().unwrap().join(".heartbeat")
}

fn beat(lab: &impl WakeLab) {
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    std::fs::File::create(heartbeat(lab)).unwrap().set_modified(at).unwrap();
}

const STALE: &str = "began-with-a-heartbeat";
const FRESH: &str = "began-without-a-heartbeat";
