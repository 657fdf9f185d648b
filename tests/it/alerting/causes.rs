//! Many findings with one cause are one alert; many without are as few as the sink wants.

use std::collections::BTreeMap;

use sweepd_decide::{FindingKind, News};

use super::rig::{Rig, told};

fn subjects(many: usize) -> Vec<String> {
    (0..many).map(|n| format!("s/a{n}")).collect()
}

fn refs(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

#[tokio::test]
async fn five_hundred_with_one_cause_are_one_alert_that_counts_them() {
    let rig = Rig::new();
    let many = subjects(500);
    rig.find(FindingKind::WakeFailing, &refs(&many)).await;
    rig.find(FindingKind::RuntimeUnreachable, &["s"]).await;
    rig.tell().await;
    assert_eq!(told(rig.ops()), ["opened runtime-unreachable:s"]);
    let counted = |at: usize| match &rig.ops().alerts()[at].news {
        News::Incident(story) => (story.folded, story.folded_keys.len()),
        News::Note(_) => (0, 0),
    };
    assert_eq!(counted(0), (500, 20));
    assert_eq!(rig.why("wake-failing:s/a7").await, "folded");

    // All well again but three, which are told by themselves after a while.
    rig.end(&["runtime-unreachable:s"]).await;
    let keys: Vec<String> = many.iter().skip(3).map(|s| format!("wake-failing:{s}")).collect();
    rig.end(&refs(&keys)).await;
    rig.tell().await;
    assert_eq!(told(rig.ops())[1..], ["resolved runtime-unreachable:s"]);
    assert_eq!(counted(1).0, 500);
    rig.minutes(2);
    rig.tell().await;
    let rest: Vec<String> = (0..3).map(|n| format!("opened wake-failing:s/a{n}")).collect();
    assert_eq!(told(rig.ops())[2..], rest);
}

#[tokio::test]
async fn another_sources_findings_have_another_cause() {
    let rig = Rig::new();
    rig.find(FindingKind::RuntimeUnreachable, &["s"]).await;
    rig.find(FindingKind::WakeFailing, &["t/a", "ss/a"]).await;
    rig.find(FindingKind::DeadLetter, &["s/a"]).await;
    rig.tell().await;
    assert_eq!(told(rig.ops()).len(), 4);
}

#[tokio::test]
async fn without_a_common_cause_they_are_coalesced_and_none_is_lost() {
    let rig = Rig::new();
    let many = subjects(500);
    rig.find(FindingKind::Zombie, &refs(&many)).await;
    rig.tell().await;
    assert_eq!(rig.ops().posts().len(), 1);
    let keys: Vec<String> = many.iter().map(|s| format!("zombie:{s}")).collect();
    rig.end(&refs(&keys)).await;
    rig.tell().await;
    assert_eq!(rig.ops().posts().len(), 2);
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for one in told(rig.ops()) {
        *counted.entry(one).or_default() += 1;
    }
    assert_eq!(counted.len(), 1000);
    assert!(counted.values().all(|times| *times == 1));
}

#[tokio::test]
async fn a_few_are_told_one_by_one() {
    let rig = Rig::new();
    rig.find(FindingKind::Zombie, &refs(&subjects(5))).await;
    rig.tell().await;
    assert_eq!(rig.ops().posts().len(), 5);
}
