//! What comes and goes is told as one thing.

use sweepd_decide::{FindingKind, News};

use super::rig::{Rig, told};

#[tokio::test]
async fn three_minutes_on_three_minutes_off_for_two_hours() {
    let rig = Rig::new();
    for minute in 0..120 {
        if minute % 6 == 0 {
            rig.find(FindingKind::InClaimSilence, &["s/a"]).await;
        } else if minute % 6 == 3 {
            rig.end(&["in-claim-silence:s/a"]).await;
        }
        rig.tell().await;
        rig.minutes(1);
    }
    let key = "in-claim-silence:s/a";
    let own = told(rig.ops());
    let of_key: Vec<_> = own.iter().filter(|one| one.ends_with(&format!(" {key}"))).collect();
    assert_eq!(of_key.len(), 6, "three times on and off, then one thing: {own:?}");
    let flapping: Vec<_> = own.iter().filter(|one| one.contains("flapping:")).collect();
    assert_eq!(flapping[0], "opened flapping:in-claim-silence:s/a");
    assert!(flapping.len() <= 2, "{flapping:?}");
    assert_eq!(rig.why(key).await, "never-told");

    // It stays as it is for half an hour.
    for _ in 0..40 {
        rig.tell().await;
        rig.minutes(1);
    }
    let last = rig.ops().alerts().pop().unwrap();
    let News::Incident(story) = &last.news else { unreachable!("an incident") };
    assert_eq!(told(rig.ops()).last().unwrap(), "resolved flapping:in-claim-silence:s/a");
    assert_eq!((story.flaps, story.thread.as_str()), (20, key));
    assert!(story.end.as_ref().unwrap().how.contains("calm"), "{:?}", story.end);
}

#[tokio::test]
async fn what_stays_ill_after_all_is_told_then() {
    let rig = Rig::new();
    for _ in 0..4 {
        rig.find(FindingKind::Zombie, &["s/a"]).await;
        rig.tell().await;
        rig.minutes(2);
        rig.end(&["zombie:s/a"]).await;
        rig.tell().await;
        rig.minutes(2);
    }
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell().await;
    assert_eq!(rig.why("zombie:s/a").await, "flapping");
    for _ in 0..31 {
        rig.minutes(1);
        rig.tell().await;
    }
    let last: Vec<String> = told(rig.ops()).into_iter().rev().take(2).collect();
    assert_eq!(last, ["opened zombie:s/a", "resolved flapping:zombie:s/a"]);
}
