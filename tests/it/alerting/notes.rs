//! That sweepd watches is told once; the daily line comes daily.

use sweepd_decide::{News, Occasion};
use sweepd_sweep::sim::SimSink;
use sweepd_sweep::{Digest, Zone};

use super::rig::Rig;

fn notes(sink: &SimSink) -> Vec<(Occasion, String)> {
    let alerts = sink.alerts();
    let notes = alerts.into_iter().filter_map(|alert| match alert.news {
        News::Note(note) => Some((note.occasion, note.title)),
        News::Incident(_) => None,
    });
    notes.collect()
}

#[tokio::test]
async fn each_sink_is_greeted_once() {
    let mut rig = Rig::new();
    rig.tell().await;
    assert_eq!(notes(rig.ops()), [], "nobody has been looked at yet");
    rig.sweep().await;
    rig.sweep().await;
    rig.restart();
    rig.sweep().await;
    let greeting = (Occasion::Start, "sweepd is watching 0 agents".to_owned());
    assert_eq!(notes(rig.ops()), std::slice::from_ref(&greeting));
    rig.sinks.push(("log".to_owned(), SimSink::default()));
    rig.restart();
    rig.sweep().await;
    assert_eq!((notes(rig.ops()).len(), notes(rig.sink("log"))), (1, vec![greeting]));
}

#[tokio::test]
async fn the_daily_line_comes_once_a_day_however_often_one_looks() {
    let mut rig = Rig::with(vec![("ops", SimSink::default())], |setup| {
        setup.digest = Some(Digest { cron: "0 8 * * *".to_owned(), zone: Zone::utc() });
    });
    // From ten o'clock on for two days: twice eight o'clock.
    for _ in 0..(48 * 6) {
        rig.sweep().await;
        rig.minutes(10);
    }
    let daily = |rig: &Rig| {
        let notes = notes(rig.ops());
        notes.into_iter().filter(|(occasion, _)| *occasion == Occasion::Digest).collect::<Vec<_>>()
    };
    assert_eq!(daily(&rig).len(), 2);
    assert_eq!(daily(&rig)[0].1, "daily: 0 agents watched, 0 running, 0 incidents open");
    // Nobody was there at eight: it comes late, and once.
    rig.minutes(3 * 24 * 60);
    rig.restart();
    rig.sweep().await;
    rig.sweep().await;
    assert_eq!(daily(&rig).len(), 3);
}
