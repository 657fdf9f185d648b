//! Serving agents: so many look at once, and whoever does something slow gives up his seat.

use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use sweepd_decide::AgentId;
use tokio::sync::SemaphorePermit;

use crate::call::Call;
use crate::engine::Engine;
use crate::ledger::LedgerError;
use crate::survey::Survey;
use crate::tend::{Context, tend};
use crate::turn::Turn;

/// An agent's turn, and where it is in the survey.
pub(crate) struct Job {
    /// The place of its source among the engine's.
    pub(crate) place: usize,
    /// Its place on the roster.
    pub(crate) index: usize,
    pub(crate) turn: Turn,
}

impl Engine {
    /// Serves those of a call that are `wanted`; `None`: everybody whom the survey enlisted.
    ///
    /// # Cancel safety
    /// Safe at every await: whatever is done was committed before.
    pub(crate) async fn serve(
        &self,
        call: &mut Call,
        survey: &Survey,
        wanted: Option<&BTreeSet<AgentId>>,
    ) {
        let mut jobs = jobs(call, survey, |agent| wanted.is_none_or(|all| all.contains(agent)));
        jobs.reverse();
        let mut under_way = FuturesUnordered::new();
        loop {
            tokio::select! {
                biased;
                Some((turn, error)) = under_way.next() => {
                    let turn: Turn = turn;
                    call.turns.insert(turn.agent.clone(), turn);
                    call.unwritten(error);
                }
                seat = self.seat(), if !jobs.is_empty() => {
                    under_way.extend(jobs.pop().map(|job| self.serve_one(survey, job, seat)));
                }
                else => break,
            }
        }
        call.note_unanswered();
    }

    /// One agent. Its looks and writes have deadlines of their own, so whoever is slow costs only
    /// himself; a wake or a stop that was begun is seen through.
    pub(crate) async fn serve_one<'a>(
        &'a self,
        survey: &'a Survey,
        job: Job,
        seat: Option<SemaphorePermit<'a>>,
    ) -> (Turn, Option<LedgerError>) {
        let Job { place, index, mut turn } = job;
        let found = self.sources.get(place).zip(survey.found.get(&place));
        let Some((setup, found)) = found else { return (turn, None) };
        let enlisted = found.view.roster.agents.get(index);
        let Some(enlisted) = enlisted else { return (turn, None) };
        // What is doubted by now, not when the source was looked at.
        let doubt = self.timekeeper.doubt();
        let cx = Context {
            clock: self.clock(),
            ledger: &self.ledger,
            setup,
            fleet: &found.fleet,
            options: self.options(),
            host: found.view.host,
            until: survey.until,
            daemon: survey.daemon,
            boot_id: &survey.boot_id,
            doubt: &doubt,
            board: &self.board,
            names: &self.expected,
            vault: &self.vault,
            pauses: &self.pauses,
            wakes: &self.wakes,
        };
        let error = tend(&cx, enlisted, &mut turn, seat).await.err();
        (turn, error)
    }

    /// A seat to look from. `None`: there are none to wait for.
    pub(crate) async fn seat(&self) -> Option<SemaphorePermit<'_>> {
        self.seats.acquire().await.ok()
    }
}

/// The turns of those who are on the survey's rosters, may be served, and are `wanted`.
pub(crate) fn jobs(
    call: &mut Call,
    survey: &Survey,
    wanted: impl Fn(&AgentId) -> bool,
) -> Vec<Job> {
    let mut jobs = Vec::new();
    for (place, found) in &survey.found {
        if found.fleet.trouble().is_some() {
            continue;
        }
        for (index, enlisted) in found.view.roster.agents.iter().enumerate() {
            let agent = &enlisted.agent;
            let served = call.turns.get(agent).is_some_and(|turn| turn.served);
            if served && wanted(agent) {
                let turn = call.turns.remove(agent);
                jobs.extend(turn.map(|turn| Job { place: *place, index, turn }));
            }
        }
    }
    jobs
}
