//! The outbox, and what was told of an incident.

use sweepd_decide::Severity;
use sweepd_store::state::{
    Commit, DeliveryFilter, IncidentChange, NewAlert, Place, SinkNoted, SinkRecord, StateDb,
    TellingChange, Tried,
};

use super::{at, incidents, seen, state};

fn telling(db: &mut StateDb, now: i64, change: TellingChange) {
    db.commit(&Commit { telling: vec![change], ..Commit::new(at(now)) }).unwrap();
}

fn alert(incident: Option<i64>, moment: &str, sinks: &[&str]) -> NewAlert {
    NewAlert {
        incident,
        thread: incident.map_or(moment, |_| "a").into(),
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
        anew: false,
    }
}

fn over(key: &str) -> IncidentChange {
    IncidentChange::Resolve { key: key.into(), how: "by hand".into() }
}

fn waiting(db: &StateDb, sink: &str) -> Vec<i64> {
    let waiting = db.deliveries(DeliveryFilter::HeadsFor(sink), 100).unwrap();
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
    let one = db.deliveries(DeliveryFilter::Of(1), 100).unwrap().swap_remove(0);
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

#[test]
fn of_a_thread_only_the_oldest_is_read_and_what_is_deferred_comes_last() {
    let (_temp, mut db) = state();
    incidents(&mut db, 1, vec![seen("a", Severity::Warning)]);
    let alerts = ["opened", "resolved"].map(|moment| alert(Some(1), moment, &["ops", "log"]));
    let others = ["start", "digest"].map(|moment| alert(None, moment, &["ops"]));
    let alerts = alerts.into_iter().chain(others).collect();
    db.commit(&Commit { alerts, ..Commit::new(at(2)) }).unwrap();
    assert_eq!(waiting(&db, "ops"), [1, 5, 6]);
    let later = Tried { deferred_until: Some(at(90)), ..tried(&[1]) };
    db.commit(&Commit { tried: vec![later], ..Commit::new(at(3)) }).unwrap();
    assert_eq!(waiting(&db, "ops"), [5, 6, 1]);
    let two = db.deliveries(DeliveryFilter::HeadsFor("ops"), 2).unwrap();
    assert_eq!(two.iter().map(|one| one.id).collect::<Vec<_>>(), [5, 6]);
    let under_way = db.under_way().unwrap();
    assert_eq!(under_way, [(1, "log".to_owned()), (1, "ops".to_owned())]);

    let again = Tried { tries: 0, anew: true, ..tried(&[1]) };
    db.commit(&Commit { tried: vec![again], ..Commit::new(at(9)) }).unwrap();
    let one = db.deliveries(DeliveryFilter::HeadsFor("ops"), 1).unwrap().swap_remove(0);
    assert_eq!((one.id, one.filed_at, one.tries), (1, at(9), 0));
}

#[test]
fn who_was_told_is_remembered_until_the_end_is_told() {
    let (_temp, mut db) = state();
    incidents(&mut db, 1, vec![seen("a", Severity::Warning)]);
    let alerts = vec![alert(Some(1), "opened", &["ops"])];
    db.commit(&Commit { alerts, ..Commit::new(at(2)) }).unwrap();
    telling(&mut db, 2, TellingChange::Told { incident: 1, severity: Severity::Warning });
    let delivered = Tried { outcome: Some("delivered".into()), ..tried(&[1]) };
    db.commit(&Commit { tried: vec![delivered], ..Commit::new(at(3)) }).unwrap();
    assert_eq!(db.prune(10, at(100)).unwrap().deliveries, 0);
    incidents(&mut db, 4, vec![over("a")]);
    assert_eq!(db.prune(10, at(4)).unwrap().deliveries, 0, "its end is not told");
    telling(&mut db, 5, TellingChange::EndTold { incident: 1 });
    assert_eq!(db.prune(10, at(4)).unwrap().deliveries, 1);
}

#[test]
fn what_reached_nobody_is_promised_anew_and_a_cause_knows_what_it_explains() {
    let (_temp, mut db) = state();
    let seen = ["a", "b", "c"].map(|key| seen(key, Severity::Warning));
    incidents(&mut db, 1, seen.into());
    for incident in [2, 3] {
        let why = "folded".into();
        telling(&mut db, 2, TellingChange::Untold { incident, why, until: None, cause: Some(1) });
    }
    assert_eq!(db.explained_by(1).unwrap(), ["b", "c"]);
    telling(&mut db, 3, TellingChange::Told { incident: 3, severity: Severity::Warning });
    assert_eq!(db.explained_by(1).unwrap(), ["b"], "who is told of one knows it");
    telling(&mut db, 4, TellingChange::Unpromised { incident: 3 });
    assert_eq!(db.standing(at(0)).unwrap()[2].told, None);
}

#[test]
fn what_is_noted_of_a_sink_is_not_undone_by_an_attempt_that_began_before() {
    let (_temp, mut db) = state();
    let before = SinkRecord {
        name: "ops".into(),
        kind: "discord".into(),
        standing: "{\"failures\":1}".into(),
        fingerprint: "abc".into(),
        greeted_at: None,
        digested_at: None,
        remark: None,
        updated_at: at(1),
    };
    let noted = |greeted, digested| SinkNoted {
        name: "ops".into(),
        kind: "discord".into(),
        greeted,
        digested,
    };
    db.commit(&Commit { noted: vec![noted(true, false)], ..Commit::new(at(2)) }).unwrap();
    db.commit(&Commit { sinks: vec![before.clone()], ..Commit::new(at(3)) }).unwrap();
    db.commit(&Commit { noted: vec![noted(false, true)], ..Commit::new(at(4)) }).unwrap();
    let now = db.sinks().unwrap().swap_remove(0);
    assert_eq!((now.greeted_at, now.digested_at), (Some(at(2)), Some(at(4))));
    assert_eq!(now.standing, before.standing);
}
