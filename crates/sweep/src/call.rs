//! What one call, or one round of the daemon, knows: everybody's turn, the incidents, the trouble.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use sweepd_decide::{AgentId, EventKind, Memory, RunId, Span, Timestamp};

use crate::incidents::Incidents;
use crate::ledger::LedgerError;
use crate::order::{Order, Wanted};
use crate::ports::{IncidentChange, NewEvent, SourceRecord};
use crate::setup::SourceSetup;
use crate::source::SourceView;
use crate::survey::Found;
use crate::turn::Turn;

/// Confirmations that are so close together are asked for together.
const TOGETHER: Span = Span::from_secs(5);

/// A call under way.
pub(crate) struct Call {
    pub(crate) turns: BTreeMap<AgentId, Turn>,
    pub(crate) incidents: Incidents,
    pub(crate) changes: Vec<IncidentChange>,
    pub(crate) events: Vec<NewEvent>,
    pub(crate) records: BTreeMap<String, SourceRecord>,
    /// The same, as the state has them.
    pub(crate) remembered: BTreeMap<String, SourceRecord>,
    /// What kept sweepd from looking, by the source or agent concerned.
    pub(crate) trouble: BTreeMap<String, String>,
    /// Something could not be written down, so that nothing was done to whom it concerns.
    pub(crate) unwritten: bool,
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
    /// What a person asked for.
    pub(crate) order: Option<Order>,
    /// Whose turn was under way when it began: what is known of them here is not the newest.
    pub(crate) under_way: BTreeSet<AgentId>,
}

impl Call {
    /// Takes out the agents that have to be looked at again at once: nobody is asked for twice.
    pub(crate) fn settling(&mut self) -> BTreeSet<AgentId> {
        let due = self.turns.values_mut().filter(|turn| turn.settle);
        let taken = due.map(|turn| {
            turn.settle = false;
            turn.agent.clone()
        });
        taken.collect()
    }

    /// Takes out the agents whose confirmation may come next, and when that is: those that were
    /// looked at one after the other are looked at again together, so that one that takes long to
    /// stop does not hold up the others.
    pub(crate) fn confirming(&mut self) -> Option<(Timestamp, BTreeSet<AgentId>)> {
        let times = || self.turns.values().filter_map(|turn| turn.again);
        let last = times().min()?.plus(TOGETHER).min(self.until);
        let at = times().filter(|again| *again <= last).max().or_else(|| times().min())?;
        let due =
            self.turns.values_mut().filter(|turn| turn.again.is_some_and(|again| again <= at));
        let taken = due.map(|turn| {
            turn.again = None;
            turn.agent.clone()
        });
        Some((at, taken.collect()))
    }

    /// Gives every wanted agent on the roster a turn.
    pub(crate) fn enlist(&mut self, setup: &SourceSetup, found: &Found, wanted: &Wanted) {
        for enlisted in &found.view.roster.agents {
            let agent = &enlisted.agent;
            let known = self.turns.get(agent);
            let remembered = known.into_iter().flat_map(|turn| remembered(&turn.memory));
            let runs = found.fleet.of(enlisted).into_iter().map(|seen| &seen.run);
            let runs: Vec<&RunId> = runs.chain(remembered).collect();
            if !wanted.holds(enlisted, known.is_some(), runs.into_iter()) {
                continue;
            }
            let fresh = || Turn::new(agent.clone(), "", Memory::default());
            let turn = self.turns.entry(agent.clone()).or_insert_with(fresh);
            turn.runtime = setup.runtime.kind();
            turn.served = true;
            turn.open = self.incidents.about(agent);
            turn.order.clone_from(&self.order);
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
        self.trouble.insert(name.to_owned(), format!("source {name}: {why}"));
        self.events.push(skipped(name, why));
    }

    /// What could not be written down.
    pub(crate) fn unwritten(&mut self, errors: impl IntoIterator<Item = LedgerError>) {
        for LedgerError(error) in errors {
            self.unwritten = true;
            self.trouble.insert(String::new(), error.chain());
        }
    }

    /// The runtime does not answer: nobody whom it runs is touched.
    pub(crate) fn lose(
        &mut self,
        setup: &SourceSetup,
        view: &SourceView,
        wanted: &Wanted,
        why: &str,
    ) {
        let name = setup.source.name();
        let told = format!("{} of source {name}: {why}", setup.runtime.kind());
        self.trouble.insert(name.to_owned(), told);
        self.events.push(skipped(name, why));
        for enlisted in &view.roster.agents {
            let turn = self.turns.get_mut(&enlisted.agent).filter(|turn| {
                turn.served && wanted.holds(enlisted, true, remembered(&turn.memory))
            });
            if let Some(turn) = turn {
                let mode = setup.rules.mode(&enlisted.agent).unwrap_or(setup.mode);
                turn.mode = mode.beside(view.host);
                turn.lost(why);
            }
        }
    }

    /// Agents about which the runtime did not answer, although it had listed them.
    pub(crate) fn note_unanswered(&mut self) {
        for turn in self.turns.values_mut() {
            if let Some((why, event)) = unanswered(turn) {
                self.trouble.insert(turn.agent.to_string(), why);
                self.events.push(event);
            }
        }
    }
}

/// That the runtime did not answer about one agent, if so: the trouble, and its event.
pub(crate) fn unanswered(turn: &mut Turn) -> Option<(String, NewEvent)> {
    let why = turn.unanswered.take()?;
    let event = NewEvent { agent: Some(turn.agent.clone()), ..skipped(turn.agent.source(), &why) };
    Some((format!("{}: {why}", turn.agent), event))
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

/// The runs that are remembered of an agent: the one last seen up, and the one that had the name
/// of an always-on container.
fn remembered(memory: &Memory) -> impl Iterator<Item = &RunId> {
    memory.run.as_ref().map(|run| &run.id).into_iter().chain(&memory.kept.run)
}
