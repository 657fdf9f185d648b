//! The daemon's loop: a pass when an answer may have changed, and over everybody each resync.

use std::collections::BTreeSet;

use sweepd_decide::{AgentId, Span};

use crate::agenda::Agenda;
use crate::engine::{Engine, EngineError, span};
use crate::report::Report;
use crate::trace;

/// Between two rounds at the least: an instant that has passed without a change costs no more.
const BREATH: Span = Span::from_millis(250);

impl Engine {
    /// Serves everybody until `shutdown` resolves; turns that are under way are finished first.
    /// Returns what the last round came to.
    ///
    /// # Errors
    /// The state cannot be read.
    ///
    /// # Cancel safety
    /// Dropping it is safe at every await, as with [`Engine::sweep`]; resolving `shutdown` is
    /// politer.
    pub async fn run(
        &self,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<Report, EngineError> {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut agenda = Agenda::default();
        let resync = span(self.options().resync);
        let mut resync_at = self.clock().now();
        let mut trouble = Vec::new();
        loop {
            let now = self.clock().now();
            // A clock that was set back must not make anybody wait longer than a resync.
            resync_at = resync_at.min(now.plus(resync));
            let everybody = now >= resync_at;
            let wanted = if everybody { agenda.everybody() } else { agenda.due(now) };
            let round = self.round((!everybody).then_some(&wanted));
            let mut round = std::pin::pin!(round);
            let mut ending = false;
            let report = loop {
                tokio::select! {
                    biased;
                    () = &mut shutdown, if !ending => {
                        ending = true;
                        self.end();
                    }
                    report = &mut round => break report?,
                }
            };
            trace::trouble(&trouble, &report.trouble);
            trouble.clone_from(&report.trouble);
            if ending {
                return Ok(report);
            }
            if everybody {
                resync_at = now.plus(resync);
            }
            file(&mut agenda, &report, &wanted);
            let soonest = self.clock().now().plus(BREATH);
            let next = agenda.next().map_or(resync_at, |at| at.min(resync_at)).max(soonest);
            tokio::select! {
                biased;
                () = &mut shutdown => return Ok(report),
                () = self.clock().sleep_until(next) => {}
            }
            self.set_late(self.clock().now().since(next));
        }
    }
}

/// Puts everybody down for when there may be something to do; who was asked for and is not there
/// any more is taken off.
fn file(agenda: &mut Agenda, report: &Report, wanted: &BTreeSet<AgentId>) {
    for agent in wanted {
        agenda.file(agent, None);
    }
    for agent in &report.agents {
        agenda.file(&agent.id, agent.recheck);
    }
}
