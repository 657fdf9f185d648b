//! The outbox, and what was told of an incident.

use sweepd_decide::Severity;
use sweepd_store::state::{
    Commit, DeliveryFilter, NewAlert, Place, SinkRecord, StateDb, TellingChange, Tried,
};

use super::{at, incidents, seen, state};

fn telling(db: &mut StateDb, now: i64, change: TellingChange) {
    db.commit(&Commit { telling: vec![change], ..Commit::new(at(now)) }).unwrap();
}

fn alert(incident: Option<i64>, moment: &str, sinks: &[&str]) -> NewAlert {
    NewAlert {
        incident,
        thread: "a".into(),
        moment: moment.into(),
        alert: format!("{{\"moment\":\"{moment}\"}}"),
        sinks: sinks.iter().map(|sink| (*sink).to_owned()).collect(),
    }
}

fn tried(ids: &[i64]) -> Tried {
    Tried {
        ids: ids.to_vec(),
        tries: 1,
        deferred_until: None,
        alone: false,
        remark: None,
        outcome: None,
    }
}

fn waiting(db: &StateDb, sink: &str) -> Vec<i64> {
    let waiting = db.deliveries(DeliveryFilter::WaitingFor(sink), 100).unwrap();
    waiting.into_iter().map(|one| one.id).collect()
}

#[test]
fn what_people_did_and_were_told_stays_with_its_incident() {
    let (_temp, mut db) = state();
    incidents(&mut db, 1, vec![seen("a", Severity::Warning), seen("b", Severity::Error)]);
    let fresh = db.standing(at(0)).unwrap();
    assert_eq!((fresh[0].told, fresh[0].acknowledged, fresh[0].why.as_deref()), (None, None, None));

    let why = |why: &str, until| TellingChange::Untold {
        incident: 1,
        why: why.into(),
        until,
        cause: Some(2),
    };
    telling(&mut db, 2, why("folded", Some(at(9))));
    let held = db.standing(at(0)).unwrap().swap_remove(0);
    assert_eq!(
        (held.why.as_deref(), held.until, held.cause),
        (Some("folded"), Some(at(9)), Some(2))
    );
    telling(&mut db, 3, TellingChange::Told { incident: 1, severity: Severity::Warning });
    telling(&mut db, 4, TellingChange::Acknowledged { incident: 1 });
    telling(&mut db, 5, TellingChange::Snoozed { incident: 1, until: Some(at(50)) });
    let told = db.standing(at(0)).unwrap().swap_remove(0);
    assert_eq!(told.told, Some((at(3), Severity::Warning)));
    assert_eq!(told.acknowledged, Some((Severity::Warning, at(4))));
    assert_eq!((told.snoozed_until, told.why, told.cause), (Some(at(50)), None, None));
    telling(&mut db, 6, TellingChange::Snoozed { incident: 1, until: None });
    assert_eq!(db.standing(at(0)).unwrap()[0].snoozed_until, None);
    // Of one that is not there nothing is written.
    telling(&mut db, 7, TellingChange::Acknowledged { incident: 99 });
    telling(&mut db, 7, TellingChange::EndTold { incident: 99 });
}

#[test]
fn an_incident_whose_end_is_not_told_is_not_forgotten() {
    let (_temp, mut db) = state();
    let over = |key: &str| sweepd_store::state::IncidentChange::Resolve {
        key: key.into(),
        how: "by hand".into(),
    };
    incidents(&mut db, 1, vec![seen("a", Severity::Warning), seen("b", Severity::Warning)]);
    telling(&mut db, 2, TellingChange::Told { incident: 1, severity: Severity::Warning });
    incidents(&mut db, 3, vec![over("a"), over("b")]);
    let ids = |db: &StateDb| -> Vec<i64> {
        db.standing(at(10)).unwrap().iter().map(|one| one.incident.id).collect()
    };
    assert_eq!(ids(&db), [1], "however long ago that was");
    assert_eq!(db.standing(at(3)).unwrap().len(), 2);
    telling(&mut db, 4, TellingChange::EndTold { incident: 1 });
    assert_eq!(ids(&db), [0; 0]);
    telling(&mut db, 5, TellingChange::EndTold { incident: 1 });
    assert_eq!(db.standing(at(0)).unwrap()[0].end_told_at, Some(at(4)), "once");
}

#[test]
fn each_sink_has_its_own_delivery_of_an_alert() {
    let (_temp, mut db) = state();
    incidents(&mut db, 1, vec![seen("a", Severity::Warning)]);
    let alerts = vec![alert(Some(1), "opened", &["ops", "log"]), alert(None, "start", &["ops"])];
    db.commit(&Commit { alerts, ..Commit::new(at(2)) }).unwrap();
    assert_eq!((waiting(&db, "ops"), waiting(&db, "log")), (vec![1, 3], vec![2]));
    let first = db.deliveries(DeliveryFilter::Of(1), 100).unwrap().swap_remove(0);
    assert_eq!(
        (first.sink.as_str(), first.moment.as_str(), first.filed_at),
        ("ops", "opened", at(2))
    );
    assert_eq!((first.alert.as_str(), first.incident), ("{\"moment\":\"opened\"}", Some(1)));

    let later = Tried {
        deferred_until: Some(at(20)),
        alone: true,
        remark: Some("503".into()),
        ..tried(&[1])
    };
    let delivered = Tried { outcome: Some("delivered".into()), ..tried(&[2]) };
    db.commit(&Commit { tried: vec![later, delivered], ..Commit::new(at(3)) }).unwrap();
    let one = db.deliveries(DeliveryFilter::WaitingFor("ops"), 100).unwrap().swap_remove(0);
    assert_eq!((one.tries, one.deferred_until, one.alone), (1, Some(at(20)), true));
    assert_eq!(one.remark.as_deref(), Some("503"));
    assert_eq!(waiting(&db, "log"), [0; 0]);
    let of = db.deliveries(DeliveryFilter::Of(1), 100).unwrap();
    assert_eq!((of[1].settled_at, of[1].outcome.as_deref()), (Some(at(3)), Some("delivered")));

    db.commit(&Commit { tried: vec![tried(&[1])], ..Commit::new(at(4)) }).unwrap();
    let one = db.deliveries(DeliveryFilter::Waiting, 1).unwrap().swap_remove(0);
    assert_eq!((one.tries, one.deferred_until, one.alone), (2, None, true), "alone for good");
    assert_eq!(one.remark.as_deref(), Some("503"), "the last words stay");
}

#[test]
fn what_was_given_up_stays_until_somebody_deals_with_it() {
    let (_temp, mut db) = state();
    let alerts = vec![alert(None, "opened", &["ops"]), alert(None, "resolved", &["ops"])];
    db.commit(&Commit { alerts, ..Commit::new(at(1)) }).unwrap();
    let end = |id, outcome: &str| Tried { outcome: Some(outcome.into()), ..tried(&[id]) };
    let ends = vec![end(1, "given-up"), end(2, "delivered")];
    db.commit(&Commit { tried: ends, ..Commit::new(at(2)) }).unwrap();
    assert_eq!(db.prune(10, at(100)).unwrap().deliveries, 1);
    let dead = db.deliveries(DeliveryFilter::GivenUp, 10).unwrap();
    assert_eq!(dead.iter().map(|one| one.id).collect::<Vec<_>>(), [1]);

    db.commit(&Commit { tried: vec![tried(&[1])], ..Commit::new(at(3)) }).unwrap();
    assert_eq!(waiting(&db, "ops"), [1], "taken up again");
    db.commit(&Commit { tried: vec![end(1, "dropped")], ..Commit::new(at(4)) }).unwrap();
    assert_eq!(db.deliveries(DeliveryFilter::GivenUp, 10).unwrap(), []);
    assert_eq!(db.prune(10, at(100)).unwrap().deliveries, 1);
    // The alerts are gone with their deliveries: a delivery of neither is left.
    assert_eq!(db.deliveries(DeliveryFilter::Waiting, 10).unwrap(), []);
}

#[test]
fn a_sink_and_its_places_are_remembered() {
    let (_temp, mut db) = state();
    let record = SinkRecord {
        name: "ops".into(),
        kind: "discord".into(),
        standing: "{}".into(),
        fingerprint: "abc".into(),
        greeted_at: None,
        digested_at: None,
        remark: None,
        updated_at: at(1),
    };
    let newer = SinkRecord {
        greeted_at: Some(at(2)),
        digested_at: Some(at(3)),
        remark: Some("401".into()),
        ..record.clone()
    };
    let put = |place: &str| Place { sink: "ops".into(), thread: "a".into(), place: place.into() };
    let sinks = vec![record, newer.clone()];
    db.commit(&Commit { sinks, places: vec![put("7"), put("8")], ..Commit::new(at(2)) }).unwrap();
    assert_eq!(db.sinks().unwrap(), [newer]);
    assert_eq!(db.place("ops", "a").unwrap().as_deref(), Some("8"));
    assert_eq!(db.place("ops", "b").unwrap(), None);
}
