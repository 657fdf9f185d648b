//! A sink that is down, a sweepd that is killed: everything arrives as often as promised, in order.

use sweepd_decide::{FindingKind, Setback, Span};
use sweepd_sweep::sim::SimSink;

use super::rig::{Rig, told};

#[tokio::test]
async fn three_hours_down_and_killed_in_between() {
    let mut rig = Rig::with(vec![("ops", SimSink::default()), ("log", SimSink::default())], |_| {});
    rig.ops().down("503", Setback::Later(None));
    let subjects = ["s/a", "s/b", "s/c"];
    for (hour, subject) in subjects.iter().enumerate() {
        rig.find(FindingKind::Zombie, &[*subject]).await;
        for minute in 0..60 {
            rig.tell().await;
            rig.minutes(1);
            if minute == 30 {
                rig.restart();
            }
        }
        if hour == 1 {
            rig.end(&["zombie:s/a"]).await;
        }
    }
    assert_eq!(told(rig.ops()), [""; 0]);
    // Waits grow to five minutes: three hours are no storm.
    assert!(rig.ops().attempts() < 60, "{}", rig.ops().attempts());
    rig.end(&["zombie:s/b", "zombie:s/c"]).await;
    rig.tell().await;
    rig.restart();
    rig.ops().up();
    for _ in 0..30 {
        rig.tell().await;
        rig.minutes(1);
    }
    for subject in subjects {
        let of = |sink| -> Vec<String> {
            told(sink).into_iter().filter(|one| one.ends_with(subject)).collect()
        };
        let both = ["opened", "resolved"].map(|moment| format!("{moment} zombie:{subject}"));
        assert_eq!(of(rig.ops()), both, "not one repeat was promised while it was under way");
        let log = of(rig.sink("log"));
        assert_eq!((log.first(), log.last()), (both.first(), both.last()));
        assert_eq!(log.iter().filter(|one| !one.starts_with("still")).count(), 2);
        let hours = usize::from(subject != "s/c");
        assert_eq!(log.len() - 2, hours, "one that is down keeps the others from nothing: {log:?}");
    }
    assert_eq!(rig.waiting().await, 0);
    // The other one heard of the outage, and of its end.
    let about: Vec<_> =
        told(rig.sink("log")).into_iter().filter(|one| one.contains("sink-failed")).collect();
    assert_eq!(about.first().unwrap(), "opened sink-failed:ops");
    assert_eq!(about.last().unwrap(), "resolved sink-failed:ops");
    assert!(!told(rig.ops()).iter().any(|one| one.contains("sink-failed:ops")));
}

#[tokio::test]
async fn a_sink_that_asks_for_it_is_left_alone_so_long() {
    let rig = Rig::new();
    rig.ops().fail_once("429", Setback::Later(Some(Span::from_mins(7))));
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    for minute in 0..7 {
        rig.tell().await;
        assert_eq!(rig.ops().attempts(), 1, "after {minute} min");
        rig.minutes(1);
    }
    rig.tell().await;
    assert_eq!((rig.ops().attempts(), told(rig.ops()).len()), (2, 1));
}

#[tokio::test]
async fn after_a_day_it_is_given_up_and_stays_visible() {
    let rig = Rig::new();
    rig.ops().down("connection refused", Setback::Later(None));
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    for _ in 0..(24 * 12) {
        rig.tell().await;
        rig.minutes(5);
    }
    assert_eq!(rig.given_up().await.len(), 0);
    rig.minutes(1);
    rig.tell().await;
    let dead = rig.given_up().await;
    assert_eq!((dead.len(), dead[0].remark.as_deref()), (1, Some("connection refused")));
    assert!(rig.events("alert_given_up").len() == 1);
    // The next repeat is a new promise.
    rig.ops().up();
    rig.tell().await;
    rig.minutes(6);
    rig.tell().await;
    assert_eq!(told(rig.ops())[0], "still zombie:s/a");
}
