//! The daemon: what happens is seen at once, and brought back after the second look.

use sweepd_decide::Span;

use super::super::daemon::Daemon;
use super::super::rig::Rig;
use super::super::wait::{now, until};
use super::yard::Yard;

/// The next look at everybody is an hour away: hints alone tell of it.
#[tokio::test]
async fn one_that_is_removed_is_missed_at_once_and_back_after_the_second_look() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "vanished");
    let (gone, well) = (rig.name(), rig.name());
    yard.expect(&[&gone, &well], "");
    yard.start(&gone, &[]);
    yard.start(&well, &[]);
    let untouched = yard.standing(&well);
    let daemon = Daemon::start(&yard.site);
    until("it has looked", || !yard.site.events("pass_finished").is_empty()).await;
    yard.remove(&gone);
    until("it is missed", || yard.told(&gone).contains(&"container_missing".to_owned())).await;
    until("it is back", || yard.told(&gone).contains(&"container_recreated".to_owned())).await;
    assert_eq!(yard.standing(&gone).unwrap().status, "running");
    assert_eq!(yard.standing(&well), untouched);
    assert!(yard.site.events("resync_caught").is_empty(), "hints told");
    assert_eq!(yard.told(&gone), ["container_died", "container_missing", "container_recreated"]);

    // And once more: each attempt waits, also after one that worked.
    yard.remove(&gone);
    let back = || yard.told(&gone).iter().filter(|kind| *kind == "container_recreated").count();
    until("it is back once more", || back() == 2).await;
    assert_eq!(daemon.terminate().await, Some(0));
    assert_eq!(yard.standing(&gone).unwrap().status, "running", "left standing");
}

/// What vanished while nobody looked is found at the start.
#[tokio::test]
async fn at_the_start_everybody_is_looked_at() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "start-up");
    let (name, new) = (rig.name(), rig.name());
    let declared = "image = \"IMAGE\"\ncommand = [\"/bin/busybox\", \"sleep\", \"600\"]\n\
                    labels = { TAG }";
    yard.configure(&format!(
        "[[source.container]]\nname = \"{name}\"\n[[source.container]]\nname = \"{new}\"\n{declared}"
    ));
    yard.start(&name, &[]);
    yard.site.sweep(&[]).await;
    yard.remove(&name);
    let daemon = Daemon::start(&yard.site);
    for name in [&name, &new] {
        until("it is there", || yard.standing(name).is_some_and(|it| it.status == "running")).await;
    }
    assert_eq!(daemon.terminate().await, Some(0));
}

/// Somebody at work on it says so first.
#[tokio::test]
async fn a_pause_is_honoured_and_a_stop_by_hand_is_no_fault() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "maintained");
    let (paused, stopped) = (rig.name(), rig.name());
    yard.expect(&[&paused, &stopped], "on-stopped = \"start\"");
    yard.start(&paused, &[]);
    yard.start(&stopped, &["--restart", "unless-stopped"]);
    let daemon = Daemon::start(&yard.site);
    until("it has looked", || !yard.site.events("pass_finished").is_empty()).await;
    let verb = |words: [&str; 2]| {
        let agent = super::yard::id(words[1]);
        yard.site.sweepd(&[words[0], &agent]).status()
    };
    assert!(verb(["pause", &paused]).await.unwrap().success());
    assert!(verb(["stop", &stopped]).await.unwrap().success());
    yard.remove(&paused);
    until("it is missed", || yard.told(&paused).contains(&"container_missing".to_owned())).await;
    let calm = now().plus(Span::from_secs(8));
    until("two looks could have agreed", || now() > calm).await;
    assert_eq!(yard.standing(&paused), None, "paused");
    assert_eq!(yard.standing(&stopped).unwrap().status, "exited", "by hand");
    assert_eq!(yard.last("container_stopped", &stopped)["by_us"], true);

    assert!(verb(["resume", &paused]).await.unwrap().success());
    assert!(verb(["wake", &stopped]).await.unwrap().success());
    for name in [&paused, &stopped] {
        until("it is back", || yard.standing(name).is_some_and(|it| it.status == "running")).await;
    }
    assert_eq!(daemon.terminate().await, Some(0));
}
