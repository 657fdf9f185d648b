//! The engine, a real tracker sink, and Gitea as it is documented: one issue, whatever happens.

use std::sync::Arc;

use futures_util::future::join;
use sweepd_alerts::{Http, HttpOptions, Secret, Texts, Tracker, TrackerKind, TrackerSettings};
use sweepd_decide::{FindingKind, Timestamp};
use sweepd_services::tracker::{OWNER, REPOSITORY, TOKEN};
use sweepd_services::{Fault, Gitea};
use sweepd_sweep::adapters::AlertSink;
use sweepd_sweep::{AlertSetup, SinkSetup};

use super::rig::Rig;

fn sink(url: &str) -> SinkSetup {
    let settings = TrackerSettings {
        kind: TrackerKind::Gitea,
        url: url.parse().unwrap(),
        repo: format!("{OWNER}/{REPOSITORY}"),
        token: Secret::value(TOKEN),
        assignee: None,
        label: TrackerSettings::LABEL.to_owned(),
        max_issues: TrackerSettings::MAX_ISSUES,
        comment_every: TrackerSettings::COMMENT_EVERY,
        snooze_after_close: TrackerSettings::SNOOZE_AFTER_CLOSE,
    };
    let http = Http::new(&HttpOptions::default()).unwrap();
    let tracker = Tracker::new(settings, http, Arc::new(Texts::built_in())).unwrap();
    SinkSetup::new("tracker", Arc::new(AlertSink::new(Arc::new(tracker))))
}

/// A sweepd of its own that tells this tracker.
fn watching(fake: &Gitea) -> Rig {
    let url = fake.url();
    Rig::with(vec![], move |setup: &mut AlertSetup| setup.sinks.push(sink(&url)))
}

/// The service dates what is written by the same clock.
async fn tell(rig: &Rig, fake: &Gitea) -> Timestamp {
    fake.set_now(rig.now().as_millis());
    rig.tell().await;
    rig.now()
}

#[tokio::test]
async fn flapping_for_two_hours_makes_one_issue_that_counts() {
    let fake = Gitea::start().await;
    let rig = watching(&fake);
    for minute in 0..125 {
        if minute < 120 && minute % 6 == 0 {
            rig.find(FindingKind::InClaimSilence, &["s/a"]).await;
        } else if minute % 6 == 3 {
            rig.end(&["in-claim-silence:s/a"]).await;
        }
        tell(&rig, &fake).await;
        rig.minutes(1);
    }
    for _ in 0..40 {
        tell(&rig, &fake).await;
        rig.minutes(1);
    }
    let issues = fake.issues();
    assert_eq!(issues.len(), 1);
    assert!(!issues[0].open, "it is calm");
    let said: Vec<String> = issues[0].comments.iter().map(|one| one.body.clone()).collect();
    assert!(said.last().unwrap().contains("came and went 20 times"), "{said:#?}");
    assert!(said.len() < 12, "{said:#?}");
}

#[tokio::test]
async fn what_a_person_closes_while_it_fails_is_left_closed_for_a_day() {
    let fake = Gitea::start().await;
    let rig = watching(&fake);
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    tell(&rig, &fake).await;
    rig.minutes(30);
    fake.set_now(rig.now().as_millis());
    fake.set_open(1, false);
    for hour in 0..24 {
        tell(&rig, &fake).await;
        let open = fake.issues().iter().filter(|issue| issue.open).count();
        assert_eq!((fake.issues().len(), open), (1, 0), "after {hour} h");
        rig.minutes(60);
    }
    for _ in 0..3 {
        rig.minutes(30);
        tell(&rig, &fake).await;
    }
    assert!(fake.issue(1).unwrap().open, "it fails still");
    assert_eq!(fake.issues().len(), 1);
}

#[tokio::test]
async fn two_sweepds_sixty_issues_and_a_lost_answer_are_one_issue() {
    let fake = Gitea::start().await;
    fake.add_label("sweepd");
    for nth in 0..60 {
        fake.add_issue(&format!("older {nth}"), "of somebody else", &["sweepd"]);
    }
    // The first is opened, and its answer never comes.
    fake.faults().push(Fault::DropAfter.on("POST", "/issues"));
    let (one, other) = (watching(&fake), watching(&fake));
    for rig in [&one, &other] {
        rig.find(FindingKind::Zombie, &["s/a"]).await;
    }
    for _ in 0..5 {
        fake.set_now(one.now().as_millis());
        join(one.tell(), other.tell()).await;
        for rig in [&one, &other] {
            rig.minutes(1);
        }
    }
    let ours: Vec<_> =
        fake.issues().into_iter().filter(|issue| issue.body.contains("zombie:s/a")).collect();
    assert_eq!(ours.iter().filter(|issue| issue.open).count(), 1, "{ours:#?}");
    assert_eq!((one.waiting().await, other.waiting().await), (0, 0));
    for rig in [&one, &other] {
        rig.end(&["zombie:s/a"]).await;
    }
    for _ in 0..5 {
        fake.set_now(one.now().as_millis());
        join(one.tell(), other.tell()).await;
        one.minutes(1);
        other.minutes(1);
    }
    let open = fake.issues().into_iter().filter(|issue| issue.open).count();
    assert_eq!(open, 60, "those of somebody else");
}
