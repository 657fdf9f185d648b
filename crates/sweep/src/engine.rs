//! The engine: a call over all sources, and what becomes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use sweepd_decide::{AgentId, EventKind, Finding, FindingKind, Memory, Span, Timestamp};
use tokio::sync::Semaphore;

use crate::alerting::{AlertSetup, Alerting};
use crate::board::{self, Board, EVERYBODY};
use crate::call::Call;
use crate::credentials::Vault;
use crate::handle::{Asks, Handle};
use crate::incidents::{self, Incidents};
use crate::ledger::Ledger;
use crate::monitors::Monitors;
use crate::order::{Order, Scope, Wanted};
use crate::orphans::Names;
use crate::pauses::Pauses;
use crate::ports::{Clock, Commit, Incident, NewEvent, PortError, State};
use crate::report::{IncidentReport, Report};
use crate::setup::{Options, SourceSetup};
use crate::survey::Recent;
use crate::timekeeper::Timekeeper;
use crate::turn::Turn;

/// The same is told again of a source that cannot be looked at after this.
const SOON: Span = Span::from_secs(5);
/// How long events, decisions and resolved incidents are kept.
const KEEP: Span = Span::from_mins(30 * 24 * 60);
/// How often what is older is forgotten.
const FORGET_EVERY: i64 = 3_600_000;

/// Looks at everybody, and acts.
pub struct Engine {
    clock: Arc<dyn Clock>,
    pub(crate) ledger: Ledger,
    pub(crate) sources: Vec<SourceSetup>,
    options: Options,
    install: String,
    pub(crate) timekeeper: Timekeeper,
    /// The containers that any source expects.
    pub(crate) expected: Names,
    /// Why a source could not be looked at, and when that was told last.
    skipped: Mutex<BTreeMap<String, (Value, Timestamp)>>,
    pub(crate) board: Board,
    pub(crate) pauses: Pauses,
    /// One call at a time, or one run.
    one: tokio::sync::Mutex<()>,
    /// So many look at once.
    pub(crate) seats: Semaphore,
    /// And so many are woken at once.
    pub(crate) wakes: Semaphore,
    /// Where a running daemon is asked.
    pub(crate) asks: Asks,
    /// Looks at one source for whoever has waited for long.
    pub(crate) recent: BTreeMap<usize, Recent>,
    /// When the daemon last looked for each open incident.
    pub(crate) counted: Mutex<BTreeMap<String, Timestamp>>,
    /// How people are told.
    pub(crate) alerting: Option<Alerting>,
    /// What watches the agents' credentials.
    pub(crate) vault: Vault,
    /// Which installations' own monitors are set up.
    pub(crate) monitors: Monitors,
    /// Since when its own state has not been writable.
    degraded_since: Mutex<Option<Timestamp>>,
}

/// The engine cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The state cannot be read, so nothing may be done to anybody.
    #[error("cannot read the state")]
    State(#[source] PortError),
    /// The engine runs, and its [`Handle`] is asked instead; or another call of it is under way.
    #[error("the engine is at work already")]
    Running,
    /// The state cannot be written, so what was asked for was not done.
    #[error("cannot write the state")]
    Unwritten(#[source] PortError),
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("sources", &self.sources).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine over `sources`. `install` is the label by which it knows its own runs.
    pub fn new(
        clock: Arc<dyn Clock>,
        state: Arc<dyn State>,
        install: impl Into<String>,
        sources: Vec<SourceSetup>,
        options: Options,
    ) -> Self {
        Self {
            clock,
            ledger: Ledger::new(state, options.dry_run),
            recent: (0..sources.len()).map(|place| (place, Recent::default())).collect(),
            expected: Names::of_sources(&sources),
            sources,
            install: install.into(),
            timekeeper: Timekeeper::default(),
            skipped: Mutex::default(),
            board: Board::new(options.brake),
            pauses: Pauses::default(),
            one: tokio::sync::Mutex::default(),
            seats: Semaphore::new(options.concurrency.max(1)),
            wakes: Semaphore::new(options.concurrency.max(1)),
            asks: Asks::default(),
            counted: Mutex::default(),
            alerting: None,
            vault: Vault::default(),
            monitors: Monitors::default(),
            degraded_since: Mutex::default(),
            options,
        }
    }

    /// The same engine, which also tells people what is wrong. A dry run tells nobody.
    #[must_use]
    pub fn with_alerts(self, setup: AlertSetup) -> Self {
        let changed = self.ledger.changed();
        let alerting = (!self.options.dry_run).then(|| Alerting::new(setup, changed));
        Self { alerting, ..self }
    }

    /// One call: a pass over everybody, then again over those with a confirmation or a stop
    /// outstanding. [`Options::patience`] bounds the waiting; what a stop leaves is always settled.
    ///
    /// # Errors
    /// The state cannot be read. Everything else is in the report. [`EngineError::Running`] while
    /// [`Engine::run`] runs.
    ///
    /// # Cancel safety
    /// Safe at every await: whatever is done was committed before, and the next call finds it.
    /// What had not been written down of it yet is made good then.
    pub async fn sweep(&self) -> Result<Report, EngineError> {
        self.call(&Wanted::everybody(), None).await
    }

    /// One call over those in `scope`, to do what a person asks for; while [`Engine::run`] runs,
    /// its [`Handle`](crate::Handle) is asked instead.
    ///
    /// # Errors
    /// As [`Engine::sweep`]. Whatever could not be done to an agent is among its effects.
    ///
    /// # Cancel safety
    /// As [`Engine::sweep`].
    pub async fn carry_out(&self, order: Order, scope: Scope) -> Result<Report, EngineError> {
        let wanted = Wanted { scopes: vec![scope], ..Wanted::default() };
        self.call(&wanted, Some(order)).await
    }

    async fn call(&self, wanted: &Wanted, order: Option<Order>) -> Result<Report, EngineError> {
        let _alone = self.alone()?;
        let mut call = self.begin(false).await?;
        self.recall_wishes(&call);
        call.order = order;
        let survey = self.survey(&mut call, wanted, true).await;
        if wanted.is_whole() {
            let removed = self.remove_orphans(self.due_orphans(&call, &survey)).await;
            call.events.extend(removed);
        }
        self.serve(&mut call, &survey, None).await;
        loop {
            self.settle(&mut call).await;
            let Some((at, again)) = call.confirming() else { break };
            if at > call.until {
                break;
            }
            self.clock.sleep_until(at).await;
            self.again(&mut call, again).await;
        }
        self.watch_credentials(&mut call, &survey, wanted).await;
        Ok(self.finish(call, wanted.is_whole()).await)
    }

    /// The right to be the only call, or the only run, of this engine.
    ///
    /// # Errors
    /// [`EngineError::Running`].
    pub(crate) fn alone(&self) -> Result<tokio::sync::MutexGuard<'_, ()>, EngineError> {
        self.one.try_lock().map_err(|_taken| EngineError::Running)
    }

    /// Where it is asked while it runs.
    pub fn handle(&self) -> Handle {
        self.asks.handle(self.ledger.ear())
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    pub(crate) const fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn install(&self) -> &str {
        &self.install
    }

    /// Looks again at those that were stopped, until there is nothing left to settle.
    async fn settle(&self, call: &mut Call) {
        loop {
            let settling = call.settling();
            if settling.is_empty() {
                return;
            }
            self.again(call, settling).await;
        }
    }

    /// Another pass of the same call.
    async fn again(&self, call: &mut Call, agents: BTreeSet<AgentId>) {
        let wanted = Wanted { agents, ..Wanted::default() };
        let survey = self.survey(call, &wanted, false).await;
        self.serve(call, &survey, Some(&wanted.agents)).await;
    }

    /// Reads what is remembered.
    pub(crate) async fn begin(&self, daemon: bool) -> Result<Call, EngineError> {
        let state = self.ledger.state();
        let now = self.clock.now();
        let last = state.last_clock().await.map_err(EngineError::State)?;
        let last_at = last.as_ref().map(|last| last.at);
        self.timekeeper.recall(last);
        let mut since = last_at.unwrap_or(now);
        let mut turns = BTreeMap::new();
        for record in state.agents().await.map_err(EngineError::State)? {
            if record.memory.run.is_some() {
                since = since.min(record.memory.seen_at.unwrap_or(since));
            }
            let turn = Turn::recalled(record);
            turns.insert(turn.agent.clone(), turn);
        }
        for intent in state.intents().await.map_err(EngineError::State)? {
            let fresh = || Turn::new(intent.agent.clone(), "", Memory::default());
            turns.entry(intent.agent.clone()).or_insert_with(fresh).intents.push(intent);
        }
        let mut records = BTreeMap::new();
        for setup in &self.sources {
            let name = setup.source.name();
            let record = state.source(name).await.map_err(EngineError::State)?;
            records.insert(name.to_owned(), record);
        }
        let open = state.incidents().await.map_err(EngineError::State)?;
        let pauses = state.pauses().await.map_err(EngineError::State)?;
        self.pauses.recall(pauses);
        let hour = |at: Timestamp| at.as_millis().div_euclid(FORGET_EVERY);
        Ok(Call {
            turns,
            remembered: records.clone(),
            incidents: Incidents::new(open, if daemon { self.counted() } else { BTreeMap::new() }),
            changes: Vec::new(),
            events: Vec::new(),
            records,
            trouble: BTreeMap::new(),
            unwritten: false,
            since,
            until: if daemon { Timestamp::MAX } else { now.plus(span(self.options.patience)) },
            daemon,
            boot_id: self.clock.reading().boot_id,
            forget: last_at.is_none_or(|at| hour(at) != hour(now)),
            order: None,
            under_way: BTreeSet::new(),
        })
    }

    /// Everybody's wish is on the board.
    pub(crate) fn recall_wishes(&self, call: &Call) {
        let engaged = call.incidents.open().find(|open| open.kind == FindingKind::BrakeEngaged);
        let served = |agent: &AgentId| {
            self.sources.iter().any(|setup| setup.source.name() == agent.source())
        };
        let remembered = call.turns.values().map(|turn| (&turn.agent, &turn.memory));
        let remembered = remembered.filter(|(agent, _)| served(agent));
        self.board.recall(remembered, engaged.map(|open| open.opened_at));
    }

    /// Turns findings into incidents, commits what the call leaves behind, and reports.
    async fn finish(&self, mut call: Call, whole: bool) -> Report {
        let now = self.clock.now();
        let mut report = Report::empty(self.options.mode, self.options.dry_run);
        self.conclude(&mut call, now);
        for turn in call.turns.values().filter(|turn| turn.served) {
            call.changes.extend(call.incidents.after_turn(turn, now));
            report.agents.push(turn.report());
        }
        report.incidents = call.incidents.open().map(IncidentReport::from).collect();
        report.summarize();
        call.events.push(pass_finished(whole, &report));
        self.write_down(&mut call).await;
        report.trouble = call.trouble.values().cloned().collect();
        self.tell_of(&mut call, &mut report, whole).await;
        report.incidents.extend(self.degraded(call.unwritten, now));
        report.trouble = call.trouble.into_values().collect();
        report
    }

    /// What is true of everybody: sources that are not configured any more, and the brake.
    pub(crate) fn conclude(&self, call: &mut Call, now: Timestamp) {
        let sources: Vec<&str> = self.sources.iter().map(|setup| setup.source.name()).collect();
        call.changes.extend(call.incidents.leave_out_all_but(&sources));
        // Of a part of them nothing follows for all.
        if !self.board.has_counted(&sources) {
            return;
        }
        let braked: Vec<Finding> = self.board.finding(now).into_iter().collect();
        let on = call.incidents.open().any(|open| open.kind == FindingKind::BrakeEngaged);
        if !braked.is_empty() && !on {
            call.events.push(board::event(None, "engaged", Some(self.board.brake(now))));
        }
        let brake = &[FindingKind::BrakeEngaged];
        call.changes.extend(call.incidents.after_look(EVERYBODY, brake, &braked, now));
    }

    /// Commits what was found about the sources, the clocks and the brake.
    pub(crate) async fn write_down(&self, call: &mut Call) {
        let now = self.clock.now();
        let remembered = std::mem::take(&mut call.remembered);
        let records = std::mem::take(&mut call.records).into_iter();
        for record in records.filter(|(name, record)| remembered.get(name) != Some(record)) {
            let commit = Commit { source: Some(record), ..Commit::new(now) };
            call.unwritten(self.ledger.commit(commit).await.err());
        }
        let commit = Commit {
            clock: Some((self.clock.reading(), self.timekeeper.doubt())),
            events: self.news(std::mem::take(&mut call.events), now),
            incidents: std::mem::take(&mut call.changes),
            ..Commit::new(now)
        };
        call.unwritten(self.ledger.commit(commit).await.err());
        if call.forget {
            call.unwritten(self.ledger.forget(now.minus(KEEP)).await.err());
        }
    }

    /// Without what was told a moment ago: that a source cannot be looked at is found at each hint.
    fn news(&self, mut events: Vec<NewEvent>, now: Timestamp) -> Vec<NewEvent> {
        let mut told = self.skipped.lock().unwrap_or_else(PoisonError::into_inner);
        events.retain(|event| {
            let skipped = event.kind == EventKind::TickSkipped && event.agent.is_none();
            let Some(source) = event.source.as_ref().filter(|_| skipped) else { return true };
            let known = told.get(source);
            let old = known.is_some_and(|(why, at)| *why == event.data && now < at.plus(SOON));
            if !old {
                told.insert(source.clone(), (event.data.clone(), now));
            }
            !old
        });
        events
    }

    /// The incident that the state cannot be written: kept in memory, for want of another place.
    pub(crate) fn degraded(&self, unwritten: bool, now: Timestamp) -> Option<IncidentReport> {
        let mut since = self.degraded_since.lock().unwrap_or_else(PoisonError::into_inner);
        *since = unwritten.then(|| since.unwrap_or(now));
        let detail = Some("the state cannot be written, so nothing is done".to_owned());
        let kind = FindingKind::SelfDegraded;
        let found = Finding { kind, message_id: None, since: (*since)?, detail };
        Some(IncidentReport::from(&incidents::of(None, "sweepd", &found, found.since)))
    }

    fn counted(&self) -> BTreeMap<String, Timestamp> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Open incidents, without looking at anybody.
    ///
    /// # Errors
    /// The state cannot be read.
    ///
    /// # Cancel safety
    /// Safe: reads only.
    pub async fn incidents(&self) -> Result<Vec<Incident>, EngineError> {
        self.ledger.state().incidents().await.map_err(EngineError::State)
    }
}

/// The event that a call, or a round of the daemon, is over.
pub(crate) fn pass_finished(whole: bool, report: &Report) -> NewEvent {
    NewEvent {
        kind: EventKind::PassFinished,
        agent: None,
        source: None,
        run: None,
        data: json!({ "whole": whole, "summary": report.summary }),
    }
}

pub(crate) fn span(duration: std::time::Duration) -> Span {
    Span::from_millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
}
