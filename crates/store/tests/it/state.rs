//! The state database: one transaction for everything, nothing lost, nothing of it touched by readers.

mod alerts;
mod commit;
mod incidents;
mod locks;
mod open;
mod outside;
mod prune;
mod specs;

use sweepd_decide::{Severity, Timestamp};
use sweepd_store::state::{
    AgentUpdate, ClockReading, Commit, Committed, IncidentChange, IncidentFilter, NewDecision,
    NewEvent, NewIntent, SourceUpdate, StateDb,
};
use tempfile::TempDir;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn state() -> (TempDir, StateDb) {
    let temp = tempfile::tempdir().unwrap();
    let db = StateDb::open(&temp.path().join("state"), at(0)).unwrap();
    (temp, db)
}

fn event(kind: &str) -> NewEvent {
    NewEvent {
        kind: kind.into(),
        agent: Some("nanoclaw/ag-1/s-1".into()),
        source: Some("nanoclaw".into()),
        incarnation: Some("c-1".into()),
        data: "{}".into(),
    }
}

fn seen(key: &str, severity: Severity) -> IncidentChange {
    IncidentChange::Seen {
        key: key.into(),
        kind: "unreadable".into(),
        severity,
        agent: Some("nanoclaw/ag-1/s-1".into()),
        source: None,
        summary: format!("{key} is {severity:?}"),
        evidence: "{\"since\":1}".into(),
    }
}

fn incidents(db: &mut StateDb, now: i64, changes: Vec<IncidentChange>) -> Committed {
    db.commit(&Commit { incidents: changes, ..Commit::new(at(now)) }).unwrap()
}

fn open_keys(db: &StateDb) -> Vec<String> {
    let open = db.incidents(IncidentFilter::Open).unwrap();
    open.into_iter().map(|incident| incident.key).collect()
}

/// Everything a commit can hold.
fn full(now: i64) -> Commit {
    Commit {
        agent: Some(AgentUpdate {
            agent: "nanoclaw/ag-1/s-1".into(),
            source: "nanoclaw".into(),
            memory: "{\"looks\":1}".into(),
            facts: Some("{\"state\":\"running\"}".into()),
        }),
        source: Some(SourceUpdate {
            name: "nanoclaw".into(),
            last_good_count: Some(40),
            memory: "{}".into(),
        }),
        clock: Some(ClockReading {
            boot_id: "boot".into(),
            realtime: now,
            boottime: 5,
            monotonic: 4,
            at: at(now),
            doubt: r#"{"hold_until":7}"#.to_owned(),
        }),
        intents: vec![
            NewIntent {
                agent: "nanoclaw/ag-1/s-1".into(),
                kind: "stop".into(),
                payload: "{}".into(),
            },
            NewIntent {
                agent: "nanoclaw/ag-1/s-2".into(),
                kind: "row".into(),
                payload: "[]".into(),
            },
        ],
        incidents: vec![seen("unreadable:s-1", Severity::Warning)],
        events: vec![event("agent_woken"), event("agent_stopped")],
        decision: Some(NewDecision {
            agent: "nanoclaw/ag-1/s-1".into(),
            action: "kill-claim".into(),
            inputs: "{\"now\":1}".into(),
            decision: "{\"action\":1}".into(),
        }),
        ..Commit::new(at(now))
    }
}
