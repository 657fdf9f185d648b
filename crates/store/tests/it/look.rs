//! What a look reports: rows as they are, in order, without content and without judgment.

use sweepd_decide::{MessageId, Observed, RowState, Tool, Written};
use sweepd_store::nanoclaw::{self, Look, LookRequest, Part, Root};

use crate::session::{INBOUND, INITIAL, OUTBOUND, Session};

/// Rows of every kind, in rowid order.
const ROWS: &str = "
    INSERT INTO messages_in (id, seq, kind, timestamp, status, process_after, recurrence, series_id,
      tries, trigger, content) VALUES
      ('done', 2, 'chat', '2026-05-12 00:00:00', 'completed', NULL, NULL, NULL, 0, 1, ''),
      ('new', 4, 'chat', '2026-05-12 00:01:00', 'pending', NULL, NULL, NULL, 0, 1, ''),
      ('later', 6, 'task', '2026-05-12 00:02:00', 'pending', '2026-05-13T09:00:00.000Z',
        '0 9 * * *', 'later', 2, 0, ''),
      ('recurs', 8, 'task', '2026-05-12 00:03:00', 'completed', NULL, '0 9 * * 1-5', 's', 0, 1, ''),
      ('given-up', 10, 'chat', '2026-05-12 00:04:00', 'failed', NULL, NULL, NULL, 5, 1, ''),
      ('null', 12, 'chat', '2026-05-12 00:05:00', NULL, NULL, NULL, NULL, NULL, 1, '');";

fn ids(session: &Session) -> Vec<String> {
    session.inbound().messages.into_iter().map(|message| message.id.to_string()).collect()
}

fn claim(id: &str, at: &str) -> String {
    format!("INSERT OR REPLACE INTO processing_ack VALUES ('{id}', 'processing', '{at}');")
}

fn ack(id: &str, status: &str, at: &str) -> String {
    format!("INSERT OR REPLACE INTO processing_ack VALUES ('{id}', '{status}', '{at}');")
}

#[test]
fn live_rows_are_those_that_are_not_completed_or_recur() {
    let session = Session::new();
    session.sql("inbound.db", ROWS);
    assert_eq!(ids(&session), ["new", "later", "recurs", "given-up", "null"]);
}

#[test]
fn a_row_is_reported_as_it_is_written() {
    let session = Session::new();
    session.sql("inbound.db", ROWS);
    let inbound = session.inbound();
    let later = &inbound.messages[1];
    assert_eq!(later.rowid, 3);
    assert_eq!(later.kind, "task");
    assert_eq!(later.timestamp, Written::from("2026-05-12 00:02:00"));
    let state = RowState {
        status: Some("pending".into()),
        tries: Some(2),
        process_after: Some("2026-05-13T09:00:00.000Z".into()),
    };
    assert_eq!(later.state, state);
    assert_eq!(later.recurrence.as_deref(), Some("0 9 * * *"));
    assert_eq!(later.series_id.as_deref(), Some("later"));
    assert_eq!(later.trigger, Some(0));
    assert_eq!(inbound.messages[4].state, RowState::default(), "NULLs stay NULLs");
    assert_eq!(inbound.absent_columns, Vec::<String>::new());
}

#[test]
fn a_completed_row_is_read_while_it_is_claimed_and_in_its_place() {
    let session = Session::new();
    session.sql("inbound.db", ROWS);
    session.sql("outbound.db", &claim("done", "2026-05-12 01:00:00"));
    assert_eq!(ids(&session), ["done", "new", "later", "recurs", "given-up", "null"]);
}

#[test]
fn a_claim_on_a_message_that_is_not_there_is_a_claim() {
    let session = Session::new();
    session.sql("outbound.db", &claim("ghost", "2026-05-12 01:00:00"));
    assert_eq!(ids(&session), Vec::<String>::new());
    assert_eq!(session.outbound().claims[0].message_id, MessageId::from("ghost"));
}

#[test]
fn the_oldest_schema_reads_as_defaults() {
    let session = Session::with(INITIAL, OUTBOUND);
    session.sql(
        "inbound.db",
        "INSERT INTO messages_in (id, kind, timestamp, content) VALUES ('m', 'chat', 't', '')",
    );
    let inbound = session.inbound();
    let absent = ["series_id", "trigger", "source_session_id", "on_wake"];
    assert_eq!(inbound.absent_columns, absent);
    let message = &inbound.messages[0];
    assert_eq!((message.trigger, message.triggers()), (None, true));
    assert_eq!((message.series_id.as_deref(), message.series()), (None, "m"));
}

#[test]
fn a_schema_with_nothing_but_the_required_columns_is_read() {
    let session = Session::with(
        "CREATE TABLE Messages_In (ID TEXT, Kind TEXT, TIMESTAMP TEXT, status TEXT, more TEXT);
         INSERT INTO messages_in VALUES ('m', 'chat', 't', 'pending', 'x')",
        "CREATE TABLE processing_ack (message_id TEXT, status TEXT, status_changed TEXT)",
    );
    assert_eq!(session.inbound().messages.len(), 1);
    assert_eq!(session.inbound().absent_columns.len(), 12);
    assert_eq!(session.outbound().absent, ["container_state", "messages_out"]);
}

#[test]
fn claims_come_in_rowid_order_with_their_raw_times() {
    let session = Session::new();
    for (id, at) in [("b", "2026-05-12 01:00:00"), ("a", "garbage"), ("c", "2026-05-12T01:00:00Z")]
    {
        session.sql("outbound.db", &claim(id, at));
    }
    session.sql("outbound.db", &claim("b", "2026-05-12 02:00:00"));
    let claims: Vec<(String, Option<String>)> = session
        .outbound()
        .claims
        .into_iter()
        .map(|c| (c.message_id.to_string(), c.status_changed.raw().map(str::to_owned)))
        .collect();
    let expected = [("a", "garbage"), ("c", "2026-05-12T01:00:00Z"), ("b", "2026-05-12 02:00:00")];
    assert_eq!(claims, expected.map(|(id, at)| (id.to_owned(), Some(at.to_owned()))));
}

#[test]
fn acks_are_those_of_live_messages_whatever_their_status() {
    let session = Session::new();
    session.sql("inbound.db", ROWS);
    session.sql("outbound.db", &ack("done", "completed", "2026-05-12 00:30:00"));
    session.sql("outbound.db", &ack("given-up", "completed", "2026-05-12 00:31:00"));
    session.sql("outbound.db", &ack("new", "thinking", "2026-05-12 00:32:00"));
    session.sql("outbound.db", &claim("later", "2026-05-12 00:33:00"));
    let acks: Vec<(String, String)> = session
        .outbound()
        .acks
        .into_iter()
        .map(|ack| (ack.message_id.to_string(), ack.status))
        .collect();
    let expected = [("new", "thinking"), ("given-up", "completed")];
    assert_eq!(acks, expected.map(|(id, status)| (id.to_owned(), status.to_owned())));
}

#[test]
fn an_id_differs_by_case_even_where_the_schema_says_otherwise() {
    let session = Session::with(
        INBOUND,
        "CREATE TABLE processing_ack (message_id TEXT PRIMARY KEY COLLATE NOCASE, status TEXT,
           status_changed TEXT);
         INSERT INTO processing_ack VALUES ('NEW', 'completed', '2026-05-12 00:32:00')",
    );
    session.sql("inbound.db", ROWS);
    assert_eq!(session.outbound().acks, []);
}

#[test]
fn the_last_ack_is_the_newest_by_time_and_not_a_claim() {
    let session = Session::new();
    assert_eq!(session.outbound().last_ack, None);
    session.sql("outbound.db", &ack("a", "completed", "2026-05-12 03:00:00"));
    session.sql("outbound.db", &ack("b", "failed", "2026-05-12T04:00:00.000Z"));
    session.sql("outbound.db", &ack("c", "completed", "2026-05-12 02:00:00"));
    session.sql("outbound.db", &ack("d", "thinking", "2026-05-12 05:00:00"));
    session.sql("outbound.db", &claim("e", "2026-05-12 06:00:00"));
    assert_eq!(session.outbound().last_ack, Some("2026-05-12T04:00:00.000Z".into()));
}

#[test]
fn an_unreadable_last_ack_is_reported_only_while_it_is_the_last() {
    let session = Session::new();
    session.sql("outbound.db", &ack("a", "completed", "2026-05-12 03:00:00"));
    session.sql("outbound.db", &ack("b", "completed", "soon"));
    assert_eq!(session.outbound().last_ack, Some("soon".into()));
    session.sql("outbound.db", &ack("c", "completed", "2026-05-12 02:00:00"));
    assert_eq!(session.outbound().last_ack, Some("2026-05-12 03:00:00".into()));
}

#[test]
fn a_tool_row_is_reported_even_if_no_tool_is_in_flight() {
    let session = Session::new();
    assert_eq!(session.outbound().tool, None);
    session.sql("outbound.db", "INSERT INTO container_state VALUES (1, NULL, NULL, NULL, 't')");
    assert_eq!(session.outbound().tool, Some(Tool::default()));
    session.sql(
        "outbound.db",
        "UPDATE container_state SET current_tool = 'Bash', tool_declared_timeout_ms = 120000,
         tool_started_at = '2026-05-12T01:00:00.000Z'",
    );
    let tool = session.outbound().tool.unwrap();
    assert_eq!(tool.name.as_deref(), Some("Bash"));
    assert_eq!(tool.declared_ms, Some(120_000));
    assert_eq!(tool.started_at, Written::from("2026-05-12T01:00:00.000Z"));
}

#[test]
fn a_declared_timeout_that_is_no_integer_declares_nothing() {
    let session = Session::new();
    for declared in ["1.5", "'many'", "x'00'", "NULL"] {
        session.sql(
            "outbound.db",
            &format!("REPLACE INTO container_state VALUES (1, 'Bash', {declared}, NULL, 't')"),
        );
        assert_eq!(session.outbound().tool.unwrap().declared_ms, None, "{declared}");
    }
}

#[test]
fn a_tool_table_without_some_columns_gives_what_it_has() {
    let session = Session::with(
        INBOUND,
        "CREATE TABLE processing_ack (message_id TEXT, status TEXT, status_changed TEXT);
         CREATE TABLE container_state (id INTEGER PRIMARY KEY, current_tool TEXT);
         INSERT INTO container_state VALUES (1, 'Bash')",
    );
    let outbound = session.outbound();
    assert_eq!(outbound.tool.unwrap().name.as_deref(), Some("Bash"));
    let absent = [
        "container_state.tool_declared_timeout_ms",
        "container_state.tool_started_at",
        "messages_out",
    ];
    assert_eq!(outbound.absent, absent);
}

/// Whether one output answers a message that was claimed at 01:00:00.
fn answers(in_reply_to: &str, kind: &str, at: &str) -> bool {
    let session = Session::new();
    session.sql("outbound.db", &claim("m", "2026-05-12 01:00:00"));
    session.sql(
        "outbound.db",
        &format!(
            "INSERT INTO messages_out (id, in_reply_to, timestamp, kind, content)
             VALUES ('o', {in_reply_to}, '{at}', '{kind}', '')"
        ),
    );
    session.outbound().answered == [MessageId::from("m")]
}

#[test]
fn an_answer_is_a_later_output_in_reply_to_the_message() {
    assert!(answers("'m'", "chat", "2026-05-12 01:00:01"));
    assert!(answers("'m'", "chat", "2026-05-12T01:00:01.999Z"));
    assert!(!answers("'m'", "chat", "2026-05-12 01:00:00"), "same second");
    assert!(!answers("'m'", "chat", "2026-05-12T01:00:00.999Z"), "same second");
    assert!(!answers("'m'", "chat", "2026-05-12 00:59:59"), "before the claim");
    assert!(!answers("'m'", "status", "2026-05-12 01:00:01"));
    assert!(!answers("'m'", "system", "2026-05-12 01:00:01"));
    assert!(!answers("'n'", "chat", "2026-05-12 01:00:01"), "for somebody else");
    assert!(!answers("NULL", "chat", "2026-05-12 01:00:01"));
    assert!(!answers("'m'", "chat", "tomorrow"));
}

#[test]
fn each_claim_is_answered_for_itself() {
    let session = Session::new();
    session.sql("outbound.db", &claim("a", "2026-05-12 01:00:00"));
    session.sql("outbound.db", &claim("b", "2026-05-12 03:00:00"));
    session.sql("outbound.db", &claim("c", "never"));
    session.sql(
        "outbound.db",
        "INSERT INTO messages_out (id, in_reply_to, timestamp, kind, content) VALUES
           ('o1', 'b', '2026-05-12 02:00:00', 'chat', ''),
           ('o2', 'c', '2026-05-12 02:00:00', 'chat', ''),
           ('o3', 'a', '2026-05-12 02:00:00', 'chat', ''),
           ('o4', 'a', '2026-05-12 02:00:05', 'chat', '')",
    );
    assert_eq!(session.outbound().answered, [MessageId::from("a")]);
}

#[test]
fn an_answer_is_found_below_older_outputs_and_clock_jumps() {
    let session = Session::new();
    session.sql("outbound.db", &claim("m", "2026-05-12 01:00:00"));
    session.sql(
        "outbound.db",
        "INSERT INTO messages_out (id, in_reply_to, timestamp, kind, content) VALUES
           ('o1', 'm', '2026-05-12 01:00:30', 'chat', ''),
           ('o2', NULL, '2026-05-12 00:10:00', 'chat', ''),
           ('o3', NULL, 'no time at all', 'chat', '')",
    );
    assert_eq!(session.outbound().answered, [MessageId::from("m")]);
}

#[test]
fn missing_is_not_unreadable() {
    let session = Session::empty();
    let look = session.look();
    assert_eq!((&look.inbound, &look.outbound), (&Part::Missing, &Part::Missing));
    session.sql("inbound.db", INBOUND);
    let look = session.look();
    assert!(look.inbound.seen().is_some());
    assert!(look.outbound.is_missing(), "a container that never started");

    let other = session.look_as(LookRequest::new(session.root.path(), "ag-1", "sess-9"));
    let nothing =
        Look { inbound: Part::Missing, outbound: Part::Missing, heartbeat: Observed::Absent };
    assert_eq!(other, nothing);
}

#[test]
fn a_root_that_is_not_there_is_no_ghost() {
    let look = nanoclaw::look(&LookRequest::new("/nonexistent", "ag-1", "sess-1"));
    let why = look.inbound.unreadable().unwrap().to_string();
    assert!(why.starts_with("the NanoClaw root cannot be read: No such file"), "{why}");
    assert_eq!(look.heartbeat, Observed::Unknown);
}

#[test]
fn the_inbound_is_read_although_the_outbound_is_not() {
    let session = Session::with(INBOUND, "CREATE TABLE t (x)");
    session.sql("inbound.db", ROWS);
    assert_eq!(session.outbound_is().to_string(), "outbound.db has no table processing_ack");
    assert_eq!(ids(&session).len(), 5);
}

#[test]
fn claims_are_known_although_the_inbound_is_not() {
    let session = Session::with("CREATE TABLE t (x)", OUTBOUND);
    session.sql("outbound.db", &claim("m", "2026-05-12 01:00:00"));
    assert_eq!(session.inbound_is().to_string(), "inbound.db has no table messages_in");
    assert_eq!(session.outbound().claims.len(), 1);
}

#[test]
fn request_and_reply_survive_serialization() {
    let session = Session::new();
    session.sql("inbound.db", ROWS);
    session.sql("outbound.db", &claim("new", "2026-05-12 01:00:00"));
    session.sql("outbound.db", &ack("later", "completed", "garbage"));
    session.sql("outbound.db", "INSERT INTO container_state VALUES (1, 'Bash', 5, 'x', 't')");
    let request = session.request();
    let text = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<LookRequest>(&text).unwrap(), request);
    let look = session.look();
    let text = serde_json::to_string(&look).unwrap();
    assert_eq!(serde_json::from_str::<Look>(&text).unwrap(), look);

    std::fs::remove_file(session.file("inbound.db")).unwrap();
    std::fs::write(session.file("outbound.db"), "garbage".repeat(1000)).unwrap();
    let look = session.look();
    let text = serde_json::to_string(&look).unwrap();
    assert_eq!(serde_json::from_str::<Look>(&text).unwrap(), look);
}

#[test]
fn sessions_are_found_through_a_linked_directory_of_all_sessions() {
    let session = Session::new();
    let temp = tempfile::tempdir().unwrap();
    std::fs::create_dir(temp.path().join("data")).unwrap();
    let all = session.root.path().join("data/v2-sessions");
    std::os::unix::fs::symlink(all, temp.path().join("data/v2-sessions")).unwrap();
    let root = Root::open(temp.path()).unwrap();
    let look = nanoclaw::look(&LookRequest::new(root.path(), "ag-1", "sess-1"));
    assert!(look.inbound.seen().is_some(), "{:?}", look.inbound);
}
