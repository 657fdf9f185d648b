//! What was asked of an agent lately, and what it said: for the rule of silence.

use sweepd_decide::Timestamp;
use sweepd_decide::silent::{Asked, Output, Uttered};

/// What a source can tell of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Exchange {
    /// Messages that are acknowledged, in the order of the queue, with the acknowledgements as they
    /// stand now.
    pub asked: Vec<Asked>,
    /// What the agent said, mere statuses left out.
    pub outputs: Vec<Output>,
    /// When it wrote a mere status.
    pub statuses: Vec<Timestamp>,
    /// What became of what it said.
    pub uttered: Vec<Uttered>,
    /// There was more than is read.
    pub is_cut: bool,
}
