//! What containers are made of: learned, replaced, forgotten, and never shown by accident.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rusqlite::Connection;
use sweepd_store::Error;
use sweepd_store::state::{Commit, NewSpec, SpecRow, StateDb};

use super::{at, event, full, state};

fn learned(agent: &str, run: &str, spec: &str) -> NewSpec {
    NewSpec { agent: agent.into(), run: run.into(), spec: spec.into() }
}

fn learn(db: &mut StateDb, now: i64, spec: NewSpec) {
    db.commit(&Commit { spec: Some(spec), ..Commit::new(at(now)) }).unwrap();
}

fn row(agent: &str, now: i64, run: &str, spec: &str) -> SpecRow {
    SpecRow { agent: agent.into(), learned_at: at(now), run: run.into(), spec: spec.into() }
}

#[test]
fn a_spec_is_read_back_and_the_newest_of_an_agent_stands() {
    let (temp, mut db) = state();
    assert_eq!(db.specs().unwrap(), []);
    assert_eq!(db.spec(&"hooks/a".into()).unwrap(), None);
    learn(&mut db, 1, learned("hooks/b", "c-1", "{\"image\":\"b\"}"));
    learn(&mut db, 2, learned("hooks/a", "c-2", "{\"image\":\"a\"}"));
    learn(&mut db, 3, learned("hooks/b", "c-3", "{}"));

    let expected = [row("hooks/a", 2, "c-2", "{\"image\":\"a\"}"), row("hooks/b", 3, "c-3", "{}")];
    assert_eq!(db.specs().unwrap(), expected);
    assert_eq!(db.spec(&"hooks/b".into()).unwrap().as_ref(), Some(&expected[1]));

    let reader = StateDb::open_read_only(&temp.path().join("state")).unwrap().unwrap();
    assert_eq!(reader.specs().unwrap(), expected);
    drop(reader);
    drop(db);
    let db = StateDb::open(&temp.path().join("state"), at(4)).unwrap();
    assert_eq!(db.specs().unwrap(), expected);
}

#[test]
fn a_commit_without_a_spec_leaves_what_was_learned() {
    let (_temp, mut db) = state();
    learn(&mut db, 1, learned("nanoclaw/ag-1/s-1", "c-1", "{}"));
    db.commit(&full(2)).unwrap();
    assert_eq!(db.specs().unwrap(), [row("nanoclaw/ag-1/s-1", 1, "c-1", "{}")]);
    db.prune(0, at(1000)).unwrap();
    assert_eq!(db.specs().unwrap().len(), 1);
}

#[test]
fn a_spec_is_forgotten_and_one_learned_in_the_same_commit_stays() {
    let (_temp, mut db) = state();
    for agent in ["hooks/a", "hooks/b"] {
        learn(&mut db, 1, learned(agent, "c-1", "{}"));
    }
    let forget =
        |agent: &str, spec| Commit { forget_spec: Some(agent.into()), spec, ..Commit::new(at(2)) };
    db.commit(&forget("hooks/a", None)).unwrap();
    assert_eq!(db.specs().unwrap(), [row("hooks/b", 1, "c-1", "{}")]);
    db.commit(&forget("hooks/nobody", None)).unwrap();
    db.commit(&forget("hooks/b", Some(learned("hooks/b", "c-2", "[]")))).unwrap();
    assert_eq!(db.specs().unwrap(), [row("hooks/b", 2, "c-2", "[]")]);
    db.commit(&forget("hooks/b", Some(learned("hooks/a", "c-3", "[]")))).unwrap();
    assert_eq!(db.specs().unwrap(), [row("hooks/a", 2, "c-3", "[]")]);
}

#[test]
fn a_spec_is_written_with_the_rest_or_not_at_all() {
    let (temp, mut db) = state();
    learn(&mut db, 1, learned("hooks/a", "c-1", "{}"));
    let other = Connection::open(temp.path().join("state/sweepd.db")).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER boom BEFORE INSERT ON events
             BEGIN SELECT RAISE(ABORT, 'boom'); END",
        )
        .unwrap();
    let commit = Commit {
        spec: Some(learned("hooks/b", "c-2", "{}")),
        forget_spec: Some("hooks/a".into()),
        events: vec![event("container_recreated")],
        ..Commit::new(at(2))
    };
    let error = db.commit(&commit).unwrap_err();
    assert!(matches!(error, Error::Query { .. }), "{error:?}");
    assert_eq!(db.specs().unwrap(), [row("hooks/a", 1, "c-1", "{}")]);
}

#[test]
fn no_debug_output_shows_what_a_spec_says() {
    let (temp, mut db) = state();
    let new = learned("hooks/a", "c-1", "{\"env\":{\"TOKEN\":\"PLANTED-password\"}}");
    let shown = format!("{new:?}");
    assert_eq!(shown, "NewSpec { agent: AgentId(\"hooks/a\"), run: \"c-1\", .. }");
    let commit = Commit { spec: Some(new), ..Commit::new(at(1)) };
    assert!(!format!("{commit:?} {commit:#?}").contains("PLANTED-password"));
    db.commit(&commit).unwrap();
    let shown = format!("{:?}", db.specs().unwrap());
    assert!(shown.contains("hooks/a") && !shown.contains("PLANTED-password"), "{shown}");

    // And nobody else may read the files that it is in.
    for entry in fs::read_dir(temp.path().join("state")).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600, "{}", entry.path().display());
    }
}
