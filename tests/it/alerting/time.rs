//! A clock that was set back, a host that slept: nothing waits for an hour that has been.

use sweepd_decide::{FindingKind, Setback, Span};

use super::rig::{Rig, told};

#[tokio::test]
async fn a_clock_that_is_set_back_holds_up_no_opening() {
    let rig = Rig::new();
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.clock.step(Span::from_mins(-24 * 60));
    rig.tell_every(5, 60).await;
    let all =
        ["opened", "still", "still", "still", "still"].map(|moment| format!("{moment} zombie:s/a"));
    assert_eq!(told(rig.ops()), all, "one, and a repeat in each of five hours");
}

#[tokio::test]
async fn a_clock_that_is_set_back_shuts_no_sink() {
    let rig = Rig::new();
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.ops().down("timeout", Setback::Later(None));
    rig.tell().await;
    rig.ops().up();
    rig.clock.step(Span::from_mins(-24 * 60));
    rig.find(FindingKind::Zombie, &["s/b"]).await;
    rig.tell().await;
    assert_eq!(told(rig.ops())[..2], ["opened zombie:s/a", "opened zombie:s/b"]);
}

#[tokio::test]
async fn what_a_cause_covered_is_told_though_the_clock_was_set_back_at_its_end() {
    let rig = Rig::new();
    rig.find(FindingKind::RuntimeUnreachable, &["s"]).await;
    rig.find(FindingKind::ContainerDown, &["s/a"]).await;
    rig.tell().await;
    rig.minutes(10);
    rig.end(&["runtime-unreachable:s"]).await;
    rig.tell().await;
    rig.clock.step(Span::from_mins(-24 * 60));
    for _ in 0..12 {
        rig.find(FindingKind::ContainerDown, &["s/a"]).await;
        rig.tell().await;
        rig.minutes(5);
    }
    assert_eq!(
        told(rig.ops()),
        [
            "opened runtime-unreachable:s",
            "resolved runtime-unreachable:s",
            "opened container-down:s/a"
        ]
    );
}

#[tokio::test]
async fn what_was_tried_before_a_long_suspend_is_tried_once_more_after_it() {
    let rig = Rig::new();
    rig.ops().down("network is down", Setback::Later(None));
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell().await;
    rig.ops().up();
    rig.clock.suspend(Span::from_mins(30 * 60));
    rig.tell().await;
    assert_eq!(told(rig.ops()), ["opened zombie:s/a", "still zombie:s/a"]);
    assert_eq!(rig.given_up().await, []);
}
