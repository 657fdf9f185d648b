//! The health monitor: set up once, asked once, and nothing else touched.

mod bootstrap;
mod channel;
mod older;
mod owner;
mod refused;
mod task;

use std::fs;
use std::path::PathBuf;

use rusqlite::Connection;
use rusqlite::types::Value;
use sweepd_decide::{MessageId, Timestamp};
use sweepd_store::nanoclaw::{
    self, Bootstrapped, Injected, InvestigationTask, MonitorChannel, MonitorError, MonitorPlan,
    Root,
};
use tempfile::TempDir;

/// The central database of NanoClaw 2.0.64, as far as it matters here.
const CENTRAL: &str = "
    CREATE TABLE agent_groups (id TEXT PRIMARY KEY, name TEXT NOT NULL, folder TEXT NOT NULL UNIQUE,
      agent_provider TEXT, created_at TEXT NOT NULL);
    CREATE TABLE messaging_groups (id TEXT PRIMARY KEY, channel_type TEXT NOT NULL,
      platform_id TEXT NOT NULL, name TEXT, is_group INTEGER DEFAULT 0,
      unknown_sender_policy TEXT NOT NULL DEFAULT 'strict', created_at TEXT NOT NULL,
      UNIQUE(channel_type, platform_id));
    CREATE TABLE messaging_group_agents (id TEXT PRIMARY KEY,
      messaging_group_id TEXT NOT NULL REFERENCES messaging_groups(id),
      agent_group_id TEXT NOT NULL REFERENCES agent_groups(id),
      engage_mode TEXT NOT NULL DEFAULT 'mention', engage_pattern TEXT,
      sender_scope TEXT NOT NULL DEFAULT 'all',
      ignored_message_policy TEXT NOT NULL DEFAULT 'drop', session_mode TEXT DEFAULT 'shared',
      priority INTEGER DEFAULT 0, created_at TEXT NOT NULL,
      UNIQUE(messaging_group_id, agent_group_id));
    CREATE TABLE sessions (id TEXT PRIMARY KEY,
      agent_group_id TEXT NOT NULL REFERENCES agent_groups(id),
      messaging_group_id TEXT REFERENCES messaging_groups(id), thread_id TEXT, agent_provider TEXT,
      status TEXT DEFAULT 'active', container_status TEXT DEFAULT 'stopped', last_active TEXT,
      created_at TEXT NOT NULL);
    INSERT INTO agent_groups VALUES ('ag-1', 'One', 'one', NULL, '2026-01-01T00:00:00.000Z');
    INSERT INTO messaging_groups VALUES ('mg-1', 'telegram', '42', 'Chat', 0, 'strict', 't');
    INSERT INTO messaging_group_agents (id, messaging_group_id, agent_group_id, created_at)
      VALUES ('mga-1', 'mg-1', 'ag-1', 't');
    INSERT INTO sessions (id, agent_group_id, messaging_group_id, created_at)
      VALUES ('sess-1', 'ag-1', 'mg-1', 't');";
/// What its modules add.
const MODULES: &str = "
    CREATE TABLE agent_destinations (agent_group_id TEXT NOT NULL REFERENCES agent_groups(id),
      local_name TEXT NOT NULL, target_type TEXT NOT NULL, target_id TEXT NOT NULL,
      created_at TEXT NOT NULL, PRIMARY KEY(agent_group_id, local_name));
    CREATE TABLE container_configs (agent_group_id TEXT PRIMARY KEY REFERENCES agent_groups(id),
      provider TEXT, model TEXT, effort TEXT, image_tag TEXT, assistant_name TEXT,
      max_messages_per_prompt INTEGER, skills TEXT NOT NULL DEFAULT '\"all\"',
      mcp_servers TEXT NOT NULL DEFAULT '{}', packages_apt TEXT NOT NULL DEFAULT '[]',
      packages_npm TEXT NOT NULL DEFAULT '[]', additional_mounts TEXT NOT NULL DEFAULT '[]',
      updated_at TEXT NOT NULL, cli_scope TEXT NOT NULL DEFAULT 'group');
    INSERT INTO container_configs (agent_group_id, updated_at) VALUES ('ag-1', 't');";

/// 2026-05-12T10:00:00.123Z
const NOW: Timestamp = Timestamp::from_millis(1_778_580_000_123);

const TABLES: [&str; 6] = [
    "agent_groups",
    "messaging_groups",
    "messaging_group_agents",
    "agent_destinations",
    "container_configs",
    "sessions",
];

struct Install {
    _temp: TempDir,
    root: Root,
}

impl Install {
    /// An installation with every module, and one agent.
    fn new() -> Self {
        Self::with(&format!("{CENTRAL}{MODULES}"))
    }

    fn with(schema: &str) -> Self {
        let temp = tempfile::tempdir().unwrap();
        for dir in ["data/v2-sessions", "groups/one"] {
            fs::create_dir_all(temp.path().join(dir)).unwrap();
        }
        let root = Root::open(temp.path()).unwrap();
        let install = Self { _temp: temp, root };
        install.sql(&format!("PRAGMA journal_mode = WAL; {schema}"));
        install
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn open(&self) -> Connection {
        let conn = Connection::open(self.path("data/v2.db")).unwrap();
        conn.pragma_update(None, "foreign_keys", true).unwrap();
        conn
    }

    fn sql(&self, sql: &str) {
        self.open().execute_batch(sql).unwrap();
    }

    fn bootstrap(&self) -> Result<Bootstrapped, MonitorError> {
        self.bootstrap_with(Some(channel("11", "22")))
    }

    fn bootstrap_with(
        &self,
        channel: Option<MonitorChannel>,
    ) -> Result<Bootstrapped, MonitorError> {
        nanoclaw::bootstrap(&self.root, &MonitorPlan { channel }, NOW)
    }

    fn inject(&self, id: &str) -> Result<Injected, MonitorError> {
        nanoclaw::inject(&self.root, &task(id), NOW)
    }

    /// Every row of every table there is, in order.
    fn rows(&self) -> Vec<String> {
        let conn = self.open();
        let mut rows = Vec::new();
        for table in TABLES {
            rows.extend(dump(&conn, table));
        }
        rows
    }

    /// The rows that are the monitor's.
    fn monitors(&self) -> Vec<String> {
        let mut rows = self.rows();
        rows.retain(|row| row.contains("health-monitor"));
        rows
    }

    /// No foreign key leads nowhere, and the file is sound.
    fn check(&self) {
        let conn = self.open();
        let orphans = conn.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap();
        assert!(!orphans);
        assert_eq!(pragma(&conn, "integrity_check"), "ok");
    }
}

/// Every row of a table, as `table: value|value`; nothing if there is no such table.
fn dump(conn: &Connection, table: &str) -> Vec<String> {
    let Ok(mut all) = conn.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")) else {
        return Vec::new();
    };
    let columns = all.column_count();
    let rows = all.query_map([], |row| {
        let cells = (0..columns).map(|at| {
            Ok(match row.get(at)? {
                Value::Null => "-".to_owned(),
                Value::Integer(value) => value.to_string(),
                Value::Text(text) => text,
                Value::Real(value) => value.to_string(),
                Value::Blob(bytes) => format!("{bytes:?}"),
            })
        });
        let cells = cells.collect::<rusqlite::Result<Vec<String>>>()?;
        Ok(format!("{table}: {}", cells.join("|")))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn pragma(conn: &Connection, name: &str) -> String {
    conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).unwrap()
}

fn channel(guild_id: &str, channel_id: &str) -> MonitorChannel {
    MonitorChannel { guild_id: guild_id.into(), channel_id: channel_id.into() }
}

fn task(id: &str) -> InvestigationTask {
    InvestigationTask {
        message_id: MessageId::from(id),
        prompt: "Why did \"ag-1\" say nothing?\nLook.".into(),
        channel: Some(channel("11", "22")),
    }
}
