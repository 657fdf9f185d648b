//! Does a healthy agent keep the protocol?

use std::path::PathBuf;

use agent_sim::fixture::{Message, Output, Tool};
use sweepd_decide::{Span, parse_utc};

use crate::support::{Bench, now, past, until};

#[tokio::test]
async fn a_healthy_agent_beats_answers_the_newest_message_and_acks_them_all() {
    let bench = Bench::new();
    for id in ["m-1", "m-2"] {
        bench.session.message(&Message::chat(id, past())).unwrap();
    }
    let before = now();
    let _agent = bench.agent(&["--result", "hello back"]);
    bench.until_acked("completed", 2).await;
    let outputs = bench.session.outputs().unwrap();
    assert_eq!(outputs.len(), 1);
    assert_eq!(outputs[0].in_reply_to.as_deref(), Some("m-2"));
    assert_eq!(outputs[0].content, r#"{"text":"hello back"}"#);
    assert_eq!(outputs[0].seq, Some(5), "the next odd number above 4");
    assert_eq!(outputs[0].platform_id.as_deref(), Some("plat-1"));
    assert!(bench.session.heartbeat_at().unwrap().unwrap() >= before);
    until("it logs", || bench.log().contains("[poll-loop] Result: hello back")).await;
    assert_eq!(bench.session.messages().unwrap()[0].status.as_deref(), Some("pending"));
}

#[tokio::test]
async fn a_claim_is_a_processing_row_of_whole_seconds() {
    let bench = Bench::new();
    bench.session.message(&Message::chat("m-1", past())).unwrap();
    let before = now();
    let _agent = bench.agent(&["--behave", "hang-after-claim"]);
    bench.until_acked("processing", 1).await;
    let claimed = bench.session.acks().unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].status_changed.len(), "2026-11-22 10:00:00".len());
    let at = parse_utc(&claimed[0].status_changed).unwrap();
    assert!(at >= before.floor_to_second() && at <= now());
}

#[tokio::test]
async fn only_due_pending_unacked_messages_are_taken() {
    let bench = Bench::new();
    let hour = Span::from_mins(60);
    let taken = [Message::chat("due", past()), Message::task("task", past(), past())];
    let left = [
        Message { status: Some("paused".into()), ..Message::chat("paused", past()) },
        Message { kind: "system".into(), ..Message::chat("system", past()) },
        Message::task("later", past(), now().plus(hour)),
        Message { process_after: Some("soon".into()), ..Message::chat("garbage", past()) },
        Message::chat("acked", past()),
    ];
    for message in taken.iter().chain(&left) {
        bench.session.message(message).unwrap();
    }
    bench.session.ack("acked", "failed", past()).unwrap();
    let _agent = bench.agent::<&str>(&[]);
    bench.until_acked("completed", 2).await;
    assert_eq!(bench.acked("completed"), ["due", "task"]);
    assert_eq!(bench.session.acks().unwrap().len(), 3);
}

#[tokio::test]
async fn context_wakes_nobody_and_rides_along_with_what_does() {
    let bench = Bench::new();
    let context = Message { trigger: 0, ..Message::chat("context", past()) };
    bench.session.message(&context).unwrap();
    let agent = bench.agent::<&str>(&[]);
    agent.settled().await;
    assert_eq!(bench.acked("completed"), [""; 0]);
    assert_eq!(bench.session.heartbeat_at().unwrap(), None, "a poll is no sign of life");
    bench.session.message(&Message::chat("trigger", past())).unwrap();
    bench.until_acked("completed", 2).await;
    assert_eq!(bench.session.outputs().unwrap().len(), 1);
}

#[tokio::test]
async fn a_message_for_the_first_poll_is_not_taken_later() {
    let bench = Bench::new();
    let on_wake = |id: &str| Message { on_wake: 1, ..Message::chat(id, past()) };
    bench.session.message(&on_wake("early")).unwrap();
    let _agent = bench.agent::<&str>(&[]);
    bench.until_acked("completed", 1).await;
    bench.session.message(&on_wake("late")).unwrap();
    bench.session.message(&Message::chat("plain", past())).unwrap();
    bench.until_acked("completed", 2).await;
    assert_eq!(bench.acked("completed"), ["early", "plain"]);
}

#[tokio::test]
async fn a_batch_is_the_ten_newest() {
    let bench = Bench::new();
    for n in 0..12 {
        bench.session.message(&Message::chat(&format!("m-{n:02}"), past())).unwrap();
    }
    let _agent = bench.agent(&["--behave", "hang-after-claim"]);
    bench.until_acked("processing", 10).await;
    let claimed = bench.acked("processing");
    assert_eq!((claimed[0].as_str(), claimed[9].as_str()), ("m-02", "m-11"));
}

#[tokio::test]
async fn a_follow_up_is_acked_when_it_is_pushed_and_answered_later() {
    let bench = Bench::new();
    bench.session.message(&Message::chat("first", past())).unwrap();
    let (args, cue) = long_tool(&bench);
    let _agent = bench.agent(&args);
    bench.until_acked("processing", 1).await;
    bench.session.message(&Message::chat("second", past())).unwrap();
    until("the follow-up is acked", || bench.acked("completed") == ["second"]).await;
    assert_eq!(bench.acked("processing"), ["first"]);
    std::fs::write(cue, "").unwrap();
    until("both are answered", || bench.session.outputs().unwrap().len() == 2).await;
    let outputs: Vec<Output> = bench.session.outputs().unwrap();
    assert_eq!(outputs[0].in_reply_to.as_deref(), Some("first"));
    assert_eq!(outputs[1].in_reply_to.as_deref(), Some("second"));
    assert_eq!((outputs[0].seq, outputs[1].seq), (Some(5), Some(7)));
    bench.until_acked("completed", 2).await;
}

#[tokio::test]
async fn the_tool_in_flight_is_shown_and_taken_away() {
    let bench = Bench::new();
    bench.session.message(&Message::chat("m-1", past())).unwrap();
    let (args, cue) = long_tool(&bench);
    let _agent = bench.agent(&args);
    let shown = || bench.session.tool_row().unwrap().unwrap_or_default();
    until("a tool is shown", || shown() != Tool::default()).await;
    let tool = shown();
    assert_eq!(tool.current_tool.as_deref(), Some("Bash"));
    assert_eq!(tool.declared_ms, Some(120_000));
    assert!(parse_utc(tool.started_at.as_deref().unwrap()).unwrap() > past());
    std::fs::write(cue, "").unwrap();
    bench.until_acked("completed", 1).await;
    assert_eq!(shown(), Tool::default());
}

#[tokio::test]
async fn what_a_predecessor_had_claimed_is_taken_again() {
    let bench = Bench::new();
    bench.session.message(&Message::chat("m-1", past())).unwrap();
    bench.session.message(&Message::chat("done", past())).unwrap();
    bench.session.claim("m-1", past()).unwrap();
    bench.session.claim("unknown", past()).unwrap();
    bench.session.ack("done", "completed", past()).unwrap();
    let _agent = bench.agent::<&str>(&[]);
    bench.until_acked("completed", 2).await;
    assert_eq!(bench.acked("processing"), [""; 0]);
    assert_eq!(bench.session.outputs().unwrap().len(), 1);
}

#[tokio::test]
async fn a_missing_outbound_database_is_created_with_its_tables() {
    let bench = Bench::new();
    std::fs::remove_file(bench.session.outbound_path()).unwrap();
    bench.session.message(&Message::chat("m-1", past())).unwrap();
    let _agent = bench.agent::<&str>(&[]);
    bench.until_acked("completed", 1).await;
    let mode: String = bench
        .session
        .outbound()
        .unwrap()
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "delete");
}

#[tokio::test]
async fn sigterm_ends_it_with_143() {
    let bench = Bench::new();
    bench.session.message(&Message::chat("m-1", past())).unwrap();
    let mut agent = bench.agent::<&str>(&[]);
    bench.until_acked("completed", 1).await;
    agent.terminate();
    assert_eq!(agent.ended().await.code(), Some(143));
}

#[tokio::test]
async fn the_behavior_can_stand_in_a_file() {
    let bench = Bench::new();
    let file = bench.session.dir().join("behave");
    let args = ["--behave-file", file.to_str().unwrap()];
    bench.session.message(&Message::chat("m-1", past())).unwrap();
    std::fs::write(&file, "exit-at-once=9\n").unwrap();
    assert_eq!(bench.agent(&args).ended().await.code(), Some(9));
    std::fs::remove_file(&file).unwrap();
    let _agent = bench.agent(&args);
    bench.until_acked("completed", 1).await;
}

/// Arguments for a tool call that lasts until the file returned with them exists.
fn long_tool(bench: &Bench) -> (Vec<String>, PathBuf) {
    let cue = bench.dir.path().join("cue");
    let until = cue.to_string_lossy().into_owned();
    let args = ["--tool", "Bash", "--declare-ms", "120000", "--tool-ms", "600000", "--tool-until"];
    let mut args = args.map(String::from).to_vec();
    args.push(until);
    (args, cue)
}
