//! One agent's turn in the daemon, from its look to the writing down of what came of it.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use serde_json::json;
use sweepd_decide::{AgentId, EventKind, RunId, Span, Timestamp};
use tokio::sync::{SemaphorePermit, oneshot};

use super::Surveyed;
use crate::alerting::Alerting;
use crate::call::unanswered;
use crate::engine::{Engine, EngineError, pass_finished};
use crate::incidents::Incidents;
use crate::order::{Order, Wanted};
use crate::orphans::Due;
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
    /// It does not wait for those before it in a resync.
    pub(super) promoted: bool,
}

/// An agent whose turn is over.
pub(super) struct Landed {
    pub(super) report: AgentReport,
    pub(super) round: u64,
    pub(super) trouble: BTreeMap<String, String>,
    /// What it found that nobody had announced, and the runs that may be about.
    pub(super) caught: Option<(NewEvent, Vec<RunId>)>,
}

/// So old may be what a turn is begun with.
const FRESH: Span = Span::from_secs(5);

impl Landed {
    /// Nothing could be said about it: it is due again after a while.
    fn unserved(now: Timestamp, round: u64, turn: &Turn) -> Self {
        let report = AgentReport { recheck: Some(now.plus(FRESH)), ..turn.report() };
        Self { report, round, trouble: BTreeMap::new(), caught: None }
    }
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
        self.recall_wishes(&call);
        let survey = self.survey(&mut call, &wanted, true).await;
        self.watch_credentials(&mut call, &survey, &wanted).await;
        let orphans = if wanted.is_whole() { self.due_orphans(&call, &survey) } else { Vec::new() };
        self.conclude(&mut call, self.clock().now());
        self.count(&call.incidents, true);
        let met = survey.with(&self.sources).filter(|_| wanted.meets_newcomers());
        for (setup, found) in met {
            for hints in &setup.hints {
                hints.watch(&found.view.roster.agents).await;
            }
        }
        Ok(Surveyed { call, survey: Arc::new(survey), wanted, ask: None, orphans })
    }

    /// Serves one agent, and again at once if it was stopped: what that leaves is settled in the
    /// same turn.
    ///
    /// # Cancel safety
    /// Safe at every await: whatever is done was committed before.
    pub(super) async fn take_turn<'a>(
        &'a self,
        waiting: Waiting,
        seat: Option<SemaphorePermit<'a>>,
    ) -> Landed {
        let Waiting { job, survey, incidents, round, quiet, .. } = waiting;
        let place = job.place;
        let before = job.turn.memory.run.as_ref().map(|run| run.id.clone());
        let mut trouble = BTreeMap::new();
        // Whoever has waited for long is served by what is so now.
        let old = self.clock().now() > survey.at.plus(FRESH);
        let (fresh, seat) = if old {
            // A list may take long: others may look meanwhile.
            drop(seat);
            let fresh = self.recent(place, &survey).await;
            (fresh, self.seat().await)
        } else {
            (Some(survey), seat)
        };
        let index = fresh.as_ref().and_then(|survey| survey.find(place, &job.turn.agent));
        let Some((survey, index)) = fresh.zip(index) else {
            return Landed::unserved(self.clock().now(), round, &job.turn);
        };
        let job = Job { index, ..job };
        let (mut turn, mut error) = self.serve_one(&survey, job, seat).await;
        while turn.settle && error.is_none() {
            turn.settle = false;
            let again = self.survey_again(place, &survey).await;
            let index = again.as_ref().and_then(|again| again.find(place, &turn.agent));
            let Some((again, index)) = again.zip(index) else {
                // What was left to do is done as soon as somebody can say what is so.
                turn.recheck = Some(self.clock().now().plus(FRESH));
                break;
            };
            let job = Job { place, index, turn };
            (turn, error) = self.serve_one(&again, job, self.seat().await).await;
        }
        if error.is_some() {
            // What could not be written down is tried again.
            let again = self.clock().now().plus(FRESH);
            turn.recheck = Some(turn.recheck.map_or(again, |at| at.min(again)));
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

    /// A look at one source that is not older than [`FRESH`]: one for all who need it. `None`:
    /// nothing could be said.
    async fn recent(&self, place: usize, before: &Survey) -> Option<Arc<Survey>> {
        let mut recent = self.recent.get(&place)?.lock().await;
        if let Some((at, known)) = recent.as_ref()
            && self.clock().now() <= at.plus(FRESH)
        {
            return known.clone();
        }
        let again = self.survey_again(place, before).await.map(Arc::new);
        *recent = Some((self.clock().now(), again.clone()));
        again
    }

    /// Keeps when each open incident was last looked for: later looks win. `all`: those that are
    /// not open any more are forgotten.
    fn count(&self, incidents: &Incidents, all: bool) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if all {
            counted.retain(|key, _| incidents.is_open(key));
        }
        for (key, at) in incidents.counted() {
            let known = counted.entry(key).or_insert(at);
            *known = at.max(*known);
        }
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
        self.count(&incidents, false);
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
        answer: Option<(Report, oneshot::Sender<Report>)>,
    ) -> Report {
        let now = self.clock().now();
        report.tidy();
        let answer = answer.map(|(mut told, reply)| {
            told.tidy();
            (told, reply)
        });
        let over = answer.as_ref().map_or(&report, |(told, _)| told);
        let mut unwritten = false;
        if let Some(alerting) = self.alerting.as_ref().filter(|_| whole) {
            alerting.count(over);
        }
        if whole || over.did_something() {
            let events = vec![pass_finished(whole, over)];
            unwritten = self.ledger.commit(Commit { events, ..Commit::new(now) }).await.is_err();
        }
        let degraded = self.degraded(unwritten, now);
        report.trouble.extend(self.alerting.as_ref().and_then(Alerting::trouble));
        if let Some((mut told, reply)) = answer {
            let open = self.ledger.state().incidents().await.unwrap_or_default();
            told.incidents = open.iter().map(IncidentReport::from).collect();
            told.incidents.extend(degraded.clone());
            // Whoever asked may not wait any more.
            drop(reply.send(told));
        }
        report.incidents.extend(degraded);
        report
    }

    /// Removes them, while others are served, and writes that down.
    pub(super) async fn clear_away_orphans(&self, due: Vec<Due>) {
        let events = self.remove_orphans(due).await;
        let commit = Commit { events, ..Commit::new(self.clock().now()) };
        // What could not be written is told by the rounds; the containers are gone all the same.
        let _untold = self.ledger.commit(commit).await;
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
    // That a wake waits is what its failure led to, and so is that of an attempt: nothing new.
    let waits = |action: &str| action == "none" || action == "hold";
    let led_there = |did: &str| waits(did) || did == "recreate" || did == "start";
    let moved = before.is_some_and(|(was, did)| {
        state != json!(was) || (action != did && !(waits(action) && led_there(did)))
    });
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
