//! Everything or nothing, and read back.

use std::fs;

use rusqlite::Connection;
use sweepd_decide::{AgentId, Severity};
use sweepd_store::Retry;
use sweepd_store::state::{Commit, Committed, Settled, StateDb};

use super::{at, event, full, open_keys, seen, state};

#[test]
fn what_was_committed_is_read_back() {
    let (_temp, mut db) = state();
    let committed = db.commit(&full(1000)).unwrap();
    let expected = Committed {
        intents: vec![1, 2],
        events: vec![1, 2, 3],
        decision: Some(1),
        opened: vec!["unreadable:s-1".into()],
        resolved: vec![],
        updated: vec![],
    };
    assert_eq!(committed, expected);

    let id = AgentId::from("nanoclaw/ag-1/s-1");
    let agent = db.agent(&id).unwrap().unwrap();
    assert_eq!(db.agents().unwrap(), std::slice::from_ref(&agent));
    assert_eq!(agent.agent, id);
    assert_eq!(agent.source, "nanoclaw");
    assert_eq!(agent.memory, "{\"looks\":1}");
    assert_eq!(agent.facts.as_deref(), Some("{\"state\":\"running\"}"));
    assert_eq!(agent.updated_at, at(1000));
    assert_eq!(db.agent(&"nanoclaw/nobody".into()).unwrap(), None);

    let source = db.source("nanoclaw").unwrap().unwrap();
    assert_eq!((source.last_good_count, source.updated_at), (Some(40), at(1000)));
    assert_eq!(db.source("hooks").unwrap(), None);

    let clock = db.last_clock().unwrap().unwrap();
    assert_eq!((clock.boot_id.as_str(), clock.boottime, clock.monotonic), ("boot", 5, 4));

    let decision = db.decisions(&id, 10).unwrap().remove(0);
    assert_eq!((decision.action.as_str(), decision.at), ("kill-claim", at(1000)));
    assert_eq!(
        (decision.inputs.as_str(), decision.decision.as_str()),
        ("{\"now\":1}", "{\"action\":1}")
    );

    let events = db.events(0, None, 10).unwrap();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["agent_woken", "agent_stopped", "incident_opened"]);
    assert_eq!(events[0].incarnation.as_deref(), Some("c-1"));
    assert_eq!(events[0].at, at(1000));
    let told: serde_json::Value = serde_json::from_str(&events[2].data).unwrap();
    let expected = serde_json::json!({
        "id": 1, "key": "unreadable:s-1", "kind": "unreadable", "severity": "warning",
        "summary": "unreadable:s-1 is Warning", "opened_at": "1970-01-01T00:00:01.000Z",
        "resolved_at": null, "resolution": null,
    });
    assert_eq!(told, expected);
}

#[test]
fn facts_and_counts_that_a_look_did_not_see_stay() {
    let (_temp, mut db) = state();
    db.commit(&full(1)).unwrap();
    let mut later = full(2);
    later.agent.as_mut().unwrap().facts = None;
    later.agent.as_mut().unwrap().memory = "{\"looks\":2}".into();
    later.source.as_mut().unwrap().last_good_count = None;
    db.commit(&later).unwrap();
    let agent = db.agent(&"nanoclaw/ag-1/s-1".into()).unwrap().unwrap();
    assert_eq!(agent.memory, "{\"looks\":2}");
    assert_eq!(agent.facts.as_deref(), Some("{\"state\":\"running\"}"));
    assert_eq!(db.source("nanoclaw").unwrap().unwrap().last_good_count, Some(40));
}

#[test]
fn an_intent_is_open_until_it_is_settled_once() {
    let (_temp, mut db) = state();
    db.commit(&full(1)).unwrap();
    db.commit(&full(2)).unwrap();
    let ids = |db: &StateDb, agent: Option<&str>| -> Vec<i64> {
        let agent = agent.map(AgentId::from);
        let open = db.open_intents(agent.as_ref()).unwrap();
        open.into_iter().map(|intent| intent.id).collect()
    };
    assert_eq!(ids(&db, None), [1, 2, 3, 4]);
    assert_eq!(ids(&db, Some("nanoclaw/ag-1/s-1")), [1, 3]);
    let intent = db.open_intents(None).unwrap().remove(1);
    assert_eq!((intent.kind.as_str(), intent.payload.as_str()), ("row", "[]"));
    assert_eq!(intent.created_at, at(1));

    let settle = |id, outcome: &str| Settled { id, outcome: outcome.into() };
    let commit = |settle| Commit { settle, ..Commit::new(at(3)) };
    db.commit(&commit(vec![settle(1, "done"), settle(4, "superseded"), settle(99, "done")]))
        .unwrap();
    db.commit(&commit(vec![settle(1, "failed")])).unwrap();
    assert_eq!(ids(&db, None), [2, 3]);
}

#[test]
fn a_commit_that_fails_half_way_leaves_nothing_and_no_gap() {
    let (temp, mut db) = state();
    db.commit(&full(1)).unwrap();
    let dir = temp.path().join("state");
    let other = Connection::open(dir.join("sweepd.db")).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER boom BEFORE INSERT ON events WHEN new.kind = 'incident_opened'
             BEGIN SELECT RAISE(ABORT, 'boom'); END",
        )
        .unwrap();
    let mut commit = full(2);
    commit.agent.as_mut().unwrap().memory = "lost".into();
    commit.incidents = vec![seen("another", Severity::Error)];
    let error = db.commit(&commit).unwrap_err();
    let path = dir.join("sweepd.db");
    let words = format!("failed to commit: the state database {} cannot be used", path.display());
    assert_eq!(error.to_string(), words);
    assert_eq!(error.retry(), Retry::Later);
    assert_ne!(db.agents().unwrap()[0].memory, "lost");
    assert_eq!(db.open_intents(None).unwrap().len(), 2);
    assert_eq!(open_keys(&db), ["unreadable:s-1"]);

    other.execute_batch("DROP TRIGGER boom").unwrap();
    assert_eq!(db.commit(&commit).unwrap().events, [4, 5, 6], "numbers go on without a gap");
}

#[test]
fn what_was_committed_survives_a_kill_and_what_was_not_does_not() {
    let (temp, mut db) = state();
    db.commit(&full(1)).unwrap();
    let dir = temp.path().join("state");
    let writer = Connection::open(dir.join("sweepd.db")).unwrap();
    writer
        .execute_batch(
            "PRAGMA cache_size = 1; BEGIN; UPDATE agents SET memory = hex(zeroblob(100000))",
        )
        .unwrap();
    let left = temp.path().join("left");
    fs::create_dir(&left).unwrap();
    for file in ["sweepd.db", "sweepd.db-wal"] {
        fs::copy(dir.join(file), left.join(file)).unwrap();
    }
    let after = StateDb::open(&left, at(2)).unwrap();
    assert_eq!(after.set_aside(), None);
    assert_eq!(after.install(), db.install());
    assert_eq!(after.agents().unwrap(), db.agents().unwrap());
    assert_eq!(after.open_intents(None).unwrap().len(), 2);
    assert_eq!(after.events(0, None, 10).unwrap().len(), 3);
}

#[test]
fn events_are_read_in_order_after_a_number_and_by_agent() {
    let (_temp, mut db) = state();
    let mut other = event("b");
    other.agent = Some("nanoclaw/ag-1/s-2".into());
    let mut none = event("c");
    (none.agent, none.source, none.incarnation) = (None, None, None);
    let commit = Commit { events: vec![event("a"), other, none, event("d")], ..Commit::new(at(1)) };
    assert_eq!(db.commit(&commit).unwrap().events, [1, 2, 3, 4]);
    let kinds = |after, agent: Option<&str>, limit| -> String {
        let agent = agent.map(AgentId::from);
        let events = db.events(after, agent.as_ref(), limit).unwrap();
        events.into_iter().map(|event| event.kind).collect()
    };
    assert_eq!(kinds(0, None, 10), "abcd");
    assert_eq!(kinds(1, None, 2), "bc");
    assert_eq!(kinds(4, None, 10), "");
    assert_eq!(kinds(0, Some("nanoclaw/ag-1/s-1"), 10), "ad");
    assert_eq!(kinds(1, Some("nanoclaw/ag-1/s-1"), 10), "d");
    assert_eq!(db.events(2, None, 1).unwrap()[0].agent, None);
}

#[test]
fn decisions_are_read_newest_first() {
    let (_temp, mut db) = state();
    for now in 1..=3 {
        db.commit(&full(now)).unwrap();
    }
    let last = db.decisions(&"nanoclaw/ag-1/s-1".into(), 2).unwrap();
    assert_eq!(last.iter().map(|one| one.id).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(db.decisions(&"nanoclaw/ag-1/s-2".into(), 2).unwrap(), []);
}
