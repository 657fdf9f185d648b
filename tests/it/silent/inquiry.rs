//! The installation's own monitor is set up, and asked once about each incident.

use agent_sim::fixture::Message;
use sweepd_sweep::{Mode, Options};

use super::rig::Rig;

fn dead(rig: &Rig, id: &str) {
    rig.asked(&Message::task(id, rig.now(), rig.now()));
}

#[tokio::test]
async fn it_is_asked_once_for_each_incident_with_all_that_is_known() {
    let rig = Rig::new();
    dead(&rig, "t-1");
    for _ in 0..3 {
        rig.sweep().await;
        rig.minutes(20);
        dead(&rig, &format!("t-{}", rig.now().as_millis()));
    }
    let questions = rig.monitor.questions();
    assert_eq!(questions.len(), 1, "{questions:?}");
    let prompt = &questions[0].prompt;
    for part in ["Agent: nanoclaw/ag/s", "Agent group: ag", "Session: s", "- t-1 (series t-1)"] {
        assert!(prompt.contains(part), "{part}: {prompt}");
    }
    // It is over, and begins again: that is another one, an hour after the last.
    rig.minutes(150);
    rig.sweep().await;
    assert!(rig.silence().await.is_none());
    dead(&rig, "t-9");
    rig.sweep().await;
    assert_eq!(rig.monitor.questions().len(), 2);
}

#[tokio::test]
async fn where_it_cannot_be_asked_it_is_asked_again_and_that_is_shown() {
    let rig = Rig::new();
    dead(&rig, "t-1");
    rig.monitor.set_down(true);
    let report = rig.sweep().await;
    let effects: Vec<_> = report.agents[0].effects.iter().map(|one| one.effect).collect();
    assert_eq!(effects, ["investigate"]);
    let told = |key: &str| report.incidents.iter().find(|one| one.key == key).cloned();
    let told = told("foreign-schema:nanoclaw").unwrap();
    assert!(told.summary.contains("its health monitor cannot be set up"), "{told:?}");
    rig.monitor.set_down(false);
    rig.minutes(1);
    rig.sweep().await;
    assert_eq!(rig.monitor.questions().len(), 0, "not at once");
    rig.minutes(5);
    rig.sweep().await;
    assert_eq!((rig.monitor.questions().len(), rig.monitor.set_ups()), (1, 2));
}

#[tokio::test]
async fn nothing_is_set_up_or_asked_where_nothing_may_be_touched() {
    for (mode, dry_run, asked) in
        [(Mode::Observe, false, 0), (Mode::Assist, true, 0), (Mode::Assist, false, 1)]
    {
        let mut rig = Rig::new();
        rig.mode = mode;
        dead(&rig, "t-1");
        let mut options = Options::default();
        options.dry_run = dry_run;
        rig.sweep_with(options).await;
        let done = (rig.monitor.set_ups(), rig.monitor.questions().len());
        assert_eq!(done, (asked, asked), "{mode:?} {dry_run}");
    }
}
