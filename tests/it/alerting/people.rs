//! What people have said is kept: pauses, acknowledgements, retries; and what they hear in between.

use sweepd_decide::{FindingKind, Setback, Severity, Span};
use sweepd_sweep::ports::{Clock as _, Commit, IncidentChange, State as _, Takes};
use sweepd_sweep::sim::SimSink;
use sweepd_sweep::{Attended, Attention, Pause, Scope};

use super::rig::{Rig, told};
use super::run::{Daemon, play};

#[tokio::test]
async fn what_was_given_up_for_its_age_can_be_retried() {
    let rig = Rig::new();
    rig.ops().down("refused connection", Setback::Later(None));
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell_every(5, 25 * 12).await;
    assert_eq!(rig.given_up().await.len(), 1);
    rig.ops().up();
    assert_eq!(rig.attend(Attention::Retry(vec![])).await.unwrap(), Attended::Alerts(1));
    rig.tell().await;
    assert_eq!(rig.given_up().await, []);
    assert_eq!(told(rig.ops())[0], "opened zombie:s/a");
}

#[tokio::test]
async fn an_opening_that_was_refused_is_not_told_after_its_end() {
    let rig = Rig::new();
    rig.ops().fail_once("400", Setback::Refused);
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell_every(5, 1).await;
    rig.end(&["zombie:s/a"]).await;
    rig.tell().await;
    rig.attend(Attention::Retry(vec![])).await.unwrap();
    rig.tell_every(60, 3).await;
    assert_eq!(told(rig.ops()), [""; 0]);
    assert_eq!((rig.waiting().await, rig.ops().attempts()), (0, 1));
}

#[tokio::test]
async fn the_end_of_what_was_acknowledged_is_told_after_a_month() {
    let rig = Rig::new();
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell().await;
    rig.attend(Attention::Acknowledge(1)).await.unwrap();
    rig.minutes(31 * 24 * 60);
    rig.state.forget(rig.now().minus(Span::from_mins(30 * 24 * 60))).await.unwrap();
    rig.tell().await;
    rig.end(&["zombie:s/a"]).await;
    rig.tell().await;
    assert_eq!(told(rig.ops()), ["opened zombie:s/a", "resolved zombie:s/a"]);
}

#[tokio::test]
async fn a_severity_that_wobbles_is_told_once_as_worse() {
    let rig = Rig::new();
    for minute in 0..60 {
        let mut one = rig.incident(FindingKind::Zombie, "s/a");
        one.severity = if minute % 2 == 0 { Severity::Warning } else { Severity::Error };
        rig.commit(vec![IncidentChange::Seen(one)]).await;
        rig.tell_every(1, 1).await;
    }
    assert_eq!(told(rig.ops()), ["opened zombie:s/a"; 2]);
}

#[tokio::test]
async fn a_sink_that_wants_no_repeats_gets_none() {
    let takes = Takes { notes: false, still: false, batch: 1, burst: 5, every: Span::from_secs(1) };
    let rig = Rig::with(vec![("ops", SimSink::that_takes(takes))], |_| {});
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell_every(61, 5).await;
    assert_eq!(told(rig.ops()), ["opened zombie:s/a"]);
    assert_eq!(rig.why("zombie:s/a").await, "told");
}

#[tokio::test]
async fn a_paused_agent_is_left_alone_after_a_restart() {
    let mut rig = Rig::new();
    let pause = Pause { scope: Scope::named("s/a"), since: rig.now(), until: None };
    rig.state.commit(Commit { paused: Some(pause), ..Commit::new(rig.now()) }).await.unwrap();
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.minutes(5);
    rig.restart();
    rig.tell().await;
    assert_eq!(told(rig.ops()), [""; 0]);
    assert_eq!(rig.why("zombie:s/a").await, "paused");
}

/// Something is wrong with an agent that is paused, and no daemon runs yet.
async fn paused() -> Daemon {
    let daemon = Daemon::new();
    daemon.find("a").await;
    let now = daemon.clock.now();
    let pause = Pause { scope: Scope::named("sweepd/a"), since: now, until: None };
    daemon.state.commit(Commit { paused: Some(pause), ..Commit::new(now) }).await.unwrap();
    daemon.seconds(600).await;
    daemon
}

#[tokio::test(start_paused = true)]
async fn a_paused_agent_is_left_alone_when_the_daemon_starts() {
    let daemon = paused().await;
    let engine = daemon.engine();
    play(&engine, daemon.seconds(600)).await;
    assert_eq!(told(&daemon.ops), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_paused_agent_is_left_alone_when_the_daemon_of_thousands_starts() {
    let daemon = paused().await;
    let db = rusqlite::Connection::open(daemon.db()).unwrap();
    let thousands = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) \
                     INSERT INTO agents (agent, source, memory, updated_at) \
                     SELECT 't/x' || i, 't', '{}', 0 FROM n";
    assert_eq!(db.execute(thousands, []).unwrap(), 3000);
    drop(db);
    let engine = daemon.engine();
    play(&engine, daemon.seconds(600)).await;
    assert_eq!(told(&daemon.ops), [""; 0]);
}
