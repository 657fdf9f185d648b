//! From a survey to its agents' turns, and to the end of the last of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use sweepd_decide::{AgentId, Timestamp};
use tokio::sync::SemaphorePermit;

use super::flight::{Landed, Waiting};
use super::{Daemon, Step, Surveyed};
use crate::engine::span;
use crate::report::Report;
use crate::serve::jobs;

/// The agents of one survey, until the last of them has landed.
pub(super) struct Round {
    pub(super) left: usize,
    pub(super) whole: bool,
    pub(super) report: Report,
    pub(super) asked: bool,
}

impl<'e> Daemon<'e> {
    /// Everybody whom a survey enlisted waits for his turn, but for those who have one.
    pub(super) fn surveyed(&mut self, surveyed: Surveyed) {
        let Surveyed { mut call, survey, wanted } = surveyed;
        let (now, whole, asked) = (self.now(), wanted.is_whole(), call.order.is_some());
        if whole {
            self.resync_at = now.plus(span(self.engine.options().resync));
            let on: BTreeSet<&AgentId> = survey.rosters().collect();
            let read: BTreeSet<&str> = survey.names(&self.engine.sources).collect();
            self.agenda.keep(|agent| on.contains(agent) || !read.contains(agent.source()));
        }
        for agent in &wanted.agents {
            let there = call.turns.get(agent).is_some_and(|turn| turn.served);
            if !there && !self.agenda.is_busy(agent) {
                self.agenda.land(agent, None, now);
            }
        }
        self.number += 1;
        let mut round = Round { left: 0, whole, report: self.engine.empty_report(), asked };
        let mut rest = BTreeSet::new();
        let busy: BTreeSet<AgentId> = self.agenda.busy().union(&call.under_way).cloned().collect();
        let work = jobs(&mut call, &survey, |agent| !busy.contains(agent));
        for turn in call.turns.values().filter(|turn| turn.served) {
            if busy.contains(&turn.agent) {
                // Whatever led here is looked into once that turn is over.
                self.agenda.nudge(&turn.agent, now);
                rest.insert(turn.agent.clone());
            } else {
                // Its runtime does not answer.
                self.agenda.land(&turn.agent, None, now);
                round.report.agents.push(turn.report());
            }
        }
        let resync = whole && !asked;
        for job in work {
            let agent = job.turn.agent.clone();
            let run = job.turn.memory.run.as_ref().map(|run| &run.id);
            let told = wanted.runs.iter().any(|(_, told)| Some(told) == run);
            let has_hints = self.engine.sources.get(job.place).is_some_and(|s| !s.hints.is_empty());
            let waiting = Waiting {
                survey: Arc::clone(&survey),
                incidents: call.incidents.part(&agent),
                round: self.number,
                quiet: resync && has_hints && !self.first && !told,
                job,
            };
            self.agenda.enlist(&agent);
            self.waiting.insert(agent.clone(), waiting);
            if resync {
                self.back.push_back(agent);
            } else {
                self.front.push_back(agent);
            }
            round.left += 1;
        }
        if whole {
            self.first = false;
        }
        if let Some(asked) = self.asked.front_mut().filter(|_| asked) {
            // Of those that were left, some are served now, and some are on no roster any more.
            let left = asked.rest.take();
            let left = left.map_or(rest, |mut left| {
                left.retain(|agent| busy.contains(agent) || !wanted.agents.contains(agent));
                left
            });
            asked.rest = Some(left);
        }
        for name in survey.names(&self.engine.sources) {
            self.trouble.remove(name);
        }
        self.note_trouble(std::mem::take(&mut call.trouble));
        let engine = self.engine;
        self.under_way.push(Box::pin(async move {
            engine.write_down(&mut call).await;
            Step::Written(call.trouble)
        }));
        if round.left == 0 {
            self.close(round);
        } else {
            self.rounds.insert(self.number, round);
        }
    }

    /// Whoever waits for a resync's turn and is due by now goes first.
    pub(super) fn promote(&mut self, now: Timestamp) {
        let agenda = &self.agenda;
        let (due, others) =
            self.back.drain(..).partition::<Vec<_>, _>(|agent| agenda.announced(agent, now));
        self.front.extend(due);
        self.back = others.into();
    }

    pub(super) fn has_somebody_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Begins the turn of whoever waits first.
    pub(super) fn begin_one(&mut self, seat: Option<SemaphorePermit<'e>>) {
        while let Some(agent) = self.front.pop_front().or_else(|| self.back.pop_front()) {
            let Some(mut waiting) = self.waiting.remove(&agent) else { continue };
            waiting.quiet &= !self.agenda.announced(&agent, self.now());
            self.agenda.begin(&agent);
            let engine = self.engine;
            self.under_way.push(Box::pin(async move {
                Step::Landed(Box::new(engine.attend(waiting, seat).await))
            }));
            return;
        }
    }

    pub(super) fn landed(&mut self, landed: Landed) {
        let Landed { report, round: number, trouble, caught } = landed;
        let now = self.now();
        self.agenda.land(&report.id, report.recheck, now);
        self.trouble.remove(report.id.as_str());
        self.note_trouble(trouble);
        if let Some((event, runs)) = caught {
            self.suspects.add(report.id.clone(), runs, event, now);
        }
        let Some(round) = self.rounds.get_mut(&number) else { return };
        round.left = round.left.saturating_sub(1);
        round.report.agents.push(report);
        if round.left == 0
            && let Some(round) = self.rounds.remove(&number)
        {
            self.close(round);
        }
    }

    /// A round is over: it is written down, and whoever asked for it is told.
    pub(super) fn close(&mut self, round: Round) {
        let Round { whole, mut report, asked, .. } = round;
        let mut reply = None;
        if asked && let Some(front) = self.asked.front_mut() {
            front.gathered.append(&mut report.agents);
            front.in_round = false;
            if front.rest.as_ref().is_none_or(BTreeSet::is_empty)
                && let Some(done) = self.asked.pop_front()
            {
                report.agents = done.gathered;
                reply = Some(done.reply);
            }
        }
        report.trouble = self.trouble.values().cloned().collect();
        let engine = self.engine;
        self.under_way.push(Box::pin(async move {
            Step::Closed(Box::new(engine.close_round(report, whole, reply).await))
        }));
    }

    /// Nobody's turn is begun any more.
    pub(super) fn drop_what_waits(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        for (agent, waiting) in waiting {
            self.agenda.spare(&agent);
            if let Some(round) = self.rounds.get_mut(&waiting.round) {
                round.left = round.left.saturating_sub(1);
            }
        }
        let over: Vec<u64> = self
            .rounds
            .iter()
            .filter(|(_, round)| round.left == 0)
            .map(|(number, _)| *number)
            .collect();
        for number in over {
            let round = self.rounds.remove(&number);
            if let Some(round) = round {
                self.close(round);
            }
        }
    }
}
