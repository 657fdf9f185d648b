//! A container of ours that was made and never started: sweepd was killed, or gave up waiting,
//! between the steps of making it. Nothing was ever written into it, and it may lack what comes
//! after its creation, like its other networks.

use serde_json::json;
use sweepd_decide::keep::Sight;
use sweepd_decide::{EventKind, RunState};

use super::Found;
use crate::ledger::LedgerError;
use crate::ports::{Expected, Seen};
use crate::report::Outcome;
use crate::tend::Tending;

impl Tending<'_> {
    /// Removes such a one, where sweepd may make another; it is missing then.
    ///
    /// # Errors
    /// The state could not be written.
    pub(super) async fn without_half_made(
        &mut self,
        expected: &Expected,
        found: Found,
    ) -> Result<Found, LedgerError> {
        let half = self.cx.fleet.named(&expected.name).filter(|seen| self.is_half_made(seen));
        let Some(run) = half.map(|seen| seen.run.clone()) else { return Ok(found) };
        if matches!(found.sight, Sight::Up) || !self.authority_now().await.wake {
            return Ok(found);
        }
        let removed = self.cx.fleet.runtime().remove(&run).await;
        let words = match &removed {
            Ok(()) => {
                "it was made by half, and is removed: nothing was ever started in it".to_owned()
            }
            Err(error) => format!("it was made by half, and cannot be removed: {}", error.chain()),
        };
        let data = json!({ "run": run, "error": words });
        self.turn.event(EventKind::ContainerRecreateFailed, data);
        let outcome = if removed.is_ok() { Outcome::Done } else { Outcome::Failed };
        self.turn.did("remove", outcome, Some(words));
        if removed.is_err() {
            return Ok(found);
        }
        self.turn.memory.kept.under_way = false;
        Ok(Found { sight: Sight::Missing, run: None, inspected: None, ended: found.ended })
    }

    /// Whether it carries our labels for this agent, and has never run.
    fn is_half_made(&self, seen: &Seen) -> bool {
        let mut ours = self.cx.fleet.labeled(self.agent().source());
        seen.state == RunState::Created
            && ours.any(|(agent, own)| agent == *self.agent() && own.run == seen.run)
    }
}
