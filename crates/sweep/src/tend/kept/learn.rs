//! What a container is made of, learned while it is there: afterwards nobody can be asked.

use sweepd_decide::{RunId, keep};

use crate::fingerprint::fingerprint;
use crate::ledger::LedgerError;
use crate::ports::{Commit, LearnedSpec, PortError};
use crate::tend::Tending;

impl Tending<'_> {
    /// Learns at every look: networks are joined and limits changed while it runs. What is known
    /// already is not written again. What cannot be learned now is tried at the next look.
    ///
    /// # Errors
    /// The state could not be written.
    pub(super) async fn learn(&mut self, run: &RunId) -> Result<(), LedgerError> {
        let Some(keeper) = self.cx.setup.keeper.clone() else { return Ok(()) };
        let learned = match self.standing(keeper.learn(run)).await {
            Ok(learned) => learned,
            Err(PortError::Gone { .. }) => return Ok(()),
            Err(error) => {
                tracing::debug!(agent = %self.agent(), error = error.chain(), "not learned");
                return Ok(());
            }
        };
        let print = fingerprint(learned.spec.to_string().bytes());
        let kept = &self.turn.memory.kept;
        if kept.learned.as_ref() == Some(run) && kept.print == Some(print) {
            return Ok(());
        }
        let kept = keep::learned(kept, run, print, learned.project.as_deref());
        self.turn.memory.kept = kept;
        let (agent, run) = (self.agent().clone(), run.clone());
        let spec = Some(LearnedSpec { agent, run, spec: learned.spec });
        let commit = Commit { spec, ..self.record() };
        self.cx.ledger.commit(commit).await?;
        Ok(())
    }
}
