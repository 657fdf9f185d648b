//! The databases of one session, in every schema that the vectors know.

use std::path::{Path, PathBuf};

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params_from_iter};
use serde_json::{Map, Value};

use super::{Inbound, Outbound};

/// Columns in the order in which later schemas added them.
const ADDED: &[(&str, &str)] = &[
    ("series_id", "series_id TEXT"),
    ("trigger", "trigger INTEGER NOT NULL DEFAULT 1"),
    ("source_session_id", "source_session_id TEXT"),
    ("on_wake", "on_wake INTEGER NOT NULL DEFAULT 0"),
];

/// A session's directory.
pub(in crate::family) struct SessionDir(PathBuf);

impl SessionDir {
    pub(in crate::family) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(in crate::family) fn path(&self) -> &Path {
        &self.0
    }

    pub(in crate::family) fn create_inbound(&self, inbound: &Inbound) -> anyhow::Result<()> {
        let kept = match inbound.schema.as_str() {
            "initial" => 0,
            "no_trigger" => 1,
            "no_source_session" => 2,
            "no_on_wake" => 3,
            "current" => 4,
            other => anyhow::bail!("unknown inbound schema {other}"),
        };
        let added: Vec<&str> = ADDED.iter().take(kept).map(|(_, ddl)| *ddl).collect();
        let more = if added.is_empty() { String::new() } else { format!(", {}", added.join(", ")) };
        let db = self.inbound()?;
        db.execute_batch(&format!(
            "CREATE TABLE messages_in (id TEXT PRIMARY KEY, seq INTEGER UNIQUE, kind TEXT NOT NULL, \
             timestamp TEXT NOT NULL, status TEXT DEFAULT 'pending', process_after TEXT, \
             recurrence TEXT, tries INTEGER DEFAULT 0, platform_id TEXT, channel_type TEXT, \
             thread_id TEXT, content TEXT NOT NULL{more});"
        ))?;
        for row in &inbound.rows {
            self.insert(row)?;
        }
        Ok(())
    }

    /// Inserts a row between two ticks. Whoever wrote a value that the schema has no column for had
    /// brought the schema up to date before, as the original does when it opens the file.
    pub(super) fn insert_later(&self, row: &Map<String, Value>) -> anyhow::Result<()> {
        if !self.0.join("inbound.db").exists() {
            return Ok(());
        }
        let db = self.inbound()?;
        let columns = columns_of(&db)?;
        let lacking = ADDED.iter().filter(|(name, _)| !columns.iter().any(|column| column == name));
        let lacking: Vec<_> = lacking.collect();
        let says_more = |(name, _): &&(&str, &str)| match (*name, row.get(*name)) {
            (_, None | Some(Value::Null)) | ("series_id", _) => false,
            ("trigger", Some(value)) => value.as_i64() != Some(1),
            ("on_wake", Some(value)) => value.as_i64() != Some(0),
            (_, Some(_)) => true,
        };
        if lacking.iter().copied().any(|column| says_more(&column)) {
            for (name, ddl) in lacking {
                db.execute_batch(&format!("ALTER TABLE messages_in ADD COLUMN {ddl}"))?;
                if *name == "series_id" {
                    db.execute_batch("UPDATE messages_in SET series_id = id")?;
                }
            }
        }
        self.insert(row)
    }

    /// Inserts a row, without the columns that the file lacks.
    fn insert(&self, row: &Map<String, Value>) -> anyhow::Result<()> {
        let db = self.inbound()?;
        let columns = columns_of(&db)?;
        let row = row.iter().filter(|(key, _)| columns.contains(key)).collect::<Vec<_>>();
        insert(&db, "messages_in", &row)
    }

    pub(in crate::family) fn create_outbound(&self, outbound: &Outbound) -> anyhow::Result<()> {
        let path = self.0.join("outbound.db");
        match outbound.schema.as_str() {
            "empty_file" => return Ok(std::fs::write(path, b"")?),
            "garbage_file" => return Ok(std::fs::write(path, [b'x'; 4096])?),
            _ => {}
        }
        let db = Connection::open(path)?;
        db.execute_batch(
            "CREATE TABLE messages_out (id TEXT PRIMARY KEY, seq INTEGER UNIQUE, in_reply_to TEXT, \
             timestamp TEXT NOT NULL, deliver_after TEXT, recurrence TEXT, kind TEXT NOT NULL, \
             platform_id TEXT, channel_type TEXT, thread_id TEXT, content TEXT NOT NULL);",
        )?;
        if outbound.schema != "no_processing_ack" {
            db.execute_batch(
                "CREATE TABLE processing_ack (message_id TEXT PRIMARY KEY, status TEXT NOT NULL, \
                 status_changed TEXT NOT NULL);",
            )?;
        }
        if outbound.schema != "no_container_state" {
            db.execute_batch(
                "CREATE TABLE container_state (id INTEGER PRIMARY KEY CHECK (id = 1), \
                 current_tool TEXT, tool_declared_timeout_ms INTEGER, tool_started_at TEXT, \
                 updated_at TEXT NOT NULL);",
            )?;
        }
        drop(db);
        for row in &outbound.processing_ack {
            self.ack(row)?;
        }
        self.tool(outbound.container_state.as_ref())
    }

    /// The agent says something.
    pub(in crate::family) fn say(&self, row: &Map<String, Value>) -> anyhow::Result<()> {
        let Some(db) = self.outbound("messages_out")? else { return Ok(()) };
        insert(&db, "messages_out", &row.iter().collect::<Vec<_>>())
    }

    /// Inserts or replaces an ack. Nothing where there is no such table.
    pub(super) fn ack(&self, row: &Map<String, Value>) -> anyhow::Result<()> {
        let Some(db) = self.outbound("processing_ack")? else { return Ok(()) };
        let columns = ["message_id", "status", "status_changed"];
        let row = row.iter().filter(|(key, _)| columns.contains(&key.as_str())).collect::<Vec<_>>();
        insert(&db, "processing_ack", &row)
    }

    pub(super) fn clear_claims(&self) -> anyhow::Result<()> {
        if let Some(db) = self.outbound("processing_ack")? {
            db.execute("DELETE FROM processing_ack WHERE status = 'processing'", [])?;
        }
        Ok(())
    }

    pub(super) fn tool(&self, row: Option<&Map<String, Value>>) -> anyhow::Result<()> {
        let Some(db) = self.outbound("container_state")? else { return Ok(()) };
        db.execute("DELETE FROM container_state", [])?;
        let Some(row) = row else { return Ok(()) };
        let mut row = row.clone();
        row.insert("id".to_owned(), 1.into());
        row.insert("updated_at".to_owned(), "2026-01-01 00:00:00".into());
        insert(&db, "container_state", &row.iter().collect::<Vec<_>>())
    }

    pub(super) fn set_status(&self, id: &str, from: &str, to: &str) -> anyhow::Result<()> {
        if self.0.join("inbound.db").exists() {
            let sql = "UPDATE messages_in SET status = ?3 WHERE id = ?1 AND status = ?2";
            self.inbound()?.execute(sql, [id, from, to])?;
        }
        Ok(())
    }

    /// Every row of the queue in rowid order; `None`: there is no file.
    pub(super) fn messages(&self) -> anyhow::Result<Option<Vec<Map<String, Value>>>> {
        if !self.0.join("inbound.db").exists() {
            return Ok(None);
        }
        let db = self.inbound()?;
        let columns = columns_of(&db)?;
        let mut all =
            db.prepare(&format!("SELECT {} FROM messages_in ORDER BY rowid", columns.join(", ")))?;
        let rows = all.query_map([], |row| {
            columns
                .iter()
                .enumerate()
                .map(|(i, key)| Ok((key.clone(), json(row.get(i)?))))
                .collect()
        })?;
        Ok(Some(rows.collect::<Result<_, _>>()?))
    }

    fn inbound(&self) -> rusqlite::Result<Connection> {
        let db = Connection::open(self.0.join("inbound.db"))?;
        db.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF;")?;
        Ok(db)
    }

    fn outbound(&self, table: &str) -> anyhow::Result<Option<Connection>> {
        let path = self.0.join("outbound.db");
        if !path.exists() {
            return Ok(None);
        }
        let db = Connection::open(path)?;
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name = ?1";
        let there = db.query_row(sql, [table], |row| row.get::<_, i64>(0)).is_ok_and(|n| n == 1);
        Ok(there.then_some(db))
    }
}

fn columns_of(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut info = db.prepare("SELECT name FROM pragma_table_info('messages_in')")?;
    info.query_map([], |row| row.get(0))?.collect()
}

fn insert(db: &Connection, table: &str, row: &[(&String, &Value)]) -> anyhow::Result<()> {
    let names: Vec<&str> = row.iter().map(|(key, _)| key.as_str()).collect();
    let marks = vec!["?"; row.len()].join(", ");
    let names = names.join(", ");
    let sql = format!("INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})");
    db.execute(&sql, params_from_iter(row.iter().map(|(_, value)| sql_value(value))))?;
    Ok(())
}

fn sql_value(value: &Value) -> Sql {
    match (value.as_i64(), value.as_f64(), value.as_str()) {
        (Some(integer), _, _) => Sql::Integer(integer),
        (None, Some(real), _) => Sql::Real(real),
        (None, None, Some(text)) => Sql::Text(text.to_owned()),
        (None, None, None) => Sql::Null,
    }
}

fn json(value: Sql) -> Value {
    match value {
        Sql::Null => Value::Null,
        Sql::Integer(integer) => integer.into(),
        Sql::Real(real) => real.into(),
        Sql::Text(text) => text.into(),
        Sql::Blob(bytes) => Value::String(format!("{bytes:?}")),
    }
}
