//! What one call, or one round of the daemon, knows: everybody's turn, the incidents, the trouble.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use sweepd_decide::{AgentId, ClockReading, Doubt, EventKind, Memory, Span, Timestamp, doubt};

use crate::incidents::Incidents;
use crate::ledger::LedgerError;
use crate::ports::{Clock, IncidentChange, NewEvent, SourceRecord};
use crate::setup::SourceSetup;
use crate::source::SourceView;
use crate::turn::Turn;

/// A call under way.
pub(crate) struct Call {
    pub(crate) turns: BTreeMap<AgentId, Turn>,
    pub(crate) incidents: Incidents,
    pub(crate) changes: Vec<IncidentChange>,
    pub(crate) events: Vec<NewEvent>,
    pub(crate) records: BTreeMap<String, SourceRecord>,
    pub(crate) trouble: Vec<String>,
    /// Something could not be written down, so that nothing was done to whom it concerns.
    pub(crate) unwritten: bool,
    /// The clocks at the last look, and what is doubted about time.
    pub(crate) clocks: Option<ClockReading>,
    pub(crate) doubt: Doubt,
    /// How far back the ends of runs are of interest.
    pub(crate) since: Timestamp,
    /// No stop is begun after this instant, and no confirmation waited for.
    pub(crate) until: Timestamp,
    /// A round of the daemon, not a call of its own.
    pub(crate) daemon: bool,
    /// The host's present boot.
    pub(crate) boot_id: String,
    /// Old rows of the state are to be forgotten.
    pub(crate) forget: bool,
}

impl Call {
    /// Reads the clocks before a pass: whether the host has slept, or time has jumped, since the last
    /// one. `late` is how much later than planned the pass comes.
    pub(crate) fn read_clocks(&mut self, clock: &dyn Clock, late: Span) {
        let (clocks, now) = (clock.reading(), clock.now());
        let (doubt, upsets) = doubt(&self.doubt, self.clocks.as_ref(), &clocks, late, now);
        for upset in upsets {
            self.events.push(NewEvent {
                kind: EventKind::ClockStepped,
                agent: None,
                source: None,
                run: None,
                data: json!({ "what": upset, "hold_until": doubt.hold_until.map(|at| at.to_string()) }),
            });
        }
        self.doubt = doubt;
        self.clocks = Some(clocks);
    }

    /// Takes out the agents that have to be looked at again at once: nobody is asked for twice.
    pub(crate) fn settling(&mut self) -> BTreeSet<AgentId> {
        let due = self.turns.values_mut().filter(|turn| turn.settle);
        let taken = due.map(|turn| {
            turn.settle = false;
            turn.agent.clone()
        });
        taken.collect()
    }

    /// Takes out the agents whose confirmation may come next, and when that is.
    pub(crate) fn confirming(&mut self) -> Option<(Timestamp, BTreeSet<AgentId>)> {
        let at = self.turns.values().filter_map(|turn| turn.again).min()?;
        let due =
            self.turns.values_mut().filter(|turn| turn.again.is_some_and(|again| again <= at));
        let taken = due.map(|turn| {
            turn.again = None;
            turn.agent.clone()
        });
        Some((at, taken.collect()))
    }

    /// Gives every wanted agent on the roster a turn.
    pub(crate) fn enlist(
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

    /// Incidents of agents that are on a whole roster no more are over.
    pub(crate) fn strike_off(&mut self, setup: &SourceSetup, view: &SourceView) {
        let on_roster: BTreeSet<&AgentId> = view.roster.agents.iter().map(|on| &on.agent).collect();
        let changes = self.incidents.leave_out(setup.source.name(), &on_roster);
        self.changes.extend(changes);
    }

    /// The source itself cannot be read.
    pub(crate) fn skip(&mut self, setup: &SourceSetup, why: &str) {
        let name = setup.source.name();
        self.trouble.push(format!("source {name}: {why}"));
        self.events.push(skipped(name, why));
    }

    /// What could not be written down.
    pub(crate) fn unwritten(&mut self, errors: impl IntoIterator<Item = LedgerError>) {
        for LedgerError(error) in errors {
            self.unwritten = true;
            self.trouble.push(error.chain());
        }
    }

    /// The runtime does not answer: nobody whom it runs is touched.
    pub(crate) fn lose(
        &mut self,
        setup: &SourceSetup,
        view: &SourceView,
        wanted: Option<&BTreeSet<AgentId>>,
        why: &str,
    ) {
        let name = setup.source.name();
        self.trouble.push(format!("{} of source {name}: {why}", setup.runtime.kind()));
        self.events.push(skipped(name, why));
        let roster = view.roster.agents.iter();
        for enlisted in roster.filter(|on| wanted.is_none_or(|all| all.contains(&on.agent))) {
            if let Some(turn) = self.turns.get_mut(&enlisted.agent) {
                let mode = setup.rules.mode(&enlisted.agent).unwrap_or(setup.mode);
                turn.mode = mode.beside(view.host);
                turn.lost(why);
            }
        }
    }

    /// Agents about which the runtime did not answer, although it had listed them.
    pub(crate) fn note_unanswered(&mut self) {
        for turn in self.turns.values_mut() {
            if let Some(why) = turn.unanswered.take() {
                self.trouble.push(format!("{}: {why}", turn.agent));
                self.events.push(NewEvent {
                    agent: Some(turn.agent.clone()),
                    ..skipped(turn.agent.source(), &why)
                });
            }
        }
    }
}

fn skipped(source: &str, why: &str) -> NewEvent {
    NewEvent {
        kind: EventKind::TickSkipped,
        agent: None,
        source: Some(source.to_owned()),
        run: None,
        data: json!({ "why": why }),
    }
}
