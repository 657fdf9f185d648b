//! Locks of the owner's are respected, and the owner meets none of ours.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rusqlite::Connection;
use sweepd_store::Retry;
use sweepd_store::registry::Fault;

use super::{ALL, Owner, two};

#[test]
fn a_database_that_stays_locked_is_an_error_by_the_deadline() {
    let owner = two();
    let holder = owner.open();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let clock = || rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let before = clock();
    let fault = owner.ask_untouched(ALL, 300).unwrap_err();
    let took = Duration::try_from(clock()).unwrap().saturating_sub(before.try_into().unwrap());
    assert_eq!((&fault, fault.retry()), (&Fault::Busy, Retry::Later));
    assert!(took >= Duration::from_millis(250), "{took:?}: it does wait");
    assert!(took < Duration::from_secs(3), "{took:?}: and not for long");
    drop(holder);
    assert_eq!(owner.names(), ["a", "b"]);
}

#[test]
fn a_lock_that_is_let_go_in_time_is_waited_for() {
    let owner = two();
    let holder = owner.open();
    holder.execute_batch("BEGIN EXCLUSIVE; INSERT INTO agents VALUES ('c', 1)").unwrap();
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| owner.ask_untouched(ALL, 20_000));
        holder.busy_timeout(Duration::from_secs(5)).unwrap();
        assert!(!asked.is_finished());
        holder.execute_batch("COMMIT").unwrap();
        assert_eq!(asked.join().unwrap().unwrap().entries.len(), 3);
    });
}

#[test]
fn a_writer_that_only_prepares_is_not_waited_for() {
    let owner = two();
    let writer = owner.open();
    writer.execute_batch("BEGIN IMMEDIATE; DELETE FROM agents").unwrap();
    assert!(owner.temp.path().join("agents.db-journal").exists());
    assert_eq!(owner.ask_untouched(ALL, 20_000).unwrap().entries.len(), 2);
    writer.execute_batch("COMMIT").unwrap();
    assert_eq!(owner.ask_untouched(ALL, 20_000).unwrap().entries.len(), 0);
}

/// A set of rows that is only ever replaced whole, by another process that never rests. Every
/// answer has all rows of one generation, and the writer waits for nobody.
#[test]
fn every_answer_is_of_one_instant_while_a_writer_never_rests() {
    for mode in ["DELETE", "TRUNCATE", "PERSIST", "MEMORY", "WAL"] {
        let owner = Owner::table("name, enabled, image", "('agent-0', 1, '0')");
        owner.sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 299)
             INSERT INTO agents SELECT 'agent-' || i, 1, '0' FROM n",
        );
        fs::write(owner.temp.path().join("mode"), mode).unwrap();
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "registry::locks::writes_without_rest", "--ignored"])
            .current_dir(owner.temp.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut images = BTreeSet::new();
        for _ in 0..30 {
            let answer = match owner.ask_untouched(ALL, 20_000) {
                Ok(answer) => answer,
                Err(Fault::Unsettled) => continue,
                Err(fault) => panic!("{mode}: {fault:?}"),
            };
            assert_eq!(answer.entries.len(), 300, "{mode}");
            let image = answer.entries[0].image.clone();
            assert!(answer.entries.iter().all(|entry| entry.image == image), "{mode}");
            images.insert(image);
        }
        fs::write(owner.temp.path().join("over"), "").unwrap();
        assert!(writer.wait().unwrap().success(), "{mode}: the writer met a lock of ours");
        assert!(!images.is_empty(), "{mode}");
        println!("{mode}: {} generations seen", images.len());
    }
}

#[test]
#[ignore = "run by the test above, as the owner"]
fn writes_without_rest() {
    let mode = fs::read_to_string("mode").unwrap();
    let owner = Connection::open("agents.db").unwrap();
    owner.busy_timeout(Duration::from_millis(500)).unwrap();
    let begin = format!("PRAGMA journal_mode = {mode}; PRAGMA synchronous = OFF");
    owner.execute_batch(&begin).unwrap();
    for generation in 1.. {
        if Path::new("over").exists() {
            break;
        }
        owner.execute("UPDATE agents SET image = ?1", [generation.to_string()]).unwrap();
    }
}
