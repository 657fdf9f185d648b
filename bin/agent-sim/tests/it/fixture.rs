//! Do fixtures look like what a host and an agent write?

use std::os::unix::net::UnixStream;

use agent_sim::fixture::{Message, Output, Session, Tool};

use crate::support::{Bench, now, past};

#[test]
fn host_rows_have_even_and_agent_rows_odd_numbers() {
    let bench = Bench::new();
    for id in ["a", "b"] {
        bench.session.message(&Message::chat(id, past())).unwrap();
        bench.session.output(&Output::chat(id, None, past())).unwrap();
    }
    let message = Message { seq: Some(7), ..Message::chat("c", past()) };
    bench.session.message(&message).unwrap();
    bench.session.message(&Message::chat("d", past())).unwrap();
    let seqs = |list: Vec<Option<i64>>| list.into_iter().flatten().collect::<Vec<_>>();
    let messages = bench.session.messages().unwrap();
    assert_eq!(seqs(messages.iter().map(|m| m.seq).collect()), [2, 4, 7, 8]);
    let outputs = bench.session.outputs().unwrap();
    assert_eq!(seqs(outputs.iter().map(|o| o.seq).collect()), [1, 3]);
}

#[test]
fn rows_read_back_as_they_were_written() {
    let bench = Bench::new();
    let message = Message {
        seq: Some(20),
        status: None,
        tries: None,
        series_id: None,
        recurrence: Some("0 9 * * *".into()),
        trigger: 0,
        on_wake: 1,
        thread_id: Some("t".into()),
        ..Message::task("m", past(), now())
    };
    bench.session.message(&message).unwrap();
    assert_eq!(bench.session.messages().unwrap(), [message]);
    let output = Output {
        seq: Some(21),
        deliver_after: Some("later".into()),
        ..Output::chat("o", Some("m"), now())
    };
    bench.session.output(&output).unwrap();
    assert_eq!(bench.session.outputs().unwrap(), [output]);
    let tool = Tool::started("Bash", Some(1), now());
    bench.session.tool(&tool, now()).unwrap();
    assert_eq!(bench.session.tool_row().unwrap(), Some(tool));
    let beat = now();
    bench.session.heartbeat(beat).unwrap();
    assert_eq!(bench.session.heartbeat_at().unwrap(), Some(beat));
    bench.session.no_heartbeat().unwrap();
    bench.session.no_heartbeat().unwrap();
    assert_eq!(bench.session.heartbeat_at().unwrap(), None);
}

#[test]
fn an_ack_replaces_a_claim() {
    let bench = Bench::new();
    bench.session.claim("m", past()).unwrap();
    bench.session.ack("m", "completed", now()).unwrap();
    let acks = bench.session.acks().unwrap();
    assert_eq!(acks.len(), 1);
    assert_eq!(acks[0].status, "completed");
}

#[test]
fn a_root_holds_its_sessions_in_a_wal_database() {
    let bench = Bench::new();
    bench.root.session("ag-1", "sess-2", past()).unwrap();
    bench.root.set_status("sess-2", "archived").unwrap();
    assert!(bench.root.set_status("sess-3", "archived").is_err());
    assert!(bench.root.session("ag-1", "sess-2", past()).is_err());
    let central = bench.root.central().unwrap();
    let one = |sql: &str| central.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(one("PRAGMA journal_mode"), "wal");
    assert_eq!(one("SELECT group_concat(id) FROM sessions WHERE status = 'active'"), "sess-1");
    assert_eq!(one("SELECT folder FROM agent_groups"), "ag-1");
    assert_eq!(bench.root.find("ag-1", "sess-1").dir(), bench.session.dir());
}

#[test]
fn reading_a_session_creates_nothing() {
    let bench = Bench::new();
    let ghost: Session = bench.root.find("ag-1", "ghost");
    assert!(ghost.messages().is_err());
    std::fs::create_dir(ghost.dir()).unwrap();
    assert!(ghost.acks().is_err());
    assert!(!ghost.outbound_path().exists());
}

#[test]
fn a_host_answers_while_it_is_held() {
    let bench = Bench::new();
    let socket = bench.root.data().join("ncl.sock");
    let host = bench.root.host().unwrap();
    assert!(UnixStream::connect(&socket).is_ok());
    drop(host);
    let refused = UnixStream::connect(&socket).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    assert!(bench.root.host().is_ok());
}
