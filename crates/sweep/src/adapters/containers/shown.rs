//! What was learned of a container, fit to be shown.

use serde_json::Value;
use sweepd_docker::Blueprint;

use crate::redact::redact;

/// Names and ids of things of the engine's, which look like secrets and are none.
const PLAIN: [&str; 4] = ["image", "image_id", "Source", "Target"];

/// A learned spec without what may be secret: no value of its environment, and of every other text
/// no more than what a log would show. What cannot be understood is not shown at all.
pub fn shown_spec(spec: &Value) -> Value {
    let blueprint = serde_json::from_value::<Blueprint>(spec.clone());
    blueprint.map_or(Value::Null, |blueprint| cleaned(blueprint.redacted()))
}

fn cleaned(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(redact(&text)),
        Value::Array(values) => Value::Array(values.into_iter().map(cleaned).collect()),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| {
                let plain = PLAIN.contains(&key.as_str()) && value.is_string();
                (key, if plain { value } else { cleaned(value) })
            })
            .collect(),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_)) => plain,
    }
}
