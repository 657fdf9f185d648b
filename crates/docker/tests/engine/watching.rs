//! What the engine tells of containers while it is followed.

use std::time::Duration;

use sweepd_docker::{Notice, Stop, Watch};

use crate::rig::{Rig, now, until};

#[tokio::test]
async fn a_life_is_told_in_order_with_its_signal_and_exit_code() {
    let Some(rig) = Rig::new().await else { return };
    let mut watch = rig.client.watch(Some(now())).await.unwrap();
    let script = "trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done";
    let spec = rig.spec(script);
    let id = rig.client.start(&spec).await.unwrap().id;
    rig.until_logged(&id, "ready").await;
    rig.client.stop(&id, &Stop { grace: Duration::from_mins(1), ..Stop::default() }).await.unwrap();
    rig.client.remove(&id, false).await.unwrap();

    let told = until_destroyed(&mut watch, &id).await;
    let actions: Vec<_> = told.iter().map(|notice| notice.action.as_str()).collect();
    assert_eq!(actions, ["create", "start", "kill", "die", "destroy"]);
    let [_, _, kill, die, _] = told.as_slice() else { panic!("{told:?}") };
    // Podman does not say which signal.
    let signal = (!rig.engine().is_podman()).then_some(15);
    assert_eq!((kill.signal, kill.exit_code), (signal, None));
    assert_eq!((die.signal, die.exit_code), (None, Some(5)));
    assert!(told.is_sorted_by_key(|notice| notice.at.unwrap()), "{told:?}");
    for notice in told {
        assert_eq!((notice.name, notice.labels), (spec.name.clone(), spec.labels.clone()));
    }
}

#[tokio::test]
async fn what_happened_since_then_is_told_first() {
    let Some(rig) = Rig::new().await else { return };
    let before = rig.start("exit 0").await;
    rig.docker(&["rm", "-f", &before]);
    let since = now();
    let id = rig.start("exit 3").await;
    until(async || rig.client.inspect(&id).await.unwrap().state.is_stopped().then_some(())).await;
    rig.client.remove(&id, false).await.unwrap();

    let mut watch = rig.client.watch(Some(since)).await.unwrap();
    let told = until_destroyed(&mut watch, &id).await;
    let actions: Vec<_> = told.iter().map(|notice| notice.action.as_str()).collect();
    assert_eq!(actions, ["create", "start", "die", "destroy"]);
    assert!(told.iter().all(|notice| notice.at >= Some(since)), "{since} {told:?}");
}

#[tokio::test]
async fn a_quiet_container_s_next_deed_is_told() {
    let Some(rig) = Rig::new().await else { return };
    let mut watch = rig.client.watch(Some(now())).await.unwrap();
    let id = rig.start("exec sleep 1000").await;
    assert_eq!(next_of(&mut watch, &id).await.action, "create");
    assert_eq!(next_of(&mut watch, &id).await.action, "start");

    let quiet = tokio::time::timeout(Duration::from_secs(1), next_of(&mut watch, &id)).await;
    assert!(quiet.is_err(), "{quiet:?}");
    rig.docker(&["pause", &id]);
    assert_eq!(next_of(&mut watch, &id).await.action, "pause");
}

#[tokio::test]
async fn execs_and_health_checks_are_not_told() {
    let Some(rig) = Rig::new().await else { return };
    let mut watch = rig.client.watch(Some(now())).await.unwrap();
    let check = ["--health-cmd=exit 0", "--health-interval=100ms"];
    let id = rig.run(&check, "exec sleep 1000");
    for _ in 0..3 {
        rig.docker(&["exec", &id, "sh", "-c", "exit 0"]);
    }
    let health = ["inspect", "--format={{.State.Health.Status}}", &id];
    // Podman has systemd run the checks, which is not everywhere.
    if !rig.engine().is_podman() {
        until(async || (rig.docker(&health) == "healthy").then_some(())).await;
    }
    rig.client.remove(&id, true).await.unwrap();

    let told = until_destroyed(&mut watch, &id).await;
    let mut actions: Vec<_> = told.iter().map(|notice| notice.action.as_str()).collect();
    if rig.engine().is_podman() {
        // It does not tell of the SIGKILL that a removal begins with, but at times of a stop.
        actions.retain(|action| *action != "stop");
        actions.insert(2, "kill");
    }
    assert_eq!(actions, ["create", "start", "kill", "die", "destroy"]);
}

/// All that is told of this container, to its end.
async fn until_destroyed(watch: &mut Watch, id: &str) -> Vec<Notice> {
    let mut told = Vec::new();
    loop {
        let notice = next_of(watch, id).await;
        let last = notice.action == "destroy";
        told.push(notice);
        if last {
            return told;
        }
    }
}

/// The next notice of this container. Others have tests of their own.
async fn next_of(watch: &mut Watch, id: &str) -> Notice {
    let next = async {
        loop {
            let notice = watch.next().await.unwrap().unwrap();
            if notice.id == id {
                return notice;
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), next).await.unwrap()
}
