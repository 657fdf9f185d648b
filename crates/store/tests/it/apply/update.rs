//! Replacing the state of a row.

use rusqlite::types::Value;
use sweepd_store::Retry;
use sweepd_store::nanoclaw::{Applied, ApplyError};

use super::{now, session, state, text, update};
use crate::session::{OUTBOUND, Session};

#[test]
fn an_update_replaces_the_state_and_nothing_else() {
    let session = session();
    let mut expected = session.rows();
    let row = expected.get_mut("m").unwrap();
    row.insert("status".into(), text("pending"));
    row.insert("tries".into(), Value::Integer(4));
    row.insert("process_after".into(), text("2026-05-12 10:00:05"));

    let after = state(Some("pending"), Some(4), Some("2026-05-12 10:00:05"));
    assert_eq!(session.apply(&update(now(), after)).unwrap(), Applied::Done);
    assert_eq!(session.rows(), expected);
}

#[test]
fn applying_twice_is_applying_once() {
    let session = session();
    let change = update(now(), state(Some("failed"), Some(3), None));
    assert_eq!(session.apply(&change).unwrap(), Applied::Done);
    let once = session.rows();
    assert_eq!(session.apply(&change).unwrap(), Applied::AlreadyDone);
    assert_eq!(session.rows(), once);
    assert_eq!(session.cell("m", "process_after"), Value::Null);
}

#[test]
fn any_other_change_in_between_supersedes_the_update() {
    let after = state(Some("pending"), Some(4), Some("later"));
    for other in
        ["status = 'paused'", "status = NULL", "tries = 0", "tries = NULL", "process_after = NULL"]
    {
        let session = session();
        session.sql("inbound.db", &format!("UPDATE messages_in SET {other}"));
        let before = session.rows();
        assert_eq!(session.apply(&update(now(), after.clone())).unwrap(), Applied::Superseded);
        assert_eq!(session.rows(), before, "{other}");
    }
    let session = session();
    session.sql("inbound.db", "DELETE FROM messages_in");
    assert_eq!(session.apply(&update(now(), after)).unwrap(), Applied::Superseded);
}

#[test]
fn nulls_are_fenced_as_nulls_and_one_that_stays_is_not_written_out() {
    let session = Session::new();
    session.sql(
        "inbound.db",
        "INSERT INTO messages_in (id, kind, timestamp, status, tries, content)
         VALUES ('m', 'chat', 't', NULL, NULL, '')",
    );
    let pending = update(state(Some("pending"), None, None), state(Some("failed"), None, None));
    assert_eq!(session.apply(&pending).unwrap(), Applied::Superseded, "NULL is not pending");
    let retry = update(state(None, None, None), state(None, Some(1), Some("later")));
    assert_eq!(session.apply(&retry).unwrap(), Applied::Done);
    assert_eq!(session.cell("m", "status"), Value::Null);
    assert_eq!(session.cell("m", "tries"), Value::Integer(1));
}

#[test]
fn an_update_that_changes_nothing_is_done_or_superseded() {
    let session = session();
    assert_eq!(session.apply(&update(now(), now())).unwrap(), Applied::AlreadyDone);
    let elsewhere = state(Some("pending"), Some(0), None);
    assert_eq!(session.apply(&update(elsewhere.clone(), elsewhere)).unwrap(), Applied::Superseded);
}

#[test]
fn a_column_that_is_not_there_is_not_fenced_and_cannot_be_written() {
    let session = Session::with(
        "CREATE TABLE messages_in (id TEXT, kind TEXT, timestamp TEXT, status TEXT);
         INSERT INTO messages_in VALUES ('m', 'chat', 't', 'pending')",
        OUTBOUND,
    );
    let before = state(Some("pending"), None, None);
    let retry = update(before.clone(), state(Some("pending"), Some(1), None));
    let error = session.apply(&retry).unwrap_err();
    assert_eq!(error.to_string(), "inbound.db has no column messages_in.tries");
    assert_eq!(error.retry(), Retry::Never);
    let done = update(before, state(Some("completed"), None, None));
    assert_eq!(session.apply(&done).unwrap(), Applied::Done);
    assert_eq!(session.apply(&done).unwrap(), Applied::AlreadyDone);
}

#[test]
fn an_id_of_several_rows_is_left_alone() {
    let session = Session::with(
        "CREATE TABLE messages_in (id TEXT, kind TEXT, timestamp TEXT, status TEXT);
         INSERT INTO messages_in VALUES ('m', 'chat', 't', 'pending'), ('m', 'chat', 't', 'pending')",
        OUTBOUND,
    );
    let change = update(state(Some("pending"), None, None), state(Some("failed"), None, None));
    let error = session.apply(&change).unwrap_err();
    assert!(matches!(error, ApplyError::Ambiguous { .. }), "{error:?}");
    assert_eq!(session.cell("m", "status"), text("pending"), "rolled back");
}
