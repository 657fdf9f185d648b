//! What sweepd says has happened: its events, read from the state database as they are committed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use sweepd_decide::Timestamp;

/// One event.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) seq: i64,
    pub(crate) at: Timestamp,
    pub(crate) kind: String,
    pub(crate) agent: Option<String>,
    pub(crate) data: Value,
}

/// How often each word was said.
pub(crate) type Tally = BTreeMap<String, usize>;

/// All events so far.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    db: Option<Connection>,
    pub(crate) events: Vec<Event>,
}

impl Journal {
    pub(crate) const fn at(path: PathBuf) -> Self {
        Self { path, db: None, events: Vec::new() }
    }

    /// Reads what is new. A state that is only being made has nothing to say yet.
    pub(crate) fn read(&mut self) {
        // Whatever fails now is read the next time.
        drop(self.try_read());
    }

    fn try_read(&mut self) -> rusqlite::Result<()> {
        if self.db.is_none() {
            let db = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            db.busy_timeout(Duration::from_secs(2))?;
            self.db = Some(db);
        }
        let Some(db) = &self.db else { return Ok(()) };
        let mut all = db.prepare_cached(
            "SELECT seq, at, kind, agent, data FROM events WHERE seq > ?1 ORDER BY seq",
        )?;
        let read = |row: &rusqlite::Row<'_>| {
            let data: String = row.get(4)?;
            Ok(Event {
                seq: row.get(0)?,
                at: Timestamp::from_millis(row.get(1)?),
                kind: row.get(2)?,
                agent: row.get(3)?,
                data: serde_json::from_str(&data).unwrap_or(Value::Null),
            })
        };
        for event in all.query_map([self.last()], read)? {
            self.events.push(event?);
        }
        Ok(())
    }

    /// The number of the last event.
    pub(crate) fn last(&self) -> i64 {
        self.events.last().map_or(0, |event| event.seq)
    }

    /// The events about an agent after number `after`.
    pub(crate) fn of<'a>(&'a self, agent: &'a str, after: i64) -> impl Iterator<Item = &'a Event> {
        let from = self.events.partition_point(|event| event.seq <= after);
        self.events[from..].iter().filter(move |event| event.agent.as_deref() == Some(agent))
    }

    /// What was said about an agent after number `after`.
    pub(crate) fn tally(&self, agent: &str, after: i64) -> Tally {
        let mut tally = Tally::new();
        for word in self.of(agent, after).filter_map(word) {
            *tally.entry(word).or_default() += 1;
        }
        tally
    }

    /// Whether a message of an agent is over.
    pub(crate) fn is_settled(&self, agent: &str, after: i64, message: &str) -> bool {
        let over = |event: &Event| {
            ["message_completed", "message_failed"].contains(&event.kind.as_str())
                && event.data["message_id"] == *message
        };
        self.of(agent, after).any(over)
    }
}

/// What an event says about an agent, in a word; `None` for what may happen at any time: wakes,
/// changes of mind, the end of an incident, an idle agent that is put to sleep.
pub(crate) fn word(event: &Event) -> Option<String> {
    let text = |name: &str| event.data[name].as_str().unwrap_or("?").to_owned();
    match event.kind.as_str() {
        "agent_stopped" if event.data["idle"] == true => None,
        "agent_stopped" if event.data["killed"] == true => {
            Some(format!("stopped: {}, killed", text("reason")))
        }
        "agent_stopped" => Some(format!("stopped: {}", text("reason"))),
        "stop_failed" => Some(format!("stop failed: {}", text("reason"))),
        "container_died" => Some(format!("died: {}", event.data["exit_code"])),
        "container_oom" => Some("out of memory".to_owned()),
        "wake_failed" => Some(wake_failed(&text("error"))),
        "message_retried" => Some("retried".to_owned()),
        "message_completed" => Some("completed".to_owned()),
        "message_failed" => Some("failed".to_owned()),
        "incident_opened" => Some(format!("opened: {}", text("kind"))),
        "tick_skipped" => Some("tick skipped".to_owned()),
        "brake_engaged" => Some(format!("brake: {}", text("what"))),
        _ => None,
    }
}

/// A run that was over before its wake saw it is a death like any other.
fn wake_failed(error: &str) -> String {
    let code = error.split("exit code ").nth(1).and_then(|rest| rest.split([':', ' ']).next());
    code.map_or_else(|| "wake failed".to_owned(), |code| format!("died: {code}"))
}
