//! The stuck decision of profile `nanoclaw`, against what the original decided.

use serde::Deserialize as _;
use serde_json::{Value, json};
use sweepd_decide::stuck::{Action, Judgment, decide_stuck};
use sweepd_decide::{Claim, Heartbeat, Observed, Policy, Snapshot, Timestamp, Tool, Written};

use crate::case::{Case, Outcome};

pub(crate) struct Decide;

#[derive(serde::Deserialize)]
struct Given {
    now: i64,
    heartbeat_mtime_ms: serde_json::Number,
    container_state: Option<ToolRow>,
    claims: Vec<Claim>,
    expect: Value,
    tags: Vec<String>,
}

/// A tool row as the databases have it; what is not an integer declares nothing.
#[derive(serde::Deserialize)]
pub(crate) struct ToolRow {
    current_tool: Option<String>,
    tool_declared_timeout_ms: Value,
    #[serde(default)]
    tool_started_at: Option<String>,
}

impl From<ToolRow> for Tool {
    fn from(row: ToolRow) -> Self {
        Self {
            name: row.current_tool,
            declared_ms: row.tool_declared_timeout_ms.as_i64(),
            started_at: Written::new(row.tool_started_at),
        }
    }
}

impl Case for Decide {
    fn run(&self, case: &Value) -> anyhow::Result<Outcome> {
        let given = Given::deserialize(case)?;
        if given.tags.iter().any(|tag| tag == "odd_ts" || tag == "fractional") {
            return Ok(Outcome::Skipped);
        }
        let mtime = given.heartbeat_mtime_ms.as_i64().unwrap_or_default();
        let now = Timestamp::from_millis(given.now);
        let mut seen = Snapshot::unknown();
        seen.heartbeat = Observed::from_option(
            (mtime != 0)
                .then(|| Heartbeat { mtime: Timestamp::from_millis(mtime), first_seen: now }),
        );
        seen.tool = Observed::from_option(given.container_state.map(Into::into));
        seen.claims = Observed::Known(given.claims);
        let judgment = decide_stuck(&Policy::nanoclaw(), &seen, now);
        Ok(Outcome::of(&given.expect, &as_the_original_says(&judgment, now)))
    }
}

/// The original reports ages where we keep instants.
fn as_the_original_says(judgment: &Judgment, now: Timestamp) -> Value {
    let Some(overdue) = &judgment.decision.evidence.overdue else {
        return json!({ "action": judgment.decision.action });
    };
    let (age, limit) = (now.since(overdue.since), overdue.limit);
    if judgment.decision.action == Action::KillClaim {
        json!({ "action": "kill-claim", "message_id": overdue.message_id,
                "claim_age_ms": age, "tolerance_ms": limit })
    } else {
        json!({ "action": judgment.decision.action, "heartbeat_age_ms": age, "ceiling_ms": limit })
    }
}
