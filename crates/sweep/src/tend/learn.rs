//! What a run is made of, learned while it is there: afterwards nobody can be asked.

use sweepd_decide::{RunId, keep};

use super::Tending;
use crate::fingerprint::fingerprint;
use crate::ledger::LedgerError;
use crate::ports::{Commit, LearnedSpec, PortError};

impl Tending<'_> {
    /// Learns what a run is made of. What cannot be learned now is tried at the next look.
    ///
    /// # Errors
    /// The state could not be written.
    pub(super) async fn learn_once(&mut self, run: &RunId) -> Result<(), LedgerError> {
        if self.turn.memory.kept.learned.as_ref() == Some(run) {
            return Ok(());
        }
        self.learn(run).await
    }

    /// The same at every look: networks are joined and limits changed while it runs. What is known
    /// already is not written again.
    ///
    /// # Errors
    /// The state could not be written.
    pub(super) async fn learn(&mut self, run: &RunId) -> Result<(), LedgerError> {
        let Some(learner) = self.cx.setup.learner.clone() else { return Ok(()) };
        let made = match self.standing(learner.learn(run)).await {
            Ok(made) => made,
            Err(PortError::Gone { .. }) => return Ok(()),
            Err(error) => {
                tracing::debug!(agent = %self.agent(), error = error.chain(), "not learned");
                return Ok(());
            }
        };
        let print = fingerprint(made.spec.to_string().bytes());
        let kept = &self.turn.memory.kept;
        if kept.learned.as_ref() == Some(run) && kept.print == Some(print) {
            return Ok(());
        }
        let kept = keep::learned(kept, run, print, made.project.as_deref());
        self.turn.memory.kept = kept;
        let (agent, run) = (learner.shelf(self.enlisted), run.clone());
        let spec = Some(LearnedSpec { agent, run, spec: made.spec });
        let commit = Commit { spec, ..self.record() };
        self.cx.ledger.commit(commit).await?;
        Ok(())
    }
}
