//! What comes and goes is told as one thing.

use sweepd_decide::{FindingKind, News, Setback};

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
    let how = &story.end.as_ref().unwrap().how;
    assert_eq!(how, "it is calm: nothing has changed for 30 min");
}

#[tokio::test]
async fn what_was_calm_may_come_and_go_again() {
    let rig = Rig::new();
    for _ in 0..2 {
        come_and_go(&rig, FindingKind::Zombie, 5).await;
        rig.tell_every(1, 40).await;
    }
    let flapping = told(rig.ops()).into_iter().filter(|one| one.contains("flapping:"));
    let twice = ["opened", "resolved", "opened", "resolved"];
    let twice = twice.map(|moment| format!("{moment} flapping:zombie:s/a"));
    assert_eq!(flapping.collect::<Vec<_>>(), twice);
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

/// It comes and goes so often, two minutes each.
async fn come_and_go(rig: &Rig, kind: FindingKind, times: usize) {
    for _ in 0..times {
        rig.find(kind, &["s/a"]).await;
        rig.tell_every(2, 1).await;
        rig.end(&[&format!("{}:s/a", kind.as_str())]).await;
        rig.tell_every(2, 1).await;
    }
}

/// Three times on and off, then one thing.
const CAME_AND_WENT: [&str; 8] = [
    "opened zombie:s/a",
    "resolved zombie:s/a",
    "opened zombie:s/a",
    "resolved zombie:s/a",
    "opened zombie:s/a",
    "resolved zombie:s/a",
    "opened flapping:zombie:s/a",
    "resolved flapping:zombie:s/a",
];

#[tokio::test]
async fn it_is_calm_before_what_lasts_is_told_in_its_thread() {
    let rig = Rig::new();
    come_and_go(&rig, FindingKind::Zombie, 3).await;
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell_every(1, 42).await;
    let all = told(rig.ops());
    assert_eq!(all[..8], CAME_AND_WENT);
    assert_eq!(all[8..], ["opened zombie:s/a"]);
}

#[tokio::test]
async fn a_notice_that_comes_and_goes_is_not_told() {
    let rig = Rig::new();
    come_and_go(&rig, FindingKind::ClockSuspicious, 5).await;
    assert_eq!(told(rig.ops()), [""; 0]);
}

#[tokio::test]
async fn what_is_closed_while_it_flaps_stays_closed() {
    let rig = Rig::new();
    come_and_go(&rig, FindingKind::Zombie, 4).await;
    // As each pass does for an agent that is on the roster no more.
    for _ in 0..10 {
        rig.end(&["flapping:zombie:s/a"]).await;
        rig.tell_every(1, 1).await;
    }
    assert_eq!(told(rig.ops()), CAME_AND_WENT);
}

#[tokio::test]
async fn a_sink_that_was_down_meanwhile_hears_it_in_order() {
    let rig = Rig::new();
    rig.ops().down("503", Setback::Later(None));
    come_and_go(&rig, FindingKind::Zombie, 6).await;
    rig.ops().up();
    rig.tell_every(1, 60).await;
    assert_eq!(told(rig.ops()), CAME_AND_WENT);
}
