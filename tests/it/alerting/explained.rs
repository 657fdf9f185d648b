//! What a cause explains, over time: counted with it, told when nobody hears of it, never in a flood.

use std::collections::BTreeMap;
use std::sync::Arc;

use sweepd_decide::{FindingKind, News};
use sweepd_sweep::Audience;
use sweepd_sweep::ports::Incident;
use sweepd_sweep::sim::SimSink;

use super::rig::{Rig, told};

/// So many agents of `s`, and the keys of their containers that are down.
struct Down {
    subjects: Vec<String>,
    keys: Vec<String>,
}

impl Down {
    fn new(many: usize) -> Self {
        let subjects: Vec<String> = (0..many).map(|n| format!("s/a{n}")).collect();
        let keys = subjects.iter().map(|subject| format!("container-down:{subject}")).collect();
        Self { subjects, keys }
    }

    async fn find(&self, rig: &Rig) {
        rig.find(FindingKind::ContainerDown, &refs(&self.subjects)).await;
    }

    async fn end(&self, rig: &Rig) {
        rig.end(&refs(&self.keys)).await;
    }
}

fn refs(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

#[tokio::test]
async fn what_is_covered_does_not_flap_by_itself() {
    let rig = Rig::new();
    let down = Down::new(500);
    rig.find(FindingKind::RuntimeUnreachable, &["s"]).await;
    for _ in 0..4 {
        down.find(&rig).await;
        rig.tell_every(3, 1).await;
        down.end(&rig).await;
        rig.tell_every(3, 1).await;
    }
    assert_eq!(told(rig.ops()), ["opened runtime-unreachable:s"]);
}

/// Wants to hear of agents only.
struct Agents;

impl Audience for Agents {
    fn wants(&self, incident: &Incident) -> bool {
        incident.agent.is_some()
    }
}

#[tokio::test]
async fn effects_of_a_cause_that_nobody_hears_of_are_told() {
    let rig = Rig::with(vec![("ops", SimSink::default())], |setup| {
        setup.sinks[0].audience = Arc::new(Agents);
    });
    rig.find(FindingKind::RuntimeUnreachable, &["s"]).await;
    Down::new(2).find(&rig).await;
    rig.tell_every(1, 50).await;
    assert_eq!(told(rig.ops()), ["opened container-down:s/a0", "opened container-down:s/a1"]);
}

#[tokio::test]
async fn the_end_of_a_long_cause_counts_all_it_covered() {
    let rig = Rig::new();
    let down = Down::new(50);
    rig.find(FindingKind::RuntimeUnreachable, &["s"]).await;
    down.find(&rig).await;
    rig.tell().await;
    down.end(&rig).await;
    rig.minutes(50);
    rig.tell().await;
    rig.end(&["runtime-unreachable:s"]).await;
    rig.tell().await;
    let folded = rig.ops().alerts().into_iter().filter_map(|alert| match alert.news {
        News::Incident(story) => Some(story.folded),
        News::Note(_) => None,
    });
    assert_eq!(folded.collect::<Vec<_>>(), [50, 50]);
}

#[tokio::test]
async fn a_cause_that_comes_and_goes_neither_hides_its_effects_nor_repeats_them() {
    let rig = Rig::new();
    let down = Down::new(100);
    down.find(&rig).await;
    for _ in 0..10 {
        rig.find(FindingKind::RuntimeUnreachable, &["s"]).await;
        rig.tell_every(1, 3).await;
        rig.end(&["runtime-unreachable:s"]).await;
        rig.tell_every(1, 3).await;
    }
    let (effects, causes): (Vec<String>, Vec<String>) =
        told(rig.ops()).into_iter().partition(|one| one.contains("container-down"));
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for one in effects {
        *counted.entry(one).or_default() += 1;
    }
    let once = down.keys.iter().map(|key| (format!("opened {key}"), 1));
    assert_eq!(counted, once.collect::<BTreeMap<_, _>>());
    let cause = ["opened", "resolved"].map(|moment| format!("{moment} runtime-unreachable:s"));
    assert_eq!(causes[..6], [cause.clone(), cause.clone(), cause].concat());
    assert_eq!(causes[6..], ["opened flapping:runtime-unreachable:s"]);
}

#[tokio::test]
async fn what_was_told_before_its_cause_came_is_not_repeated_while_that_lasts() {
    let rig = Rig::new();
    Down::new(1).find(&rig).await;
    rig.tell_every(10, 1).await;
    rig.find(FindingKind::BrakeEngaged, &["*"]).await;
    rig.tell_every(60, 4).await;
    let mut all = vec!["opened container-down:s/a0", "opened brake-engaged:*"];
    all.extend(["still brake-engaged:*"; 3]);
    assert_eq!(told(rig.ops()), all);
    assert_eq!(rig.why("container-down:s/a0").await, "folded");
}
