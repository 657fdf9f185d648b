//! The oracle against the golden vectors: it has to agree with all of them before it may judge.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use sweepd_decide::stuck::Look;
use sweepd_decide::{
    Claim, Due, Heartbeat, IdleStop, MessageId, Observed, Policy, SilenceAction, Snapshot, Span,
    Suspend, Timestamp, Tool, Written,
};
use sweepd_tests::oracle::{judge, judge_nanoclaw, recheck_by_scan};

#[test]
fn the_oracle_agrees_with_every_vector_of_profile_standard() {
    let mut seen = 0;
    for case in read("decide_standard.jsonl.gz") {
        let (policy, snapshot, now) =
            (policy(&case["policy"]), snapshot(&case), instant(&case["now"]));
        let mut said = serde_json::to_value(judge(&policy, &snapshot, now)).unwrap();
        said["recheck"] = json!(recheck_by_scan(&policy, &snapshot, now));
        assert_eq!(said, case["expect"], "{case}");
        seen += 1;
    }
    assert_eq!(seen, 4231);
}

#[test]
fn the_oracle_agrees_with_every_strict_vector_of_profile_nanoclaw() {
    let mut seen = 0;
    for case in read("decide.jsonl.gz") {
        let tags = case["tags"].as_array().unwrap();
        if tags.iter().any(|tag| tag == "odd_ts" || tag == "fractional") {
            continue;
        }
        let mut snapshot = Snapshot::unknown();
        let mtime = instant(&case["heartbeat_mtime_ms"]);
        snapshot.heartbeat = match mtime.as_millis() {
            0 => Observed::Absent,
            _ => Observed::Known(Heartbeat { mtime, first_seen: mtime }),
        };
        snapshot.tool = fact(&case["container_state"], tool);
        snapshot.claims = fact(&case["claims"], claims);
        let now = instant(&case["now"]);
        let said = judge_nanoclaw(&Policy::nanoclaw(), &snapshot, now);
        let age = said.since.map(|since| now.as_millis() - since);
        let said = match said.action {
            "kill-ceiling" => {
                json!({"action": said.action, "heartbeat_age_ms": age, "ceiling_ms": said.limit_ms})
            }
            "kill-claim" => json!({
                "action": said.action,
                "message_id": said.message_id,
                "claim_age_ms": age,
                "tolerance_ms": said.limit_ms,
            }),
            action => json!({"action": action}),
        };
        assert_eq!(said, case["expect"], "{case}");
        seen += 1;
    }
    assert_eq!(seen, 7924);
}

fn read(name: &str) -> impl Iterator<Item = Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name);
    let lines = BufReader::new(GzDecoder::new(File::open(path).unwrap())).lines();
    lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap())
}

fn policy(only_what_differs: &Value) -> Policy {
    let mut policy = Policy::default();
    for (key, value) in only_what_differs.as_object().unwrap() {
        let span = value.as_i64().map(Span::from_millis);
        match key.as_str() {
            "ceiling_ms" => policy.ceiling = span.unwrap(),
            "claim_tolerance_ms" => policy.claim_tolerance = span.unwrap(),
            "declared_cap_ms" => policy.declared_cap = span.unwrap(),
            "declared_grace_ms" => policy.declared_grace = span.unwrap(),
            "skew_ms" => policy.skew = span.unwrap(),
            "silence_ms" => policy.silence = span,
            "silence_action" if value == "stop" => policy.silence_action = SilenceAction::Stop,
            "silence_action" if value == "warn" => policy.silence_action = SilenceAction::Warn,
            "start_deadline_ms" => policy.start_deadline = span,
            "never_beat_ms" => policy.never_beat = span,
            "unclaimed_ms" => policy.unclaimed = span,
            "confirmations" => {
                policy.confirmations = u32::try_from(value.as_u64().unwrap()).unwrap();
            }
            "confirmation_gap_ms" => policy.confirmation_gap = span.unwrap(),
            "hard_cap_ms" => policy.hard_cap = span,
            "idle_stop_ms" if value == "never" => policy.idle_stop = IdleStop::Never,
            "idle_stop_ms" => policy.idle_stop = span.map_or(IdleStop::Unset, IdleStop::After),
            key => panic!("a limit nobody knows: {key} = {value}"),
        }
    }
    policy
}

fn snapshot(case: &Value) -> Snapshot {
    let mut snapshot = Snapshot::unknown();
    snapshot.start = fact(&case["start"], instant);
    snapshot.heartbeat = fact(&case["heartbeat"], |file| Heartbeat {
        mtime: instant(&file["mtime_ms"]),
        first_seen: instant(&file["first_seen_ms"]),
    });
    snapshot.tool = fact(&case["container_state"], tool);
    snapshot.claims = fact(&case["claims"], claims);
    snapshot.last_ack = fact(&case["last_ack"], written);
    snapshot.due = fact(&case["due"], |due| {
        let due = due.as_array().unwrap().iter();
        due.map(|due| Due { message_id: id(due), at: instant(&due["due_ms"]) }).collect()
    });
    let slept = case["slept"].as_array().unwrap().iter();
    snapshot.slept =
        slept.map(|s| Suspend { from: instant(&s["from"]), to: instant(&s["to"]) }).collect();
    snapshot.hold_until = case["hold_until"].as_i64().map(Timestamp::from_millis);
    snapshot.previous = case["previous"].as_object().map(|look| Look {
        at: instant(&look["at"]),
        count: u32::try_from(look["count"].as_u64().unwrap()).unwrap(),
        rule: serde_json::from_value(look["rule"].clone()).unwrap(),
        start: instant(&look["start"]),
        message_id: look["message_id"].as_str().map(MessageId::new),
        status_changed: look["status_changed"].as_str().map(str::to_owned),
        heartbeat: look["heartbeat_mtime_ms"].as_i64().map(Timestamp::from_millis),
    });
    snapshot
}

fn fact<T>(value: &Value, read: impl Fn(&Value) -> T) -> Observed<T> {
    if value.is_null() {
        Observed::Absent
    } else if value == "unknown" {
        Observed::Unknown
    } else {
        Observed::Known(read(value))
    }
}

fn tool(row: &Value) -> Tool {
    Tool {
        name: row["current_tool"].as_str().map(str::to_owned),
        declared_ms: row["tool_declared_timeout_ms"].as_i64(),
        started_at: written(&row["tool_started_at"]),
    }
}

fn claims(claims: &Value) -> Vec<Claim> {
    let claims = claims.as_array().unwrap().iter();
    claims
        .map(|claim| Claim {
            message_id: id(claim),
            status_changed: written(&claim["status_changed"]),
        })
        .collect()
}

fn id(row: &Value) -> MessageId {
    MessageId::new(row["message_id"].as_str().unwrap())
}

fn written(text: &Value) -> Written {
    Written::new(text.as_str().map(str::to_owned))
}

fn instant(value: &Value) -> Timestamp {
    Timestamp::from_millis(value.as_i64().unwrap())
}
