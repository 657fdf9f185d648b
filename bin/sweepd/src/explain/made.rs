//! What a container is made of, as it was learned while it was up.

use serde_json::{Map, Value, json};
use sweepd_decide::Timestamp;

use super::Page;

/// A learned spec, fit to be shown.
#[derive(Debug)]
pub(crate) struct Made {
    /// When it was learned.
    pub(crate) at: Timestamp,
    /// From which container.
    pub(crate) run: String,
    /// The spec, without secrets.
    pub(crate) shown: Value,
}

impl Made {
    pub(super) fn json(&self) -> Value {
        json!({ "learned_at": self.at.to_string(), "run": self.run, "spec": self.shown })
    }

    pub(super) fn show(&self, page: &mut Page) {
        page.line(&format!("made of, as learned at {} from {}:", self.at, self.run));
        let Some(fields) = self.shown.as_object() else {
            page.line("  what is written down cannot be understood by this version");
            return;
        };
        for (key, value) in fields {
            match (key.as_str(), value) {
                ("env", Value::Array(pairs)) => row(page, key, &names(pairs)),
                ("mounts", Value::Array(mounts)) => {
                    for one in mounts {
                        row(page, "mount", &mount(one));
                    }
                }
                ("config" | "host_config", Value::Object(rest)) => settings(page, rest),
                ("endpoints", Value::Object(networks)) => {
                    for (name, on_it) in networks {
                        row(page, "network", &format!("{name} {}", plain(on_it)));
                    }
                }
                ("restart", Value::Object(restart)) => row(page, key, &policy(restart)),
                (key, value) => row(page, key, &plain(value)),
            }
        }
    }
}

/// What the engine was told besides, as it calls that.
fn settings(page: &mut Page, rest: &Map<String, Value>) {
    for (key, value) in rest {
        row(page, key, &plain(value));
    }
}

fn row(page: &mut Page, key: &str, value: &str) {
    if !value.is_empty() {
        page.line(&format!("  {key:<14}  {value}"));
    }
}

/// Names of variables, whose values nobody shows.
fn names(pairs: &[Value]) -> String {
    let name = |pair: &Value| pair.get(0).and_then(Value::as_str).map(|name| format!("{name}=…"));
    pairs.iter().filter_map(name).collect::<Vec<_>>().join(" ")
}

fn mount(one: &Value) -> String {
    let text = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default();
    let read_only = one.get("ReadOnly").and_then(Value::as_bool).unwrap_or_default();
    let read_only = if read_only { ", read only" } else { "" };
    format!("{} at {} ({}{read_only})", text("Source"), text("Target"), text("Type"))
}

fn policy(restart: &Map<String, Value>) -> String {
    let name = restart.get("Name").and_then(Value::as_str).unwrap_or_default();
    match restart.get("MaximumRetryCount").and_then(Value::as_i64) {
        Some(times) if times > 0 => format!("{name}:{times}"),
        _ => name.to_owned(),
    }
}

/// Nothing for what is not set.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => String::new(),
        Value::Object(fields) if fields.is_empty() => String::new(),
        Value::Array(values) if values.iter().all(Value::is_string) => {
            values.iter().map(plain).collect::<Vec<_>>().join(" ")
        }
        Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
