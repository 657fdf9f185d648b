//! What was learned of a container, fit to be shown.

use serde_json::Value;
use sweepd_docker::Blueprint;

use crate::redact::{REDACTED, is_name, redact};

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
        Value::Array(values) => words(values),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| {
                let plain = value.is_string() && PLAIN.contains(&key.as_str());
                let secret = value.is_string() && is_name(&key);
                let hidden = || Value::String(REDACTED.to_owned());
                let shown = if secret { hidden() } else { cleaned(value.clone()) };
                (key, if plain { value } else { shown })
            })
            .collect(),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_)) => plain,
    }
}

/// A list, mostly of the words of a command: what follows `--password` is one.
fn words(values: Vec<Value>) -> Value {
    let mut named = false;
    let shown = values.into_iter().map(|value| {
        let word = value.as_str().unwrap_or_default().to_owned();
        let is_value = std::mem::take(&mut named) && !word.starts_with('-') && !word.is_empty();
        named = word.starts_with('-') && !word.contains(['=', ' ']) && is_name(&word);
        if is_value { Value::String(REDACTED.to_owned()) } else { cleaned(value) }
    });
    Value::Array(shown.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_known_by_the_name_before_it() {
        let spec = json!({
            "image": "agent:1",
            "image_id": "sha256:aab93d3ef6cd9fc85c66bdff30c72b6a8fd1d8d3dc5fe0b30a6bb4b0a2b5f7f1",
            "command": ["serve", "--password", "S3cr1t-CMD", "--token=S3cr1t-TOK", "--port", "80"],
            "env": [["API", "S3cr1t-ENV"]],
            "labels": { "app.token": "S3cr1t-LAB", "team": "dev" },
            "host_config": { "LogConfig": { "Config": { "splunk-token": "S3cr1t-LOG", "tag": "t" } } },
        });
        let shown = shown_spec(&spec).to_string();
        assert!(!shown.contains("S3cr1t"), "{shown}");
        for kept in ["--port\",\"80", "sha256:aab93d3e", "\"team\":\"dev\"", "\"tag\":\"t\""] {
            assert!(shown.contains(kept), "{kept}: {shown}");
        }
    }

    #[test]
    fn what_is_no_spec_is_not_shown() {
        assert_eq!(shown_spec(&json!({ "env": "S3cr1t" })), Value::Null);
    }
}
