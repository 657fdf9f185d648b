//! What every keeper of always-on containers keeps to.

use sweepd_decide::{AgentId, Run, RunId, Timestamp};
use sweepd_sweep::ports::{Keeper, Learner, PortError, Recreation, Runtime, Seen};
use sweepd_sweep::{AGENT_LABEL, INSTALL_LABEL};

use super::lab::GRACE;

/// A keeper that learns, what shows its containers, and the name of one.
pub(super) trait KeepLab: Sized {
    /// `None`: what it needs is not on this machine.
    async fn new() -> Option<Self>;

    /// The keeper under test.
    fn keeper(&self) -> &dyn Keeper;

    /// Who learns for it.
    fn learner(&self) -> &dyn Learner;

    /// Where containers show.
    fn runtime(&self) -> &dyn Runtime;

    /// The installation's label.
    fn install(&self) -> String;

    /// What the container is called.
    fn name(&self) -> String;

    /// Somebody starts a container of that name, which listens to SIGTERM.
    async fn begin(&self) -> RunId;

    /// Somebody removes it, running or not.
    async fn remove(&self, run: &RunId);

    /// From now on something is lacking that making it anew would take.
    fn lack(&self);

    fn now(&self) -> Timestamp;

    /// The same with a runtime that answers nobody, in each way in which that may be.
    fn down(&self) -> Vec<(Box<dyn Keeper>, Box<dyn Learner>)>;
}

/// A test of each sentence in `$lab`.
macro_rules! keeps_to_the_contract_of_keepers {
    ($lab:ty) => {
        $crate::contract::lab::holds! { $lab:
            keeping::from_what_was_learned_one_is_made_under_the_same_name_and_ours
            keeping::a_name_that_somebody_has_is_left_to_him
            keeping::what_lacks_is_said_and_nothing_is_made
            keeping::one_that_is_stopped_is_started_and_one_that_runs_goes_on
            keeping::of_one_that_is_gone_nothing_is_learned_and_nothing_started
            keeping::how_one_ended_is_remembered_when_it_is_gone
            keeping::a_runtime_that_does_not_answer_is_dont_know
        }
    };
}

pub(super) use keeps_to_the_contract_of_keepers;

pub(super) async fn from_what_was_learned_one_is_made_under_the_same_name_and_ours(
    lab: &impl KeepLab,
) {
    let first = lab.begin().await;
    let order = learned(lab, &first).await;
    lab.remove(&first).await;
    assert_eq!(named(lab).await.len(), 0);
    let made = lab.keeper().recreate(&order).await.unwrap();
    assert_ne!(made.run, first);
    assert_eq!((made.ended, made.mounts_differ), (None, vec![]));
    let seen = named(lab).await.pop().unwrap();
    assert_eq!((&seen.run, seen.state.is_up()), (&made.run, true));
    assert_eq!(seen.labels.get(INSTALL_LABEL), Some(&lab.install()));
    assert_eq!(seen.labels.get(AGENT_LABEL).unwrap(), order.agent.as_str());
    let inspected = lab.runtime().inspect(&made.run).await.unwrap();
    assert_eq!(inspected.started_at, made.started_at);
    // What is learned of the next is what was learned of the one before.
    assert_eq!(learned(lab, &made.run).await.learned, order.learned);
}

pub(super) async fn a_name_that_somebody_has_is_left_to_him(lab: &impl KeepLab) {
    let holder = lab.begin().await;
    let order = learned(lab, &holder).await;
    let error = lab.keeper().recreate(&order).await.unwrap_err();
    assert!(matches!(error, PortError::Superseded { .. }), "{error:?}");
    let seen: Vec<RunId> = named(lab).await.into_iter().map(|seen| seen.run).collect();
    assert_eq!(seen, [holder]);
}

pub(super) async fn what_lacks_is_said_and_nothing_is_made(lab: &impl KeepLab) {
    lab.lack();
    let error = lab.keeper().recreate(&order(lab)).await.unwrap_err();
    assert!(matches!(error, PortError::Lacking { .. }), "{error:?}");
    assert!(error.chain().contains(&lab.name()), "{}", error.chain());
    assert_eq!(named(lab).await.len(), 0);
}

pub(super) async fn one_that_is_stopped_is_started_and_one_that_runs_goes_on(lab: &impl KeepLab) {
    let id = lab.begin().await;
    lab.runtime().stop(&Run { id: id.clone(), started_at: None }, GRACE).await.unwrap();
    for _ in 0..2 {
        lab.keeper().start(&id).await.unwrap();
        let seen = named(lab).await.pop().unwrap();
        assert_eq!((&seen.run, seen.state.is_up()), (&id, true));
    }
}

pub(super) async fn of_one_that_is_gone_nothing_is_learned_and_nothing_started(lab: &impl KeepLab) {
    let id = lab.begin().await;
    lab.remove(&id).await;
    let learned = lab.learner().learn(&id).await;
    assert!(matches!(learned, Err(PortError::Gone { .. })), "{learned:?}");
    let started = lab.keeper().start(&id).await;
    assert!(matches!(started, Err(PortError::Gone { .. })), "{started:?}");
}

pub(super) async fn how_one_ended_is_remembered_when_it_is_gone(lab: &impl KeepLab) {
    let since = lab.now();
    let id = lab.begin().await;
    lab.remove(&id).await;
    let history = lab.keeper().history(&id, since, lab.now()).await.unwrap();
    let end = history.iter().find(|one| one.what == "die").unwrap();
    assert_eq!(end.exit_code, Some(137), "{history:?}");
    assert!(history.is_sorted_by_key(|one| one.at), "{history:?}");
}

pub(super) async fn a_runtime_that_does_not_answer_is_dont_know(lab: &impl KeepLab) {
    let id = lab.begin().await;
    let order = learned(lab, &id).await;
    let now = lab.now();
    for (keeper, learner) in lab.down() {
        let unknown = |error: PortError| matches!(error, PortError::Unreachable { .. });
        assert!(unknown(learner.learn(&id).await.unwrap_err()));
        assert!(unknown(keeper.recreate(&order).await.unwrap_err()));
        assert!(unknown(keeper.start(&id).await.unwrap_err()));
        assert!(unknown(keeper.history(&id, now, now).await.unwrap_err()));
    }
}

/// To make it anew, of nothing that was learned.
fn order(lab: &impl KeepLab) -> Recreation {
    let agent = AgentId::new(format!("yard/{}", lab.name()));
    Recreation { agent, name: lab.name(), learned: None }
}

async fn learned(lab: &impl KeepLab, run: &RunId) -> Recreation {
    let learned = Some(lab.learner().learn(run).await.unwrap().spec);
    Recreation { learned, ..order(lab) }
}

/// Containers of that name.
async fn named(lab: &impl KeepLab) -> Vec<Seen> {
    let mut list = lab.runtime().list().await.unwrap();
    list.retain(|seen| seen.name == lab.name());
    list
}
