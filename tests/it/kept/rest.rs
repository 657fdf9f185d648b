//! Containers with our label that are nobody's, or one too many.

use std::collections::BTreeMap;
use std::time::Duration;

use sweepd_sweep::{AGENT_LABEL, INSTALL_LABEL, Mode};

use super::yard::{INSTALL, Yard, at, id, open};

fn label(yard: &Yard, name: &str, install: &str, agent: &str) {
    let labels = BTreeMap::from([
        (INSTALL_LABEL.to_owned(), install.to_owned()),
        (AGENT_LABEL.to_owned(), agent.to_owned()),
    ]);
    yard.runtime.make(name, labels).unwrap();
}

#[tokio::test]
async fn one_of_ours_that_is_nobody_s_is_told_of_and_stays() {
    let yard = Yard::with(&["a"]);
    label(&yard, "left-over", INSTALL, "yard/gone");
    label(&yard, "not-ours", "another-one", "yard/gone");
    let report = yard.run_until(600_000).await;
    assert_eq!(open(&report), ["orphan-container:yard/left-over"]);
    assert!(yard.is_up("left-over"));
    yard.remove("left-over");
    let report = yard.run_until(800_000).await;
    assert_eq!(open(&report), Vec::<&str>::new());
}

#[tokio::test]
async fn where_that_is_configured_it_is_removed_after_the_grace_and_no_other_is() {
    let mut yard = Yard::with(&["a"]);
    yard.remove_orphans = Some(Duration::from_mins(5));
    label(&yard, "left-over", INSTALL, "yard/gone");
    label(&yard, "not-ours", "another-one", "yard/gone");
    yard.at(290_000, |yard| assert!(yard.is_up("left-over")));
    let report = yard.run_until(600_000).await;
    assert_eq!(yard.runtime.named("left-over"), None);
    assert!(yard.is_up("not-ours") && yard.is_up("a"));
    assert_eq!(open(&report), Vec::<&str>::new());
    assert_eq!(yard.last("agent_stopped")["reason"], "orphan");
}

#[tokio::test]
async fn two_for_one_agent_are_told_of_and_the_one_with_the_name_is_it() {
    let mut yard = Yard::with(&["a"]);
    yard.remove_orphans = Some(Duration::from_mins(5));
    label(&yard, "a-second", INSTALL, "yard/a");
    assert_eq!(open(&yard.sweep().await), ["duplicate-container:yard/a"]);
    let report = yard.run_until(600_000).await;
    assert_eq!(open(&report), Vec::<&str>::new());
    assert!(yard.is_up("a"));
    assert_eq!(yard.runtime.named("a-second"), None);
}

#[tokio::test]
async fn of_a_roster_that_is_not_whole_or_an_agent_at_rest_nothing_is_concluded() {
    let mut yard = Yard::with(&["a"]);
    yard.remove_orphans = Some(Duration::from_secs(1));
    label(&yard, "at-rest", INSTALL, "yard/resting");
    label(&yard, "left-over", INSTALL, "yard/gone");
    super::lock(&yard.roster).resting.push(id("resting"));
    super::lock(&yard.roster).unread = Some("the registry is torn".to_owned());
    let report = yard.run_until(300_000).await;
    assert_eq!(open(&report), ["unreadable:yard"]);
    assert!(yard.is_up("left-over") && yard.is_up("at-rest"));
    super::lock(&yard.roster).unread = None;
    yard.clock.set(at(400_000));
    yard.run_until(700_000).await;
    assert!(!yard.is_up("left-over") && yard.is_up("at-rest"));
}

#[tokio::test]
async fn one_whose_agent_is_refused_may_be_somebody_s() {
    let mut yard = Yard::with(&["a"]);
    yard.remove_orphans = Some(Duration::from_secs(1));
    label(&yard, "refused", INSTALL, "yard/odd");
    label(&yard, "left-over", INSTALL, "yard/gone");
    super::lock(&yard.roster).refused.push(("odd".to_owned(), "its volumes make no sense".into()));
    yard.run_until(300_000).await;
    assert!(yard.is_up("refused") && !yard.is_up("left-over"));
}

#[tokio::test]
async fn where_nothing_is_to_be_done_none_is_removed() {
    for mode in [Mode::Observe, Mode::Assist] {
        let mut yard = Yard::with(&["a"]);
        (yard.mode, yard.remove_orphans) = (mode, Some(Duration::from_secs(1)));
        label(&yard, "left-over", INSTALL, "yard/gone");
        let report = yard.run_until(300_000).await;
        assert!(yard.is_up("left-over"), "{mode:?}");
        assert_eq!(open(&report), ["orphan-container:yard/left-over"]);
    }
}

#[tokio::test]
async fn one_that_is_not_up_is_removed_and_not_stopped_first() {
    let mut yard = Yard::with(&["a"]);
    yard.remove_orphans = Some(Duration::from_secs(1));
    label(&yard, "left-over", INSTALL, "yard/gone");
    yard.stop("left-over");
    yard.run_until(300_000).await;
    assert_eq!((yard.runtime.named("left-over"), yard.runtime.stops()), (None, vec![]));
}

/// Somebody has given it another name, and there is no other.
#[tokio::test]
async fn the_only_one_there_is_is_no_double_whatever_it_is_called() {
    let mut yard = Yard::expecting(&["a"]);
    yard.remove_orphans = Some(Duration::from_secs(1));
    label(&yard, "a", INSTALL, "yard/a");
    yard.at(10_000, |yard| {
        let run = yard.runtime.named("a").unwrap();
        yard.runtime.change(&run, |run| run.name = Some("a-old".to_owned()));
    });
    let report = yard.run_until(300_000).await;
    assert!(yard.is_up("a-old"));
    assert_eq!(open(&report), ["container-down:yard/a"]);
}

/// It was another agent's once, or another source's: its name is expected now.
#[tokio::test]
async fn whatever_is_expected_by_its_name_is_nobody_s_orphan() {
    let mut yard = Yard::expecting(&["a"]);
    yard.remove_orphans = Some(Duration::from_secs(1));
    label(&yard, "a", INSTALL, "yard/before");
    let report = yard.run_until(300_000).await;
    assert!(yard.is_up("a"));
    assert_eq!(open(&report), Vec::<&str>::new());
}

/// Those who are missing from it may be on it again in a moment.
#[tokio::test]
async fn while_a_roster_has_shrunk_none_is_removed() {
    let mut yard = Yard::expecting(&["a", "b", "c", "d"]);
    yard.remove_orphans = Some(Duration::from_secs(1));
    for name in ["a", "b", "c", "d"] {
        label(&yard, name, INSTALL, &format!("yard/{name}"));
    }
    yard.at(100_000, |yard| super::lock(&yard.roster).expected.retain(|name, _| name == "a"));
    let report = yard.run_until(400_000).await;
    assert!(open(&report).contains(&"source-shrunk:yard"), "{:?}", open(&report));
    assert!(["b", "c", "d"].iter().all(|name| yard.is_up(name)));
}

/// It has the other's label from before it was given its name.
#[tokio::test]
async fn one_agent_s_own_container_is_no_double_of_another_s() {
    let mut yard = Yard::with(&["a"]);
    yard.remove_orphans = Some(Duration::from_secs(1));
    yard.expect("b", sweepd_decide::keep::KeepPolicy::default());
    label(&yard, "b", INSTALL, "yard/a");
    let report = yard.run_until(300_000).await;
    assert!(yard.is_up("a") && yard.is_up("b"));
    assert_eq!(open(&report), Vec::<&str>::new());
}

/// Another label, and the name of one that is to be left alone.
#[tokio::test]
async fn the_container_of_one_at_rest_is_nobody_s_orphan() {
    let mut yard = Yard::with(&["a"]);
    yard.remove_orphans = Some(Duration::from_secs(1));
    super::lock(&yard.roster).resting.push(id("at-rest"));
    label(&yard, "at-rest", INSTALL, "yard/before");
    let report = yard.run_until(300_000).await;
    assert!(yard.is_up("at-rest"));
    assert_eq!(open(&report), Vec::<&str>::new());
}

#[tokio::test]
async fn one_whose_agent_is_only_looked_at_stays() {
    let mut yard = Yard::with(&["a"]);
    yard.remove_orphans = Some(Duration::from_secs(1));
    yard.observed = Some(id("gone"));
    label(&yard, "left-over", INSTALL, "yard/gone");
    yard.run_until(300_000).await;
    assert!(yard.is_up("left-over"));
}
