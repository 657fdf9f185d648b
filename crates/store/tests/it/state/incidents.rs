//! The life of an incident.

use sweepd_decide::Severity;
use sweepd_store::state::{Committed, IncidentChange, IncidentFilter};

use super::{at, incidents, open_keys, seen, state};

#[test]
fn an_incident_opens_once_and_is_kept_open_by_being_seen() {
    let (_temp, mut db) = state();
    assert_eq!(incidents(&mut db, 1, vec![seen("a", Severity::Warning)]).opened, ["a"]);
    let again = incidents(&mut db, 2, vec![seen("a", Severity::Warning)]);
    assert_eq!(again, Committed::default(), "no second one, and no event");
    let open = db.incidents(IncidentFilter::Open).unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].id, open[0].opened_at, open[0].last_seen_at), (1, at(1), at(2)));
    assert_eq!(open[0].evidence, "{\"since\":1}");

    let worse = incidents(&mut db, 3, vec![seen("a", Severity::Error)]);
    assert_eq!((worse.events, worse.opened), (vec![2], vec![]));
    assert_eq!(worse.updated, ["a"]);
    assert_eq!(db.events(1, None, 1).unwrap()[0].kind, "incident_updated");
    assert_eq!(db.incidents(IncidentFilter::Open).unwrap()[0].severity, Severity::Error);
}

#[test]
fn as_many_good_looks_in_a_row_as_needed_resolve_an_incident() {
    let (_temp, mut db) = state();
    let good = || IncidentChange::Good { key: "a".into(), needed: 2 };
    incidents(&mut db, 1, vec![seen("a", Severity::Warning)]);
    assert_eq!(incidents(&mut db, 2, vec![good()]), Committed::default());
    assert_eq!(db.incidents(IncidentFilter::Open).unwrap()[0].good_looks, 1);
    incidents(&mut db, 3, vec![seen("a", Severity::Warning)]);
    assert_eq!(incidents(&mut db, 4, vec![good()]).resolved, Vec::<String>::new());
    let resolved = incidents(&mut db, 5, vec![good()]);
    assert_eq!((resolved.resolved, resolved.events), (vec!["a".to_owned()], vec![2]));
    assert_eq!(open_keys(&db), Vec::<String>::new());

    let past = db.incidents(IncidentFilter::Since(at(5))).unwrap();
    assert_eq!(
        (past[0].resolved_at, past[0].resolution.as_deref()),
        (Some(at(5)), Some("recovered"))
    );
    assert_eq!(db.incidents(IncidentFilter::Since(at(6))).unwrap(), []);
    assert_eq!(db.events(1, None, 1).unwrap()[0].kind, "incident_resolved");
    assert_eq!(incidents(&mut db, 6, vec![good()]), Committed::default(), "nothing is open");
}

#[test]
fn a_resolved_incident_that_comes_back_is_a_new_one() {
    let (_temp, mut db) = state();
    let over = IncidentChange::Resolve { key: "a".into(), how: "aged-out".into() };
    incidents(&mut db, 1, vec![seen("a", Severity::Notice), seen("b", Severity::Notice)]);
    assert_eq!(incidents(&mut db, 2, vec![over.clone(), over]).resolved, ["a"]);
    assert_eq!(incidents(&mut db, 3, vec![seen("a", Severity::Notice)]).opened, ["a"]);
    let all = db.incidents(IncidentFilter::Since(at(0))).unwrap();
    let all: Vec<_> = all.iter().map(|one| (one.id, one.key.as_str(), one.resolved_at)).collect();
    assert_eq!(all, [(1, "a", Some(at(2))), (2, "b", None), (3, "a", None)]);
    assert_eq!(open_keys(&db), ["b", "a"]);
    let openings = |key, since| db.openings(key, at(since)).unwrap();
    assert_eq!((openings("a", 1), openings("a", 2), openings("c", 0)), (2, 1, 0));
}
