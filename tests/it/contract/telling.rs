//! What the engine relies on in an outbox.

use serde_json::json;
use sweepd_decide::outbox::SinkState;
use sweepd_decide::{Alert, FindingKind, News, Note, Occasion, Severity, Timestamp};
use sweepd_sweep::ports::{
    Filing, Incident, IncidentChange, NewAlert, Outbox, Settled, SinkRecord, Standing,
    TellingChange, Tried, Which,
};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn seen(key: &str, severity: Severity) -> IncidentChange {
    IncidentChange::Seen(Incident {
        key: key.to_owned(),
        kind: FindingKind::Unreadable,
        severity,
        agent: None,
        summary: key.to_owned(),
        evidence: json!({}),
        opened_at: at(0),
        good_looks: 0,
    })
}

fn over(key: &str) -> IncidentChange {
    IncidentChange::Resolved { key: key.to_owned(), how: "by hand".to_owned() }
}

fn alert(incident: Option<i64>, thread: &str, sinks: &[&str]) -> NewAlert {
    let note = Note { occasion: Occasion::Test, title: thread.to_owned(), lines: vec![] };
    let (host, news) = ("h".to_owned(), News::Note(note));
    let alert = Alert { id: format!("id-{thread}"), at: at(1), host, from_memory: false, news };
    let sinks = sinks.iter().map(|sink| (*sink).to_owned()).collect();
    NewAlert { incident, thread: thread.to_owned(), alert, sinks }
}

async fn incidents(outbox: &dyn Outbox, now: i64, incidents: Vec<IncidentChange>) -> Vec<String> {
    let filing = Filing { incidents, ..Filing::new(at(now)) };
    let done = outbox.file(filing).await.unwrap();
    [done.opened, done.resolved, done.updated].concat()
}

async fn telling(outbox: &dyn Outbox, now: i64, telling: Vec<TellingChange>) {
    outbox.file(Filing { telling, ..Filing::new(at(now)) }).await.unwrap();
}

async fn tried(outbox: &dyn Outbox, now: i64, tried: Vec<Tried>) {
    outbox.file(Filing { tried, ..Filing::new(at(now)) }).await.unwrap();
}

async fn all(outbox: &dyn Outbox, since: i64) -> Vec<Standing> {
    let mut all = outbox.standing(at(since)).await.unwrap();
    all.sort_by_key(|one| one.id);
    all
}

async fn ids(outbox: &dyn Outbox, which: Which<'_>) -> Vec<i64> {
    outbox.deliveries(which).await.unwrap().into_iter().map(|one| one.id).collect()
}

/// One is open per key, and what changed is said.
pub(super) async fn one_incident_is_open_per_key(outbox: &dyn Outbox) {
    let warning = || seen("a", Severity::Warning);
    assert_eq!(incidents(outbox, 1, vec![warning()]).await, ["a"]);
    assert_eq!(incidents(outbox, 2, vec![warning()]).await, [""; 0]);
    assert_eq!(incidents(outbox, 3, vec![seen("a", Severity::Error)]).await, ["a"]);
    assert_eq!(incidents(outbox, 4, vec![over("a"), over("a"), over("b")]).await, ["a"]);
    assert_eq!(incidents(outbox, 5, vec![warning()]).await, ["a"]);
    let all = all(outbox, 0).await;
    let ends: Vec<_> = all.iter().map(|one| one.end.as_ref().map(|(at, _)| *at)).collect();
    assert_eq!(ends, [Some(at(4)), None]);
    let first = &all[0];
    assert_eq!((first.incident.opened_at, first.seen_at), (at(1), at(3)));
    assert_eq!(outbox.openings("a", at(1)).await.unwrap(), 2);
    assert_eq!(outbox.openings("a", at(2)).await.unwrap(), 1);
}

/// What is told stays with its incident; one whose end is not told stays in sight.
pub(super) async fn what_is_told_stays_with_its_incident(outbox: &dyn Outbox) {
    incidents(outbox, 1, vec![seen("a", Severity::Warning), seen("b", Severity::Warning)]).await;
    let both = all(outbox, 0).await;
    let (a, b) = (both[0].id, both[1].id);
    assert_eq!(both[0].incident.key, "a");
    let why =
        TellingChange::Untold { incident: a, why: "folded", until: Some(at(9)), cause: Some(b) };
    telling(outbox, 2, vec![why]).await;
    let untold = all(outbox, 0).await[0].untold.clone().unwrap();
    assert_eq!((untold.why.as_str(), untold.until, untold.cause), ("folded", Some(at(9)), Some(b)));
    let again = TellingChange::Untold { incident: a, why: "folded", until: None, cause: None };
    telling(outbox, 2, vec![again]).await;
    assert_eq!(all(outbox, 0).await[0].untold.clone().unwrap().cause, Some(b), "the cause stays");
    let changes = vec![
        TellingChange::Told(a, Severity::Warning),
        TellingChange::Acknowledged(a),
        TellingChange::Snoozed(a, Some(at(50))),
    ];
    telling(outbox, 3, changes).await;
    let one = all(outbox, 0).await.swap_remove(0);
    assert_eq!((one.told, one.untold), (Some((at(3), Severity::Warning)), None));
    assert_eq!(one.acknowledged, Some((Severity::Warning, at(3))));
    assert_eq!((one.snoozed_until, one.end_told), (Some(at(50)), false));

    incidents(outbox, 4, vec![over("a"), over("b")]).await;
    assert_eq!(all(outbox, 100).await.iter().map(|one| one.id).collect::<Vec<_>>(), [a]);
    assert_eq!(all(outbox, 4).await.len(), 2);
    telling(outbox, 5, vec![TellingChange::EndTold(a), TellingChange::EndTold(99)]).await;
    assert_eq!(all(outbox, 100).await, []);
    assert!(all(outbox, 4).await[0].end_told);
}

/// Each sink has its own delivery, and what came of it is read back.
pub(super) async fn each_sink_has_its_own_delivery(outbox: &dyn Outbox) {
    let alerts = vec![alert(Some(7), "t", &["x", "y"]), alert(None, "u", &["x"])];
    outbox.file(Filing { alerts, ..Filing::new(at(1)) }).await.unwrap();
    let waiting = outbox.deliveries(Which::HeadsFor("x")).await.unwrap();
    let threads: Vec<_> = waiting.iter().map(|one| one.thread.as_str()).collect();
    assert_eq!((threads, waiting[0].incident), (vec!["t", "u"], Some(7)));
    assert_eq!((waiting[0].filed_at, waiting[0].tries), (at(1), 0));
    assert_eq!(waiting[0].alert.id, "id-t");
    assert_eq!(ids(outbox, Which::Waiting).await.len(), 3);
    let (t, u) = (waiting[0].id, waiting[1].id);

    let begins = Tried { begins: true, ..Tried::waits(vec![t, u]) };
    tried(outbox, 2, vec![begins]).await;
    let later = Tried {
        deferred_until: Some(at(20)),
        alone: true,
        remark: Some("503".to_owned()),
        ..Tried::waits(vec![t])
    };
    let dead = Tried { settled: Some(Settled::GivenUp), ..Tried::waits(vec![u]) };
    tried(outbox, 3, vec![later, dead]).await;
    let waiting = outbox.deliveries(Which::HeadsFor("x")).await.unwrap();
    let one = &waiting[0];
    assert_eq!(
        (waiting.len(), one.tries, one.deferred_until, one.alone),
        (1, 1, Some(at(20)), true)
    );
    tried(outbox, 4, vec![Tried::waits(vec![t])]).await;
    let one = outbox.deliveries(Which::Of(7)).await.unwrap().swap_remove(0);
    assert_eq!((one.deferred_until, one.alone, one.remark.as_deref()), (None, true, Some("503")));
    assert_eq!(ids(outbox, Which::GivenUp).await, [u]);
    tried(outbox, 5, vec![Tried::waits(vec![u])]).await;
    assert_eq!(ids(outbox, Which::GivenUp).await, [0; 0], "taken up again");
    let done = Tried { settled: Some(Settled::Delivered), ..Tried::waits(vec![t]) };
    tried(outbox, 6, vec![done]).await;
    let one = outbox.deliveries(Which::Of(7)).await.unwrap().swap_remove(0);
    assert_eq!(one.settled, Some((at(6), Settled::Delivered)));
}

/// How a sink stands, and where its threads are, is remembered.
pub(super) async fn a_sink_is_remembered(outbox: &dyn Outbox) {
    let state = SinkState { failures: 3, failed_at: Some(at(1)), ..SinkState::default() };
    let record = |remark: Option<&str>| SinkRecord {
        name: "x".to_owned(),
        kind: "simulated".to_owned(),
        state,
        fingerprint: "f".to_owned(),
        greeted_at: Some(at(1)),
        digested_at: None,
        remark: remark.map(str::to_owned),
    };
    let place = |thread: &str, place: &str| ("x".to_owned(), thread.to_owned(), place.to_owned());
    let sinks = vec![record(None), record(Some("401"))];
    let places = vec![place("t", "1"), place("t", "2"), place("u", "3")];
    outbox.file(Filing { sinks, places, ..Filing::new(at(2)) }).await.unwrap();
    assert_eq!(outbox.sinks().await.unwrap(), [record(Some("401"))]);
    assert_eq!(outbox.place("x", "t").await.unwrap().as_deref(), Some("2"));
    assert_eq!(outbox.place("y", "t").await.unwrap(), None);
}
