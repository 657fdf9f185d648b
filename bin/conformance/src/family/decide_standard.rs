//! The stuck decision of profile `standard`: everything but an earlier recheck is exact.

use serde::Deserialize as _;
use serde_json::{Value, json};
use sweepd_decide::stuck::{Judgment, Look, Rule, decide_stuck};
use sweepd_decide::{
    Claim, Due, Heartbeat, IdleStop, MessageId, Observed, Policy, SilenceAction, Snapshot, Span,
    Suspend, Timestamp, Written,
};

use super::decide::ToolRow;
use crate::case::{Case, Outcome};

pub(crate) struct DecideStandard;

#[derive(serde::Deserialize)]
struct Given {
    policy: serde_json::Map<String, Value>,
    now: i64,
    start: Value,
    heartbeat: Value,
    container_state: Value,
    claims: Value,
    last_ack: Value,
    due: Value,
    slept: Vec<Suspend>,
    hold_until: Option<Timestamp>,
    previous: Option<PreviousLook>,
    expect: Value,
}

#[derive(serde::Deserialize)]
struct PreviousLook {
    at: Timestamp,
    count: u32,
    rule: Rule,
    start: Timestamp,
    message_id: Option<MessageId>,
    status_changed: Option<String>,
    heartbeat_mtime_ms: Option<Timestamp>,
}

#[derive(serde::Deserialize)]
struct Beat {
    mtime_ms: Timestamp,
    first_seen_ms: Timestamp,
}

#[derive(serde::Deserialize)]
struct DueAt {
    message_id: MessageId,
    due_ms: Timestamp,
}

impl Case for DecideStandard {
    fn run(&self, case: &Value) -> anyhow::Result<Outcome> {
        let given = Given::deserialize(case)?;
        let policy = policy(&given.policy)?;
        let judgment = decide_stuck(&policy, &snapshot(&given)?, Timestamp::from_millis(given.now));
        Ok(compare(given, &judgment))
    }
}

fn compare(mut given: Given, judgment: &Judgment) -> Outcome {
    let latest = given.expect.as_object_mut().and_then(|expect| expect.remove("recheck"));
    let latest = latest.as_ref().and_then(Value::as_i64);
    let got = render(judgment);
    let recheck = judgment.decision.recheck.at().map(Timestamp::as_millis);
    let late = recheck.unwrap_or(i64::MAX) > latest.unwrap_or(i64::MAX);
    if got != given.expect || late || recheck.is_some_and(|at| at <= given.now) {
        let expected = format!("{} recheck {latest:?}", given.expect);
        Outcome::Failed { expected, got: format!("{got} recheck {recheck:?}") }
    } else if recheck == latest {
        Outcome::Passed
    } else {
        Outcome::Early
    }
}

fn render(judgment: &Judgment) -> Value {
    let overdue = judgment.decision.evidence.overdue.as_ref();
    let findings: Vec<Value> = judgment
        .findings
        .iter()
        .map(|f| json!({"kind": f.kind, "message_id": f.message_id, "since": f.since}))
        .collect();
    json!({
        "action": judgment.decision.action,
        "rule": overdue.map(|o| o.rule),
        "idle": overdue.is_some_and(|o| o.idle),
        "held_by": overdue.and_then(|o| o.held_by),
        "looks": overdue.map_or(0, |o| o.looks),
        "message_id": overdue.and_then(|o| o.message_id.clone()),
        "since": overdue.map(|o| o.since),
        "limit_ms": overdue.map(|o| o.limit),
        "budget_end": overdue.and_then(|o| o.budget_end),
        "overdue_at": overdue.map(|o| o.overdue_at),
        "findings": findings,
    })
}

fn snapshot(given: &Given) -> anyhow::Result<Snapshot> {
    let mut seen = Snapshot::unknown();
    seen.start = fact(&given.start, Timestamp::deserialize)?;
    seen.heartbeat = fact(&given.heartbeat, |value| {
        Beat::deserialize(value)
            .map(|beat| Heartbeat { mtime: beat.mtime_ms, first_seen: beat.first_seen_ms })
    })?;
    seen.tool = fact(&given.container_state, |v| ToolRow::deserialize(v).map(Into::into))?;
    seen.claims = fact(&given.claims, Vec::<Claim>::deserialize)?;
    seen.last_ack =
        fact(&given.last_ack, |v| String::deserialize(v).map(|t| Written::new(Some(t))))?;
    seen.due = fact(&given.due, |value| {
        let due = Vec::<DueAt>::deserialize(value)?;
        Ok(due.into_iter().map(|d| Due { message_id: d.message_id, at: d.due_ms }).collect())
    })?;
    seen.slept.clone_from(&given.slept);
    seen.hold_until = given.hold_until;
    seen.previous = given.previous.as_ref().map(|look| Look {
        at: look.at,
        count: look.count,
        rule: look.rule,
        start: look.start,
        message_id: look.message_id.clone(),
        status_changed: look.status_changed.clone(),
        heartbeat: look.heartbeat_mtime_ms,
    });
    Ok(seen)
}

fn fact<'a, T>(
    value: &'a Value,
    read: impl FnOnce(&'a Value) -> serde_json::Result<T>,
) -> serde_json::Result<Observed<T>> {
    Ok(if value.is_null() {
        Observed::Absent
    } else if value == "unknown" {
        Observed::Unknown
    } else {
        Observed::Known(read(value)?)
    })
}

fn policy(changes: &serde_json::Map<String, Value>) -> anyhow::Result<Policy> {
    let mut policy = Policy::default();
    for (key, value) in changes {
        let span = value.as_i64().map(Span::from_millis);
        let must = || span.ok_or_else(|| anyhow::anyhow!("{key} = {value} is not a span"));
        match key.as_str() {
            "ceiling_ms" => policy.ceiling = must()?,
            "claim_tolerance_ms" => policy.claim_tolerance = must()?,
            "declared_cap_ms" => policy.declared_cap = must()?,
            "declared_grace_ms" => policy.declared_grace = must()?,
            "skew_ms" => policy.skew = must()?,
            "silence_ms" => policy.silence = span,
            "silence_action" => policy.silence_action = SilenceAction::deserialize(value)?,
            "start_deadline_ms" => policy.start_deadline = span,
            "never_beat_ms" => policy.never_beat = span,
            "unclaimed_ms" => policy.unclaimed = span,
            "confirmations" => policy.confirmations = u32::deserialize(value)?,
            "confirmation_gap_ms" => policy.confirmation_gap = must()?,
            "hard_cap_ms" => policy.hard_cap = span,
            "idle_stop_ms" => {
                policy.idle_stop = match value.as_str() {
                    Some("never") => IdleStop::Never,
                    _ => span.map_or(IdleStop::Unset, IdleStop::After),
                }
            }
            _ => anyhow::bail!("unknown policy key {key}"),
        }
    }
    Ok(policy)
}
