//! What a person asks while the daemon runs.

use std::collections::BTreeSet;

use sweepd_decide::{AgentId, Timestamp};
use tokio::sync::oneshot;

use super::{Daemon, Step};
use crate::board;
use crate::handle::Ask;
use crate::incidents;
use crate::order::{Order, Scope};
use crate::ports::{Commit, Incident};
use crate::report::{AgentReport, IncidentReport, Report};

/// An order under way.
pub(super) struct Asked {
    pub(super) order: Order,
    pub(super) scope: Scope,
    /// Who is still to be served; `None`: nobody has been yet.
    pub(super) rest: Option<BTreeSet<AgentId>>,
    pub(super) gathered: Vec<AgentReport>,
    pub(super) trouble: BTreeSet<String>,
    pub(super) reply: oneshot::Sender<Report>,
    pub(super) in_round: bool,
}

impl Daemon<'_> {
    /// Everybody in a scope is looked at as soon as may be.
    fn nudge(&mut self, scope: &Scope, now: Timestamp) {
        if let Scope::Agent(agent) = scope {
            return self.agenda.nudge(agent, now);
        }
        for agent in
            self.agenda.known().filter(|agent| scope.holds(agent)).cloned().collect::<Vec<_>>()
        {
            self.agenda.nudge(&agent, now);
        }
    }

    /// What is known of those in a scope, and open about them. Whoever asked may not wait any more.
    fn status(&self, scope: &Scope, reply: oneshot::Sender<Report>) {
        let mut report = self.engine.empty_report();
        let known = self.known.values().filter(|known| scope.holds(&known.id));
        report.agents = known.cloned().collect();
        report.trouble = self.trouble.values().cloned().collect();
        let (engine, scope) = (self.engine, scope.clone());
        self.under_way.push(Box::pin(async move {
            // What cannot be read is not known: whoever asked is told that nobody answers.
            if let Ok(open) = engine.incidents().await {
                let about = |open: &&Incident| match (&open.agent, &scope) {
                    (Some(agent), scope) => scope.holds(agent),
                    (None, Scope::Agent(_)) => false,
                    (None, Scope::Source(name)) => incidents::is_about(&open.key, name),
                    (None, Scope::All) => true,
                };
                report.incidents = open.iter().filter(about).map(IncidentReport::from).collect();
                report.summarize();
                drop(reply.send(report));
            }
            Step::Told
        }));
    }

    pub(super) fn ask(&mut self, ask: Ask) {
        let now = self.now();
        match ask {
            Ask::Nudge(scope) => self.nudge(&scope, now),
            Ask::Order { order, scope, reply } => {
                self.number += 1;
                let asked = Asked {
                    order,
                    scope,
                    rest: None,
                    gathered: Vec::new(),
                    trouble: BTreeSet::new(),
                    reply,
                    in_round: false,
                };
                self.asked.insert(self.number, asked);
            }
            Ask::Status { scope, reply } => self.status(&scope, reply),
            Ask::Attend { attention, reply } => {
                let engine = self.engine;
                self.under_way.push(Box::pin(async move {
                    // Whoever asked may not wait any more.
                    drop(reply.send(engine.attend(attention).await));
                    Step::Told
                }));
            }
            Ask::Release { reply } => {
                let released: Vec<AgentId> = self.engine.board.release().into_keys().collect();
                for agent in &released {
                    self.agenda.nudge(agent, now);
                }
                let engine = self.engine;
                self.under_way.push(Box::pin(async move {
                    let events = vec![board::event(None, "released", None)];
                    let commit = Commit { events, ..Commit::new(now) };
                    // What cannot be written down is done all the same: a person asked for it.
                    drop(engine.ledger.commit(commit).await);
                    // Whoever asked may not wait any more.
                    drop(reply.send(released));
                    Step::Told
                }));
            }
        }
    }
}
