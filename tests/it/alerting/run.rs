//! The daemon tells as things happen: in paused time, over the real outbox.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use sweepd_decide::{AgentId, FindingKind, Setback, Span, Timestamp};
use sweepd_store::state::StateDb;
use sweepd_sweep::adapters::SqliteState;
use sweepd_sweep::ports::{
    Clock, ClockReading, Commit, Doing, Incident, IncidentChange, State as _,
};
use sweepd_sweep::sim::SimSink;
use sweepd_sweep::{AlertSetup, Engine, EngineError, Options, Report, SinkSetup};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::rig::{START, told};

/// Tokio's clock, which stands still until everybody waits.
pub(super) struct PausedClock(pub(super) Instant);

impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.0.elapsed().as_millis()).unwrap();
        START.plus(Span::from_millis(passed))
    }

    fn reading(&self) -> ClockReading {
        let ms = self.now().as_millis();
        ClockReading { boot_id: "b".to_owned(), realtime: ms, boottime: ms, monotonic: ms }
    }

    fn sleep_until(&self, at: Timestamp) -> Doing<'_, ()> {
        let ms = at.since(START).as_millis().clamp(0, 1_000_000_000_000).unsigned_abs();
        Box::pin(tokio::time::sleep_until(self.0 + std::time::Duration::from_millis(ms)))
    }
}

/// A daemon without sources, whose incidents are put down by hand.
pub(super) struct Daemon {
    pub(super) clock: Arc<PausedClock>,
    pub(super) dir: TempDir,
    pub(super) state: SqliteState,
    pub(super) ops: SimSink,
}

impl Daemon {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let state =
            SqliteState::new(Some(StateDb::open(&dir.path().join("state"), START).unwrap()));
        let clock = Arc::new(PausedClock(Instant::now()));
        Self { clock, dir, state, ops: SimSink::default() }
    }

    pub(super) fn engine(&self) -> Engine {
        self.engine_with(|_| {})
    }

    /// What is different about the set-up, whose only sink is `ops`.
    pub(super) fn engine_with(&self, adapt: impl FnOnce(&mut AlertSetup)) -> Engine {
        let sinks = vec![SinkSetup::new("ops", Arc::new(self.ops.clone()))];
        let mut setup = AlertSetup::new(Arc::new(self.state.clone()), sinks, "host-1");
        setup.aside = Some(self.dir.path().join("mark"));
        adapt(&mut setup);
        let state = Arc::new(self.state.clone());
        let options = Options::default();
        Engine::new(Arc::<PausedClock>::clone(&self.clock), state, "0123456789", vec![], options)
            .with_alerts(setup)
    }

    /// About sweepd itself: no pass says that it is over.
    pub(super) async fn find(&self, subject: &str) {
        let kind = FindingKind::SelfDegraded;
        let seen = IncidentChange::Seen(Incident {
            key: format!("{}:sweepd/{subject}", kind.as_str()),
            kind,
            severity: kind.severity(),
            agent: Some(AgentId::new(format!("sweepd/{subject}"))),
            summary: "put down by hand".to_owned(),
            evidence: json!({}),
            opened_at: self.clock.now(),
            good_looks: 0,
        });
        let commit = Commit { incidents: vec![seen], ..Commit::new(self.clock.now()) };
        self.state.commit(commit).await.unwrap();
    }

    pub(super) async fn seconds(&self, seconds: i64) {
        self.clock.sleep_until(self.clock.now().plus(Span::from_secs(seconds))).await;
    }

    /// From now on the state cannot be written.
    pub(super) fn break_state(&self) {
        std::fs::rename(self.db(), self.dir.path().join("aside")).unwrap();
    }

    pub(super) fn mend_state(&self) {
        std::fs::rename(self.dir.path().join("aside"), self.db()).unwrap();
    }

    pub(super) fn db(&self) -> PathBuf {
        self.dir.path().join("state/sweepd.db")
    }
}

/// Runs the daemon while the script plays, and ends it.
pub(super) async fn play<T>(engine: &Engine, script: impl Future<Output = T>) -> T {
    let (ran, done) = play_out(engine, script).await;
    ran.unwrap();
    done
}

/// The same, and with what the daemon ends.
pub(super) async fn play_out<T>(
    engine: &Engine,
    script: impl Future<Output = T>,
) -> (Result<Report, EngineError>, T) {
    let (end, ended) = oneshot::channel::<()>();
    let run = engine.run(async { drop(ended.await) });
    let script = async {
        let done = script.await;
        drop(end);
        done
    };
    futures_util::join!(run, script)
}

#[tokio::test(start_paused = true)]
async fn an_opening_waits_five_seconds_and_its_repeat_an_hour() {
    let daemon = Daemon::new();
    daemon.find("a").await;
    let engine = daemon.engine();
    play(&engine, async {
        daemon.seconds(4).await;
        assert_eq!(told(&daemon.ops), [""; 0]);
        daemon.seconds(2).await;
        assert_eq!(told(&daemon.ops), ["opened self-degraded:sweepd/a"]);
        daemon.seconds(3590).await;
        assert_eq!(told(&daemon.ops).len(), 1);
        daemon.seconds(20).await;
        assert_eq!(told(&daemon.ops).len(), 2);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_is_down_is_tried_again_when_its_wait_is_over() {
    let daemon = Daemon::new();
    daemon.ops.down("503", Setback::Later(None));
    daemon.find("a").await;
    let engine = daemon.engine();
    play(&engine, async {
        daemon.seconds(600).await;
        let attempts = daemon.ops.attempts();
        assert!((8..=14).contains(&attempts), "{attempts} attempts in ten minutes");
        daemon.ops.up();
        daemon.seconds(400).await;
        assert!(told(&daemon.ops).contains(&"opened self-degraded:sweepd/a".to_owned()));
    })
    .await;
    assert!(daemon.ops.attempts() < 30, "no hot loop: {}", daemon.ops.attempts());
}

#[tokio::test(start_paused = true)]
async fn people_are_told_from_memory_that_the_state_cannot_be_written() {
    let daemon = Daemon::new();
    let engine = daemon.engine();
    play(&engine, async {
        daemon.seconds(90).await;
        daemon.break_state();
        daemon.seconds(150).await;
        assert_eq!(told(&daemon.ops), ["opened self-degraded:sweepd"]);
        let marked = daemon.ops.alerts().into_iter().rev().map(|alert| alert.from_memory);
        assert_eq!(marked.collect::<Vec<_>>(), [true, false], "only the greeting was kept");
        daemon.seconds(600).await;
        assert_eq!(told(&daemon.ops).len(), 1);
        daemon.mend_state();
        daemon.seconds(150).await;
        assert_eq!(told(&daemon.ops)[1..], ["resolved self-degraded:sweepd"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_at_the_end_is_finished_and_the_rest_waits_for_the_next_start() {
    let daemon = Daemon::new();
    daemon.ops.down("503", Setback::Later(None));
    daemon.find("a").await;
    let engine = daemon.engine();
    play(&engine, daemon.seconds(30)).await;
    daemon.ops.up();
    let engine = daemon.engine();
    play(&engine, daemon.seconds(300)).await;
    assert_eq!(told(&daemon.ops), ["opened self-degraded:sweepd/a"]);
}
