//! What should the stuck decision say in profile `nanoclaw`? Two rules, nothing else.

use sweepd_decide::{Observed, Policy, Snapshot, Timestamp};

use super::facts::ms;
use super::narrow;

/// What a look must say in profile `nanoclaw`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NanoExpect {
    /// `ok`, `kill-ceiling` or `kill-claim`.
    pub action: &'static str,
    /// Whether the agent surely has nothing to do: no claim, no tool, no due message.
    pub idle: bool,
    /// The claim named.
    pub message_id: Option<String>,
    /// The instant the rule measures from, in UTC milliseconds.
    pub since: Option<i64>,
    /// What the rule allows, a declared timeout included, in milliseconds.
    pub limit_ms: Option<i64>,
}

/// What a look at `now` must say in profile `nanoclaw`.
pub fn judge_nanoclaw(policy: &Policy, snapshot: &Snapshot, now: Timestamp) -> NanoExpect {
    let ok =
        NanoExpect { action: "ok", idle: false, message_id: None, since: None, limit_ms: None };
    let Snapshot { heartbeat, tool, claims, .. } = snapshot;
    if heartbeat.is_unknown() || tool.is_unknown() || claims.is_unknown() {
        // NanoClaw reads all three before it judges; if it cannot, it does not.
        return ok;
    }
    let heartbeat = heartbeat.known().map(|file| ms(file.mtime));
    let bash = tool.known().filter(|tool| tool.name.as_deref() == Some("Bash"));
    let declared = bash.and_then(|tool| tool.declared_ms).map(i128::from);
    let ceiling = i128::from(policy.ceiling.as_millis());
    let ceiling = declared.map_or(ceiling, |declared| declared.max(ceiling));
    let tolerance = i128::from(policy.claim_tolerance.as_millis());
    let tolerance = declared.map_or(tolerance, |declared| declared.max(tolerance));

    if let Some(heartbeat) = heartbeat
        && ms(now) - heartbeat > ceiling
    {
        let name = tool.known().and_then(|tool| tool.name.as_deref());
        let in_flight = name.is_some_and(|name| !name.is_empty());
        let claimed = claims.known().is_some_and(|claims| !claims.is_empty());
        let waiting = match &snapshot.due {
            Observed::Known(due) => due.iter().any(|due| due.at <= now),
            Observed::Absent => false,
            Observed::Unknown => true,
        };
        let idle = !in_flight && !claimed && !waiting;
        return NanoExpect { idle, ..stop("kill-ceiling", None, heartbeat, ceiling) };
    }
    for claim in claims.known().into_iter().flatten() {
        let Some(claimed) = claim.status_changed.at().map(ms) else { continue };
        let alive = heartbeat.is_some_and(|heartbeat| heartbeat > claimed);
        if ms(now) - claimed > tolerance && !alive {
            return stop("kill-claim", Some(claim.message_id.as_str()), claimed, tolerance);
        }
    }
    ok
}

fn stop(action: &'static str, id: Option<&str>, since: i128, limit: i128) -> NanoExpect {
    NanoExpect {
        action,
        idle: false,
        message_id: id.map(str::to_owned),
        since: Some(narrow(since)),
        limit_ms: Some(narrow(limit)),
    }
}
