//! Whom the next survey is about, and when that is.

use std::collections::BTreeSet;

use sweepd_decide::{AgentId, Span, Timestamp};

use super::{Daemon, Step, Surveyed};
use crate::engine::span;
use crate::order::Wanted;

/// Between two looks at what is due while a survey is under way.
const MEANWHILE: Span = Span::from_secs(1);

impl Daemon<'_> {
    /// Begins a survey, if there is something to look at and none is under way.
    pub(super) fn begin_what_is_due(&mut self) {
        let now = self.now();
        // A clock that was set back must not make anybody wait longer than a resync.
        self.resync_at = self.resync_at.min(now.plus(span(self.engine.options().resync)));
        self.promote(now);
        if self.surveying {
            return;
        }
        let Some((wanted, ask)) = self.wanted(now) else { return };
        let order = ask.and_then(|ask| Some(self.asked.get(&ask)?.order.clone()));
        self.surveying = true;
        self.heard.looked(now);
        let busy: BTreeSet<AgentId> = self.agenda.busy().clone();
        let engine = self.engine;
        self.under_way.push(Box::pin(async move {
            let looked = engine.look_around(wanted, order, &busy).await;
            Step::Surveyed(looked.map(|looked| Box::new(Surveyed { ask, ..looked })))
        }));
    }

    /// Who is to be looked at now: whom a person asks about, whom a limit or a hint names,
    /// everybody; in this order.
    pub(super) fn wanted(&mut self, now: Timestamp) -> Option<(Wanted, Option<u64>)> {
        if let Some(next) = self.next_asked() {
            return Some(next);
        }
        if now >= self.resync_at {
            // What was heard is looked into along with it.
            let runs = self.heard.take_all(now);
            return Some((Wanted { runs, ..Wanted::everybody() }, None));
        }
        if self.is_anybody_due(now) {
            let wanted = Wanted { agents: self.agenda.due(now), ..self.heard.take(now) };
            return Some((wanted, None));
        }
        None
    }

    /// Whom a person asks about that has not been answered: all of them, or those that are left and
    /// free.
    fn next_asked(&mut self) -> Option<(Wanted, Option<u64>)> {
        for (number, asked) in self.asked.iter_mut().filter(|(_, asked)| !asked.in_round) {
            let wanted = match &asked.rest {
                None => Wanted { scopes: vec![asked.scope.clone()], ..Wanted::default() },
                Some(rest) => {
                    let free = rest.iter().filter(|agent| !self.agenda.is_busy(agent));
                    Wanted { agents: free.cloned().collect(), ..Wanted::default() }
                }
            };
            if !wanted.agents.is_empty() || !wanted.scopes.is_empty() {
                asked.in_round = true;
                return Some((wanted, Some(*number)));
            }
        }
        None
    }

    pub(super) fn is_anybody_due(&self, now: Timestamp) -> bool {
        let next = self.agenda.next().into_iter().chain(self.heard.next()).min();
        next.is_some_and(|at| at <= now)
    }

    /// When there is something to do at the latest.
    pub(super) fn next(&self) -> Timestamp {
        if self.surveying {
            return self.resync_at.max(self.now().plus(MEANWHILE));
        }
        let due =
            self.agenda.next().into_iter().chain(self.heard.next()).chain(self.suspects.next());
        due.chain([self.resync_at]).min().unwrap_or(self.resync_at)
    }
}
