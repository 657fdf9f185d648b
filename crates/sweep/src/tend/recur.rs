//! Step 6: the next run of every series whose last one has ended.

use sweepd_decide::session::{self, NextRun, Queue};

use super::Tending;
use crate::ledger::LedgerError;

impl Tending<'_> {
    /// Finds the next runs in the source's zone, and clones.
    pub(super) async fn carry_on_series(&mut self, queue: &mut Queue) -> Result<(), LedgerError> {
        let next: Vec<NextRun> = session::recurring(queue)
            .map(|(message, expr)| NextRun {
                message_id: message.id.clone(),
                at: sweepd_schedule::next_run(expr, &self.cx.setup.zone, self.now)
                    .map_err(|error| error.to_string()),
            })
            .collect();
        let (effects, findings) = session::recur(queue, &self.turn.memory, &next, self.now);
        self.found(findings);
        self.change(queue, effects, Vec::new()).await
    }
}
