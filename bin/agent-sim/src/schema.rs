//! The tables of NanoClaw 2.0.64, as its host and runner create them.
//!
//! Older schemas and forks are not here: a test that needs one alters these.

/// `inbound.db` of a session: the host writes it.
pub const INBOUND: &str = "
CREATE TABLE IF NOT EXISTS messages_in (id TEXT PRIMARY KEY, seq INTEGER UNIQUE,
    kind TEXT NOT NULL, timestamp TEXT NOT NULL, status TEXT DEFAULT 'pending',
    process_after TEXT, recurrence TEXT, series_id TEXT, tries INTEGER DEFAULT 0,
    trigger INTEGER NOT NULL DEFAULT 1, platform_id TEXT, channel_type TEXT, thread_id TEXT,
    content TEXT NOT NULL, source_session_id TEXT, on_wake INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS idx_messages_in_series ON messages_in(series_id);
CREATE TABLE IF NOT EXISTS delivered (message_out_id TEXT PRIMARY KEY, platform_message_id TEXT,
    status TEXT NOT NULL DEFAULT 'delivered', delivered_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS destinations (name TEXT PRIMARY KEY, display_name TEXT,
    type TEXT NOT NULL, channel_type TEXT, platform_id TEXT, agent_group_id TEXT);
CREATE TABLE IF NOT EXISTS session_routing (id INTEGER PRIMARY KEY CHECK (id = 1),
    channel_type TEXT, platform_id TEXT, thread_id TEXT);
";

/// `outbound.db` of a session: the agent writes it.
pub const OUTBOUND: &str = "
CREATE TABLE IF NOT EXISTS messages_out (id TEXT PRIMARY KEY, seq INTEGER UNIQUE,
    in_reply_to TEXT, timestamp TEXT NOT NULL, deliver_after TEXT, recurrence TEXT,
    kind TEXT NOT NULL, platform_id TEXT, channel_type TEXT, thread_id TEXT,
    content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS processing_ack (message_id TEXT PRIMARY KEY, status TEXT NOT NULL,
    status_changed TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS session_state (key TEXT PRIMARY KEY, value TEXT NOT NULL,
    updated_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS container_state (id INTEGER PRIMARY KEY CHECK (id = 1),
    current_tool TEXT, tool_declared_timeout_ms INTEGER, tool_started_at TEXT,
    updated_at TEXT NOT NULL);
";

/// `data/v2.db`: the host writes it, in WAL mode.
pub const CENTRAL: &str = "
CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL,
    applied TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS agent_groups (id TEXT PRIMARY KEY, name TEXT NOT NULL,
    folder TEXT NOT NULL UNIQUE, agent_provider TEXT, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messaging_groups (id TEXT PRIMARY KEY, channel_type TEXT NOT NULL,
    platform_id TEXT NOT NULL, name TEXT, is_group INTEGER DEFAULT 0,
    unknown_sender_policy TEXT NOT NULL DEFAULT 'strict', created_at TEXT NOT NULL,
    UNIQUE(channel_type, platform_id));
CREATE TABLE IF NOT EXISTS messaging_group_agents (id TEXT PRIMARY KEY,
    messaging_group_id TEXT NOT NULL REFERENCES messaging_groups(id),
    agent_group_id TEXT NOT NULL REFERENCES agent_groups(id),
    engage_mode TEXT NOT NULL DEFAULT 'mention', engage_pattern TEXT,
    sender_scope TEXT NOT NULL DEFAULT 'all',
    ignored_message_policy TEXT NOT NULL DEFAULT 'drop', session_mode TEXT DEFAULT 'shared',
    priority INTEGER DEFAULT 0, created_at TEXT NOT NULL,
    UNIQUE(messaging_group_id, agent_group_id));
CREATE TABLE IF NOT EXISTS agent_destinations (
    agent_group_id TEXT NOT NULL REFERENCES agent_groups(id), local_name TEXT NOT NULL,
    target_type TEXT NOT NULL, target_id TEXT NOT NULL, created_at TEXT NOT NULL,
    PRIMARY KEY (agent_group_id, local_name));
CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY,
    agent_group_id TEXT NOT NULL REFERENCES agent_groups(id),
    messaging_group_id TEXT REFERENCES messaging_groups(id), thread_id TEXT,
    agent_provider TEXT, status TEXT DEFAULT 'active', container_status TEXT DEFAULT 'stopped',
    last_active TEXT, created_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS idx_sessions_agent_group ON sessions(agent_group_id);
CREATE INDEX IF NOT EXISTS idx_sessions_lookup ON sessions(messaging_group_id, thread_id);
CREATE TABLE IF NOT EXISTS container_configs (
    agent_group_id TEXT PRIMARY KEY REFERENCES agent_groups(id), provider TEXT, model TEXT,
    effort TEXT, image_tag TEXT, assistant_name TEXT, max_messages_per_prompt INTEGER,
    skills TEXT NOT NULL DEFAULT '\"all\"', mcp_servers TEXT NOT NULL DEFAULT '{}',
    packages_apt TEXT NOT NULL DEFAULT '[]', packages_npm TEXT NOT NULL DEFAULT '[]',
    additional_mounts TEXT NOT NULL DEFAULT '[]', updated_at TEXT NOT NULL,
    cli_scope TEXT NOT NULL DEFAULT 'group');
";
