//! The daemon: looks when an answer may have changed, when somebody hints, when a person asks, and
//! at everybody each resync.
//!
//! One survey at a time, then one flight for each agent: a flight that takes long holds up nobody
//! but its own agent. The loop decides nothing; it waits, begins what is due, and files what lands.
//!
//! | file | holds |
//! |---|---|
//! | `agenda` | when each agent is to be looked at; pure |
//! | `heard` | what hints told that is not about an agent by its id; pure |
//! | `wanted` | whom the next survey is about |
//! | `rounds` | from a survey to its agents' turns, and to the end of the last of them |
//! | `flight` | one agent's turn |
//! | `suspects` | what only the resync seems to have found; pure |
//! | `asks` | what a person asks while it runs |

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::future::join;
use futures_util::stream::FuturesUnordered;
use sweepd_decide::{AgentId, Span, Timestamp};
use tokio::sync::Notify;

use crate::call::Call;
use crate::engine::{Engine, EngineError};
use crate::order::Wanted;
use crate::orphans::Due;
use crate::ports::{Commit, Hint};
use crate::report::{AgentReport, Report};
use crate::survey::Survey;
use crate::trace;

mod agenda;
mod asks;
mod flight;
mod heard;
mod rounds;
mod suspects;
mod wanted;

use agenda::Agenda;
use asks::Asked;
use flight::{Landed, Waiting};
use heard::{Heard, SETTLE};
use rounds::Round;
use suspects::Suspects;

/// Between two looks at what is still under way at the end.
const ENDING: Span = Span::from_secs(1);

/// Something the daemon waits for beside the clock.
enum Step {
    /// A survey is done, and its agents may be served.
    Surveyed(Result<Box<Surveyed>, EngineError>),
    /// What the survey found is written down: the next may begin.
    Written(BTreeMap<String, String>),
    /// An agent's turn is over.
    Landed(Box<Landed>),
    /// A round is over and written down.
    Closed(Box<Report>),
    /// Something was written down that nobody waits for.
    Told,
}

/// A survey, before anybody of it is served.
struct Surveyed {
    call: Call,
    survey: Arc<Survey>,
    wanted: Wanted,
    /// Whose question it answers.
    ask: Option<u64>,
    /// Containers that are to be removed.
    orphans: Vec<Due>,
}

type UnderWay<'e> = Pin<Box<dyn Future<Output = Step> + Send + 'e>>;
type Listening<'e> = Pin<Box<dyn Future<Output = (usize, usize, Vec<Hint>)> + Send + 'e>>;

struct Daemon<'e> {
    engine: &'e Engine,
    agenda: Agenda,
    heard: Heard,
    suspects: Suspects,
    asked: BTreeMap<u64, Asked>,
    resync_at: Timestamp,
    surveying: bool,
    first: bool,
    waiting: BTreeMap<AgentId, Waiting>,
    front: VecDeque<AgentId>,
    back: VecDeque<AgentId>,
    rounds: BTreeMap<u64, Round>,
    number: u64,
    under_way: FuturesUnordered<UnderWay<'e>>,
    listening: FuturesUnordered<Listening<'e>>,
    trouble: BTreeMap<String, String>,
    told: Vec<String>,
    last: Report,
    /// Everybody as of his last look.
    known: BTreeMap<AgentId, AgentReport>,
}

impl Engine {
    /// Serves everybody until `shutdown` resolves; turns that are under way are finished first.
    /// Returns what the last round came to.
    ///
    /// # Errors
    /// The state cannot be read; what was under way is finished first. [`EngineError::Running`].
    ///
    /// # Cancel safety
    /// Dropping it is safe at every await, as with [`Engine::sweep`]; resolving `shutdown` is
    /// politer.
    pub async fn run(
        &self,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<Report, EngineError> {
        let _alone = self.alone()?;
        let over = Notify::new();
        let serving = async {
            let last = self.serve_until(shutdown).await;
            over.notify_one();
            last
        };
        let telling = async {
            if let Some(alerting) = &self.alerting {
                self.tell_until(alerting, &over).await;
            }
        };
        let (last, ()) = join(serving, telling).await;
        if let Err(EngineError::State(error)) = &last {
            self.tell_sick(&format!("its state cannot be read: {}", error.chain())).await;
        }
        last
    }

    /// Serves everybody until `shutdown` resolves.
    async fn serve_until(
        &self,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<Report, EngineError> {
        let mut asks = self.asks.hear().ok_or(EngineError::Running)?;
        let mut shutdown = std::pin::pin!(shutdown);
        let mut daemon = Daemon::new(self);
        let mut ending = false;
        let mut failed = None;
        loop {
            if ending {
                daemon.drop_what_waits();
                if daemon.under_way.is_empty() {
                    return failed.map_or_else(|| Ok(daemon.end()), Err);
                }
            } else {
                daemon.begin_what_is_due();
                daemon.tell_suspects();
            }
            let next = if ending { daemon.now().plus(ENDING) } else { daemon.next() };
            let may_begin = !ending && daemon.has_somebody_waiting();
            tokio::select! {
                biased;
                () = &mut shutdown, if !ending => ending = true,
                Some(step) = daemon.under_way.next() => {
                    if let Err(error) = daemon.take(step) {
                        failed.get_or_insert(error);
                        ending = true;
                    }
                }
                seat = self.seat(), if may_begin => daemon.begin_one(seat),
                Some((place, index, hints)) = daemon.listening.next(), if !ending => {
                    daemon.hear(place, &hints);
                    daemon.listen(place, index);
                }
                Some(ask) = asks.next(), if !ending => daemon.ask(ask),
                () = self.clock().sleep_until(next) => {}
            }
            // Whatever woke it: that it is much later than planned says that it was held up.
            self.timekeeper.set_late(self.clock().now().since(next));
        }
    }
}

impl<'e> Daemon<'e> {
    fn new(engine: &'e Engine) -> Self {
        let daemon = Self {
            agenda: Agenda::default(),
            heard: Heard::default(),
            suspects: Suspects::default(),
            asked: BTreeMap::new(),
            resync_at: engine.clock().now(),
            surveying: false,
            first: true,
            waiting: BTreeMap::new(),
            front: VecDeque::new(),
            back: VecDeque::new(),
            rounds: BTreeMap::new(),
            number: 0,
            under_way: FuturesUnordered::new(),
            listening: FuturesUnordered::new(),
            trouble: BTreeMap::new(),
            told: Vec::new(),
            last: engine.empty_report(),
            known: BTreeMap::new(),
            engine,
        };
        for (place, setup) in engine.sources.iter().enumerate() {
            for index in 0..setup.hints.len() {
                daemon.listen(place, index);
            }
        }
        daemon
    }

    /// Writes down what nobody has announced, also not a moment later.
    fn tell_suspects(&mut self) {
        let now = self.now();
        let events = self.suspects.take(now);
        if events.is_empty() {
            return;
        }
        let engine = self.engine;
        self.under_way.push(Box::pin(async move {
            // What cannot be written down is told by whatever else cannot.
            drop(engine.ledger.commit(Commit { events, ..Commit::new(now) }).await);
            Step::Told
        }));
    }

    fn now(&self) -> Timestamp {
        self.engine.clock().now()
    }

    /// Waits for the next hints of one of those that give them.
    fn listen(&self, place: usize, index: usize) {
        let setup = self.engine.sources.get(place);
        if let Some(hints) = setup.and_then(|setup| setup.hints.get(index)) {
            self.listening.push(Box::pin(async move { (place, index, hints.next().await) }));
        }
    }

    fn hear(&mut self, place: usize, hints: &[Hint]) {
        let now = self.now();
        let Some(setup) = self.engine.sources.get(place) else { return };
        let source = setup.source.name();
        for hint in hints {
            self.suspects.clear(source, hint);
            match hint {
                Hint::Agent(agent) => self.agenda.hint(agent, SETTLE, now),
                Hint::Run(run) => self.heard.run(source, run.clone(), now),
                Hint::Newcomers => self.heard.roster(source, now),
                Hint::Everybody => self.heard.everybody(source, now),
            }
        }
    }

    fn take(&mut self, step: Step) -> Result<(), EngineError> {
        match step {
            Step::Surveyed(surveyed) => self.surveyed(*surveyed?),
            Step::Written(trouble) => {
                self.surveying = false;
                // Whether the state takes what it is given.
                self.trouble.remove("");
                self.note_trouble(trouble);
            }
            Step::Landed(landed) => self.landed(*landed),
            Step::Closed(report) => self.last = *report,
            Step::Told => {}
        }
        Ok(())
    }

    fn note_trouble(&mut self, trouble: BTreeMap<String, String>) {
        self.trouble.extend(trouble);
        let now: Vec<String> = self.trouble.values().cloned().collect();
        trace::trouble(&self.told, &now);
        self.told = now;
    }

    fn end(self) -> Report {
        Report { trouble: self.trouble.into_values().collect(), ..self.last }
    }
}
