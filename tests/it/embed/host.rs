//! A host with everything that the engine asks of the world, and an engine in it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use sweepd_decide::{AgentId, Span, Timestamp};
use sweepd_sweep::{AgentReport, Engine, Mode, Options, Report, SourceSetup, Zone};

use super::clock::HandClock;
use super::diary::Diary;
use super::life::Life;
use super::office::{Does, INSTALL, Office};
use super::store::Store;

/// When everything begins: a whole second.
pub(super) const BEGIN: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// What outlives any engine.
pub(super) struct Host {
    pub(super) clock: Arc<HandClock>,
    pub(super) diary: Arc<Diary>,
    pub(super) store: Arc<Store>,
    pub(super) office: Arc<Office>,
}

impl Host {
    /// One agent, ada, with a message that is due. Her first run hangs, and later ones work.
    pub(super) fn with_ada() -> Self {
        let host = Self::new();
        host.office.enlist(&ada(), Does::HangsFirst);
        host.office.write(&ada(), "m-1", None);
        host
    }

    pub(super) fn new() -> Self {
        let clock = Arc::new(HandClock::at(BEGIN));
        let diary = Arc::new(Diary::default());
        let store = Arc::new(Store::new(&diary));
        let office = Arc::new(Office::new(&clock, &diary));
        Self { clock, diary, store, office }
    }

    /// A new engine over the same world. One call waits for as long as `patience`.
    pub(super) fn engine(&self, patience: Duration) -> Engine {
        self.engine_with(Mode::Enforce, 8, patience)
    }

    /// The same in another mode, with so many looking at once.
    pub(super) fn engine_with(&self, mode: Mode, seats: usize, patience: Duration) -> Engine {
        let office = &self.office;
        let mut setup = SourceSetup::new(office.clone(), office.clone(), office.clone());
        setup.mode = mode;
        setup.zone = Zone::utc();
        setup.hints = vec![office.clone()];
        let mut options = Options::default();
        options.mode = mode;
        options.patience = patience;
        options.concurrency = seats;
        Engine::new(self.clock.clone(), self.store.clone(), INSTALL, vec![setup], options)
    }

    /// Runs an engine over the same world until `at`, and ends it politely.
    pub(super) fn run_until(&self, at: Timestamp) -> Report {
        let engine = self.engine(PATIENT);
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let mut life = Life::of(engine.run(async move { drop(ended.await) }));
        life.until(&self.clock, at);
        drop(end);
        life.settle();
        life.end().unwrap()
    }

    /// Ada was stopped once, charged once and woken twice, and has done her work by now.
    pub(super) fn assert_finished(&self, context: &str) {
        self.diary.assert_whole();
        let acts = self.diary.acts();
        assert_eq!((acts.stops, acts.wakes), (1, 2), "{context}: {acts:?}");
        let row = self.office.row(&ada(), "m-1");
        assert_eq!((row.status(), row.tries()), ("completed", 1), "{context}");
        assert_eq!(self.store.open_intents(), 0, "{context}");
    }
}

/// A call waits for a confirmation.
pub(super) const PATIENT: Duration = Duration::from_secs(20);
/// A call does not: whoever calls does so again.
pub(super) const IMPATIENT: Duration = Duration::from_secs(1);

pub(super) fn ada() -> AgentId {
    AgentId::new("office/ada")
}

pub(super) fn bob() -> AgentId {
    AgentId::new("office/bob")
}

/// So many milliseconds after the beginning.
pub(super) const fn at(ms: i64) -> Timestamp {
    BEGIN.plus(Span::from_millis(ms))
}

/// What was done to an agent, and how it went.
pub(super) fn done(agent: &AgentReport) -> Vec<String> {
    let done = agent.effects.iter();
    done.map(|effect| format!("{} {:?}", effect.effect, effect.outcome)).collect()
}

/// The only agent of a report.
pub(super) fn only(report: &Report) -> &AgentReport {
    let [agent] = report.agents.as_slice() else { panic!("not one agent: {report:?}") };
    agent
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whoever is asked over a wire does not answer at once.
pub(super) async fn moment() {
    Moment(false).await;
}

struct Moment(bool);

impl Future for Moment {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
