//! Somebody else is at work on the same container.

use sweepd_decide::Span;

use super::super::daemon::Daemon;
use super::super::rig::Rig;
use super::super::wait::{now, until};
use super::yard::{Yard, id};

/// Whoever updates a container removes one and makes the next, a moment later.
#[tokio::test]
async fn one_that_an_updater_makes_anew_is_not_made_a_second_time() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "updated");
    let name = rig.name();
    yard.expect(&[&name], "");
    yard.start(&name, &[]);
    let daemon = Daemon::start(&yard.site);
    until("it has looked", || !yard.site.events("pass_finished").is_empty()).await;
    yard.remove(&name);
    until("it is missed", || yard.told(&name).contains(&"container_missing".to_owned())).await;
    let new = yard.start(&name, &["--label", "made.by=updater"]);
    let later = now().plus(Span::from_secs(8));
    until("two looks could have agreed", || now() > later).await;
    assert_eq!(yard.standing(&name).unwrap().id, new);
    assert_eq!(yard.told(&name), ["container_died", "container_missing"]);
    assert_eq!(daemon.terminate().await, Some(0));
}

/// Slower than our looks: it finds the name taken, by a container that is as it was. One of them
/// is there, and nobody fights.
#[tokio::test]
async fn an_updater_that_is_slower_than_two_looks_meets_one_container_and_no_fight() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "slow");
    let name = rig.name();
    yard.expect(&[&name], "");
    yard.start(&name, &[]);
    let daemon = Daemon::start(&yard.site);
    until("it has looked", || !yard.site.events("pass_finished").is_empty()).await;
    yard.remove(&name);
    until("it is back", || yard.told(&name).contains(&"container_recreated".to_owned())).await;
    // As the updater does at last: it replaces what has the name.
    yard.remove(&name);
    let new = yard.start(&name, &["--label", "made.by=updater"]);
    let later = now().plus(Span::from_secs(8));
    until("two looks could have agreed", || now() > later).await;
    assert_eq!(yard.standing(&name).unwrap().id, new);
    let made = yard.told(&name).iter().filter(|kind| *kind == "container_recreated").count();
    assert_eq!(made, 1);
    assert_eq!(daemon.terminate().await, Some(0));
}

/// As an updater that keeps the old one until the new one works.
#[tokio::test]
async fn one_that_was_given_another_name_is_somebody_s_work_in_progress() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "renamed");
    let (name, old) = (rig.name(), rig.name());
    yard.expect(&[&name], "");
    let run = yard.start(&name, &[]);
    yard.site.sweep(&[]).await;
    rig.docker(&["rename", &name, &old]);
    for _ in 0..2 {
        let call = yard.site.sweep(&[]).await;
        assert_eq!(call.line(&id(&name)), "missing failing none []");
    }
    assert!(rig.runs(&run), "and it is not touched");
    assert_eq!(yard.standing(&name), None);
}
