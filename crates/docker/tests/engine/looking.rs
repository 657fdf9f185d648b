//! What is seen of containers in every state.

use sweepd_docker::{Bind, Error, MountKind, RunState, labels};

use crate::rig::Rig;

const FOREVER: &str = "exec sleep 1000";

#[tokio::test]
async fn the_engine_says_who_it_is() {
    let Some(rig) = Rig::new().await else { return };
    let version = rig.client.version().await.unwrap();
    let number = |text: &str| text.split('.').next().unwrap().parse::<u32>().is_ok();
    assert!(!version.product.is_empty(), "{version:?}");
    assert!(number(&version.engine) && number(&version.api), "{version:?}");
}

#[tokio::test]
async fn a_container_is_listed_with_all_that_was_asked_for() {
    let Some(rig) = Rig::new().await else { return };
    let source = rig.dir.path().to_str().unwrap().to_owned();
    let mut spec = rig.spec(FOREVER);
    spec.labels.insert(labels::AGENT.to_owned(), "nanoclaw/ag-1/sess-1".to_owned());
    spec.mounts = [("/workspace", false), ("/other", true)]
        .map(|(target, read_only)| Bind {
            source: source.clone(),
            target: target.to_owned(),
            read_only,
        })
        .to_vec();
    let started = rig.client.start(&spec).await.unwrap();
    assert_eq!(started.warnings, Vec::<String>::new());

    let listed = rig.client.list().await.unwrap();
    let row = listed.iter().find(|row| row.id == started.id).unwrap();
    assert!(row.is_named(&spec.name), "{row:?}");
    assert_eq!(row.image, rig.shown(&spec.image));
    assert_eq!(row.labels, spec.labels);
    assert_eq!(row.state, RunState::Running);
    assert!(row.status.starts_with("Up "), "{row:?}");
    assert!(row.created.is_some());
    let mut mounts = row.mounts.clone();
    mounts.sort_by(|a, b| b.destination.cmp(&a.destination));
    for (mount, bind) in mounts.iter().zip(&spec.mounts) {
        assert_eq!(mount.kind, MountKind::Bind);
        assert_eq!((&mount.source, &mount.destination), (&bind.source, &bind.target));
        assert_eq!(mount.writable, !bind.read_only);
    }
    assert_eq!(mounts.len(), 2);

    let seen = rig.client.inspect(&started.id).await.unwrap();
    assert_eq!(seen.labels, spec.labels);
    assert_eq!(seen.image, rig.shown(&spec.image));
    assert_eq!(seen.image_id, row.image_id);
    assert_eq!(seen.mounts.len(), 2);
    assert_eq!((seen.auto_remove, seen.restart_policy.as_deref()), (false, None));
    assert_eq!(rig.client.inspect(&spec.name).await.unwrap().id, started.id);
}

#[tokio::test]
async fn every_state_is_listed_and_inspected_alike() {
    let Some(rig) = Rig::new().await else { return };
    let running = rig.start(FOREVER).await;
    let paused = rig.start(FOREVER).await;
    rig.docker(&["pause", &paused]);
    let exited = rig.start("exit 3").await;
    rig.until_seen(&exited, |seen| seen.state.is_stopped()).await;
    let (label, image) = (rig.label(), rig.image());
    let created = rig.docker(&["create", "--label", &label, &image, "sh"]);

    let listed = rig.client.list().await.unwrap();
    for (id, state) in [
        (running, RunState::Running),
        (paused, RunState::Paused),
        (exited, RunState::Exited),
        (created, RunState::Created),
    ] {
        let row = listed.iter().find(|row| row.id == id).unwrap();
        assert_eq!(row.state, state);
        assert_eq!(rig.client.inspect(&id).await.unwrap().state, state);
    }
}

#[tokio::test]
async fn the_start_of_a_run_is_known_and_changes_with_the_run() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.start(FOREVER).await;
    let first = rig.client.inspect(&id).await.unwrap();
    assert_eq!((first.exit_code, first.finished_at), (None, None));
    rig.docker(&["restart", "-t", "0", &id]);
    let second = rig.client.inspect(&id).await.unwrap();
    assert_eq!(second.id, first.id);
    assert!(second.started_at.unwrap() > first.started_at.unwrap(), "{first:?} {second:?}");
    assert!(second.finished_at.unwrap() <= second.started_at.unwrap());
    assert_eq!(second.exit_code, None);
}

#[tokio::test]
async fn a_run_that_ended_has_its_code_and_its_end() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.start("sleep 0.3; exit 3").await;
    let seen = rig.until_seen(&id, |seen| seen.state == RunState::Exited).await;
    assert_eq!(seen.exit_code, Some(3));
    assert!(seen.finished_at.unwrap() > seen.started_at.unwrap(), "{seen:?}");
    assert!(!seen.oom_killed);
}

#[tokio::test]
async fn a_container_in_a_crash_loop_counts_as_running() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.run(&["--restart=always"], "exit 5");
    if rig.engine().is_podman() {
        // It starts it again at once, and has no word for the time between.
        rig.until_seen(&id, |seen| seen.restart_count >= 2 && seen.state.is_running()).await;
        return;
    }
    let seen = rig.until_seen(&id, |seen| seen.state == RunState::Restarting).await;
    assert!(seen.state.is_running());
    assert_eq!(seen.restart_policy.as_deref(), Some("always"));
    assert_eq!(seen.exit_code, Some(5));
    rig.until_seen(&id, |seen| seen.restart_count >= 2).await;
}

#[tokio::test]
async fn what_does_not_exist_is_gone() {
    let Some(rig) = Rig::new().await else { return };
    for id in ["0".repeat(64), rig.name()] {
        let inspected = rig.client.inspect(&id).await;
        assert!(matches!(inspected, Err(Error::Gone { .. })), "{inspected:?}");
        let logs = rig.client.logs_tail(&id, 10, 1000).await;
        assert!(matches!(logs, Err(Error::Gone { .. })), "{logs:?}");
    }
}
