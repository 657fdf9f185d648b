//! An engine that only tells: incidents are put down as a pass would, and time is moved by hand.

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::json;
use sweepd_decide::{AgentId, Alert, FindingKind, Moment, News, Span, Timestamp};
use sweepd_store::state::StateDb;
use sweepd_sweep::adapters::SqliteState;
use sweepd_sweep::ports::{
    Clock as _, Commit, Delivery, Incident, IncidentChange, Outbox as _, Standing, State as _,
    Which,
};
use sweepd_sweep::sim::{ManualClock, SimSink};
use sweepd_sweep::{AlertSetup, Attended, Attention, Engine, Options, SinkSetup};
use tempfile::TempDir;

/// 2026-11-27 10:00:00 UTC.
pub(super) const START: Timestamp = Timestamp::from_millis(1_795_773_600_000);

/// What is different about the set-up.
type Adapt = Rc<dyn Fn(&mut AlertSetup)>;

pub(super) struct Rig {
    pub(super) clock: Arc<ManualClock>,
    pub(super) dir: TempDir,
    pub(super) state: SqliteState,
    pub(super) sinks: Vec<(String, SimSink)>,
    adapt: Adapt,
    pub(super) engine: Engine,
}

impl Rig {
    /// With one sink, `ops`.
    pub(super) fn new() -> Self {
        Self::with(vec![("ops", SimSink::default())], |_| {})
    }

    pub(super) fn with(
        sinks: Vec<(&str, SimSink)>,
        adapt: impl Fn(&mut AlertSetup) + 'static,
    ) -> Self {
        let adapt: Adapt = Rc::new(adapt);
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let sinks: Vec<_> = sinks.into_iter().map(|(name, sink)| (name.to_owned(), sink)).collect();
        let state = open(&dir);
        let engine = engine(&clock, &state, &sinks, &adapt, &dir.path().join("mark"));
        Self { clock, dir, state, sinks, adapt, engine }
    }

    /// Dies, and comes up again from what is on the disk.
    pub(super) fn restart(&mut self) {
        let mark = self.dir.path().join("mark");
        self.state = SqliteState::new(None);
        self.engine = engine(&self.clock, &self.state, &self.sinks, &self.adapt, &mark);
        self.state = open(&self.dir);
        self.engine = engine(&self.clock, &self.state, &self.sinks, &self.adapt, &mark);
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn minutes(&self, minutes: i64) {
        self.clock.advance(Span::from_mins(minutes));
    }

    pub(super) fn sink(&self, name: &str) -> &SimSink {
        &self.sinks.iter().find(|(known, _)| known == name).unwrap().1
    }

    pub(super) fn ops(&self) -> &SimSink {
        self.sink("ops")
    }

    /// A look finds these wrong.
    pub(super) async fn find(&self, kind: FindingKind, subjects: &[&str]) {
        let seen =
            subjects.iter().map(|subject| IncidentChange::Seen(self.incident(kind, subject)));
        self.commit(seen.collect()).await;
    }

    /// They are over.
    pub(super) async fn end(&self, keys: &[&str]) {
        let over = |key: &&str| IncidentChange::Resolved {
            key: (*key).to_owned(),
            how: "not seen any more".to_owned(),
        };
        self.commit(keys.iter().map(over).collect()).await;
    }

    pub(super) async fn commit(&self, incidents: Vec<IncidentChange>) {
        let commit = Commit { incidents, ..Commit::new(self.now()) };
        self.state.commit(commit).await.unwrap();
    }

    pub(super) fn incident(&self, kind: FindingKind, subject: &str) -> Incident {
        Incident {
            key: format!("{}:{subject}", kind.as_str()),
            kind,
            severity: kind.severity(),
            agent: subject.contains('/').then(|| AgentId::new(subject)),
            summary: format!("{subject}: {}", kind.as_str()),
            evidence: json!({ "since": self.now().to_string() }),
            opened_at: self.now(),
            good_looks: 0,
        }
    }

    /// A whole call.
    pub(super) async fn sweep(&self) {
        self.engine.sweep().await.unwrap();
    }

    pub(super) async fn tell(&self) {
        self.engine.tell().await.unwrap();
    }

    /// Tells so often, and lets that many minutes pass after each time.
    pub(super) async fn tell_every(&self, minutes: i64, times: usize) {
        for _ in 0..times {
            self.tell().await;
            self.minutes(minutes);
        }
    }

    pub(super) async fn attend(&self, attention: Attention) -> Result<Attended, String> {
        self.engine.attend(attention).await.map_err(|error| error.to_string())
    }

    pub(super) async fn standing(&self, key: &str) -> Standing {
        let standing = self.state.standing(Timestamp::MIN).await.unwrap();
        standing.into_iter().rfind(|one| one.incident.key == key).unwrap()
    }

    /// Why nothing was told of the newest incident of a key when that was asked last.
    pub(super) async fn why(&self, key: &str) -> String {
        let untold = self.standing(key).await.untold;
        untold.map(|untold| untold.why).unwrap_or_default()
    }

    pub(super) async fn waiting(&self) -> usize {
        self.state.deliveries(Which::Waiting).await.unwrap().len()
    }

    pub(super) async fn given_up(&self) -> Vec<Delivery> {
        self.state.deliveries(Which::GivenUp).await.unwrap()
    }

    /// The kinds of the events so far that begin with a word.
    pub(super) fn events(&self, begin: &str) -> Vec<String> {
        let db = StateDb::open_read_only(&self.dir.path().join("state")).unwrap().unwrap();
        let events = db.events(0, None, 100_000).unwrap();
        events.into_iter().map(|event| event.kind).filter(|kind| kind.starts_with(begin)).collect()
    }
}

fn open(dir: &TempDir) -> SqliteState {
    SqliteState::new(Some(StateDb::open(&dir.path().join("state"), START).unwrap()))
}

fn engine(
    clock: &Arc<ManualClock>,
    state: &SqliteState,
    sinks: &[(String, SimSink)],
    adapt: &Adapt,
    aside: &Path,
) -> Engine {
    let sinks = sinks.iter().map(|(name, sink)| SinkSetup::new(name, Arc::new(sink.clone())));
    let mut setup = AlertSetup::new(Arc::new(state.clone()), sinks.collect(), "host-1");
    setup.aside = Some(aside.to_owned());
    adapt(&mut setup);
    let install = "0123456789abcdef";
    Engine::new(
        Arc::<ManualClock>::clone(clock),
        Arc::new(state.clone()),
        install,
        vec![],
        Options::default(),
    )
    .with_alerts(setup)
}

/// What arrived at a sink: moment and key of each incident, in order.
pub(super) fn told(sink: &SimSink) -> Vec<String> {
    sink.alerts().iter().filter_map(one).collect()
}

fn one(alert: &Alert) -> Option<String> {
    let News::Incident(story) = &alert.news else { return None };
    let moment = match story.moment {
        Moment::Opened => "opened",
        Moment::Still => "still",
        Moment::Resolved => "resolved",
    };
    Some(format!("{moment} {}", story.key))
}
