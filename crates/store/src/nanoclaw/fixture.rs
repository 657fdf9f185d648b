//! NanoClaw's newest schemas, and how SQLite would run a statement on them: for tests.

use rusqlite::Connection;

/// The host's queue.
pub(super) const INBOUND_SCHEMA: &str = "
    CREATE TABLE messages_in (id TEXT PRIMARY KEY, seq INTEGER UNIQUE, kind TEXT NOT NULL,
      timestamp TEXT NOT NULL, status TEXT DEFAULT 'pending', process_after TEXT, recurrence TEXT,
      series_id TEXT, tries INTEGER DEFAULT 0, trigger INTEGER NOT NULL DEFAULT 1,
      platform_id TEXT, channel_type TEXT, thread_id TEXT, content TEXT NOT NULL,
      source_session_id TEXT, on_wake INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX idx_messages_in_series ON messages_in(series_id);";
/// What the container says.
pub(super) const OUTBOUND_SCHEMA: &str = "
    CREATE TABLE messages_out (id TEXT PRIMARY KEY, seq INTEGER UNIQUE, in_reply_to TEXT,
      timestamp TEXT NOT NULL, deliver_after TEXT, recurrence TEXT, kind TEXT NOT NULL,
      platform_id TEXT, channel_type TEXT, thread_id TEXT, content TEXT NOT NULL);
    CREATE TABLE processing_ack (message_id TEXT PRIMARY KEY, status TEXT NOT NULL,
      status_changed TEXT NOT NULL);
    CREATE TABLE container_state (id INTEGER PRIMARY KEY CHECK (id = 1), current_tool TEXT,
      tool_declared_timeout_ms INTEGER, tool_started_at TEXT, updated_at TEXT NOT NULL);";

/// The plan, one step a line.
pub(super) fn plan(schema: &str, sql: &str) -> String {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(schema).unwrap();
    let mut explain = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut steps = explain.raw_query();
    let mut plan = String::new();
    while let Some(step) = steps.next().unwrap() {
        plan.push_str(&step.get::<_, String>("detail").unwrap());
        plan.push('\n');
    }
    plan
}
