//! How silence ends: answered since, late, or out of sight.

use agent_sim::fixture::Message;
use sweepd_decide::Severity;
use sweepd_sweep::{Attended, Attention, SilenceRule};

use super::rig::Rig;

async fn silent_task() -> Rig {
    let rig = Rig::new();
    rig.asked(&Message::task("t-1", rig.now(), rig.now()));
    rig.sweep().await;
    assert_eq!(rig.silent().await.0, Some(Severity::Error));
    rig.minutes(20);
    rig
}

#[tokio::test]
async fn a_later_answer_in_its_series_ends_it() {
    let rig = silent_task().await;
    let later =
        Message { series_id: Some("t-1".to_owned()), ..Message::task("t-2", rig.now(), rig.now()) };
    rig.asked(&later);
    rig.says("o-1", Some("t-2"));
    rig.sweep().await;
    assert!(rig.silence().await.is_none());
    assert_eq!(rig.ended(), "it has answered since");
}

#[tokio::test]
async fn an_answer_to_somebody_else_does_not() {
    let rig = silent_task().await;
    rig.asked(&Message::chat("m-1", rig.now()));
    rig.says("o-1", Some("m-1"));
    rig.minutes(20);
    rig.sweep().await;
    assert_eq!(rig.silent().await.1, ["t-1"]);
}

#[tokio::test]
async fn that_nobody_can_tell_is_told_at_the_second_try_and_is_over_once_somebody_can() {
    let rig = silent_task().await;
    let db = rig.session.outbound().unwrap();
    db.execute_batch("ALTER TABLE messages_out RENAME TO elsewhere").unwrap();
    rig.sweep().await;
    assert_eq!(rig.unreadable().await, None);
    rig.minutes(1);
    rig.sweep().await;
    let told = rig.unreadable().await.unwrap();
    assert!(told.contains("nobody can tell whether it is silent"), "{told}");
    assert!(told.contains("outbound.db has no table messages_out"), "{told}");
    db.execute_batch("ALTER TABLE elsewhere RENAME TO messages_out").unwrap();
    for _ in 0..2 {
        rig.minutes(6);
        rig.sweep().await;
    }
    assert_eq!(rig.unreadable().await, None);
}

#[tokio::test]
async fn rows_that_cannot_be_read_hide_nothing_and_are_no_silence() {
    let rig = silent_task().await;
    let db = rig.session.outbound().unwrap();
    db.execute_batch(
        "INSERT INTO processing_ack (message_id, status, status_changed) VALUES (x'00', 'completed', '2026-11-27T10:00:00Z')",
    )
    .unwrap();
    rig.asked(&Message::chat("c-1", rig.now()));
    rig.says("o-1", None);
    db.execute_batch("UPDATE messages_out SET kind = x'00', in_reply_to = x'00', id = x'00'")
        .unwrap();
    rig.minutes(30);
    rig.sweep().await;
    assert_eq!(rig.silent().await.1, ["t-1"], "c-1 was answered, by whatever it was");
    assert_eq!(rig.unreadable().await, None);
}

#[tokio::test]
async fn what_leaves_the_window_has_aged_out() {
    let rig = silent_task().await;
    rig.minutes(99);
    rig.sweep().await;
    assert!(rig.silence().await.is_some());
    rig.minutes(1);
    rig.sweep().await;
    assert!(rig.silence().await.is_none());
    assert_eq!(rig.ended(), "aged-out");
}

#[tokio::test]
async fn a_runner_that_stamps_again_does_not_keep_it_open() {
    let rig = silent_task().await;
    for _ in 0..3 {
        rig.minutes(50);
        rig.acked("t-1");
        rig.sweep().await;
    }
    assert_eq!((rig.silence().await.is_some(), rig.ended().as_str()), (false, "aged-out"));
}

#[tokio::test]
async fn silence_that_cannot_be_read_about_stays_as_it_was() {
    let rig = silent_task().await;
    let db = rig.session.outbound().unwrap();
    db.execute_batch("ALTER TABLE messages_out RENAME TO elsewhere").unwrap();
    rig.sweep().await;
    assert_eq!(rig.silent().await.1, ["t-1"]);
}

#[tokio::test]
async fn a_series_that_somebody_expects_to_be_silent_is_silent_from_then_on() {
    let rig = silent_task().await;
    let id = rig.silent_id().await;
    let told = rig.attend(Attention::Expect(id)).await.unwrap();
    assert_eq!(told, Attended::Incident("silent-failure:nanoclaw/ag/s".to_owned()));
    rig.sweep().await;
    assert!(rig.silence().await.is_none());
    assert_eq!(rig.events("incident_opened").len(), 1, "it is not opened anew");
    let again =
        Message { series_id: Some("t-1".to_owned()), ..Message::task("t-2", rig.now(), rig.now()) };
    rig.asked(&again);
    rig.asked(&Message::task("t-9", rig.now(), rig.now()));
    rig.sweep().await;
    assert_eq!(rig.silent().await.1, ["t-9"], "another series is not meant");
}

#[tokio::test]
async fn an_agent_that_is_at_work_again_has_not_answered() {
    for rule in [SilenceRule::PerMessage, SilenceRule::PerSession] {
        let mut rig = Rig::new();
        rig.silence.rule = rule;
        rig.asked(&Message::chat("m-1", rig.now()));
        rig.sweep().await;
        assert!(rig.silence().await.is_some(), "{rule:?}");
        rig.minutes(30);
        rig.up(&[]);
        rig.session.message(&Message::chat("m-2", rig.now())).unwrap();
        rig.session.claim("m-2", rig.now()).unwrap();
        rig.sweep().await;
        rig.minutes(1);
        rig.acked("m-2");
        rig.sweep().await;
        assert!(rig.silence().await.is_some(), "{rule:?}");
        assert_eq!(rig.ended(), "", "{rule:?}");
        // It speaks at last.
        rig.says("o-2", Some("m-2"));
        rig.minutes(6);
        rig.sweep().await;
        assert!(rig.silence().await.is_none(), "{rule:?}");
        assert_eq!(rig.ended(), "it has answered since", "{rule:?}");
    }
}

#[tokio::test]
async fn what_nobody_looks_for_any_more_is_over() {
    let rig = silent_task().await;
    rig.sweep_unheard().await;
    assert!(rig.silence().await.is_none());
}
