//! Names that are long and odd: what is made of them is told like all the rest.

use sweepd_decide::{FindingKind, Setback};
use sweepd_sweep::sim::SimSink;

use super::rig::{Rig, told};

#[tokio::test]
async fn long_keys_that_flap_are_told_apart_and_stop_nobody() {
    let rig = Rig::new();
    let subjects = ["1", "2"].map(|end| format!("s/{}{end}", "x".repeat(230)));
    let keys = subjects.each_ref().map(|subject| format!("malformed-row:{subject}"));
    assert!(keys[0].len() <= 255, "as long as a key may be");
    for _ in 0..5 {
        rig.find(FindingKind::MalformedRow, &subjects.each_ref().map(String::as_str)).await;
        rig.tell_every(2, 1).await;
        rig.end(&keys.each_ref().map(String::as_str)).await;
        rig.tell_every(2, 1).await;
    }
    rig.find(FindingKind::RuntimeUnreachable, &["t"]).await;
    rig.tell_every(1, 10).await;
    let all = told(rig.ops());
    let flapping = all.iter().filter(|one| one.starts_with("opened flapping:malformed-row:s/x"));
    assert_eq!(flapping.count(), 2);
    assert_eq!((all.len(), all[14].as_str()), (15, "opened runtime-unreachable:t"));
}

#[tokio::test]
async fn a_key_of_many_alphabets_flaps_and_is_calm_again() {
    let rig = Rig::new();
    let odd: String = "ä\u{202e}\u{1F600}".repeat(80).chars().take(238).collect();
    let (subject, key) = (format!("s/{odd}"), format!("zombie:s/{odd}"));
    for _ in 0..5 {
        rig.find(FindingKind::Zombie, &[&subject]).await;
        rig.tell_every(2, 1).await;
        rig.end(&[&key]).await;
        rig.tell_every(2, 1).await;
    }
    rig.tell_every(1, 40).await;
    let all = told(rig.ops());
    assert_eq!(all.len(), 8, "three times on and off, then one thing");
    assert!(all[6].starts_with("opened flapping:zombie:s/ä"), "{}", all[6]);
    assert_eq!(all[7].strip_prefix("resolved "), all[6].strip_prefix("opened "));
}

#[tokio::test]
async fn that_a_sink_with_a_long_name_failed_is_told_once() {
    let name = "n".repeat(250);
    let rig = Rig::with(vec![(&name, SimSink::default()), ("log", SimSink::default())], |_| {});
    rig.sink(&name).down("401", Setback::Stopped);
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell().await;
    rig.find(FindingKind::Zombie, &["s/b"]).await;
    rig.tell_every(1, 5).await;
    let all = told(rig.sink("log"));
    assert_eq!((all.len(), all[0].as_str(), all[2].as_str()), {
        (3, "opened zombie:s/a", "opened zombie:s/b")
    });
    assert!(all[1].starts_with("opened sink-failed:nnn"), "{}", all[1]);
}
