//! The newest schemas of a session's two databases, and such a database as a file's content.

use rusqlite::Connection;

/// The host's, as NanoClaw 2.0.64 makes it.
pub(crate) const INBOUND: &str = "
    CREATE TABLE messages_in (id TEXT PRIMARY KEY, seq INTEGER UNIQUE, kind TEXT NOT NULL,
      timestamp TEXT NOT NULL, status TEXT DEFAULT 'pending', process_after TEXT, recurrence TEXT,
      series_id TEXT, tries INTEGER DEFAULT 0, trigger INTEGER NOT NULL DEFAULT 1,
      platform_id TEXT, channel_type TEXT, thread_id TEXT, content TEXT NOT NULL,
      source_session_id TEXT, on_wake INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX idx_messages_in_series ON messages_in(series_id);
    CREATE TABLE delivered (message_out_id TEXT PRIMARY KEY, platform_message_id TEXT,
      status TEXT NOT NULL DEFAULT 'delivered', delivered_at TEXT NOT NULL);
    CREATE TABLE destinations (name TEXT PRIMARY KEY, display_name TEXT, type TEXT NOT NULL,
      channel_type TEXT, platform_id TEXT, agent_group_id TEXT);
    CREATE TABLE session_routing (id INTEGER PRIMARY KEY CHECK (id = 1), channel_type TEXT,
      platform_id TEXT, thread_id TEXT);";
/// The container's.
pub(crate) const OUTBOUND: &str = "
    CREATE TABLE messages_out (id TEXT PRIMARY KEY, seq INTEGER UNIQUE, in_reply_to TEXT,
      timestamp TEXT NOT NULL, deliver_after TEXT, recurrence TEXT, kind TEXT NOT NULL,
      platform_id TEXT, channel_type TEXT, thread_id TEXT, content TEXT NOT NULL);
    CREATE TABLE processing_ack (message_id TEXT PRIMARY KEY, status TEXT NOT NULL,
      status_changed TEXT NOT NULL);
    CREATE TABLE session_state (key TEXT PRIMARY KEY, value TEXT NOT NULL,
      updated_at TEXT NOT NULL);
    CREATE TABLE container_state (id INTEGER PRIMARY KEY CHECK (id = 1), current_tool TEXT,
      tool_declared_timeout_ms INTEGER, tool_started_at TEXT, updated_at TEXT NOT NULL);";

/// The content of a database with this schema and no rows, in journal mode DELETE.
pub(super) fn empty_database(schema: &str) -> std::io::Result<Vec<u8>> {
    let content = || {
        let mut conn = Connection::open_in_memory()?;
        conn.execute_batch(schema)?;
        conn.serialize("main").map(|content| content.to_vec())
    };
    content().map_err(|error: rusqlite::Error| std::io::Error::other(error))
}
