//! Reading without a trace.

use std::fs;

use sweepd_store::Error;
use sweepd_store::state::StateDb;

use super::{full, open_keys, state};
use crate::session::listing;

#[test]
fn reading_from_outside_touches_nothing_while_a_writer_is_at_work() {
    let (temp, mut db) = state();
    db.commit(&full(1)).unwrap();
    let (agents, events) = (db.agents().unwrap(), db.events(0, None, 10).unwrap());
    let dir = temp.path().join("state");
    let before = listing(&dir);
    assert_eq!(before.len(), 3, "database, -wal, -shm");

    let reader = StateDb::open_read_only(&dir).unwrap().unwrap();
    assert_eq!(reader.install(), db.install());
    assert_eq!(reader.agents().unwrap(), agents);
    assert_eq!(reader.events(0, None, 10).unwrap(), events);
    assert_eq!(open_keys(&reader), ["unreadable:s-1"]);
    drop(reader);
    assert_eq!(listing(&dir), before);
}

#[test]
fn reading_from_outside_touches_nothing_while_nobody_is() {
    let (temp, mut db) = state();
    db.commit(&full(1)).unwrap();
    drop(db);
    let dir = temp.path().join("state");
    let before = listing(&dir);
    assert_eq!(before.len(), 1);
    let mut reader = StateDb::open_read_only(&dir).unwrap().unwrap();
    assert_eq!(reader.open_intents(None).unwrap().len(), 2);
    let error = reader.commit(&full(2)).unwrap_err();
    assert!(matches!(error, Error::Unwritable { .. }), "{error:?}");
    assert_eq!(listing(&dir), before);
}

#[test]
fn reading_from_outside_makes_nothing_where_nothing_is() {
    let temp = tempfile::tempdir().unwrap();
    assert!(StateDb::open_read_only(temp.path()).unwrap().is_none());
    assert!(StateDb::open_read_only(&temp.path().join("none")).unwrap().is_none());
    assert!(listing(temp.path()).is_empty());
}

#[test]
fn reading_damage_from_outside_is_an_error_and_nothing_is_set_aside() {
    let (temp, db) = state();
    drop(db);
    let dir = temp.path().join("state");
    fs::write(dir.join("sweepd.db"), "garbage".repeat(1000)).unwrap();
    let before = listing(&dir);
    assert!(matches!(StateDb::open_read_only(&dir), Err(Error::Corrupt { .. })));
    assert_eq!(listing(&dir), before);
}
