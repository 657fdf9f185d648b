//! Is the credential of an agent good before it is woken?

use std::time::Duration;

use serde_json::json;
use sweepd_decide::EventKind;
use tokio::time::timeout;

use super::Tending;
use crate::clean::clean;
use crate::credentials::ending;

/// A wake waits for a newer credential no longer than this.
const WITHIN: Duration = Duration::from_secs(35);

impl Tending<'_> {
    /// Looks for a newer one where that of this agent ends. Whatever comes of it, the wake goes on.
    pub(super) async fn renew_before_wake(&mut self) {
        let vault = self.cx.vault;
        let Some(port) = vault.port() else { return };
        let Some(workspace) = self.enlisted.workspace.clone() else { return };
        let now = self.now;
        let renewing = async {
            let seen = port.look(Some(&workspace)).await;
            let ending = ending(&seen, now);
            if ending.is_empty() || !vault.may_try(now) {
                return None;
            }
            Some(port.renew(&ending).await)
        };
        let renewed = match self.standing(timeout(WITHIN, renewing)).await {
            // Nothing was looked for: that says nothing about the next time.
            Ok(None) => return,
            Ok(Some(renewed)) => renewed,
            Err(_) => Vec::new(),
        };
        vault.tried(&renewed, now);
        for one in renewed {
            let Ok(until) = one.outcome else { continue };
            let path = clean(&one.path.display().to_string());
            let data = json!({
                "path": path, "until": until.to_string(), "from": one.from, "holders": [],
            });
            self.turn.event(EventKind::CredentialRefreshed, data);
        }
    }
}
