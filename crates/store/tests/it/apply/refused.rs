//! Where nothing may be written, nothing is.

use sweepd_decide::RowState;
use sweepd_store::Retry;
use sweepd_store::nanoclaw::{self, Applied, ApplyError, Unreadable};

use super::{now, recur, session, state, update};
use crate::session::{OUTBOUND, Session, listing};

#[test]
fn a_planted_trigger_does_not_fire() {
    let session = session();
    session.sql(
        "inbound.db",
        "CREATE TABLE fired (x);
         CREATE TRIGGER t1 AFTER UPDATE ON messages_in BEGIN INSERT INTO fired VALUES (1); END;
         CREATE TRIGGER t2 AFTER INSERT ON messages_in BEGIN DELETE FROM messages_in; END;",
    );
    let change = update(now(), state(Some("completed"), Some(4), None));
    assert_eq!(session.apply(&change).unwrap(), Applied::Done);
    assert_eq!(session.apply(&recur()).unwrap(), Applied::Done);
    let count = "SELECT count(*) FROM fired";
    let fired: i64 = session.open("inbound.db").query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(fired, 0);
    assert_eq!(session.rows().len(), 2);
}

#[test]
fn a_view_in_place_of_the_queue_is_not_written_to() {
    let session = Session::with(
        "CREATE TABLE t (id TEXT, status TEXT); CREATE VIEW messages_in AS SELECT * FROM t;
         CREATE TRIGGER i INSTEAD OF UPDATE ON messages_in BEGIN DELETE FROM t; END",
        OUTBOUND,
    );
    let error = session.apply(&update(now(), RowState::default())).unwrap_err();
    assert!(
        matches!(&error, ApplyError::Open { source: Unreadable::NotATable { .. } }),
        "{error:?}"
    );
}

#[test]
fn nothing_is_written_where_nothing_is() {
    let session = Session::empty();
    let error = session.apply(&recur()).unwrap_err();
    assert!(matches!(error, ApplyError::NoInbound), "{error:?}");
    assert_eq!(error.retry(), Retry::Gone);
    assert!(listing(&session.dir).is_empty());
    let error = nanoclaw::apply(&session.root, "ag-1", "sess-9", &recur()).unwrap_err();
    assert!(matches!(error, ApplyError::NoInbound), "{error:?}");
    let error = nanoclaw::apply(&session.root, "ag-1", "..", &recur()).unwrap_err();
    assert!(matches!(error, ApplyError::FindSession { .. }), "{error:?}");
}

#[test]
fn a_linked_inbound_is_not_written_through() {
    let target = session();
    let other = Session::empty();
    std::os::unix::fs::symlink(target.file("inbound.db"), other.file("inbound.db")).unwrap();
    let before = target.rows();
    let error = other.apply(&recur()).unwrap_err();
    assert!(matches!(&error, ApplyError::Open { source: Unreadable::Symlink { .. } }), "{error:?}");
    assert_eq!(target.rows(), before);
}

#[test]
fn a_wal_database_is_not_written_to() {
    let session = session();
    session.sql("inbound.db", "PRAGMA journal_mode = WAL");
    let before = listing(&session.dir);
    let error = session.apply(&recur()).unwrap_err();
    assert!(matches!(&error, ApplyError::Open { source: Unreadable::Wal { .. } }), "{error:?}");
    assert_eq!(error.retry(), Retry::Never);
    assert_eq!(listing(&session.dir), before);
}

#[test]
fn a_hot_journal_is_not_rolled_back_by_a_write() {
    let session = session();
    session.sql("inbound.db", "CREATE TABLE junk (x)");
    let (db, journal) = (session.file("inbound.db"), session.file("inbound.db-journal"));
    let writer = session.open("inbound.db");
    writer
        .execute_batch(
            "PRAGMA cache_size = 2; BEGIN;
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
             INSERT INTO junk SELECT hex(zeroblob(100)) FROM n",
        )
        .unwrap();
    let copies = [std::fs::read(&db).unwrap(), std::fs::read(&journal).unwrap()];
    drop(writer);
    std::fs::write(&db, &copies[0]).unwrap();
    std::fs::write(&journal, &copies[1]).unwrap();

    let before = listing(&session.dir);
    let error = session.apply(&recur()).unwrap_err();
    assert!(matches!(&error, ApplyError::Open { source } if source.is_hot_journal()), "{error:?}");
    assert_eq!(error.retry(), Retry::Later);
    assert_eq!(listing(&session.dir), before);
}

#[test]
fn a_locked_database_is_tried_again_later() {
    for lock in ["BEGIN EXCLUSIVE", "BEGIN IMMEDIATE"] {
        let session = session();
        let holder = session.open("inbound.db");
        holder.execute_batch(lock).unwrap();
        let error = session.apply(&recur()).unwrap_err();
        assert!(
            matches!(&error, ApplyError::Open { source: Unreadable::Busy { .. } }),
            "{error:?}"
        );
        assert_eq!(error.retry(), Retry::Later);
        drop(holder);
        assert_eq!(session.apply(&recur()).unwrap(), Applied::Done);
    }
}

#[test]
fn a_reader_that_does_not_let_go_only_delays_the_write() {
    let session = session();
    let reader = session.open("inbound.db");
    reader.execute_batch("BEGIN; SELECT * FROM messages_in").unwrap();
    let before = {
        let conn = session.open("inbound.db");
        let sql = "SELECT count(*) FROM messages_in";
        conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let error = session.apply(&recur()).unwrap_err();
    assert!(matches!(&error, ApplyError::Write { source: Unreadable::Busy { .. } }), "{error:?}");
    assert_eq!(error.retry(), Retry::Later);
    drop(reader);
    assert_eq!(session.rows().len(), usize::try_from(before).unwrap());
    assert_eq!(session.apply(&recur()).unwrap(), Applied::Done);
}
