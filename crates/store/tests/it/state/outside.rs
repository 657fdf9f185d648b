//! Reading without a trace.

use std::fs;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use sweepd_store::Error;
use sweepd_store::state::StateDb;

use super::{at, full, open_keys, state};
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

/// The directory as a writer leaves it that is killed: a copy of it while it is at work.
fn killed(without: &[&str]) -> tempfile::TempDir {
    let (temp, mut db) = state();
    db.commit(&full(1)).unwrap();
    let left = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(temp.path().join("state")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if !without.contains(&name.as_str()) {
            fs::copy(entry.path(), left.path().join(name)).unwrap();
        }
    }
    left
}

#[test]
fn what_a_killed_writer_left_is_read_with_all_that_was_committed() {
    for without in [&[][..], &["sweepd.db-shm"]] {
        let left = killed(without);
        let before = listing(left.path());
        let reader = StateDb::open_read_only(left.path()).unwrap().unwrap();
        assert_eq!(reader.agents().unwrap().len(), 1);
        assert_eq!(reader.events(0, None, 10).unwrap().len(), 3);
        assert_eq!(listing(left.path()), before);
        drop(reader);
        assert_eq!(listing(left.path()), before);
    }
}

#[test]
fn a_private_copy_has_no_name_while_it_is_read() {
    let left = killed(&["sweepd.db-shm"]);
    let reader = StateDb::open_read_only(left.path()).unwrap().unwrap();
    let open = fs::read_dir("/proc/self/fd").unwrap();
    let open = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    let copies: Vec<_> = open.filter(|path| path.to_string_lossy().contains("copy.db")).collect();
    assert!(!copies.is_empty(), "it was not copied");
    for copy in copies {
        assert!(copy.to_string_lossy().ends_with(" (deleted)"), "{}", copy.display());
    }
    assert_eq!(open_keys(&reader), ["unreadable:s-1"]);
}

#[test]
fn a_writer_that_never_rests_does_not_keep_a_reader_from_reading_one_instant() {
    let (temp, mut db) = state();
    db.commit(&full(1)).unwrap();
    let dir = temp.path().join("state");
    let reader = StateDb::open_read_only(&dir).unwrap().unwrap();
    for now in 2..12 {
        db.commit(&full(now)).unwrap();
        let other = StateDb::open_read_only(&dir).unwrap().unwrap();
        assert_eq!(other.agents().unwrap()[0].updated_at, at(now));
        assert_eq!(reader.agents().unwrap()[0].updated_at, at(1));
    }
    assert_eq!(reader.events(0, None, 100).unwrap().len(), 3);
}

/// Nobody has it open when it is opened; then somebody comes and goes.
#[test]
fn a_file_that_changes_while_it_is_read_is_said_to_have() {
    let (temp, mut db) = state();
    db.commit(&full(1)).unwrap();
    drop(db);
    let dir = temp.path().join("state");
    let reader = StateDb::open_read_only(&dir).unwrap().unwrap();
    assert_eq!(reader.agents().unwrap().len(), 1);
    let mut db = StateDb::open(&dir, at(2)).unwrap();
    db.commit(&full(2)).unwrap();
    assert_eq!(reader.agents().unwrap()[0].updated_at, at(1), "the file is still what it was");
    drop(db);
    let error = reader.agents().unwrap_err();
    assert!(matches!(error, Error::Copy { .. }), "{error:?}");
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(why, "it was written to while it was read: try again");
    let reader = StateDb::open_read_only(&dir).unwrap().unwrap();
    assert_eq!(reader.agents().unwrap()[0].updated_at, at(2));
}

#[test]
fn what_is_no_file_is_refused_and_not_waited_for() {
    let pipe = |dir: &Path| {
        mknodat(CWD, dir.join("sweepd.db"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    };
    let temp = tempfile::tempdir().unwrap();
    pipe(temp.path());
    let errors = [
        StateDb::open_read_only(temp.path()).unwrap_err(),
        StateDb::open(temp.path(), at(0)).unwrap_err(),
    ];
    for error in errors {
        let path = temp.path().join("sweepd.db");
        let words =
            format!("{} is not a regular file: give sweepd a state-dir of its own", path.display());
        assert_eq!(error.to_string(), words);
    }
}

#[test]
fn the_last_events_of_an_agent_come_newest_first() {
    let (_temp, mut db) = state();
    for now in 1..5 {
        db.commit(&full(now)).unwrap();
    }
    let all = db.events(0, Some(&"nanoclaw/ag-1/s-1".into()), u32::MAX).unwrap();
    let last = db.last_events(&"nanoclaw/ag-1/s-1".into(), 3).unwrap();
    assert_eq!(last.len(), 3);
    assert_eq!(last, all.into_iter().rev().take(3).collect::<Vec<_>>());
}
