//! The state cannot be written, or not be read: people hear of that, and of all the rest.

use std::sync::Arc;

use sweepd_decide::{FindingKind, Setback};
use sweepd_sweep::ports::{Clock as _, Commit, IncidentChange, State as _};
use sweepd_sweep::sim::SimSink;
use sweepd_sweep::{EngineError, SinkSetup};

use super::rig::{Rig, told};
use super::run::{Daemon, play, play_out};

/// What waits is of a kind that only a newer sweepd knows.
const NEWER: &str =
    "UPDATE alerts SET alert = json_set(alert, '$.news.incident.kind', 'of-a-newer-version')";

fn about_itself(sink: &SimSink) -> Vec<String> {
    told(sink).into_iter().filter(|one| one.contains(" self-degraded:")).collect()
}

#[tokio::test]
async fn whoever_sweeps_each_minute_tells_once_that_the_state_cannot_be_written() {
    let rig = Rig::new();
    rig.sweep().await;
    let db = rig.dir.path().join("state/sweepd.db");
    std::fs::rename(&db, rig.dir.path().join("aside")).unwrap();
    for _ in 0..30 {
        rig.sweep().await;
        rig.minutes(1);
    }
    assert_eq!(told(rig.ops()), ["opened self-degraded:sweepd"]);
}

#[tokio::test]
async fn what_nobody_took_is_told_at_the_next_call() {
    let rig = Rig::new();
    rig.sweep().await;
    rig.ops().down("503", Setback::Later(None));
    std::fs::rename(rig.dir.path().join("state/sweepd.db"), rig.dir.path().join("aside")).unwrap();
    for _ in 0..3 {
        rig.sweep().await;
        rig.minutes(1);
    }
    assert_eq!(told(rig.ops()), [""; 0]);
    rig.ops().up();
    rig.sweep().await;
    assert_eq!(told(rig.ops()), ["opened self-degraded:sweepd"]);
}

#[tokio::test]
async fn a_sink_that_is_down_makes_no_other_hear_of_it_each_minute() {
    let rig = Rig::with(vec![("ops", SimSink::default()), ("log", SimSink::default())], |_| {});
    rig.sweep().await;
    rig.sink("log").down("503", Setback::Later(None));
    std::fs::rename(rig.dir.path().join("state/sweepd.db"), rig.dir.path().join("aside")).unwrap();
    for _ in 0..30 {
        rig.sweep().await;
        rig.minutes(1);
    }
    rig.sink("log").up();
    for _ in 0..20 {
        rig.sweep().await;
        rig.minutes(1);
    }
    for sink in ["ops", "log"] {
        assert_eq!(told(rig.sink(sink)), ["opened self-degraded:sweepd"], "{sink}");
    }
}

#[tokio::test]
async fn where_the_mark_cannot_be_written_nobody_is_told_each_minute() {
    let rig = Rig::with(vec![("ops", SimSink::default())], |setup| {
        setup.aside = Some("/nonexistent/mark".into());
    });
    std::fs::remove_file(rig.dir.path().join("state/sweepd.db")).unwrap();
    rig.sweep().await;
    assert_eq!(told(rig.ops()), [""; 0]);
}

#[tokio::test]
async fn one_alert_that_cannot_be_read_stops_no_other() {
    let rig = Rig::new();
    rig.ops().down("503", Setback::Later(None));
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell().await;
    let db = rusqlite::Connection::open(rig.dir.path().join("state/sweepd.db")).unwrap();
    assert_eq!(db.execute(NEWER, []).unwrap(), 1);
    rig.ops().up();
    rig.minutes(10);
    rig.find(FindingKind::Zombie, &["s/b"]).await;
    rig.tell().await;
    assert_eq!(told(rig.ops()), ["opened zombie:s/b"]);
}

#[tokio::test(start_paused = true)]
async fn the_daemon_tells_the_rest_and_repeats_what_cannot_be_read() {
    let daemon = Daemon::new();
    daemon.ops.down("503", Setback::Later(None));
    daemon.find("a").await;
    let engine = daemon.engine();
    play(&engine, async {
        daemon.seconds(20).await;
        let db = rusqlite::Connection::open(daemon.db()).unwrap();
        assert_eq!(db.execute(NEWER, []).unwrap(), 2, "the greeting, and one more");
        drop(db);
        daemon.ops.up();
        daemon.find("b").await;
        daemon.seconds(3600).await;
    })
    .await;
    let all = ["opened self-degraded:sweepd/b", "still self-degraded:sweepd/a"];
    assert_eq!(told(&daemon.ops), all);
}

#[tokio::test(start_paused = true)]
async fn an_opening_that_did_not_arrive_before_arrives_while_the_state_cannot_be_written() {
    let daemon = Daemon::new();
    daemon.ops.down("503", Setback::Later(None));
    daemon.find("a").await;
    let engine = daemon.engine();
    play(&engine, async {
        daemon.seconds(20).await;
        daemon.break_state();
        daemon.seconds(5).await;
        daemon.ops.up();
        daemon.seconds(3000).await;
        let all = ["opened self-degraded:sweepd/a", "opened self-degraded:sweepd"];
        assert_eq!(told(&daemon.ops), all);
        assert!(daemon.ops.alerts().iter().all(|alert| alert.from_memory));
        daemon.mend_state();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_from_memory_of_what_has_ended_since() {
    let daemon = Daemon::new();
    let log = SimSink::default();
    daemon.find("a").await;
    let engine = daemon.engine_with(|setup| {
        setup.sinks.push(SinkSetup::new("log", Arc::new(log.clone())));
    });
    play(&engine, async {
        daemon.seconds(90).await;
        // Because of this one the memory is kept beyond the outage.
        log.down("503", Setback::Later(None));
        daemon.break_state();
        daemon.seconds(300).await;
        daemon.mend_state();
        daemon.seconds(300).await;
        let over = IncidentChange::Resolved {
            key: "self-degraded:sweepd/a".to_owned(),
            how: "not seen any more".to_owned(),
        };
        let commit = Commit { incidents: vec![over], ..Commit::new(daemon.clock.now()) };
        daemon.state.commit(commit).await.unwrap();
        daemon.seconds(2 * 3600).await;
    })
    .await;
    assert_eq!(
        about_itself(&daemon.ops),
        [
            "opened self-degraded:sweepd/a",
            "opened self-degraded:sweepd",
            "resolved self-degraded:sweepd",
            "resolved self-degraded:sweepd/a"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_second_outage_is_told_while_a_sink_has_not_heard_of_the_first() {
    let daemon = Daemon::new();
    let log = SimSink::default();
    let engine = daemon.engine_with(|setup| {
        setup.sinks.push(SinkSetup::new("log", Arc::new(log.clone())));
    });
    play(&engine, async {
        daemon.seconds(90).await;
        log.down("503", Setback::Later(None));
        for _ in 0..2 {
            daemon.break_state();
            daemon.seconds(300).await;
            daemon.mend_state();
            daemon.seconds(300).await;
        }
    })
    .await;
    let twice = ["opened", "resolved", "opened", "resolved"];
    assert_eq!(
        about_itself(&daemon.ops),
        twice.map(|moment| format!("{moment} self-degraded:sweepd"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_state_that_cannot_be_read_any_more_is_told() {
    let daemon = Daemon::new();
    let engine = daemon.engine();
    let (ran, ()) = play_out(&engine, async {
        daemon.seconds(90).await;
        let db = rusqlite::Connection::open(daemon.db()).unwrap();
        db.execute_batch("ALTER TABLE incidents RENAME TO gone").unwrap();
        daemon.seconds(600).await;
    })
    .await;
    assert_eq!(told(&daemon.ops), ["opened self-degraded:sweepd"]);
    assert!(matches!(ran, Err(EngineError::State(_))), "{ran:?}");
}
