//! Who is expected, and what becomes of those that are not.

use sweepd_decide::keep::{KeepPolicy, Recreate};

use super::yard::{Yard, id, open};

#[tokio::test]
async fn whoever_is_at_rest_causes_nothing_ever() {
    let yard = Yard::expecting(&["a"]);
    {
        let mut roster = super::lock(&yard.roster);
        roster.expected.remove("a");
        roster.resting.push(id("a"));
    }
    let report = yard.run_until(600_000).await;
    assert_eq!((yard.events("a"), open(&report)), (vec![], vec![]));
    assert!(report.agents.is_empty());
}

#[tokio::test]
async fn one_that_is_expected_no_more_is_forgotten_with_what_was_open_about_it() {
    let yard = Yard::with(&["a", "b", "c"]);
    yard.sweep().await;
    yard.stop("a");
    assert_eq!(open(&yard.sweep().await), ["container-down:yard/a"]);
    super::lock(&yard.roster).expected.remove("a");
    let report = yard.sweep().await;
    assert_eq!((open(&report), report.agents.len()), (vec![], 2));
}

#[tokio::test]
async fn where_a_part_of_the_roster_cannot_be_read_the_other_part_is_served() {
    let yard = Yard::with(&["a", "b", "c"]);
    yard.sweep().await;
    yard.stop("a");
    assert_eq!(open(&yard.sweep().await), ["container-down:yard/a"]);
    {
        let mut roster = super::lock(&yard.roster);
        roster.expected.remove("a");
        roster.unread = Some("it is torn".to_owned());
    }
    yard.remove("b");
    let report = yard.sweep().await;
    assert_eq!(open(&report), ["container-down:yard/a", "unreadable:yard"]);
    assert_eq!(yard.last("tick_skipped")["why"], "it is torn");
    assert_eq!(yard.events("b").last().unwrap().1, "container_missing");
}

#[tokio::test]
async fn a_roster_that_cannot_be_read_at_all_is_don_t_know() {
    let yard = Yard::with(&["a"]);
    yard.sweep().await;
    yard.remove("a");
    super::lock(&yard.roster).fails = true;
    let report = yard.sweep().await;
    assert!(report.agents.is_empty() && !report.trouble.is_empty());
    assert_eq!(yard.events("a"), []);
}

#[tokio::test]
async fn one_of_a_compose_project_is_only_reported_unless_that_is_wished() {
    for (recreate, times) in [(Recreate::Own, 0), (Recreate::Always, 1), (Recreate::Never, 0)] {
        let yard = Yard::expecting(&[]);
        let mut policy = KeepPolicy::default();
        policy.recreate = recreate;
        yard.expect("a", policy);
        yard.make("a");
        yard.keeper.set_project("a", "shop");
        yard.sweep().await;
        yard.remove("a");
        let report = yard.run_until(300_000).await;
        assert_eq!(yard.keeper.recreations().len(), times, "{recreate:?}");
        let told: &[&str] = if times == 0 { &["container-down:yard/a"] } else { &[] };
        assert_eq!(open(&report), told);
    }
}
