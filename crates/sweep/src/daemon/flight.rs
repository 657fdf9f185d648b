//! One agent's turn in the daemon, from its look to the writing down of what came of it.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use serde_json::json;
use sweepd_decide::{AgentId, EventKind, RunId};
use tokio::sync::{SemaphorePermit, oneshot};

use super::Surveyed;
use crate::call::unanswered;
use crate::engine::{Engine, EngineError, pass_finished};
use crate::incidents::Incidents;
use crate::order::{Order, Wanted};
use crate::ports::{Commit, NewEvent};
use crate::report::{AgentReport, IncidentReport, Outcome, Report};
use crate::serve::Job;
use crate::survey::Survey;
use crate::turn::Turn;

/// An agent whose turn has not begun.
pub(super) struct Waiting {
    pub(super) job: Job,
    pub(super) survey: Arc<Survey>,
    /// Those that are about it.
    pub(super) incidents: Incidents,
    pub(super) round: u64,
    /// Nobody has announced that there is anything to see.
    pub(super) quiet: bool,
}

/// An agent whose turn is over.
pub(super) struct Landed {
    pub(super) report: AgentReport,
    pub(super) round: u64,
    pub(super) trouble: BTreeMap<String, String>,
    /// What it found that nobody had announced, and the runs that may be about.
    pub(super) caught: Option<(NewEvent, Vec<RunId>)>,
}

impl Engine {
    /// Looks at the sources that are concerned, before anybody of them is served.
    ///
    /// # Errors
    /// The state cannot be read.
    pub(super) async fn look_around(
        &self,
        wanted: Wanted,
        order: Option<Order>,
        busy: &std::collections::BTreeSet<AgentId>,
    ) -> Result<Surveyed, EngineError> {
        let mut call = self.begin(true).await?;
        call.order = order;
        call.under_way.clone_from(busy);
        self.recall_wishes(&call, |agent| busy.contains(agent));
        let survey = self.survey(&mut call, &wanted, true).await;
        self.conclude(&mut call, self.clock().now());
        self.counted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(call.incidents.counted());
        let met = survey.with(&self.sources).filter(|_| wanted.meets_newcomers());
        for (setup, found) in met {
            for hints in &setup.hints {
                hints.watch(&found.view.roster.agents).await;
            }
        }
        Ok(Surveyed { call, survey: Arc::new(survey), wanted })
    }

    /// Serves one agent, and again at once if it was stopped: what that leaves is settled in the
    /// same turn.
    ///
    /// # Cancel safety
    /// Safe at every await: whatever is done was committed before.
    pub(super) async fn attend<'a>(
        &'a self,
        waiting: Waiting,
        seat: Option<SemaphorePermit<'a>>,
    ) -> Landed {
        let Waiting { job, survey, incidents, round, quiet } = waiting;
        let place = job.place;
        let before = job.turn.memory.run.as_ref().map(|run| run.id.clone());
        let mut trouble = BTreeMap::new();
        let (mut turn, mut error) = self.serve_one(&survey, job, seat).await;
        while turn.settle && error.is_none() {
            turn.settle = false;
            let Some(again) = self.survey_again(place, &survey).await else { break };
            let Some(index) = again.find(place, &turn.agent) else { break };
            let job = Job { place, index, turn };
            (turn, error) = self.serve_one(&again, job, self.seat().await).await;
        }
        let mut unwritten: Vec<_> = error.into_iter().collect();
        unwritten.extend(self.conclude_turn(&mut turn, incidents, &mut trouble).await);
        for error in unwritten {
            trouble.insert(turn.agent.to_string(), error.0.chain());
        }
        let caught = caught(&turn).filter(|_| quiet).map(|event| {
            let now = turn.memory.run.as_ref().map(|run| run.id.clone());
            (event, before.into_iter().chain(now).collect())
        });
        Landed { report: turn.report(), round, trouble, caught }
    }

    async fn conclude_turn(
        &self,
        turn: &mut Turn,
        mut incidents: Incidents,
        trouble: &mut BTreeMap<String, String>,
    ) -> Option<crate::ledger::LedgerError> {
        let now = self.clock().now();
        let mut events = Vec::new();
        if let Some((why, event)) = unanswered(turn) {
            trouble.insert(turn.agent.to_string(), why);
            events.push(event);
        }
        let changes = incidents.after_turn(turn, now);
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).extend(incidents.counted());
        if events.is_empty() && changes.is_empty() {
            return None;
        }
        let commit = Commit { events, incidents: changes, ..Commit::new(now) };
        self.ledger.commit(commit).await.err()
    }

    /// Writes down that a round is over, if it was over everybody or did something, and tells
    /// whoever asked for it.
    pub(super) async fn close_round(
        &self,
        mut report: Report,
        whole: bool,
        reply: Option<oneshot::Sender<Report>>,
    ) -> Report {
        let now = self.clock().now();
        report.agents.sort_by(|a, b| a.id.cmp(&b.id));
        report.summarize();
        let mut unwritten = false;
        if whole || report.summary.effects > 0 {
            let events = vec![pass_finished(whole, &report)];
            unwritten = self.ledger.commit(Commit { events, ..Commit::new(now) }).await.is_err();
        }
        if reply.is_some() {
            let open = self.ledger.state().incidents().await.unwrap_or_default();
            report.incidents = open.iter().map(IncidentReport::from).collect();
        }
        report.incidents.extend(self.degraded(unwritten, now));
        if let Some(reply) = reply {
            // Whoever asked may not wait any more.
            drop(reply.send(report.clone()));
        }
        report
    }

    pub(super) fn empty_report(&self) -> Report {
        Report::empty(self.options().mode, self.options().dry_run)
    }
}

/// The event that a turn found what nobody had announced, if it did: something was done, or it
/// stands elsewhere, or something else is decided about it than before.
fn caught(turn: &Turn) -> Option<NewEvent> {
    let report = turn.report();
    let (state, action) = (json!(report.state), report.decision.action.as_str());
    let before = turn.before.as_ref();
    let moved = before.is_some_and(|(was, did)| state != json!(was) || action != did);
    let done = |effect: &&crate::report::EffectReport| {
        matches!(effect.outcome, Outcome::Done | Outcome::Failed)
    };
    let done: Vec<&str> = report.effects.iter().filter(done).map(|effect| effect.effect).collect();
    let was = before.map(|(was, did)| json!({ "state": was, "action": did }));
    (moved || !done.is_empty()).then(|| NewEvent {
        kind: EventKind::ResyncCaught,
        agent: Some(turn.agent.clone()),
        source: Some(turn.agent.source().to_owned()),
        run: turn.memory.run.as_ref().map(|run| run.id.clone()),
        data: json!({ "before": was, "state": state, "action": action, "done": done }),
    })
}
