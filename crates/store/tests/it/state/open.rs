//! Made, upgraded, refused, or set aside: never deleted.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rusqlite::Connection;
use sweepd_store::state::{Commit, NewSpec, StateDb};
use sweepd_store::{Error, Retry};

use super::{at, event, full, state};
use crate::session::listing;

#[test]
fn a_new_database_is_private_and_has_an_id_that_stays() {
    let (temp, mut db) = state();
    db.commit(&full(1)).unwrap();
    let dir = temp.path().join("state");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&dir), 0o700);
    for file in ["sweepd.db", "sweepd.db-wal", "sweepd.db-shm"] {
        assert_eq!(mode(&dir.join(file)), 0o600, "{file}");
    }
    let install = db.install();
    let parts: Vec<usize> = install.split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12], "{install}");
    assert!(install.chars().all(|c| c == '-' || c.is_ascii_digit() || c.is_ascii_lowercase()));
    drop(db);
    let db = StateDb::open(&dir, at(2)).unwrap();
    assert_eq!(db.install(), install);
    assert_eq!(db.set_aside(), None);
    assert_ne!(state().1.install(), install);
}

#[test]
fn a_file_that_others_could_read_is_closed_to_them() {
    let (temp, db) = state();
    drop(db);
    let dir = temp.path().join("state");
    fs::set_permissions(dir.join("sweepd.db"), fs::Permissions::from_mode(0o644)).unwrap();
    drop(StateDb::open(&dir, at(2)).unwrap());
    let mode = dir.join("sweepd.db").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let (temp, db) = state();
    drop(db);
    let dir = temp.path().join("state");
    let conn = Connection::open(dir.join("sweepd.db")).unwrap();
    conn.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA user_version = 99").unwrap();
    drop(conn);
    let before = listing(&dir);
    let error = StateDb::open(&dir, at(2)).unwrap_err();
    let words = format!(
        "{}/sweepd.db has schema 99, this sweepd knows 6: run the newer sweepd, or give this one \
         another state-dir",
        dir.display()
    );
    assert_eq!(error.to_string(), words);
    assert_eq!(error.retry(), Retry::Never);
    assert!(matches!(StateDb::open_read_only(&dir), Err(Error::NewerSchema { found: 99, .. })));
    assert_eq!(listing(&dir), before);
}

#[test]
fn somebody_elses_database_is_refused_and_left_alone() {
    let temp = tempfile::tempdir().unwrap();
    let conn = Connection::open(temp.path().join("sweepd.db")).unwrap();
    conn.execute_batch("CREATE TABLE t (x)").unwrap();
    drop(conn);
    fs::set_permissions(temp.path().join("sweepd.db"), fs::Permissions::from_mode(0o600)).unwrap();
    let before = listing(temp.path());
    assert!(matches!(StateDb::open(temp.path(), at(2)), Err(Error::NotOurs { .. })));
    assert!(matches!(StateDb::open_read_only(temp.path()), Err(Error::NotOurs { .. })));
    assert_eq!(listing(temp.path()), before);
}

/// Opens a directory whose database is damaged in some way, and returns what was put aside.
fn damaged(damage: impl FnOnce(&Path)) -> Vec<(String, Vec<u8>)> {
    let (temp, mut db) = state();
    db.commit(&full(1)).unwrap();
    drop(db);
    let dir = temp.path().join("state");
    damage(&dir.join("sweepd.db"));
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext != "suspect"))
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())
        })
        .collect();
    files.sort();

    let mut db = StateDb::open(&dir, at(1_778_547_600_000)).unwrap();

    let aside = db.set_aside().unwrap().to_owned();
    assert_eq!(aside, dir.join("sweepd.db.corrupt-1778547600000"));
    assert_eq!(db.agents().unwrap(), []);
    assert_eq!(db.commit(&full(2)).unwrap().events, [1, 2, 3]);
    for (name, content) in &files {
        let put = dir.join(name.replacen("sweepd.db", "sweepd.db.corrupt-1778547600000", 1));
        assert_eq!(&fs::read(&put).unwrap(), content, "{}", put.display());
    }
    drop(db);
    assert_eq!(StateDb::open(&dir, at(3)).unwrap().set_aside(), None, "once is enough");
    files
}

#[test]
fn garbage_is_set_aside_whole_and_a_fresh_start_made() {
    let files = damaged(|path| {
        fs::write(path, "garbage".repeat(1000)).unwrap();
        fs::write(path.with_extension("db-wal"), "what was not yet in it").unwrap();
    });
    assert_eq!(files.len(), 2);
}

#[test]
fn an_emptied_database_is_set_aside_with_what_was_not_yet_in_it() {
    let files = damaged(|path| {
        fs::write(path, "").unwrap();
        fs::write(path.with_extension("db-wal"), "what was not yet in it").unwrap();
    });
    assert_eq!(files.len(), 2);
}

#[test]
fn half_a_database_is_set_aside() {
    damaged(|path| {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_len(3 * 4096).unwrap();
    });
}

#[test]
fn a_damaged_schema_is_set_aside() {
    damaged(|path| {
        let mut bytes = fs::read(path).unwrap();
        bytes[100..4096].fill(0xee);
        fs::write(path, bytes).unwrap();
    });
}

#[test]
fn damage_met_while_running_is_found_by_the_next_open() {
    let (temp, mut db) = state();
    let events = vec![event("e"); 2000];
    db.commit(&Commit { events, ..Commit::new(at(1)) }).unwrap();
    drop(db);
    let dir = temp.path().join("state");
    let path = dir.join("sweepd.db");
    let conn = Connection::open(&path).unwrap();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'events'";
    let root: u32 = conn.query_row(root, [], |row| row.get(0)).unwrap();
    let root = usize::try_from(root).unwrap();
    drop(conn);
    let mut bytes = fs::read(&path).unwrap();
    bytes[(root - 1) * 4096..root * 4096].fill(0xee);
    fs::write(&path, bytes).unwrap();

    let db = StateDb::open(&dir, at(2)).unwrap();
    assert_eq!(db.set_aside(), None, "opening reads little");
    let error = db.events(0, None, 10).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
    drop(db);
    let db = StateDb::open(&dir, at(3)).unwrap();
    assert_eq!(db.set_aside(), Some(dir.join("sweepd.db.corrupt-3").as_path()));
    assert!(!dir.join("sweepd.db.suspect").exists());
}

#[test]
fn a_suspicion_that_proves_wrong_is_dropped() {
    let (temp, db) = state();
    let install = db.install();
    drop(db);
    let mark = temp.path().join("state/sweepd.db.suspect");
    fs::write(&mark, "").unwrap();
    let db = StateDb::open(&temp.path().join("state"), at(2)).unwrap();
    assert_eq!((db.set_aside(), db.install()), (None, install));
    assert!(!mark.exists());
}

#[test]
fn two_set_aside_in_one_millisecond_are_both_kept() {
    let temp = tempfile::tempdir().unwrap();
    for content in ["first garbage", "second garbage"] {
        fs::write(temp.path().join("sweepd.db"), content.repeat(1000)).unwrap();
        drop(StateDb::open(temp.path(), at(7)).unwrap());
    }
    let read = |name: &str| fs::read_to_string(temp.path().join(name)).unwrap();
    assert!(read("sweepd.db.corrupt-7").starts_with("first"));
    assert!(read("sweepd.db.corrupt-7.2").starts_with("second"));
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("file");
    fs::write(&file, "").unwrap();
    let error = StateDb::open(&file.join("state"), at(0)).unwrap_err();
    let words = format!("failed to write to the state database {}/state", file.display());
    assert_eq!(error.to_string(), words);
    assert!(matches!(error, Error::Unwritable { .. }) && error.is_denied());

    let dir = temp.path().join("dir");
    fs::create_dir_all(dir.join("sweepd.db")).unwrap();
    assert!(matches!(StateDb::open(&dir, at(0)), Err(Error::NotAFile { .. })));
}

#[test]
fn an_empty_file_is_a_fresh_database() {
    let temp = tempfile::tempdir().unwrap();
    fs::write(temp.path().join("sweepd.db"), "").unwrap();
    let db = StateDb::open(temp.path(), at(0)).unwrap();
    assert_eq!(db.set_aside(), None);
}

#[test]
fn the_schema_is_this_one() {
    let (temp, db) = state();
    drop(db);
    let conn = Connection::open(temp.path().join("state/sweepd.db")).unwrap();
    let sql = "SELECT s.name || coalesce(' on ' || nullif(s.tbl_name, s.name), '') || ' (' ||
                 group_concat(coalesce(t.name, i.name), ', ') || ')'
               FROM sqlite_schema s
               LEFT JOIN pragma_table_info(s.name) t ON s.type = 'table'
               LEFT JOIN pragma_index_info(s.name) i ON s.type = 'index'
               WHERE s.name NOT LIKE 'sqlite_%' GROUP BY s.name ORDER BY s.name";
    let mut found = conn.prepare(sql).unwrap();
    let found: Vec<String> =
        found.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let expected = [
        "agents (agent, source, memory, facts, updated_at)",
        "alerts (id, incident, thread, moment, at, alert)",
        "alerts_incident on alerts (incident, id)",
        "clock (id, boot_id, realtime, boottime, monotonic, at, doubt)",
        "decisions (id, agent, at, action, inputs, decision)",
        "decisions_agent on decisions (agent, id)",
        "deliveries (id, alert, sink, filed_at, tries, deferred_until, alone, remark, settled_at, \
         outcome)",
        "deliveries_alert on deliveries (alert)",
        "deliveries_given_up on deliveries (id)",
        "deliveries_settled on deliveries (settled_at)",
        "deliveries_waiting on deliveries (sink, id)",
        "events (seq, at, kind, agent, source, incarnation, data)",
        "events_agent on events (agent, seq)",
        "expected (agent, series, since)",
        "incidents (id, key, kind, severity, agent, source, summary, evidence, opened_at, \
         last_seen_at, good_looks, resolved_at, resolution)",
        "incidents_key on incidents (key, id)",
        "incidents_open on incidents (key)",
        "incidents_resolved on incidents (resolved_at)",
        "intents (id, agent, kind, payload, created_at, settled_at, outcome)",
        "intents_open on intents (agent, id)",
        "intents_settled on intents (settled_at)",
        "meta (key, value)",
        "pauses (scope, since, until)",
        "places (sink, thread, place, at)",
        "sinks (name, kind, standing, fingerprint, greeted_at, digested_at, remark, updated_at)",
        "sources (name, last_good_count, memory, updated_at)",
        "specs (agent, learned_at, run, spec)",
        "telling (incident, acked_at, acked_severity, snoozed_until, told_at, told_severity, \
         end_told_at, why, until, cause)",
        "telling_cause on telling (cause)",
        "telling_unfinished on telling (incident)",
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_database_can_be_sent_to_a_thread_of_its_own() {
    fn sent<T: Send + 'static>(value: T) -> T {
        std::thread::spawn(move || value).join().unwrap()
    }
    let (_temp, db) = state();
    assert_eq!(sent(db).agents().unwrap(), []);
}

#[test]
fn many_may_make_the_same_database_at_once() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("state");
    let installs: Vec<String> = std::thread::scope(|scope| {
        let open = || StateDb::open(&dir, at(0)).unwrap().install();
        let all: Vec<_> = (0..4).map(|_| scope.spawn(open)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(installs.iter().all(|one| *one == installs[0]), "{installs:?}");
}

#[test]
fn a_state_of_the_first_schema_is_taken_over_whole() {
    let temp = tempfile::tempdir().unwrap();
    let file = Connection::open(temp.path().join("sweepd.db")).unwrap();
    let first = include_str!("../../../migrations/0001_state.sql");
    file.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; {first}
         INSERT INTO clock VALUES (1, 'boot', 10, 5, 4, 9);
         PRAGMA user_version = 1;"
    ))
    .unwrap();
    drop(file);
    let db = StateDb::open(temp.path(), at(20)).unwrap();
    let clock = db.last_clock().unwrap().unwrap();
    assert_eq!((clock.boot_id.as_str(), clock.at, clock.doubt.as_str()), ("boot", at(9), "{}"));
}

#[test]
fn a_state_without_specs_is_taken_over_whole_and_learns_them() {
    let temp = tempfile::tempdir().unwrap();
    let file = Connection::open(temp.path().join("sweepd.db")).unwrap();
    let steps = concat!(
        include_str!("../../../migrations/0001_state.sql"),
        include_str!("../../../migrations/0002_doubt.sql"),
        include_str!("../../../migrations/0003_pauses.sql"),
    );
    file.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; {steps}
         INSERT INTO pauses VALUES ('*', 7, NULL);
         PRAGMA user_version = 3;"
    ))
    .unwrap();
    drop(file);
    let reader = StateDb::open_read_only(temp.path()).unwrap().unwrap();
    assert_eq!(reader.specs().unwrap(), [], "read from a copy of the newest schema");
    drop(reader);
    let mut db = StateDb::open(temp.path(), at(20)).unwrap();
    assert_eq!(db.pauses().unwrap().len(), 1);
    assert_eq!(db.specs().unwrap(), []);
    let spec = NewSpec { agent: "hooks/a".into(), run: "c-1".into(), spec: "{}".into() };
    db.commit(&Commit { spec: Some(spec), ..Commit::new(at(21)) }).unwrap();
    assert_eq!(db.specs().unwrap().len(), 1);
}
