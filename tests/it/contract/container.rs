//! What a runtime of containers keeps to besides: labels, mounts, restarts, ends it remembers,
//! and silence.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;

use sweepd_decide::{Run, RunState, Span, Timestamp};
use sweepd_sweep::ports::{ExitSeen, PortError, Seen, Stopped};

use super::lab::{ContainerLab, Does, GRACE, start};

/// A test of each sentence in `$lab`.
macro_rules! keeps_to_the_contract_of_containers {
    ($lab:ty) => {
        $crate::contract::lab::holds! { $lab:
            container::the_list_shows_every_state
            container::a_run_that_vanished_is_gone_and_its_exit_code_is_remembered
            container::an_end_is_told_for_its_instant_and_for_no_other
            container::every_end_of_a_restarted_run_is_told_in_order
            container::a_restart_changes_the_start_and_not_the_id
            container::a_run_that_was_started_anew_since_is_left_alone_by_a_stop
            container::a_stop_without_a_start_stops_whatever_runs
            container::labels_come_back_as_they_were_given
            container::a_workspace_is_told_by_its_canonical_path
            container::silence_is_never_taken_for_an_answer
        }
    };
}

pub(super) use keeps_to_the_contract_of_containers;

pub(super) async fn the_list_shows_every_state(lab: &impl ContainerLab) {
    let created = lab.create().await;
    let running = start(lab, Does::Listens).await.id;
    let paused = start(lab, Does::Listens).await.id;
    lab.pause(&paused).await;
    let exited = start(lab, Does::Ends(1)).await.id;
    let list = lab.runtime().list().await.unwrap();
    let states = [&created, &running, &paused, &exited]
        .map(|run| list.iter().find(|seen| seen.run == *run).map(|seen| seen.state));
    let expected = [RunState::Created, RunState::Running, RunState::Paused, RunState::Exited];
    assert_eq!(states, expected.map(Some));
    let never_started = lab.runtime().inspect(&created).await.unwrap();
    assert_eq!(never_started.state, RunState::Created);
}

pub(super) async fn a_run_that_vanished_is_gone_and_its_exit_code_is_remembered(
    lab: &impl ContainerLab,
) {
    let before = lab.now();
    let id = lab.vanished(9).await;
    let gone = lab.runtime().inspect(&id).await;
    assert!(matches!(gone, Err(PortError::Gone { .. })), "{gone:?}");
    let list = lab.runtime().list().await.unwrap();
    assert!(list.iter().all(|seen| seen.run != id), "{list:?}");
    let ends = ends_of(lab, &Run { id: id.clone(), started_at: None }, before, lab.now()).await;
    assert_eq!(ends.iter().map(|end| end.exit_code).collect::<Vec<_>>(), [Some(9)]);
    let stopped = lab.runtime().stop(&Run { id, started_at: Some(before) }, GRACE).await.unwrap();
    assert_eq!(stopped, Stopped { exit_code: None, killed: false });
}

pub(super) async fn an_end_is_told_for_its_instant_and_for_no_other(lab: &impl ContainerLab) {
    let before = lab.now();
    let run = start(lab, Does::Ends(4)).await;
    let ends = ends_of(lab, &run, before, lab.now()).await;
    let [ExitSeen { at, exit_code: Some(4), .. }] = *ends else { panic!("{ends:?}") };
    let ms = Span::from_millis(1);
    let spans = [(at, at, 1), (at.plus(ms), lab.now(), 0), (before.minus(ms), at.minus(ms), 0)];
    for (since, until, expected) in spans.into_iter().filter(|(since, until, _)| since <= until) {
        let told = ends_of(lab, &run, since, until).await;
        assert_eq!(told.len(), expected, "{since} {until} {told:?}");
    }
}

pub(super) async fn every_end_of_a_restarted_run_is_told_in_order(lab: &impl ContainerLab) {
    let before = lab.now();
    let run = start(lab, Does::Listens).await;
    lab.restart(&run.id).await;
    let again = Run { started_at: None, ..run };
    lab.runtime().stop(&again, GRACE).await.unwrap();
    let ends = ends_of(lab, &again, before, lab.now()).await;
    let [first, second] = ends.as_slice() else { panic!("{ends:?}") };
    assert!(first.at <= second.at, "{ends:?}");
}

pub(super) async fn a_restart_changes_the_start_and_not_the_id(lab: &impl ContainerLab) {
    let run = start(lab, Does::Listens).await;
    lab.restart(&run.id).await;
    let seen = lab.runtime().inspect(&run.id).await.unwrap();
    assert_eq!((seen.state, seen.exit_code), (RunState::Running, None));
    assert!(seen.started_at > run.started_at, "{seen:?} {run:?}");
}

pub(super) async fn a_run_that_was_started_anew_since_is_left_alone_by_a_stop(
    lab: &impl ContainerLab,
) {
    let run = start(lab, Does::Listens).await;
    lab.restart(&run.id).await;
    let before = lab.runtime().inspect(&run.id).await.unwrap();
    let refused = lab.runtime().stop(&run, GRACE).await;
    assert!(matches!(refused, Err(PortError::Superseded { .. })), "{refused:?}");
    assert_eq!(lab.runtime().inspect(&run.id).await.unwrap(), before);
}

pub(super) async fn a_stop_without_a_start_stops_whatever_runs(lab: &impl ContainerLab) {
    let run = start(lab, Does::Ignores).await;
    lab.restart(&run.id).await;
    let whatever = Run { id: run.id, started_at: None };
    lab.runtime().stop(&whatever, std::time::Duration::ZERO).await.unwrap();
    let seen = lab.runtime().inspect(&whatever.id).await.unwrap();
    assert_eq!(seen.state, RunState::Exited);
}

pub(super) async fn labels_come_back_as_they_were_given(lab: &impl ContainerLab) {
    let pair = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    let odd = [
        ("sweepd.install", "5f3a-1c22"),
        ("sweepd.agent", "nanoclaw/ag 1/sess=\"1\",é"),
        ("nanoclaw-install", ""),
    ];
    let given: BTreeMap<String, String> = odd.map(pair).into();
    let id = lab.begin_with(None, given.clone()).await;
    let mut seen = listed(lab, &id).await.labels;
    seen.retain(|key, _| given.contains_key(key));
    assert_eq!(seen, given);
}

pub(super) async fn a_workspace_is_told_by_its_canonical_path(lab: &impl ContainerLab) {
    let (real, link) = (lab.dir().join("real"), lab.dir().join("link"));
    std::fs::create_dir(&real).unwrap();
    symlink(&real, &link).unwrap();
    for given in [&real, &link] {
        let id = lab.begin_with(Some(given), BTreeMap::new()).await;
        assert_eq!(listed(lab, &id).await.workspace.as_ref(), Some(&real));
    }
    let id = lab.begin_with(None, BTreeMap::new()).await;
    assert_eq!(listed(lab, &id).await.workspace, None);
}

/// An empty list would read as "nothing runs", and `Gone` as an observed end.
pub(super) async fn silence_is_never_taken_for_an_answer(lab: &impl ContainerLab) {
    let run = start(lab, Does::Listens).await;
    let (since, until) = (lab.now().minus(Span::from_secs(1)), lab.now());
    for (way, down) in lab.down().into_iter().enumerate() {
        let answers = [
            ("list", down.list().await.map(drop)),
            ("inspect", down.inspect(&run.id).await.map(drop)),
            ("inspect nobody", down.inspect(&lab.nobody()).await.map(drop)),
            ("stop", down.stop(&run, GRACE).await.map(drop)),
            ("exits", down.exits(since, until).await.map(drop)),
            ("logs", down.logs(&run.id, 1).await.map(drop)),
            ("remove", down.remove(&run.id).await),
        ];
        for (call, answer) in answers {
            let unreachable = matches!(answer, Err(PortError::Unreachable { .. }));
            assert!(unreachable, "{call} in way {way}: {answer:?}");
        }
    }
}

async fn listed(lab: &impl ContainerLab, run: &sweepd_decide::RunId) -> Seen {
    let list = lab.runtime().list().await.unwrap();
    list.into_iter().find(|seen| seen.run == *run).unwrap()
}

async fn ends_of(
    lab: &impl ContainerLab,
    run: &Run,
    since: Timestamp,
    until: Timestamp,
) -> Vec<ExitSeen> {
    let mut ends = lab.runtime().exits(since, until).await.unwrap();
    ends.retain(|end| end.run == run.id);
    ends
}
