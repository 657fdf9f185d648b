//! What a run looked like before it was stopped for a fault: evidence, and never in the way.

use std::time::Duration;

use serde_json::{Value, json};
use sweepd_decide::{ClaimKey, Observed, RunId, Snapshot};
use tokio::time::timeout;

use super::Tending;
use crate::clean::clean;
use crate::redact::redact;

/// How long all of it may take.
const WITHIN: Duration = Duration::from_secs(2);
/// So many of its last lines.
const LINES: usize = 200;
/// So many of its open claims.
const CLAIMS: usize = 20;

impl Tending<'_> {
    /// The last lines it wrote, its tool in flight and its open claims; where something could not
    /// be had, why.
    pub(super) async fn autopsy(&self, run: &RunId, snapshot: &Snapshot) -> Value {
        let log = timeout(WITHIN, self.cx.fleet.runtime().logs(run, LINES)).await;
        let (log, missing) = match log {
            Ok(Ok(log)) => (log.lines().map(redact).collect(), None),
            Ok(Err(error)) => (Vec::new(), Some(clean(&error.chain()))),
            Err(_) => (Vec::new(), Some(format!("it did not come within {WITHIN:?}"))),
        };
        let tool = match &snapshot.tool {
            Observed::Known(tool) => json!({
                "name": tool.name.as_deref().map(clean),
                "declared_ms": tool.declared_ms,
                "started_at": tool.started_at.raw().map(clean),
            }),
            Observed::Absent => Value::Null,
            Observed::Unknown => json!("unknown"),
        };
        let claims = snapshot.claims.known().into_iter().flatten().take(CLAIMS).map(ClaimKey::of);
        let claims: Vec<Value> = claims
            .map(|claim| {
                let at = claim.status_changed.as_deref().map(clean);
                json!({ "message_id": clean(claim.message_id.as_str()), "claimed_at": at })
            })
            .collect();
        json!({ "log": log, "log_missing": missing, "tool": tool, "claims": claims })
    }
}
