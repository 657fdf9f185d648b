//! What people do about incidents: told less, never seen less.

use std::sync::Arc;

use sweepd_decide::{FindingKind, Span, Timestamp};
use sweepd_sweep::ports::Incident;
use sweepd_sweep::sim::SimSink;
use sweepd_sweep::{Attention, Windows};

use super::rig::{Rig, START, told};

const KEY: &str = "in-claim-silence:s/a";

async fn hours(rig: &Rig, hours: i64) {
    for _ in 0..hours {
        rig.minutes(60);
        rig.tell().await;
    }
}

#[tokio::test]
async fn what_is_acknowledged_is_told_once_more_when_it_is_over() {
    let rig = Rig::new();
    rig.find(FindingKind::InClaimSilence, &["s/a"]).await;
    rig.tell().await;
    rig.attend(Attention::Acknowledge(1)).await.unwrap();
    hours(&rig, 5).await;
    assert_eq!((told(rig.ops()).len(), rig.why(KEY).await.as_str()), (1, "acknowledged"));
    rig.end(&[KEY]).await;
    rig.tell().await;
    assert_eq!(told(rig.ops())[1..], [format!("resolved {KEY}")]);
    let error = rig.attend(Attention::Acknowledge(1)).await.unwrap_err();
    assert_eq!(error, "no open incident has the number 1");
}

#[tokio::test]
async fn what_is_snoozed_is_told_when_the_time_is_up() {
    let rig = Rig::new();
    rig.find(FindingKind::InClaimSilence, &["s/a"]).await;
    let until = rig.now().plus(Span::from_mins(150));
    rig.attend(Attention::Snooze(1, Some(until))).await.unwrap();
    hours(&rig, 2).await;
    assert_eq!((told(rig.ops()).len(), rig.why(KEY).await.as_str()), (0, "snoozed"));
    hours(&rig, 1).await;
    assert_eq!(told(rig.ops()), [format!("opened {KEY}")]);
    rig.attend(Attention::Snooze(1, Some(Timestamp::MAX))).await.unwrap();
    hours(&rig, 3).await;
    rig.attend(Attention::Snooze(1, None)).await.unwrap();
    rig.tell().await;
    assert_eq!(told(rig.ops())[1..], [format!("still {KEY}")]);
}

#[tokio::test]
async fn what_somebody_closes_is_told_as_closed_and_not_as_well() {
    let rig = Rig::new();
    rig.find(FindingKind::InClaimSilence, &["s/a"]).await;
    rig.tell().await;
    rig.attend(Attention::Resolve(1)).await.unwrap();
    rig.tell().await;
    let last = rig.ops().alerts().pop().unwrap();
    let sweepd_decide::News::Incident(story) = last.news else { unreachable!("an incident") };
    let end = story.end.unwrap();
    assert_eq!((end.how.as_str(), end.recovered), ("by hand", false));
    assert_eq!(rig.events("incident_attended"), ["incident_attended"]);
    // Seen again, it is another one.
    rig.find(FindingKind::InClaimSilence, &["s/a"]).await;
    rig.tell().await;
    assert_eq!(told(rig.ops()).last().unwrap(), &format!("opened {KEY}"));
}

/// From 11 to 13 o'clock nobody wants to hear of `s/a`.
struct Lunch;

impl Windows for Lunch {
    fn quiet_until(&self, incident: &Incident, now: Timestamp) -> Option<Timestamp> {
        let (from, until) = (START.plus(Span::from_mins(60)), START.plus(Span::from_mins(180)));
        let about = incident.agent.as_ref().is_some_and(|agent| agent.as_str() == "s/a");
        (about && from <= now && now < until).then_some(until)
    }
}

#[tokio::test]
async fn in_a_maintenance_window_nobody_is_told_and_afterwards_what_is_left() {
    let rig = Rig::with(vec![("ops", SimSink::default())], |setup| setup.windows = Arc::new(Lunch));
    rig.minutes(61);
    rig.find(FindingKind::InClaimSilence, &["s/a", "s/b"]).await;
    rig.find(FindingKind::NotProgressing, &["s/a"]).await;
    rig.tell().await;
    assert_eq!(told(rig.ops()), ["opened in-claim-silence:s/b"]);
    assert_eq!(rig.why(KEY).await, "maintenance");
    rig.end(&["not-progressing:s/a"]).await;
    hours(&rig, 2).await;
    assert_eq!(
        told(rig.ops())[1..],
        ["still in-claim-silence:s/b", "opened in-claim-silence:s/a", "still in-claim-silence:s/b"]
    );
}
