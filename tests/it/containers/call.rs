//! What a call of sweepd said: its exit code and its one JSON object.

use std::process::Output;

use serde_json::Value;
use sweepd_decide::Timestamp;

/// A call that has ended.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) code: Option<i32>,
    pub(crate) report: Value,
    pub(crate) stderr: String,
    pub(crate) began: Timestamp,
    pub(crate) ended: Timestamp,
}

impl Call {
    pub(crate) fn new(output: Output, began: Timestamp, ended: Timestamp) -> Self {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let stdout = String::from_utf8(output.stdout).unwrap();
        // One object and nothing else; a call that was refused prints none.
        let report =
            if stdout.is_empty() { Value::Null } else { serde_json::from_str(&stdout).unwrap() };
        Self { code: output.status.code(), report, stderr, began, ended }
    }

    /// What is said about one agent.
    pub(crate) fn agent(&self, id: &str) -> &Value {
        let all = self.report["agents"].as_array();
        let found = all.into_iter().flatten().find(|agent| agent["id"] == id);
        found.unwrap_or_else(|| panic!("no {id} in {:#}\n{}", self.report, self.stderr))
    }

    /// One agent in a line: state, health, action, effects with their outcomes.
    pub(crate) fn line(&self, id: &str) -> String {
        line(self.agent(id))
    }

    /// Every agent in a line, and a line for each open incident.
    pub(crate) fn lines(&self) -> String {
        let agents = self.report["agents"].as_array().unwrap().iter();
        let agents = agents.map(|agent| format!("{}: {}", text(&agent["id"]), line(agent)));
        let incidents = self.report["incidents"].as_array().unwrap().iter();
        let incidents = incidents
            .map(|incident| format!("{} {}", text(&incident["severity"]), text(&incident["key"])));
        agents.chain(incidents).collect::<Vec<_>>().join("\n")
    }

    /// The detail of an effect on an agent.
    pub(crate) fn detail(&self, id: &str, effect: &str) -> String {
        let effects = self.agent(id)["effects"].as_array().unwrap();
        let found = effects.iter().find(|done| done["effect"] == effect).unwrap();
        text(&found["detail"])
    }

    /// The keys of the open incidents.
    pub(crate) fn incidents(&self) -> Vec<String> {
        let all = self.report["incidents"].as_array().unwrap();
        all.iter().map(|incident| text(&incident["key"])).collect()
    }
}

fn line(agent: &Value) -> String {
    let words = [&agent["state"], &agent["health"], &agent["decision"]["action"]];
    let effects = agent["effects"].as_array().unwrap().iter();
    let effects = effects.map(done).collect::<Vec<_>>().join(", ");
    format!("{} [{effects}]", words.map(text).join(" "))
}

/// An effect with its outcome; why, if it did not work.
fn done(effect: &Value) -> String {
    let outcome = text(&effect["outcome"]);
    let why = if outcome == "failed" { text(&effect["detail"]) } else { String::new() };
    format!("{} {outcome} {why}", text(&effect["effect"])).trim_end().to_owned()
}

/// A text, or nothing for null.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
