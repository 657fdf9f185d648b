//! The engine: a call over all sources, and what becomes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;
use sweepd_decide::{AgentId, Memory, Span, Timestamp};

use crate::fleet::Fleet;
use crate::incidents::Incidents;
use crate::ledger::Ledger;
use crate::pass::Pass;
use crate::ports::{
    Clock, Commit, Incident, IncidentChange, NewEvent, PortError, SourceRecord, State,
};
use crate::report::{IncidentReport, Report};
use crate::setup::{Options, SourceSetup};
use crate::source::{SOURCE_KINDS, SourceView, runtime_lost};
use crate::turn::Turn;

/// Looks at everybody, and acts.
pub struct Engine {
    clock: Arc<dyn Clock>,
    ledger: Ledger,
    sources: Vec<SourceSetup>,
    options: Options,
    install: String,
}

/// The engine cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The state cannot be read, so nothing may be done to anybody.
    #[error("cannot read the state")]
    State(#[source] PortError),
}

/// What a call knows.
struct Call {
    turns: BTreeMap<AgentId, Turn>,
    incidents: Incidents,
    changes: Vec<IncidentChange>,
    events: Vec<NewEvent>,
    records: BTreeMap<String, SourceRecord>,
    trouble: Vec<String>,
    since: Timestamp,
    until: Timestamp,
    daemon: bool,
    rebooted: bool,
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
        let ledger = Ledger::new(state, options.dry_run);
        Self { clock, ledger, sources, options, install: install.into() }
    }

    /// One call: a pass over everybody, then again over those with a confirmation or a stop
    /// outstanding, for as long as [`Options::patience`] allows.
    ///
    /// # Errors
    /// The state cannot be read. Everything else is in the report.
    ///
    /// # Cancel safety
    /// Safe at every await: whatever is done was committed before, and the next call finds it.
    pub async fn sweep(&self) -> Result<Report, EngineError> {
        let mut call = self.begin(false).await?;
        self.pass(&mut call, None, true).await;
        while let Some((at, again)) = call.next() {
            if at > call.until {
                break;
            }
            self.clock.sleep_until(at).await;
            self.pass(&mut call, Some(&again), false).await;
        }
        Ok(self.finish(call).await)
    }

    /// One round of the daemon: a pass over those `wanted`, `None` for everybody, and again at
    /// once over those that were stopped in it. Confirmations wait for the agenda.
    pub(crate) async fn round(
        &self,
        wanted: Option<&BTreeSet<AgentId>>,
    ) -> Result<Report, EngineError> {
        let mut call = self.begin(true).await?;
        self.pass(&mut call, wanted, true).await;
        while let Some((_, again)) = call.next().filter(|(at, _)| *at <= self.clock.now()) {
            self.pass(&mut call, Some(&again), false).await;
        }
        Ok(self.finish(call).await)
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    pub(crate) const fn options(&self) -> &Options {
        &self.options
    }

    async fn begin(&self, daemon: bool) -> Result<Call, EngineError> {
        let state = self.ledger.state();
        let now = self.clock.now();
        let last = state.last_clock().await.map_err(EngineError::State)?;
        let boot_id = self.clock.reading().boot_id;
        let rebooted = last.as_ref().is_some_and(|(_, clock)| clock.boot_id != boot_id);
        let mut turns = BTreeMap::new();
        for record in state.agents().await.map_err(EngineError::State)? {
            turns.insert(record.agent.clone(), Turn::of(record));
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
        Ok(Call {
            turns,
            incidents: Incidents::new(state.incidents().await.map_err(EngineError::State)?),
            changes: Vec::new(),
            events: Vec::new(),
            records,
            trouble: Vec::new(),
            since: last.map_or(now, |(at, _)| at),
            until: now.plus(span(self.options.patience)),
            daemon,
            rebooted,
        })
    }

    async fn pass(&self, call: &mut Call, wanted: Option<&BTreeSet<AgentId>>, first: bool) {
        let pass = Pass {
            clock: self.clock.as_ref(),
            ledger: &self.ledger,
            options: &self.options,
            until: call.until,
            daemon: call.daemon,
            rebooted: call.rebooted,
        };
        for setup in &self.sources {
            let name = setup.source.name();
            let now = self.clock.now();
            let mut record = call.records.get(name).cloned().unwrap_or_default();
            let view = SourceView::look(setup, &mut record, now).await;
            let fleet = Fleet::look(setup, &self.install, call.since, now).await;
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
            }
            if let Some(trouble) = fleet.trouble() {
                call.lose(setup, &view, trouble);
                continue;
            }
            let errors = pass.serve(setup, &view, &fleet, wanted, &mut call.turns).await;
            call.trouble.extend(errors.into_iter().map(|error| error.0.chain()));
        }
    }

    /// Turns findings into incidents, commits what the call leaves behind, and reports.
    async fn finish(&self, mut call: Call) -> Report {
        let now = self.clock.now();
        let mut report = Report::empty(self.options.mode, self.options.dry_run);
        for turn in call.turns.values().filter(|turn| turn.served) {
            call.changes.extend(call.incidents.after_turn(turn, now));
            report.agents.push(turn.report());
        }
        report.incidents = call.incidents.open().map(IncidentReport::from).collect();
        report.summarize();
        let counts = json!(report.summary);
        call.events.push(NewEvent {
            kind: "pass_finished",
            agent: None,
            source: None,
            run: None,
            data: counts,
        });
        for record in call.records {
            let commit = Commit { source: Some(record), ..Commit::new(now) };
            call.trouble.extend(self.ledger.commit(commit).await.err().map(|e| e.0.chain()));
        }
        let commit = Commit {
            clock: Some(self.clock.reading()),
            events: call.events,
            incidents: call.changes,
            ..Commit::new(now)
        };
        if let Err(error) = self.ledger.commit(commit).await {
            call.trouble.push(error.0.chain());
        }
        report.trouble = call.trouble;
        report
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

impl Call {
    /// The agents to be looked at again, and when the first of them is due.
    fn next(&self) -> Option<(Timestamp, BTreeSet<AgentId>)> {
        let at = self.turns.values().filter_map(|turn| turn.again).min()?;
        let due = self.turns.values().filter(|turn| turn.again.is_some_and(|again| again <= at));
        Some((at, due.map(|turn| turn.agent.clone()).collect()))
    }

    /// Gives every wanted agent on the roster a turn.
    fn enlist(
        &mut self,
        setup: &SourceSetup,
        view: &SourceView,
        wanted: Option<&BTreeSet<AgentId>>,
    ) {
        let roster = view.roster.agents.iter();
        for enlisted in roster.filter(|on| wanted.is_none_or(|all| all.contains(&on.agent))) {
            let fresh = || Turn::new(enlisted.agent.clone(), "", Memory::default());
            let turn = self.turns.entry(enlisted.agent.clone()).or_insert_with(fresh);
            turn.runtime = setup.runtime.kind();
            turn.served = true;
            turn.open = self.incidents.about(&enlisted.agent);
        }
    }

    /// The source itself cannot be read.
    fn skip(&mut self, setup: &SourceSetup, why: &str) {
        let name = setup.source.name();
        self.trouble.push(format!("source {name}: {why}"));
        self.events.push(skipped(name, why));
    }

    /// The runtime does not answer: nobody whom it runs is touched.
    fn lose(&mut self, setup: &SourceSetup, view: &SourceView, why: &str) {
        let name = setup.source.name();
        self.trouble.push(format!("{} of source {name}: {why}", setup.runtime.kind()));
        self.events.push(skipped(name, why));
        for enlisted in &view.roster.agents {
            if let Some(turn) = self.turns.get_mut(&enlisted.agent) {
                turn.mode = setup.mode.beside(view.host);
                turn.lost(why);
            }
        }
    }
}

fn skipped(source: &str, why: &str) -> NewEvent {
    NewEvent {
        kind: "tick_skipped",
        agent: None,
        source: Some(source.to_owned()),
        run: None,
        data: json!({ "why": why }),
    }
}

pub(crate) fn span(duration: std::time::Duration) -> Span {
    Span::from_millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
}
