//! The daemon's loop: a pass when an answer may have changed, and over everybody each resync.

use sweepd_decide::{Span, Timestamp};

use crate::agenda::Agenda;
use crate::engine::{Engine, EngineError, span};
use crate::report::Report;

/// After a deadline that has passed without a change, not again before this.
const BREATH: Span = Span::from_millis(250);

impl Engine {
    /// Serves everybody until `shutdown` resolves; a pass that is under way is finished first.
    ///
    /// # Errors
    /// The state cannot be read.
    ///
    /// # Cancel safety
    /// Dropping it is safe at every await, as with [`Engine::sweep`]; resolving `shutdown` is
    /// politer.
    pub async fn run(&self, shutdown: impl Future<Output = ()> + Send) -> Result<(), EngineError> {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut agenda = Agenda::default();
        let mut resync_at = self.clock().now();
        loop {
            let now = self.clock().now();
            let report = if now >= resync_at {
                resync_at = now.plus(span(self.options().resync));
                self.round(None).await?
            } else {
                self.round(Some(&agenda.due(now))).await?
            };
            let soonest = self.clock().now().plus(BREATH);
            file(&mut agenda, &report, soonest);
            let next = agenda.next().map_or(resync_at, |at| at.min(resync_at));
            tokio::select! {
                biased;
                () = &mut shutdown => return Ok(()),
                () = self.clock().sleep_until(next) => {}
            }
        }
    }
}

fn file(agenda: &mut Agenda, report: &Report, soonest: Timestamp) {
    for agent in &report.agents {
        agenda.file(&agent.id, agent.decision.recheck.map(|at| at.max(soonest)));
    }
}
