//! An updater at work (F27): it removes a container, and a while later makes one of the same name.

use std::collections::BTreeMap;

use super::yard::{Yard, done, open};

#[tokio::test]
async fn whoever_makes_it_within_the_confirmation_is_left_alone() {
    let yard = Yard::with(&["a"]);
    yard.at(59_000, |yard| yard.remove("a"));
    yard.at(63_000, |yard| drop(yard.make("a")));
    yard.run_until(300_000).await;
    assert!(yard.keeper.recreations().is_empty());
    assert_eq!(yard.events("a"), [(60_000, "container_died"), (60_000, "container_missing")]);
}

#[tokio::test]
async fn an_updater_that_is_late_finds_ours_replaces_it_and_there_is_no_second() {
    let yard = Yard::with(&["a"]);
    yard.at(60_000, |yard| yard.remove("a"));
    // Twenty seconds after the removal: its name is taken, and it takes that over.
    yard.at(80_000, |yard| {
        assert_eq!(yard.runtime.make("a", BTreeMap::new()), None);
        yard.remove("a");
        drop(yard.make("a"));
    });
    let report = yard.run_until(600_000).await;
    assert_eq!(yard.keeper.recreations().len(), 1);
    assert!(yard.is_up("a"));
    assert_eq!(yard.runtime.up().len(), 1);
    assert_eq!(open(&report), Vec::<&str>::new());
}

#[tokio::test]
async fn whoever_is_faster_at_the_very_last_has_the_name_and_nothing_is_charged() {
    let yard = Yard::with(&["a"]);
    yard.sweep().await;
    yard.remove("a");
    yard.sweep().await;
    // Between our list and our act.
    let engine = yard.engine();
    yard.at(5_000, |yard| {
        let rival = yard.clone();
        yard.keeper.before_next(move || drop(rival.make("a")));
    });
    let report = engine.sweep().await.unwrap();
    assert_eq!(done(&report, "a"), ["recreate Superseded"]);
    assert_eq!(yard.last("container_recreate_failed")["superseded"], true);
    yard.run_until(300_000).await;
    assert_eq!(yard.keeper.recreations().len(), 1, "no conflict loop");
    assert_eq!(yard.runtime.up().len(), 1);
}

#[tokio::test]
async fn one_that_was_given_another_name_is_not_made_a_second_time() {
    let yard = Yard::with(&["a"]);
    yard.at(30_000, |yard| {
        let run = yard.runtime.named("a").unwrap();
        yard.runtime.change(&run, |run| run.name = Some("a-old".to_owned()));
    });
    let report = yard.run_until(400_000).await;
    assert!(yard.keeper.recreations().is_empty());
    assert_eq!(open(&report), ["container-down:yard/a"]);
    yard.at(400_000, |yard| {
        let run = yard.runtime.named("a-old").unwrap();
        yard.runtime.change(&run, |run| run.name = Some("a".to_owned()));
    });
    let report = yard.run_until(600_000).await;
    assert_eq!(open(&report), Vec::<&str>::new());
    assert_eq!(yard.events("a"), []);
}
