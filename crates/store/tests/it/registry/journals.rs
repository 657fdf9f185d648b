//! WAL, hot journals, and what the dead have left: read whole, and left as they are.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use sweepd_store::registry::Fault;

use super::{ALL, Owner, two};

/// The directory of an owner as it is left when the owner is killed: a copy of it.
fn killed(owner: &Owner, without: &[&str]) -> Owner {
    let left = Owner::empty();
    for entry in fs::read_dir(owner.temp.path()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if !without.contains(&name.as_str()) {
            fs::copy(entry.path(), left.temp.path().join(name)).unwrap();
        }
    }
    left
}

fn files(dir: &Path) -> usize {
    fs::read_dir(dir).unwrap().count()
}

#[test]
fn wal_mode_without_a_writer_is_read_and_no_file_appears() {
    let owner = two();
    owner.sql("PRAGMA journal_mode = WAL; INSERT INTO agents VALUES ('c', 1)");
    assert_eq!(files(owner.temp.path()), 1);
    assert_eq!(owner.names(), ["a", "b", "c"]);
    assert_eq!(files(owner.temp.path()), 1);
}

#[test]
fn wal_mode_with_a_writer_is_read_as_of_its_last_commit() {
    let owner = two();
    let writer = owner.open();
    writer
        .execute_batch("PRAGMA journal_mode = WAL; INSERT INTO agents VALUES ('c', 1); BEGIN; DELETE FROM agents")
        .unwrap();
    assert_eq!(files(owner.temp.path()), 3);
    assert_eq!(owner.ask_untouched(ALL, 20_000).unwrap().entries.len(), 3);
    writer.execute_batch("COMMIT").unwrap();
    assert_eq!(owner.ask_untouched(ALL, 20_000).unwrap().entries.len(), 0);
    let checkpointed: i64 =
        writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
    assert_eq!(checkpointed, 0, "nobody is in the way");
}

#[test]
fn what_a_killed_owner_left_in_its_log_is_read_and_left_alone() {
    let owner = two();
    let writer = owner.open();
    writer.execute_batch("PRAGMA journal_mode = WAL; INSERT INTO agents VALUES ('c', 1)").unwrap();
    for without in [&[][..], &["agents.db-shm"]] {
        let left = killed(&owner, without);
        let before = files(left.temp.path());
        assert_eq!(left.names(), ["a", "b", "c"], "{without:?}");
        assert_eq!(files(left.temp.path()), before);
    }
}

#[test]
fn an_owner_that_closes_without_a_checkpoint_loses_nothing() {
    let owner = two();
    let writer = owner.open();
    writer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    writer.execute_batch("PRAGMA journal_mode = WAL; INSERT INTO agents VALUES ('c', 1)").unwrap();
    drop(writer);
    assert_eq!(owner.names(), ["a", "b", "c"]);
}

/// A writer that spills what it has not committed into the file itself.
fn spilling(owner: &Owner) -> Connection {
    let writer = owner.open();
    writer
        .execute_batch(
            "CREATE TABLE filler (x);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
             INSERT INTO filler SELECT hex(zeroblob(1000)) FROM n;
             PRAGMA cache_size = 2; BEGIN; UPDATE agents SET name = 'torn-' || name;
             UPDATE filler SET x = x || 'x'",
        )
        .unwrap();
    writer
}

#[test]
fn a_hot_journal_is_rolled_back_in_a_copy_and_not_in_place() {
    let owner = two();
    let writer = spilling(&owner);
    let left = killed(&owner, &[]);
    drop(writer);
    let bytes = fs::read(left.path()).unwrap();
    assert!(bytes.windows(5).any(|five| five == b"torn-"), "it is torn");
    assert_eq!(left.names(), ["a", "b"]);
    assert!(left.temp.path().join("agents.db-journal").exists());
}

#[test]
fn what_is_spilled_into_the_file_is_not_believed_while_its_writer_lives() {
    let owner = two();
    let writer = spilling(&owner);
    assert_eq!(owner.ask_untouched(ALL, 100), Err(Fault::Busy));
    writer.execute_batch("ROLLBACK").unwrap();
    assert_eq!(owner.ask_untouched(ALL, 20_000).unwrap().entries.len(), 2);
}

#[test]
fn a_writer_without_a_journal_is_not_believed_half_way_either() {
    for mode in ["MEMORY", "OFF"] {
        let owner = two();
        owner.sql("CREATE TABLE other (x)");
        let writer = owner.open();
        writer
            .execute_batch(&format!(
                "PRAGMA journal_mode = {mode}; PRAGMA cache_size = 2; BEGIN;
                 UPDATE agents SET name = 'torn-' || name;
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
                 INSERT INTO other SELECT hex(zeroblob(1000)) FROM n"
            ))
            .unwrap();
        assert_eq!(files(owner.temp.path()), 1);
        assert_eq!(owner.ask_untouched(ALL, 100), Err(Fault::Busy), "{mode}");
        writer.execute_batch("COMMIT").unwrap();
        let names: Vec<String> = owner.names();
        assert_eq!(names, ["torn-a", "torn-b"]);
    }
}

#[test]
fn journals_that_are_kept_are_no_journals() {
    for mode in ["PERSIST", "TRUNCATE"] {
        let owner = two();
        owner.sql(&format!("PRAGMA journal_mode = {mode}; INSERT INTO agents VALUES ('c', 1)"));
        assert!(owner.temp.path().join("agents.db-journal").exists());
        assert_eq!(owner.names(), ["a", "b", "c"], "{mode}");
    }
}

#[test]
fn garbage_beside_a_database_is_left_alone() {
    for suffix in ["-journal", "-wal", "-shm"] {
        for content in ["", "garbage"] {
            let owner = two();
            let beside = owner.temp.path().join(format!("agents.db{suffix}"));
            fs::write(&beside, content).unwrap();
            assert_eq!(owner.names(), ["a", "b"], "{suffix} {content:?}");
            assert!(beside.exists());
        }
    }
    let owner = two();
    owner.sql("PRAGMA journal_mode = WAL");
    fs::write(owner.temp.path().join("agents.db-journal"), "garbage").unwrap();
    assert_eq!(owner.names(), ["a", "b"], "WAL beside a journal");
}
