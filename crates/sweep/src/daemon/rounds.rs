//! From a survey to its agents' turns, and to the end of the last of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use sweepd_decide::{AgentId, Timestamp};
use tokio::sync::SemaphorePermit;

use super::asks::Asked;
use super::flight::{Landed, Waiting};
use super::{Daemon, Step, Surveyed};
use crate::call::Call;
use crate::engine::span;
use crate::order::{Scope, Wanted};
use crate::report::{AgentReport, Report};
use crate::serve::jobs;
use crate::survey::Survey;

/// The agents of one survey, until the last of them has landed.
pub(super) struct Round {
    pub(super) left: usize,
    pub(super) whole: bool,
    pub(super) report: Report,
    /// Whose question it answers.
    pub(super) ask: Option<u64>,
    /// The sources it concerns.
    pub(super) sources: BTreeSet<String>,
}

impl<'e> Daemon<'e> {
    /// Everybody whom a survey enlisted waits for his turn, but for those who have one.
    pub(super) fn surveyed(&mut self, surveyed: Surveyed) {
        let Surveyed { mut call, survey, wanted, ask, orphans } = surveyed;
        let (whole, asked) = (wanted.is_whole(), ask.is_some());
        if !orphans.is_empty() {
            let engine = self.engine;
            self.under_way.push(Box::pin(async move {
                engine.clear_away_orphans(orphans).await;
                Step::Told
            }));
        }
        if whole {
            self.resync_at = self.now().plus(span(self.engine.options().resync));
        }
        let called_back = if asked { self.call_back(&call) } else { BTreeSet::new() };
        self.miss(&call, &survey, &wanted);
        self.number += 1;
        let names = self.engine.sources.iter().map(|setup| setup.source.name());
        let sources = names.filter(|name| wanted.concerns(name)).map(str::to_owned).collect();
        let mut round = Round { left: 0, whole, report: self.engine.empty_report(), ask, sources };
        let busy = self.agenda.busy().union(&call.under_way);
        let busy: BTreeSet<AgentId> =
            busy.filter(|agent| !called_back.contains(*agent)).cloned().collect();
        let work = jobs(&mut call, &survey, |agent| !busy.contains(agent));
        let rest = self.cannot_serve(&call, &busy, &mut round);
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
                promoted: !resync,
                job,
            };
            self.agenda.enlist(&agent);
            self.waiting.insert(agent.clone(), waiting);
            let queue = if resync { &mut self.back } else { &mut self.front };
            queue.push_back(agent);
            round.left += 1;
        }
        self.first &= !whole;
        if let Some(asked) = ask.and_then(|ask| self.asked.get_mut(&ask)) {
            // Of those that were left, some are served now, and some are on no roster any more.
            let left = asked.rest.take();
            let left = left.map_or(rest, |mut left| {
                left.retain(|agent| busy.contains(agent) || !wanted.agents.contains(agent));
                left
            });
            asked.rest = Some(left);
        }
        let names = self.engine.sources.iter().map(|setup| setup.source.name());
        for name in names.filter(|name| wanted.concerns(name)) {
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

    /// Whoever a person asks about and whose turn has not begun has another one instead, unless
    /// that is somebody else's order. What is known of him is the newest: he has waited all along.
    fn call_back(&mut self, call: &Call) -> BTreeSet<AgentId> {
        let asked = call.turns.values().filter(|turn| turn.served).map(|turn| &turn.agent);
        let free = |agent: &&AgentId| {
            let round = self.waiting.get(*agent).and_then(|job| self.rounds.get(&job.round));
            round.is_some_and(|round| round.ask.is_none())
        };
        let called_back: BTreeSet<AgentId> = asked.filter(free).cloned().collect();
        for agent in &called_back {
            let Some(job) = self.waiting.remove(agent) else { continue };
            self.agenda.spare(agent);
            self.one_less(job.round);
        }
        called_back
    }

    /// Whoever was wanted and is not there is forgotten; where nobody could look, he is due again
    /// after a while.
    fn miss(&mut self, call: &Call, survey: &Survey, wanted: &Wanted) {
        let now = self.now();
        let read: BTreeSet<&str> = survey.names(&self.engine.sources).collect();
        for agent in &wanted.agents {
            if self.agenda.is_busy(agent) {
                continue;
            }
            let there = call.turns.get(agent).is_some_and(|turn| turn.served);
            if !there && read.contains(agent.source()) {
                self.agenda.forget(agent);
                self.known.remove(agent);
            } else if !there {
                self.agenda.put_off(agent, now);
            }
        }
        if wanted.is_whole() {
            let on: BTreeSet<&AgentId> = survey.rosters().collect();
            let stays = |agent: &AgentId| on.contains(agent) || !read.contains(agent.source());
            self.agenda.keep(stays);
            self.known.retain(|agent, _| stays(agent));
            let is_agent = |key: &str| key.contains('/');
            self.trouble.retain(|key, _| !is_agent(key) || stays(&AgentId::new(key.as_str())));
        }
    }

    /// Those of a survey who have no turn: because one is under way, which is looked into once it
    /// is over, or because their runtime does not answer. The former.
    fn cannot_serve(
        &mut self,
        call: &Call,
        busy: &BTreeSet<AgentId>,
        round: &mut Round,
    ) -> BTreeSet<AgentId> {
        let now = self.now();
        let mut rest = BTreeSet::new();
        for turn in call.turns.values().filter(|turn| turn.served) {
            if busy.contains(&turn.agent) {
                self.agenda.nudge(&turn.agent, now);
                rest.insert(turn.agent.clone());
            } else {
                self.agenda.put_off(&turn.agent, now);
                let report = turn.report();
                self.known.insert(report.id.clone(), report.clone());
                round.report.agents.push(report);
            }
        }
        rest
    }

    /// Whoever waits for a resync's turn and is due by now goes first.
    pub(super) fn promote(&mut self, now: Timestamp) {
        for agent in self.agenda.overtaken(now) {
            if let Some(waiting) = self.waiting.get_mut(agent).filter(|one| !one.promoted) {
                waiting.promoted = true;
                self.front.push_back(agent.clone());
            }
        }
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
                Step::Landed(Box::new(Box::pin(engine.take_turn(waiting, seat)).await))
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
        self.known.insert(report.id.clone(), report.clone());
        if let Some(round) = self.rounds.get_mut(&number) {
            round.report.agents.push(report);
        }
        self.one_less(number);
    }

    /// One of a round's agents has had his turn, or has none after all.
    fn one_less(&mut self, number: u64) {
        let Some(round) = self.rounds.get_mut(&number) else { return };
        round.left = round.left.saturating_sub(1);
        if round.left == 0
            && let Some(round) = self.rounds.remove(&number)
        {
            self.close(round);
        }
    }

    /// A round is over: it is written down, and whoever asked for it is told.
    pub(super) fn close(&mut self, round: Round) {
        let Round { mut whole, mut report, ask, sources, .. } = round;
        report.trouble = self.trouble_of(&sources, &report);
        let mut answer = None;
        // What was asked for is over when everybody was served, in however many rounds.
        whole &= ask.is_none();
        if let Some(ask) = ask
            && let Some(asked) = self.asked.get_mut(&ask)
        {
            asked.gathered.extend(report.agents.iter().cloned());
            asked.trouble.extend(report.trouble.iter().cloned());
            asked.in_round = false;
            if asked.rest.as_ref().is_none_or(BTreeSet::is_empty)
                && let Some(done) = self.asked.remove(&ask)
            {
                let Asked { scope, gathered: agents, trouble, reply, .. } = done;
                whole = scope == Scope::All;
                let trouble = trouble.into_iter().collect();
                answer = Some((Report { agents, trouble, ..report.clone() }, reply));
            }
        }
        let engine = self.engine;
        self.under_way.push(Box::pin(async move {
            Step::Closed(Box::new(engine.close_round(report, whole, answer).await))
        }));
    }

    /// What kept sweepd from looking, as far as a round is concerned.
    fn trouble_of(&self, sources: &BTreeSet<String>, report: &Report) -> Vec<String> {
        let concerns = |key: &str| {
            let of = |agent: &AgentReport| agent.id.as_str() == key;
            key.is_empty() || sources.contains(key) || report.agents.iter().any(of)
        };
        let own = self.trouble.iter().filter(|(key, _)| concerns(key));
        own.map(|(_, trouble)| trouble.clone()).collect()
    }

    /// Nobody's turn is begun any more. Whoever asked for one of which nothing was done is told that
    /// nobody runs; else what was done, and that it is not all.
    pub(super) fn drop_what_waits(&mut self) {
        for (agent, waiting) in std::mem::take(&mut self.waiting) {
            self.agenda.spare(&agent);
            if let Some(round) = self.rounds.get_mut(&waiting.round) {
                round.left = round.left.saturating_sub(1);
                if let Some(asked) = round.ask.and_then(|ask| self.asked.get_mut(&ask)) {
                    asked.rest.get_or_insert_default().insert(agent);
                }
            }
        }
        let under_way: BTreeSet<u64> =
            self.rounds.values().filter(|round| round.left > 0).filter_map(|r| r.ask).collect();
        self.asked.retain(|ask, asked| under_way.contains(ask) || !asked.gathered.is_empty());
        for asked in self.asked.values_mut() {
            let rest = asked.rest.take().unwrap_or_default();
            if !rest.is_empty() {
                let names: Vec<&str> = rest.iter().map(AgentId::as_str).collect();
                asked.trouble.insert(format!(
                    "not carried out for {}: sweepd ended before",
                    names.join(", ")
                ));
            }
            asked.rest = Some(BTreeSet::new());
        }
        let over = |round: &Round| round.left == 0;
        let over: Vec<u64> =
            self.rounds.iter().filter(|(_, round)| over(round)).map(|(n, _)| *n).collect();
        for number in over {
            if let Some(round) = self.rounds.remove(&number) {
                self.close(round);
            }
        }
        // What is gathered and has no round any more.
        let left = self.asked.keys().filter(|ask| !under_way.contains(*ask)).copied();
        for ask in left.collect::<Vec<_>>() {
            let (report, sources) = (self.engine.empty_report(), BTreeSet::new());
            self.close(Round { left: 0, whole: false, report, ask: Some(ask), sources });
        }
    }
}
