//! What stands in the state database, read as plain rows: by nothing of the program's own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Row};
use serde_json::Value;

use super::host::Host;

/// A state database that somebody else writes.
pub(crate) struct Journal {
    path: PathBuf,
}

/// One event.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) seq: i64,
    pub(crate) kind: String,
    pub(crate) agent: Option<String>,
    pub(crate) run: Option<String>,
    pub(crate) data: Value,
}

impl Event {
    /// A text of its data; empty if there is none.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.data[field].as_str().unwrap_or_default()
    }
}

impl Journal {
    pub(crate) fn of(host: &Host) -> Self {
        Self { path: host.path("state/sweepd.db") }
    }

    /// Every event, in order.
    pub(crate) fn events(&self) -> Vec<Event> {
        let sql = "SELECT seq, kind, agent, incarnation, data FROM events ORDER BY seq";
        self.rows(sql, |row| {
            Ok(Event {
                seq: row.get(0)?,
                kind: row.get(1)?,
                agent: row.get(2)?,
                run: row.get(3)?,
                data: serde_json::from_str(&row.get::<_, String>(4)?).unwrap(),
            })
        })
    }

    pub(crate) fn of_kind(&self, kind: &str) -> Vec<Event> {
        let mut events = self.events();
        events.retain(|event| event.kind == kind);
        events
    }

    /// The stops that were let through although the brake was on.
    pub(crate) fn canaries(&self) -> Vec<Event> {
        let mut braked = self.of_kind("brake_engaged");
        braked.retain(|event| event.data["what"] == "canary");
        braked
    }

    /// The keys of open incidents.
    pub(crate) fn open(&self) -> Vec<String> {
        self.rows("SELECT key FROM incidents WHERE resolved_at IS NULL ORDER BY key", text)
    }

    /// How often an incident was opened.
    pub(crate) fn opened(&self, key: &str) -> usize {
        let all = self.rows("SELECT key FROM incidents", text);
        all.iter().filter(|opened| *opened == key).count()
    }

    /// Why each message of an agent was given up, however often it was told.
    pub(crate) fn dead_letters(&self, agent: &str) -> BTreeMap<String, Vec<String>> {
        let sql = "SELECT agent, json_extract(evidence, '$.message_id'),
                json_extract(evidence, '$.detail')
             FROM incidents WHERE kind = 'dead-letter' ORDER BY id";
        let all: Vec<(String, String, String)> =
            self.rows(sql, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let mut letters: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (_, message, why) in all.into_iter().filter(|(about, ..)| about == agent) {
            letters.entry(message).or_default().push(why);
        }
        letters
    }

    /// What was committed, and neither done nor found void.
    pub(crate) fn intents(&self) -> Vec<String> {
        self.rows("SELECT payload FROM intents WHERE settled_at IS NULL", text)
    }

    /// Each agent's last good look.
    pub(crate) fn looks(&self) -> BTreeMap<String, String> {
        let sql = "SELECT agent, json_extract(memory, '$.seen_at') || '' FROM agents";
        self.rows(sql, |row| Ok((row.get(0)?, row.get(1)?))).into_iter().collect()
    }

    /// How many acts were written down as begun, and not as over: rows to be written, wakes, stops.
    pub(crate) fn begun(&self) -> (usize, usize, usize) {
        let agents =
            |which: &str| self.rows(&format!("SELECT agent FROM agents WHERE {which}"), text).len();
        let wakes = agents("json_extract(memory, '$.wakes.under_way')");
        let stops = agents(
            "json_extract(memory, '$.stop.run') NOT NULL
             AND json_extract(memory, '$.stop.ended_at') IS NULL",
        );
        (self.intents().len(), wakes, stops)
    }

    fn rows<T>(&self, sql: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let Ok(db) = Connection::open_with_flags(&self.path, flags) else { return Vec::new() };
        db.busy_timeout(Duration::from_secs(10)).unwrap();
        // A state that is only being made has no tables yet.
        let Ok(mut statement) = db.prepare(sql) else { return Vec::new() };
        statement.query_map([], read).unwrap().collect::<Result<_, _>>().unwrap()
    }
}

fn text(row: &Row<'_>) -> rusqlite::Result<String> {
    row.get(0)
}
