//! How fast a sink is served, what is put off, and what is written down of each attempt.

use serde_json::Value;
use sweepd_decide::{FindingKind, Setback, Span};
use sweepd_store::state::StateDb;
use sweepd_sweep::ports::Takes;
use sweepd_sweep::sim::SimSink;

use super::rig::{Rig, told};

fn slow(burst: u32, every: Span) -> SimSink {
    SimSink::that_takes(Takes { notes: false, still: true, batch: 1, burst, every })
}

#[tokio::test]
async fn a_sink_takes_as_many_at_once_as_it_says_and_then_one_each_so_often() {
    let rig = Rig::with(vec![("ops", slow(2, Span::from_mins(30)))], |_| {});
    rig.find(FindingKind::Zombie, &["s/a", "s/b", "s/c", "s/d", "s/e"]).await;
    rig.tell().await;
    assert_eq!(told(rig.ops()).len(), 2);
    rig.tell_every(1, 29).await;
    assert_eq!(told(rig.ops()).len(), 2);
    rig.tell_every(1, 3).await;
    assert_eq!(told(rig.ops()).len(), 3);
    rig.tell_every(10, 8).await;
    assert_eq!(told(rig.ops()).len(), 5);
}

#[tokio::test]
async fn what_is_put_off_waits_and_the_others_do_not() {
    let rig = Rig::with(vec![("ops", slow(5, Span::from_secs(1)))], |_| {});
    rig.ops().fail_once("five an hour", Setback::Deferred(Span::from_mins(50)));
    rig.find(FindingKind::Zombie, &["s/a", "s/b"]).await;
    rig.tell_every(1, 49).await;
    assert_eq!(told(rig.ops()), ["opened zombie:s/b"]);
    rig.tell_every(1, 3).await;
    assert_eq!(told(rig.ops()), ["opened zombie:s/b", "opened zombie:s/a"]);
}

#[tokio::test]
async fn each_attempt_is_an_event_with_what_the_sink_said() {
    let rig = Rig::with(vec![("ops", slow(5, Span::from_secs(1)))], |_| {});
    rig.ops().fail_once("five an hour", Setback::Deferred(Span::from_mins(5)));
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell_every(1, 10).await;
    let db = StateDb::open_read_only(&rig.dir.path().join("state")).unwrap().unwrap();
    let events = db.events(0, None, 1000).unwrap();
    let of = |kind: &str| -> Value {
        let data = events.iter().find(|event| event.kind == kind).unwrap();
        serde_json::from_str(&data.data).unwrap()
    };
    let (deferred, delivered) = (of("alert_deferred"), of("alert_delivered"));
    assert_eq!(deferred["error"], "five an hour");
    assert_eq!(deferred["until"], "2026-11-27T10:05:00.000Z");
    assert!(deferred.get("remark").is_none() && delivered.get("error").is_none());
    // Nothing is said of it: nothing is made up.
    assert!(delivered.get("remark").is_none(), "{delivered}");
    assert_eq!(delivered["keys"][0], "zombie:s/a");
}
