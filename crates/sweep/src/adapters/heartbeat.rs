//! The heartbeat that a dead run left behind: removed before its heir starts.

use std::path::Path;

/// The file whose modification time is an agent's last sign of life.
const HEARTBEAT: &str = ".heartbeat";

/// Removes a stale heartbeat, so that nobody takes it for the heir's. A link is removed, not
/// followed; what cannot be removed is left to the incarnation gate.
pub(super) async fn remove_stale(workspace: Option<&Path>) {
    if let Some(dir) = workspace {
        drop(tokio::fs::remove_file(dir.join(HEARTBEAT)).await);
    }
}
