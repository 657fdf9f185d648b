//! The log is taken while it is there.

use agent_sim::fixture::Message;
use sweepd_decide::Severity;

use super::rig::Rig;

#[tokio::test]
async fn a_sign_is_known_after_the_container_and_its_log_are_gone() {
    let rig = Rig::new();
    rig.up(&[]);
    rig.asked(&Message::chat("m-1", rig.now()));
    rig.log(&["Result: API Error: 529 overloaded"]);
    rig.sweep().await;
    rig.minutes(1);
    rig.down();
    rig.sweep().await;
    let open = rig.silence().await.unwrap();
    assert_eq!((open.severity, &open.evidence["sign"]), (Severity::Error, &"overloaded".into()));
    assert_eq!(open.evidence["log"], "API Error: 529 overloaded");
}

#[tokio::test]
async fn the_agent_s_own_words_about_failures_are_no_sign() {
    let rig = Rig::new();
    rig.up(&[]);
    rig.asked(&Message::chat("m-1", rig.now()));
    rig.log(&["Result: <internal>the page answers 401, as it should</internal>"]);
    rig.minutes(5);
    rig.sweep().await;
    let open = rig.silence().await.unwrap();
    assert_eq!((open.severity, open.evidence["sign"].is_null()), (Severity::Notice, true));
}

#[tokio::test]
async fn a_secret_in_the_log_is_not_kept() {
    let rig = Rig::new();
    rig.up(&[]);
    rig.asked(&Message::chat("m-1", rig.now()));
    rig.log(&["Result: 401 for token=sk-ant-PLANTED0123456789abcdef0123456789"]);
    rig.minutes(5);
    rig.sweep().await;
    let open = rig.silence().await.unwrap();
    assert!(!format!("{open:?}").contains("PLANTED"), "{open:?}");
}
