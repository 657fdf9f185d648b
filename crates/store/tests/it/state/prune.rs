//! Forgetting without gaps.

use sweepd_decide::Severity;
use sweepd_store::state::{Commit, EventBounds, IncidentChange, IncidentFilter, Settled};

use super::{at, event, full, seen, state};

#[test]
fn pruning_keeps_the_newest_without_a_gap_and_never_reuses_a_number() {
    let (_temp, mut db) = state();
    assert_eq!(db.event_bounds().unwrap(), EventBounds { oldest: None, newest: 0 });
    for now in 1..=10 {
        db.commit(&Commit { events: vec![event("e")], ..Commit::new(at(now)) }).unwrap();
    }
    assert_eq!(db.prune(4, at(0)).unwrap().events, 6);
    assert_eq!(db.event_bounds().unwrap(), EventBounds { oldest: Some(7), newest: 10 });
    assert_eq!(db.prune(100, at(9)).unwrap().events, 2);
    assert_eq!(db.event_bounds().unwrap(), EventBounds { oldest: Some(9), newest: 10 });
    let pruned = db.prune(100, at(1000)).unwrap();
    assert_eq!((pruned.events, pruned.more), (2, false));
    assert_eq!(db.event_bounds().unwrap(), EventBounds { oldest: None, newest: 10 });
    assert_eq!(db.prune(100, at(1000)).unwrap().events, 0);
    let commit = Commit { events: vec![event("e")], ..Commit::new(at(11)) };
    assert_eq!(db.commit(&commit).unwrap().events, [11]);
}

#[test]
fn an_old_event_after_a_younger_one_stays_lest_there_be_a_gap() {
    let (_temp, mut db) = state();
    for now in [1, 50, 2, 60] {
        db.commit(&Commit { events: vec![event("e")], ..Commit::new(at(now)) }).unwrap();
    }
    assert_eq!(db.prune(100, at(10)).unwrap().events, 1);
    assert_eq!(db.events(0, None, 10).unwrap().len(), 3);
}

#[test]
fn pruning_takes_a_bite_at_a_time() {
    let (_temp, mut db) = state();
    let events = vec![event("e"); 25_000];
    db.commit(&Commit { events, ..Commit::new(at(1)) }).unwrap();
    let pruned = db.prune(100, at(0)).unwrap();
    assert_eq!((pruned.events, pruned.more), (10_000, true));
    assert_eq!(db.prune(100, at(0)).unwrap().events, 10_000);
    let pruned = db.prune(100, at(0)).unwrap();
    assert_eq!((pruned.events, pruned.more), (4_900, false));
    assert_eq!(db.event_bounds().unwrap(), EventBounds { oldest: Some(24_901), newest: 25_000 });
}

#[test]
fn nothing_that_is_open_is_pruned() {
    let (_temp, mut db) = state();
    db.commit(&full(1)).unwrap();
    let mut over = full(2);
    over.settle = vec![Settled { id: 1, outcome: "done".into() }];
    over.incidents = vec![
        IncidentChange::Resolve { key: "unreadable:s-1".into(), how: "by-hand".into() },
        seen("b", Severity::Error),
    ];
    db.commit(&over).unwrap();
    let pruned = db.prune(1000, at(1000)).unwrap();
    assert_eq!((pruned.intents, pruned.incidents, pruned.decisions), (1, 1, 2));
    assert_eq!(db.open_intents(None).unwrap().len(), 3);
    let left = db.incidents(IncidentFilter::Since(at(0))).unwrap();
    assert_eq!(left.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(db.agents().unwrap().len(), 1);
}
