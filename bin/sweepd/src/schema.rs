//! The one shape of everything that is printed with `--json`: schema version 1.
//!
//! A call prints the engine's own report. What else can be asked has the same members, so that one
//! script reads them all, and its own beside them.

use serde_json::{Map, Value, json};
use sweepd_sweep::{IncidentReport, Mode};

/// The members that every answer has. `agents` are in the shape of a call's.
pub(crate) fn answer(
    mode: Mode,
    dry_run: bool,
    agents: Vec<Value>,
    incidents: &[IncidentReport],
) -> Map<String, Value> {
    let mut members = Map::new();
    let summary = summary(&agents);
    let all = [
        ("schema", json!(1)),
        ("mode", json!(mode)),
        ("dry_run", json!(dry_run)),
        ("skipped", Value::Null),
        ("agents", Value::Array(agents)),
        ("incidents", json!(incidents)),
        ("probes", json!([])),
        ("summary", summary),
    ];
    members.extend(all.map(|(name, value)| (name.to_owned(), value)));
    members
}

fn summary(agents: &[Value]) -> Value {
    let count = |word: &str| {
        let health = |agent: &&Value| agent.get("health").and_then(Value::as_str) == Some(word);
        agents.iter().filter(health).count()
    };
    let effects = agents.iter().filter_map(|agent| agent.get("effects")?.as_array());
    json!({
        "agents": agents.len(),
        "ok": count("ok"),
        "failing": count("failing"),
        "unknown": count("unknown"),
        "effects": effects.map(Vec::len).sum::<usize>(),
    })
}
