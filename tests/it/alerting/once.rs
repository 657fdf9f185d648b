//! A person is told once, again while it lasts, and again when it is over.

use sweepd_decide::{FindingKind, News, Severity};

use super::rig::{Rig, START, told};

const KEY: &str = "zombie:s/a";

#[tokio::test]
async fn once_then_each_hour_then_the_end() {
    let rig = Rig::new();
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    for _ in 0..5 {
        rig.tell().await;
    }
    assert_eq!(told(rig.ops()), ["opened zombie:s/a"]);
    for minute in 0..150 {
        rig.minutes(1);
        if minute % 10 == 0 {
            rig.find(FindingKind::Zombie, &["s/a"]).await;
        }
        rig.tell().await;
    }
    assert_eq!(told(rig.ops()).len(), 3, "{:?}", told(rig.ops()));
    rig.end(&[KEY]).await;
    for _ in 0..5 {
        rig.tell().await;
        rig.minutes(61);
    }
    let all = ["opened", "still", "still", "resolved"].map(|moment| format!("{moment} {KEY}"));
    assert_eq!(told(rig.ops()), all);
    assert_eq!(rig.events("alert_"), ["alert_delivered"; 4]);
}

#[tokio::test]
async fn an_alert_says_what_since_when_and_how_it_ended() {
    let rig = Rig::new();
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.minutes(12);
    rig.tell().await;
    rig.end(&[KEY]).await;
    rig.tell().await;
    let alerts = rig.ops().alerts();
    let stories: Vec<_> = alerts
        .iter()
        .filter_map(|alert| match &alert.news {
            News::Incident(story) => Some((story.as_ref(), alert)),
            News::Note(_) => None,
        })
        .collect();
    let (opened, alert) = stories[0];
    assert_eq!((opened.since, opened.opened_at, alert.at), (START, START, rig.now()));
    assert_eq!((opened.severity, opened.number), (Severity::Error, 1));
    assert_eq!(opened.agent.as_ref().unwrap().as_str(), "s/a");
    assert_eq!((opened.source.as_deref(), alert.host.as_str()), (Some("s"), "host-1"));
    assert!(opened.advice.contains("docker rm -f"), "{}", opened.advice);
    assert!(opened.end.is_none() && !alert.from_memory);
    let (resolved, last) = stories[1];
    let end = resolved.end.as_ref().unwrap();
    assert_eq!((end.at, end.how.as_str(), end.recovered), (rig.now(), "not seen any more", true));
    assert_eq!(resolved.thread, opened.thread);
    assert!(alert.id != last.id && alert.id.len() <= 64, "{} {}", alert.id, last.id);
}

#[tokio::test]
async fn notices_are_shown_and_not_told_and_what_is_over_before_is_not_told_either() {
    let rig = Rig::new();
    rig.find(FindingKind::ClockSuspicious, &["s/a"]).await;
    rig.tell().await;
    rig.end(&["clock-suspicious:s/a"]).await;
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.end(&[KEY]).await;
    rig.tell().await;
    assert_eq!(told(rig.ops()), [""; 0]);
    assert_eq!(rig.why("clock-suspicious:s/a").await, "never-told");
    assert_eq!(rig.why(KEY).await, "never-told");
}

#[tokio::test]
async fn where_nobody_is_to_be_told_it_waits() {
    let mut rig = Rig::with(vec![], |_| {});
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell().await;
    assert_eq!(rig.why(KEY).await, "no-sink");
    rig.sinks.push(("ops".to_owned(), sweepd_sweep::sim::SimSink::default()));
    rig.restart();
    rig.minutes(600);
    rig.tell().await;
    assert_eq!(told(rig.ops()), ["opened zombie:s/a"]);
}
