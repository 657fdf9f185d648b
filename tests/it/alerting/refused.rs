//! An alert that a sink will never take: it does not hold up the others, and is not lost from sight.

use sweepd_decide::{FindingKind, Setback};
use sweepd_sweep::{Attended, Attention};

use super::rig::{Rig, told};

#[tokio::test]
async fn one_that_is_refused_is_given_up_and_the_next_goes_out() {
    let rig = Rig::new();
    rig.ops().fail_once("400 message too odd", Setback::Refused);
    rig.find(FindingKind::Zombie, &["s/a", "s/b"]).await;
    rig.tell().await;
    assert_eq!(told(rig.ops()), ["opened zombie:s/b"]);
    let dead = rig.given_up().await;
    assert_eq!((dead.len(), dead[0].thread.as_str()), (1, "zombie:s/a"));

    assert_eq!(rig.attend(Attention::Retry(vec![99])).await.unwrap_err(), {
        "no alert with the number 99 was given up"
    });
    let retried = rig.attend(Attention::Retry(vec![])).await.unwrap();
    assert_eq!(retried, Attended::Alerts(1));
    rig.tell().await;
    assert_eq!(told(rig.ops())[1..], ["opened zombie:s/a"]);
}

#[tokio::test]
async fn together_they_are_sent_one_by_one_after_a_refusal() {
    let rig = Rig::new();
    let many: Vec<String> = (0..20).map(|n| format!("s/a{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    rig.ops().fail_once("413", Setback::Refused);
    rig.find(FindingKind::Zombie, &many).await;
    for _ in 0..10 {
        rig.tell().await;
        rig.minutes(1);
    }
    assert_eq!(told(rig.ops()).len(), 20);
    assert!(rig.ops().posts().iter().all(|post| post.alerts.len() == 1));
    assert_eq!(rig.given_up().await.len(), 0);
}

#[tokio::test]
async fn what_nobody_wants_any_more_is_dropped() {
    let rig = Rig::new();
    rig.ops().fail_once("400", Setback::Refused);
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell().await;
    assert_eq!(rig.attend(Attention::Drop(vec![])).await.unwrap(), Attended::Alerts(1));
    assert_eq!(rig.given_up().await.len(), 0);
    rig.tell().await;
    assert_eq!(told(rig.ops()), [""; 0]);
}
