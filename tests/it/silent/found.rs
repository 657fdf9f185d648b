//! What was worked on and never answered is found, and what may be silent is not.

use agent_sim::fixture::Message;
use sweepd_decide::Severity;
use sweepd_sweep::SilenceRule;

use super::rig::{Rig, agent};

const REFUSED: &str = "Result: Failed to authenticate. API Error: 401 {\"type\":\"error\"}";

#[tokio::test]
async fn a_refused_token_is_found_with_the_message_and_the_cause_and_told_once() {
    let rig = Rig::new();
    rig.up(&[]);
    rig.asked(&Message::task("t-1", rig.now(), rig.now()));
    rig.log(&[REFUSED]);
    rig.sweep().await;
    assert_eq!(rig.silent().await, (None, vec![]), "its turn is not over yet");
    rig.minutes(5);
    rig.sweep().await;
    rig.sweep().await;
    assert_eq!(rig.silent().await, (Some(Severity::Error), vec!["t-1".to_owned()]));
    let open = rig.silence().await.unwrap();
    assert_eq!(open.evidence["sign"], "authentication");
    assert!(open.summary.contains("t-1 (authentication: Failed to authenticate"), "{open:?}");
    let told = rig.events("silent_failure");
    assert_eq!((told.len(), &told[0]["message_id"]), (1, &"t-1".into()));
    assert_eq!(told[0]["because"], "sign");
}

#[tokio::test]
async fn its_agent_fails_as_long_as_it_is_open() {
    let rig = Rig::new();
    rig.asked(&Message::task("t-1", rig.now(), rig.now()));
    for _ in 0..3 {
        let report = rig.sweep().await;
        assert_eq!(report.summary.failing, 1, "{report:?}");
        rig.minutes(1);
    }
}

#[tokio::test]
async fn one_chat_that_was_answered_does_not_hide_the_task_that_died() {
    for rule in [SilenceRule::PerMessage, SilenceRule::PerSession] {
        let mut rig = Rig::new();
        rig.silence.rule = rule;
        rig.asked(&Message::task("t-1", rig.now(), rig.now()));
        rig.minutes(10);
        rig.asked(&Message::chat("m-1", rig.now()));
        rig.says("o-1", Some("m-1"));
        rig.minutes(10);
        rig.sweep().await;
        let found = rig.silence().await.is_some();
        assert_eq!(found, rule == SilenceRule::PerMessage, "{rule:?}");
    }
}

#[tokio::test]
async fn the_original_s_rule_is_a_warning_while_nothing_at_all_is_said() {
    let mut rig = Rig::new();
    rig.silence.rule = SilenceRule::PerSession;
    rig.asked(&Message::chat("m-1", rig.now()));
    rig.up(&[]);
    rig.sweep().await;
    assert!(rig.silence().await.is_none(), "it is up");
    rig.down();
    rig.minutes(1);
    rig.sweep().await;
    assert_eq!(rig.silence().await.unwrap().severity, Severity::Warning);
    rig.says("o-1", None);
    rig.sweep().await;
    assert!(rig.silence().await.is_none());
}

#[tokio::test]
async fn a_task_that_may_be_silent_raises_nothing_and_any_other_does() {
    for (text, found) in
        [("series:t-1", false), ("kind:task", false), ("t-1", false), ("series:t-2", true)]
    {
        let rig = Rig::new().may_be_silent(text);
        rig.asked(&Message::task("t-1", rig.now(), rig.now()));
        rig.sweep().await;
        assert_eq!(rig.silence().await.is_some(), found, "{text}");
    }
}

#[tokio::test]
async fn what_its_script_kept_from_the_agent_is_no_silence() {
    let gated = |rig: &Rig| {
        let content = r#"{"prompt":"look","script":"exit 0"}"#.to_owned();
        Message { content, ..Message::task("t-1", rig.now(), rig.now()) }
    };
    let rig = Rig::new();
    rig.asked(&gated(&rig));
    rig.sweep().await;
    assert!(rig.silence().await.is_none());

    let rig = Rig::new();
    rig.up(&[]);
    for run in rig.runtime.up() {
        let line = format!("{} [task-script] task t-1 wakeAgent=true, enriching prompt", rig.now());
        rig.runtime.change(&run, |run| run.log.push(line));
    }
    rig.asked(&gated(&rig));
    rig.minutes(5);
    rig.sweep().await;
    assert_eq!(rig.silent().await.1, ["t-1"], "{}: it was let through", agent());
}

#[tokio::test]
async fn a_notice_is_shown_and_fails_nobody() {
    let rig = Rig::new();
    rig.asked(&Message::chat("m-1", rig.now()));
    let report = rig.sweep().await;
    assert_eq!(rig.silent().await.0, Some(Severity::Notice));
    assert_eq!((report.summary.failing, rig.monitor.questions().len()), (0, 0));
}
