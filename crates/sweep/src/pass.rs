//! One pass: list every runtime once, then serve the agents, several at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::StreamExt as _;
use futures_util::stream;
use sweepd_decide::{AgentId, Doubt, Timestamp};

use crate::fleet::Fleet;
use crate::ledger::{Ledger, LedgerError};
use crate::ports::{Clock, Enlisted};
use crate::setup::{Options, SourceSetup};
use crate::source::SourceView;
use crate::tend::{Context, tend};
use crate::turn::Turn;

/// What a pass works with.
pub(crate) struct Pass<'a> {
    pub(crate) clock: &'a dyn Clock,
    pub(crate) ledger: &'a Ledger,
    pub(crate) options: &'a Options,
    /// Nobody's turn is begun any more.
    pub(crate) ending: &'a AtomicBool,
    /// No stop is begun after this instant.
    pub(crate) until: Timestamp,
    /// A round of the daemon, not a call of its own.
    pub(crate) daemon: bool,
    /// The host's present boot.
    pub(crate) boot_id: &'a str,
    /// What is doubted about time.
    pub(crate) doubt: &'a Doubt,
}

impl Pass<'_> {
    /// Serves those of a source's agents that are `wanted`; `None` is everybody. Their turns are
    /// taken from `turns` and put back.
    ///
    /// # Cancel safety
    /// Safe at every await: whatever is done was committed before.
    pub(crate) async fn serve(
        &self,
        setup: &SourceSetup,
        view: &SourceView,
        fleet: &Fleet,
        wanted: Option<&BTreeSet<AgentId>>,
        turns: &mut BTreeMap<AgentId, Turn>,
    ) -> Vec<LedgerError> {
        let cx = Context {
            clock: self.clock,
            ledger: self.ledger,
            setup,
            fleet,
            options: self.options,
            host: view.host,
            until: self.until,
            daemon: self.daemon,
            boot_id: self.boot_id,
            doubt: self.doubt,
        };
        let mut work: Vec<(&Enlisted, Turn)> = Vec::new();
        for enlisted in &view.roster.agents {
            if wanted.is_none_or(|wanted| wanted.contains(&enlisted.agent))
                && let Some(turn) = turns.remove(&enlisted.agent)
            {
                work.push((enlisted, turn));
            }
        }
        let served: Vec<(Turn, Option<LedgerError>)> = stream::iter(work)
            .map(|(enlisted, turn)| self.serve_one(&cx, enlisted, turn))
            .buffer_unordered(self.options.concurrency.max(1))
            .collect()
            .await;
        let mut errors = Vec::new();
        for (turn, error) in served {
            turns.insert(turn.agent.clone(), turn);
            errors.extend(error);
        }
        errors
    }

    /// One agent. Its looks and writes have deadlines of their own, so whoever is slow costs only
    /// himself; a wake or a stop that was begun is seen through.
    async fn serve_one(
        &self,
        cx: &Context<'_>,
        enlisted: &Enlisted,
        mut turn: Turn,
    ) -> (Turn, Option<LedgerError>) {
        if self.ending.load(Ordering::Relaxed) {
            return (turn, None);
        }
        let error = tend(cx, enlisted, &mut turn).await.err();
        (turn, error)
    }
}
