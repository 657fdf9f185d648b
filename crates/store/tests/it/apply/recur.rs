//! Handing an expression on to a clone.

use rusqlite::types::Value;
use sweepd_decide::RowChange;
use sweepd_store::Retry;
use sweepd_store::nanoclaw::{Applied, ApplyError};

use super::{CLONE, ROW, recur, session, text};
use crate::session::{INBOUND, INITIAL, OUTBOUND, Session};

#[test]
fn a_recurrence_hands_its_expression_on_to_a_clone() {
    let session = session();
    let original = session.rows().remove("m").unwrap();

    assert_eq!(session.apply(&recur()).unwrap(), Applied::Done);

    let mut rows = session.rows();
    let mut expected = original.clone();
    expected.remove("recurrence");
    assert_eq!(rows.remove("m").unwrap(), expected);
    let mut expected = original;
    for (column, value) in [
        ("id", text(CLONE)),
        ("seq", Value::Integer(4)),
        ("timestamp", text("2026-05-12 10:00:00")),
        ("status", text("pending")),
        ("process_after", text("2026-05-13T09:00:00.000Z")),
        ("series_id", text("series-2")),
        ("tries", Value::Integer(0)),
        ("on_wake", Value::Integer(0)),
    ] {
        expected.insert(column.into(), value);
    }
    expected.remove("source_session_id");
    assert_eq!(rows.remove(CLONE).unwrap(), expected);
    assert!(rows.is_empty());
}

#[test]
fn a_recurrence_applied_twice_makes_one_clone() {
    let session = session();
    assert_eq!(session.apply(&recur()).unwrap(), Applied::Done);
    let once = session.rows();
    assert_eq!(session.apply(&recur()).unwrap(), Applied::AlreadyDone);
    assert_eq!(session.rows(), once);
}

#[test]
fn the_clone_of_a_paused_task_is_as_paused_as_was_asked_for() {
    let session = session();
    let RowChange::Recur {
        message_id,
        status,
        recurrence,
        clone_id,
        series_id,
        process_after,
        timestamp,
        ..
    } = recur()
    else {
        unreachable!()
    };
    let change = RowChange::Recur {
        message_id,
        status,
        recurrence,
        clone_id,
        clone_status: "paused".into(),
        series_id,
        process_after,
        timestamp,
    };
    assert_eq!(session.apply(&change).unwrap(), Applied::Done);
    assert_eq!(session.cell(CLONE, "status"), text("paused"));
}

#[test]
fn a_changed_original_supersedes_the_recurrence() {
    for other in [
        "status = 'pending'",
        "status = NULL",
        "recurrence = '* * * * *'",
        "recurrence = NULL",
        "id = 'x'",
    ] {
        let session = session();
        session.sql("inbound.db", &format!("UPDATE messages_in SET {other}"));
        let before = session.rows();
        assert_eq!(session.apply(&recur()).unwrap(), Applied::Superseded, "{other}");
        assert_eq!(session.rows(), before, "{other}");
    }
}

#[test]
fn a_clone_that_was_deleted_since_does_not_come_back() {
    let session = session();
    session.apply(&recur()).unwrap();
    session.sql("inbound.db", &format!("DELETE FROM messages_in WHERE id = '{CLONE}'"));
    assert_eq!(session.apply(&recur()).unwrap(), Applied::Superseded);
    assert_eq!(session.rows().len(), 1);
}

#[test]
fn a_taken_clone_id_supersedes_while_the_original_keeps_its_expression() {
    let session = session();
    session.sql(
        "inbound.db",
        &format!(
            "INSERT INTO messages_in (id, kind, timestamp, content) VALUES ('{CLONE}', 'chat', 't', '')"
        ),
    );
    let before = session.rows();
    assert_eq!(session.apply(&recur()).unwrap(), Applied::Superseded);
    assert_eq!(session.rows(), before);
}

#[test]
fn a_clone_gets_the_next_even_number() {
    for (seq, next) in [("NULL", 2), ("-7", 2), ("0", 2), ("1", 2), ("2", 4), ("7", 8), ("8", 10)] {
        let session = session();
        session.sql("inbound.db", &format!("UPDATE messages_in SET seq = {seq}"));
        session.apply(&recur()).unwrap();
        assert_eq!(session.cell(CLONE, "seq"), Value::Integer(next), "{seq}");
    }
}

#[test]
fn a_recurrence_works_in_the_oldest_schema() {
    let session = Session::with(INITIAL, OUTBOUND);
    session.sql(
        "inbound.db",
        "INSERT INTO messages_in VALUES ('m', 3, 'task', 't', 'completed', NULL, '0 9 * * *', 1,
         'p', 'c', 'th', 'text')",
    );
    assert_eq!(session.apply(&recur()).unwrap(), Applied::Done);
    assert_eq!(session.cell(CLONE, "content"), text("text"));
    assert_eq!(session.cell(CLONE, "thread_id"), text("th"));
    assert_eq!(session.cell("m", "recurrence"), Value::Null);
    assert_eq!(session.apply(&recur()).unwrap(), Applied::AlreadyDone);
}

#[test]
fn a_recurrence_without_a_place_for_it_is_not_done() {
    let session = Session::with(
        "CREATE TABLE messages_in (id TEXT, kind TEXT, timestamp TEXT, status TEXT);",
        OUTBOUND,
    );
    let error = session.apply(&recur()).unwrap_err();
    assert!(matches!(&error, ApplyError::LacksColumn { column } if column == "process_after"));
}

#[test]
fn a_clone_that_the_schema_refuses_leaves_the_original_its_expression() {
    let session = Session::with(
        &INBOUND.replace("on_wake INTEGER NOT NULL DEFAULT 0", "on_wake INTEGER NOT NULL"),
        OUTBOUND,
    );
    session.sql("inbound.db", ROW);
    let before = session.rows();
    let error = session.apply(&recur()).unwrap_err();
    assert!(matches!(error, ApplyError::Constraint { .. }), "{error:?}");
    assert_eq!(error.retry(), Retry::Never);
    assert_eq!(session.rows(), before);
}

#[test]
fn long_content_is_cloned_whole() {
    let session = session();
    session.sql("inbound.db", "UPDATE messages_in SET content = hex(zeroblob(2000000))");
    session.apply(&recur()).unwrap();
    assert_eq!(session.cell(CLONE, "content"), session.cell("m", "content"));
}
