//! What has happened to one agent in one call so far, and what is remembered about it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sweepd_decide::stuck::Health;
use sweepd_decide::{
    AgentId, EventKind, Finding, FindingKind, Memory, MessageId, Recheck, Severity, Timestamp,
};

use crate::clean::clean;
use crate::incidents;
use crate::mode::Mode;
use crate::order::Order;
use crate::ports::{AgentRecord, IncidentChange, Intent, NewEvent};
use crate::render;
use crate::report::{
    AgentReport, AgentState, DecisionReport, EffectReport, Outcome, ProspectReport,
};

/// A finding that is not always as bad as its kind, with evidence of its own.
#[derive(Debug, Clone)]
pub(crate) struct Graded {
    pub(crate) finding: Finding,
    pub(crate) severity: Severity,
    pub(crate) evidence: Value,
}

/// One agent's turn. Lives through all passes of a call.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    pub(crate) agent: AgentId,
    pub(crate) memory: Memory,
    pub(crate) mode: Mode,
    pub(crate) state: AgentState,
    pub(crate) runtime: &'static str,
    pub(crate) decision: DecisionReport,
    pub(crate) effects: Vec<EffectReport>,
    pub(crate) findings: Vec<Finding>,
    /// Findings that are not always as bad as their kind.
    pub(crate) graded: Vec<Graded>,
    /// Messages that were given up, as of the last good look.
    pub(crate) failed: BTreeSet<MessageId>,
    /// Incidents that this turn found to be over, and how.
    pub(crate) over: Vec<(FindingKind, String)>,
    /// The last look succeeded, so that what it does not show is good.
    pub(crate) good_look: bool,
    pub(crate) health_unknown: bool,
    /// It runs, and the last look could not judge it.
    pub(crate) blind: bool,
    /// The list shows a run as up that has ended: its name is not free yet.
    pub(crate) list_lags: bool,
    /// There were more rows to change than one turn may.
    pub(crate) cut_short: bool,
    /// A look of this call failed.
    pub(crate) look_failed: bool,
    /// It is on the roster of a source.
    pub(crate) served: bool,
    pub(crate) woken: bool,
    pub(crate) wake_tried: bool,
    pub(crate) stop_tried: bool,
    /// An always-on container was started or made anew in this call, or that was tried.
    pub(crate) keep_tried: bool,
    /// A look of this call counts as one that found it missing.
    pub(crate) look_counted: bool,
    /// The decision shown led to a stop: a later one does not replace it.
    stop_shown: bool,
    /// It has to be looked at again at once, in the same call: a stop was done or tried.
    pub(crate) settle: bool,
    /// When a confirmation may come, within the call.
    pub(crate) again: Option<Timestamp>,
    /// When there may be something to do next, as of the end of its last turn.
    pub(crate) recheck: Option<Timestamp>,
    /// Until when the judgment of the running agent holds.
    pub(crate) judged_until: Recheck,
    /// The runtime did not answer about this agent.
    pub(crate) unanswered: Option<String>,
    /// Row changes of an earlier call that are not settled.
    pub(crate) intents: Vec<Intent>,
    /// Tables and columns that are not there, as of the last look.
    pub(crate) absent: Vec<String>,
    /// Messages whose row could not be written in this call: nothing more is planned for them.
    pub(crate) blocked: BTreeSet<MessageId>,
    /// What a run looked like before it was stopped; null: nobody looked.
    pub(crate) autopsy: Value,
    /// Events to be committed with the next save.
    pub(crate) events: Vec<NewEvent>,
    /// Its incidents that were open when the call began, and those ended since.
    pub(crate) open: Vec<(FindingKind, String)>,
    pub(crate) ended: BTreeSet<String>,
    /// Incidents of what was done, to be committed with the next save.
    pub(crate) opened: Vec<IncidentChange>,
    /// When they were opened, by key.
    pub(crate) opened_at: BTreeMap<String, Timestamp>,
    /// A fault stop is due or was done.
    pub(crate) fault: bool,
    /// What somebody asks for, until it was dealt with.
    pub(crate) order: Option<Order>,
    /// What somebody asked for is being done: a pause is not in the way of that.
    pub(crate) by_hand: bool,
    /// What comes next if nothing changes.
    pub(crate) forecast: Vec<ProspectReport>,
    /// What was shown of it before this turn: state and decision.
    pub(crate) before: Option<(String, String)>,
}

impl Turn {
    pub(crate) fn new(agent: AgentId, runtime: &'static str, memory: Memory) -> Self {
        Self {
            agent,
            memory,
            mode: Mode::Observe,
            state: AgentState::Unknown,
            runtime,
            decision: DecisionReport::none(),
            effects: Vec::new(),
            findings: Vec::new(),
            graded: Vec::new(),
            failed: BTreeSet::new(),
            over: Vec::new(),
            good_look: false,
            health_unknown: false,
            blind: false,
            list_lags: false,
            cut_short: false,
            look_failed: false,
            served: false,
            woken: false,
            wake_tried: false,
            stop_tried: false,
            keep_tried: false,
            look_counted: false,
            stop_shown: false,
            settle: false,
            again: None,
            recheck: None,
            judged_until: Recheck::OnChange,
            unanswered: None,
            intents: Vec::new(),
            absent: Vec::new(),
            blocked: BTreeSet::new(),
            autopsy: Value::Null,
            events: Vec::new(),
            open: Vec::new(),
            ended: BTreeSet::new(),
            opened: Vec::new(),
            opened_at: BTreeMap::new(),
            fault: false,
            order: None,
            by_hand: false,
            forecast: Vec::new(),
            before: None,
        }
    }

    /// The turn of an agent that was looked at before.
    pub(crate) fn recalled(record: AgentRecord) -> Self {
        let text = |at: &str| record.report.pointer(at).and_then(Value::as_str).map(str::to_owned);
        let before = text("/state").zip(text("/decision/action"));
        Self { before, ..Self::new(record.agent, "", record.memory) }
    }

    /// Starts another pass. Findings are those of the last look; stops stay what they were.
    pub(crate) fn begin(&mut self, mode: Mode) {
        self.mode = mode;
        self.settle = false;
        self.again = None;
        self.recheck = None;
        self.judged_until = Recheck::OnChange;
        self.unanswered = None;
        self.fault = self.stop_shown && self.fault;
        let stop_tried = self.stop_tried;
        self.findings.retain(|found| {
            STAYING.contains(&found.kind) || (stop_tried && JUDGED.contains(&found.kind))
        });
        self.graded.clear();
        self.good_look = false;
        self.health_unknown = false;
        self.blind = false;
        self.list_lags = false;
        self.cut_short = false;
    }

    /// Its runtime does not answer.
    pub(crate) fn lost(&mut self, why: &str) {
        self.state = AgentState::Unknown;
        self.health_unknown = true;
        self.decide(render::unknown("unknown", why), false);
    }

    pub(crate) fn did(&mut self, effect: &'static str, outcome: Outcome, detail: Option<String>) {
        let detail = detail.map(|detail| clean(&detail));
        self.effects.push(EffectReport { effect, outcome, detail });
    }

    /// Shows a decision, unless one that led to a stop is shown already.
    pub(crate) fn decide(&mut self, decision: DecisionReport, led_to_stop: bool) {
        if self.memory.last_action.as_ref() != Some(&decision.action) {
            let from = self.memory.last_action.replace(decision.action.clone());
            let (to, evidence) = (&decision.action, &decision.evidence);
            self.event(
                EventKind::DecisionChanged,
                json!({ "from": from, "to": to, "evidence": evidence }),
            );
        }
        if led_to_stop || !self.stop_shown {
            self.decision = decision;
        }
        self.stop_shown |= led_to_stop;
    }

    /// A finding about what was done: its incident is committed together with that, so that a
    /// crash right after it loses no alert.
    pub(crate) fn found_now(&mut self, found: Finding, now: Timestamp) {
        let incident = incidents::of(Some(&self.agent), self.agent.as_str(), &found, now);
        self.ended.remove(&incident.key);
        self.opened_at.insert(incident.key.clone(), now);
        self.opened.push(IncidentChange::Seen(incident));
        self.findings.push(found);
    }

    /// Whether an incident of a kind is open, as far as this turn knows.
    pub(crate) fn is_open(&self, kind: FindingKind) -> bool {
        self.open.iter().any(|(open, key)| *open == kind && !self.ended.contains(key))
    }

    /// Ends the open incidents of a kind, together with what ended them.
    pub(crate) fn end_now(&mut self, kind: FindingKind, how: &str) {
        self.findings.retain(|found| found.kind != kind);
        let prefix = format!("{}:", kind.as_str());
        let opened = self.opened_at.keys().filter(|key| key.starts_with(&prefix)).cloned();
        let open = self.open.iter().filter(|(open, _)| *open == kind).map(|(_, key)| key.clone());
        for key in open.chain(opened).collect::<BTreeSet<_>>() {
            self.opened_at.remove(&key);
            if self.ended.insert(key.clone()) {
                self.opened.push(IncidentChange::Resolved { key, how: how.to_owned() });
            }
        }
    }

    pub(crate) fn event(&mut self, kind: EventKind, data: Value) {
        let run = self.memory.run.as_ref().map(|run| run.id.clone());
        let agent = Some(self.agent.clone());
        let source = Some(self.agent.source().to_owned());
        self.events.push(NewEvent { kind, agent, source, run, data });
    }

    pub(crate) fn health(&self) -> Health {
        let serious = |found: &Finding| found.kind.severity() > Severity::Notice;
        let graded = self.graded.iter().any(|found| found.severity > Severity::Notice);
        if self.fault || graded || self.findings.iter().any(serious) {
            Health::Failing
        } else if self.health_unknown {
            Health::Unknown
        } else {
            Health::Ok
        }
    }

    pub(crate) fn report(&self) -> AgentReport {
        AgentReport {
            id: self.agent.clone(),
            source: self.agent.source().to_owned(),
            mode: self.mode,
            runtime: self.runtime,
            state: self.state,
            health: self.health(),
            decision: self.decision.clone(),
            effects: self.effects.clone(),
            forecast: self.forecast.clone(),
            recheck: self.recheck,
        }
    }
}

/// Findings of the judgment of a running agent. The look at what a stop has left does not take
/// them back, and a look that could not judge is no good look at them.
pub(crate) const JUDGED: &[FindingKind] =
    &[FindingKind::InClaimSilence, FindingKind::NotProgressing, FindingKind::ClockSuspicious];

/// Findings about what was done in this call; the next look does not take them back.
const STAYING: &[FindingKind] =
    &[FindingKind::AgentStuck, FindingKind::DeadLetter, FindingKind::Zombie];
