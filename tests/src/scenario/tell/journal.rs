//! What the journal of the state says, read from the file as a stranger would.
//!
//! `pass_finished` is left out, and so is `decision_changed` where the scenario does not ask for it:
//! the timeline shows each decision anyway.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use super::Line;

/// How far the journal was read.
#[derive(Debug)]
pub(super) struct Journal {
    seq: i64,
    decisions: bool,
}

struct Event {
    seq: i64,
    kind: String,
    who: String,
    data: Value,
}

impl Journal {
    /// A journal not yet read; `decisions`: its changed decisions are told.
    pub(super) const fn new(decisions: bool) -> Self {
        Self { seq: 0, decisions }
    }

    /// The events since the last time. Their numbers must have no gaps.
    pub(super) fn news(&mut self, state_dir: &Path) -> Result<Vec<Line>> {
        let path = state_dir.join("sweepd.db");
        if !path.exists() {
            return Ok(Vec::new());
        }
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let sql = "SELECT seq, kind, coalesce(agent, source, 'sweepd'), data FROM events \
                   WHERE seq > ?1 ORDER BY seq";
        let mut events = db.prepare(sql)?;
        let events = events.query_map([self.seq], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, String>(3)?))
        })?;
        let mut lines = Vec::new();
        for event in events {
            let (seq, kind, who, data) = event?;
            let data = serde_json::from_str(&data).context("read an event")?;
            let event = Event { seq, kind, who, data };
            ensure!(event.seq == self.seq + 1, "event {} follows {}", event.seq, self.seq);
            self.seq = event.seq;
            if self.decisions || event.kind != "decision_changed" {
                lines.extend(line(&event));
            }
        }
        Ok(lines)
    }
}

fn line(event: &Event) -> Option<Line> {
    let text = |key: &str| event.data.get(key).and_then(Value::as_str).unwrap_or_default();
    let key = text("key");
    let line = match event.kind.as_str() {
        "pass_finished" => return None,
        "incident_opened" => {
            let rest = format!("{key} ({}): {}", text("severity"), text("summary"));
            Line::new("incident", "opens", rest)
        }
        "incident_updated" => {
            Line::new("incident", "changes", format!("{key}: {}", text("severity")))
        }
        "incident_resolved" => {
            Line::new("incident", "resolves", format!("{key}: {}", text("resolution")))
        }
        kind => Line::new(&event.who, "event", format!("{kind}{}", facts(&event.data))),
    };
    Some(line)
}

/// The plain values of an event; what is nested, false or elsewhere is left out.
fn facts(data: &Value) -> String {
    let mut facts = String::new();
    for (key, value) in data.as_object().into_iter().flatten() {
        let value = match value {
            Value::Bool(true) => String::new(),
            Value::Bool(false) | Value::Object(_) | Value::Array(_) => continue,
            Value::Null => " ?".to_owned(),
            Value::String(text) => format!(" {text}"),
            Value::Number(number) => format!(" {number}"),
        };
        facts.push_str(if facts.is_empty() { ": " } else { ", " });
        facts.push_str(&key.replace('_', " "));
        facts.push_str(&value);
    }
    facts
}
