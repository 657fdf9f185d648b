//! One installation whose agent is moved by hand: what it is asked, what it acknowledges and says.

use std::collections::BTreeMap;
use std::sync::Arc;

use agent_sim::fixture::{Message, Output, Root, Session};
use serde_json::Value;
use sweepd_decide::silent::{MayBeSilent, SilencePolicy};
use sweepd_decide::{AgentId, Memory, Severity, Span, Timestamp};
use sweepd_store::nanoclaw;
use sweepd_store::state::StateDb;
use sweepd_sweep::adapters::{NanoclawSource, SqliteState};
use sweepd_sweep::ports::{Clock as _, Incident, Outbox as _, State as _};
use sweepd_sweep::sim::{ManualClock, SimMonitor, SimRuntime, SimWaker};
use sweepd_sweep::{
    AlertSetup, AttendError, Attended, Attention, Engine, Mode, Options, Report, Silence,
    SourceSetup,
};
use tempfile::TempDir;

/// 2026-11-27 10:00:00 UTC.
const START: Timestamp = Timestamp::from_millis(1_795_773_600_000);

pub(super) struct Rig {
    dir: TempDir,
    pub(super) clock: Arc<ManualClock>,
    pub(super) runtime: SimRuntime,
    pub(super) session: Session,
    pub(super) monitor: SimMonitor,
    pub(super) silence: Silence,
    pub(super) mode: Mode,
}

impl Rig {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::create(dir.path().join("root"), START).unwrap();
        let session = root.session("ag", "s", START).unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let runtime = SimRuntime::new(Arc::clone(&clock));
        let monitor = SimMonitor::default();
        let silence = Silence::default();
        Self { dir, clock, runtime, session, monitor, silence, mode: Mode::Assist }
    }

    pub(super) fn may_be_silent(mut self, text: &str) -> Self {
        let may_be_silent = vec![MayBeSilent::of(text)];
        self.silence.policy = SilencePolicy { may_be_silent, ..SilencePolicy::default() };
        self
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn minutes(&self, minutes: i64) {
        self.clock.advance(Span::from_mins(minutes));
    }

    /// Its container is up, with these lines in its log.
    pub(super) fn up(&self, log: &[&str]) {
        let run = self.runtime.start(self.session.dir(), BTreeMap::new());
        self.log(log);
        assert!(self.runtime.run(&run).is_some());
    }

    /// Its container writes these lines now.
    pub(super) fn log(&self, lines: &[&str]) {
        let at = self.now();
        for run in self.runtime.up() {
            let lines = lines.iter().map(|line| format!("{at} [poll-loop] {line}"));
            self.runtime.change(&run, |run| run.log.extend(lines));
        }
    }

    /// Its container is gone, and its log with it.
    pub(super) fn down(&self) {
        for run in self.runtime.up() {
            self.runtime.vanish(&run);
        }
    }

    /// Somebody asks, and the agent acknowledges at once.
    pub(super) fn asked(&self, message: &Message) {
        let message = Message { status: Some("completed".to_owned()), ..message.clone() };
        self.session.message(&message).unwrap();
        self.acked(&message.id);
    }

    /// The agent stamps its acknowledgement, for the first time or again.
    pub(super) fn acked(&self, id: &str) {
        self.session.ack(id, "completed", self.now()).unwrap();
    }

    pub(super) fn says(&self, id: &str, reply_to: Option<&str>) {
        self.session.output(&Output::chat(id, reply_to, self.now())).unwrap();
    }

    fn state(&self) -> SqliteState {
        SqliteState::new(Some(StateDb::open(&self.dir.path().join("state"), self.now()).unwrap()))
    }

    /// A call of its own.
    pub(super) async fn sweep(&self) -> Report {
        self.sweep_with(Options::default()).await
    }

    /// The same, and nobody looks for silence.
    pub(super) async fn sweep_unheard(&self) -> Report {
        self.call(Options::default(), false).await
    }

    pub(super) async fn sweep_with(&self, options: Options) -> Report {
        self.call(options, true).await
    }

    async fn call(&self, mut options: Options, heard: bool) -> Report {
        options.mode = self.mode;
        let root = Arc::new(nanoclaw::Root::open(&self.dir.path().join("root")).unwrap());
        let source = NanoclawSource::new("nanoclaw", root);
        let waker = SimWaker::new(self.runtime.clone(), BTreeMap::new());
        let mut setup =
            SourceSetup::new(Arc::new(source), Arc::new(self.runtime.clone()), Arc::new(waker));
        setup.mode = self.mode;
        setup.silence = heard.then(|| self.silence.clone());
        setup.monitor = Some(Arc::new(self.monitor.clone()));
        let state = Arc::new(self.state());
        let engine = Engine::new(self.clock.clone(), state, "0123456789", vec![setup], options);
        let report = engine.sweep().await.unwrap();
        assert!(report.trouble.is_empty(), "{:?}", report.trouble);
        report
    }

    /// The open incident of silence, if there is one.
    pub(super) async fn silence(&self) -> Option<Incident> {
        let open = self.state().incidents().await.unwrap();
        open.into_iter().find(|open| open.key == "silent-failure:nanoclaw/ag/s")
    }

    /// Why its databases cannot be read, as people hear it.
    pub(super) async fn unreadable(&self) -> Option<String> {
        let open = self.state().incidents().await.unwrap();
        let one = open.into_iter().find(|open| open.key == "unreadable:nanoclaw/ag/s");
        one.map(|open| open.summary)
    }

    /// What is remembered of it.
    pub(super) async fn memory(&self) -> Memory {
        let records = self.state().agents().await.unwrap();
        records.into_iter().find(|record| record.agent == agent()).unwrap().memory
    }

    /// Its number.
    pub(super) async fn silent_id(&self) -> i64 {
        let standing = self.state().standing(Timestamp::MAX).await.unwrap();
        let one = standing.into_iter().find(|one| one.incident.key.starts_with("silent-failure:"));
        one.unwrap().id
    }

    /// What a person wants about it.
    pub(super) async fn attend(&self, attention: Attention) -> Result<Attended, AttendError> {
        let state = Arc::new(self.state());
        let outbox = Arc::<SqliteState>::clone(&state);
        let options = Options::default();
        let engine = Engine::new(self.clock.clone(), state, "0123456789", vec![], options);
        let engine = engine.with_alerts(AlertSetup::new(outbox, vec![], "host-1"));
        engine.attend(attention).await
    }

    /// How bad it is, and the messages that are named.
    pub(super) async fn silent(&self) -> (Option<Severity>, Vec<String>) {
        let Some(open) = self.silence().await else { return (None, Vec::new()) };
        let messages = open.evidence["messages"].as_array().unwrap().iter();
        let messages = messages.map(|one| one["message_id"].as_str().unwrap().to_owned());
        (Some(open.severity), messages.collect())
    }

    /// The data of each event of a kind.
    pub(super) fn events(&self, kind: &str) -> Vec<Value> {
        let db = StateDb::open_read_only(&self.dir.path().join("state")).unwrap().unwrap();
        let events = db.events(0, None, 100_000).unwrap();
        let of = events.into_iter().filter(|event| event.kind == kind);
        of.map(|event| serde_json::from_str(&event.data).unwrap()).collect()
    }

    /// How the incident of silence ended last.
    pub(super) fn ended(&self) -> String {
        let ended = self.events("incident_resolved").into_iter();
        let mut ended = ended.filter(|data| data["key"] == "silent-failure:nanoclaw/ag/s");
        ended
            .next_back()
            .map_or_else(String::new, |data| data["resolution"].as_str().unwrap().into())
    }
}

pub(super) fn agent() -> AgentId {
    AgentId::new("nanoclaw/ag/s")
}
