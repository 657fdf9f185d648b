//! A newer one is looked for and put in its place, and whoever runs with the old one is named.

use std::collections::BTreeMap;

use sweepd_credentials::Step;
use sweepd_decide::Span;
use sweepd_sweep::Mode;

use super::rig::Rig;

/// A group whose token ends in half an hour, and a newer one in another file.
fn ending() -> Rig {
    let mut rig = Rig::new();
    rig.token(&rig.file("ag"), "a", Span::from_mins(30));
    rig.token(&rig.path("newer.json"), "a", Span::from_mins(600));
    rig.step = Some(Step::file(rig.path("newer.json")));
    rig
}

fn end_of(rig: &Rig, group: &str) -> i64 {
    let text = std::fs::read_to_string(rig.file(group)).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["theme"], "dark", "foreign fields stay");
    json["claudeAiOauth"]["expiresAt"].as_i64().unwrap()
}

#[tokio::test]
async fn what_ends_is_renewed_and_whoever_runs_with_the_old_one_is_named() {
    let rig = ending();
    let session = rig.session("ag");
    rig.runtime.start(session.dir(), BTreeMap::new());
    rig.sweep().await;
    assert_eq!(end_of(&rig, "ag"), rig.now().plus(Span::from_mins(600)).as_millis());
    assert_eq!(rig.words().await, [""; 0]);
    let told = rig.events("credential_refreshed");
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&told[0]["from"], &told[0]["holders"][0]),
        (&"file".into(), &"nanoclaw/ag/s".into())
    );
    assert_eq!(told[0]["before"], "2026-11-27T10:30:00.000Z");
}

#[tokio::test]
async fn an_older_one_is_left_where_it_is() {
    let rig = ending();
    rig.token(&rig.path("newer.json"), "a", Span::from_mins(29));
    rig.sweep().await;
    assert_eq!(end_of(&rig, "ag"), rig.now().plus(Span::from_mins(30)).as_millis());
    assert_eq!(rig.words().await.len(), 1, "while it may be renewed it is a notice");
    assert!(rig.words().await[0].starts_with("Notice"), "{:?}", rig.words().await);
    assert_eq!(rig.events("credential_refreshed").len(), 0);
}

#[tokio::test]
async fn nothing_is_written_where_nothing_may_be() {
    for (mode, dry_run) in [(Mode::Observe, false), (Mode::Enforce, true)] {
        let mut rig = ending();
        (rig.mode, rig.dry_run) = (mode, dry_run);
        rig.sweep().await;
        assert_eq!(end_of(&rig, "ag"), rig.now().plus(Span::from_mins(30)).as_millis(), "{mode:?}");
    }
}

#[tokio::test]
async fn a_command_that_fails_blocks_no_wake_and_is_no_incident_of_its_own() {
    let mut rig = ending();
    rig.step = Some(Step::command(vec!["/bin/false".to_owned()]));
    let session = rig.session("ag");
    rig.work(&session);
    rig.sweep().await;
    assert_eq!(rig.events("agent_woken").len(), 1);
    assert_eq!(rig.words().await.len(), 1, "{:?}", rig.words().await);
}

#[tokio::test]
async fn a_wake_for_which_nothing_is_to_be_renewed_keeps_nobody_from_it() {
    let rig = ending();
    rig.token(&rig.file("good"), "b", Span::from_mins(600));
    rig.work(&rig.session("good"));
    rig.sweep().await;
    assert_eq!(rig.events("agent_woken").len(), 1);
    assert_eq!(rig.events("credential_refreshed").len(), 1);
}
