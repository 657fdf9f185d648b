//! The engine: a call over all sources, and what becomes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use sweepd_decide::{AgentId, EventKind, Finding, FindingKind, Memory, Span, Timestamp};

use crate::call::Call;
use crate::fleet::Fleet;
use crate::incidents::{self, Incidents};
use crate::ledger::Ledger;
use crate::pass::Pass;
use crate::ports::{Clock, Commit, Incident, NewEvent, PortError, State};
use crate::report::{IncidentReport, Report};
use crate::setup::{Options, SourceSetup};
use crate::source::{SOURCE_KINDS, SourceView, runtime_lost};
use crate::turn::Turn;

/// How long events, decisions and resolved incidents are kept.
const KEEP: Span = Span::from_mins(30 * 24 * 60);
/// How often what is older is forgotten.
const FORGET_EVERY: i64 = 3_600_000;

/// Looks at everybody, and acts.
pub struct Engine {
    clock: Arc<dyn Clock>,
    ledger: Ledger,
    sources: Vec<SourceSetup>,
    options: Options,
    install: String,
    /// Nobody's turn is begun any more.
    pub(crate) ending: AtomicBool,
    /// How much later than planned the next pass comes, in milliseconds.
    late: AtomicI64,
    /// When the daemon last looked for each open incident.
    counted: Mutex<BTreeMap<String, Timestamp>>,
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
            sources,
            options,
            install: install.into(),
            ending: AtomicBool::new(false),
            late: AtomicI64::new(0),
            counted: Mutex::default(),
            degraded_since: Mutex::default(),
        }
    }

    /// One call: a pass over everybody, then again over those with a confirmation or a stop
    /// outstanding. [`Options::patience`] bounds the waiting; what a stop leaves is always settled.
    ///
    /// # Errors
    /// The state cannot be read. Everything else is in the report.
    ///
    /// # Cancel safety
    /// Safe at every await: whatever is done was committed before, and the next call finds it.
    /// What had not been written down of it yet is made good then.
    pub async fn sweep(&self) -> Result<Report, EngineError> {
        let mut call = self.begin(false).await?;
        self.pass(&mut call, None, true).await;
        loop {
            self.settle(&mut call).await;
            let Some((at, again)) = call.confirming() else { break };
            if at > call.until {
                break;
            }
            self.clock.sleep_until(at).await;
            self.pass(&mut call, Some(&again), false).await;
        }
        Ok(self.finish(call, true).await)
    }

    /// One round of the daemon: a pass over those `wanted`, `None` for everybody, and again at
    /// once over those that were stopped in it. Confirmations wait for the agenda.
    pub(crate) async fn round(
        &self,
        wanted: Option<&BTreeSet<AgentId>>,
    ) -> Result<Report, EngineError> {
        let mut call = self.begin(true).await?;
        self.pass(&mut call, wanted, true).await;
        self.settle(&mut call).await;
        Ok(self.finish(call, wanted.is_none()).await)
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    pub(crate) const fn options(&self) -> &Options {
        &self.options
    }

    /// Looks again at those that were stopped, until there is nothing left to settle.
    async fn settle(&self, call: &mut Call) {
        loop {
            let settling = call.settling();
            if settling.is_empty() {
                return;
            }
            self.pass(call, Some(&settling), false).await;
        }
    }

    async fn begin(&self, daemon: bool) -> Result<Call, EngineError> {
        let state = self.ledger.state();
        let now = self.clock.now();
        let last = state.last_clock().await.map_err(EngineError::State)?;
        let last_at = last.as_ref().map(|last| last.at);
        let (clocks, doubt) = last.map(|last| (last.clocks, last.doubt)).unzip();
        let mut since = last_at.unwrap_or(now);
        let mut turns = BTreeMap::new();
        for record in state.agents().await.map_err(EngineError::State)? {
            if record.memory.run.is_some() {
                since = since.min(record.memory.seen_at.unwrap_or(since));
            }
            let turn = Turn::new(record.agent.clone(), "", record.memory);
            turns.insert(record.agent, turn);
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
        let hour = |at: Timestamp| at.as_millis().div_euclid(FORGET_EVERY);
        Ok(Call {
            turns,
            incidents: Incidents::new(open, if daemon { self.counted() } else { BTreeMap::new() }),
            changes: Vec::new(),
            events: Vec::new(),
            records,
            trouble: Vec::new(),
            unwritten: false,
            clocks,
            doubt: doubt.unwrap_or_default(),
            since,
            until: if daemon { Timestamp::MAX } else { now.plus(span(self.options.patience)) },
            daemon,
            boot_id: self.clock.reading().boot_id,
            forget: last_at.is_none_or(|at| hour(at) != hour(now)),
        })
    }

    async fn pass(&self, call: &mut Call, wanted: Option<&BTreeSet<AgentId>>, first: bool) {
        call.read_clocks(self.clock.as_ref(), self.late());
        let (boot_id, doubt) = (call.boot_id.clone(), call.doubt.clone());
        let pass = Pass {
            clock: self.clock.as_ref(),
            ledger: &self.ledger,
            options: &self.options,
            ending: &self.ending,
            until: call.until,
            daemon: call.daemon,
            boot_id: &boot_id,
            doubt: &doubt,
        };
        for setup in &self.sources {
            let name = setup.source.name();
            let now = self.clock.now();
            let mut record = call.records.get(name).cloned().unwrap_or_default();
            let view = SourceView::look(setup, &mut record, call.daemon, now).await;
            let fleet = Fleet::look(setup, &self.install, call.since).await;
            let lost = runtime_lost(&mut record, fleet.trouble(), now);
            if first {
                call.records.insert(name.to_owned(), record);
            }
            let mut view = match view {
                Ok(view) => view,
                Err(error) => {
                    call.skip(setup, &error.chain());
                    continue;
                }
            };
            view.findings.extend(lost);
            if first {
                call.enlist(setup, &view, wanted);
                let changes = call.incidents.after_look(name, SOURCE_KINDS, &view.findings, now);
                call.changes.extend(changes);
                let shrunk = |found: &Finding| found.kind == FindingKind::SourceShrunk;
                if !view.findings.iter().any(shrunk) {
                    call.strike_off(setup, &view);
                }
            }
            if let Some(trouble) = fleet.trouble() {
                call.lose(setup, &view, wanted, trouble);
                continue;
            }
            let errors = pass.serve(setup, &view, &fleet, wanted, &mut call.turns).await;
            call.unwritten(errors);
            call.note_unanswered();
        }
    }

    /// Turns findings into incidents, commits what the call leaves behind, and reports.
    async fn finish(&self, mut call: Call, whole: bool) -> Report {
        let now = self.clock.now();
        let mut report = Report::empty(self.options.mode, self.options.dry_run);
        let sources: Vec<&str> = self.sources.iter().map(|setup| setup.source.name()).collect();
        call.changes.extend(call.incidents.leave_out_all_but(&sources));
        for turn in call.turns.values().filter(|turn| turn.served) {
            call.changes.extend(call.incidents.after_turn(turn, now));
            report.agents.push(turn.report());
        }
        report.incidents = call.incidents.open().map(IncidentReport::from).collect();
        report.summarize();
        call.events.push(NewEvent {
            kind: EventKind::PassFinished,
            agent: None,
            source: None,
            run: None,
            data: json!({ "whole": whole, "summary": report.summary }),
        });
        for record in std::mem::take(&mut call.records) {
            let commit = Commit { source: Some(record), ..Commit::new(now) };
            call.unwritten(self.ledger.commit(commit).await.err());
        }
        let commit = Commit {
            clock: Some((self.clock.reading(), call.doubt.clone())),
            events: std::mem::take(&mut call.events),
            incidents: std::mem::take(&mut call.changes),
            ..Commit::new(now)
        };
        call.unwritten(self.ledger.commit(commit).await.err());
        if call.forget {
            call.unwritten(self.ledger.forget(now.minus(KEEP)).await.err());
        }
        report.incidents.extend(self.degraded(call.unwritten, now));
        if call.daemon {
            *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = call.incidents.counted();
        }
        call.trouble.dedup();
        report.trouble = call.trouble;
        report
    }

    /// Notes that the next pass comes so much later than planned.
    pub(crate) fn set_late(&self, late: Span) {
        self.late.store(late.as_millis(), Ordering::Relaxed);
    }

    /// How much later than planned this pass comes; told once.
    fn late(&self) -> Span {
        Span::from_millis(self.late.swap(0, Ordering::Relaxed))
    }

    /// The incident that the state cannot be written: kept in memory, for want of another place.
    fn degraded(&self, unwritten: bool, now: Timestamp) -> Option<IncidentReport> {
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

    /// Tells the engine that nobody's turn is to be begun any more; those under way are finished.
    pub(crate) fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
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

pub(crate) fn span(duration: std::time::Duration) -> Span {
    Span::from_millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
}
