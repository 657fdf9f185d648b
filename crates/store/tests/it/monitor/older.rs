//! Older and other schemas: what is there is used, what is not is named, nothing is altered.

use sweepd_store::Retry;
use sweepd_store::nanoclaw::{Bootstrapped, Injected, MonitorError};

use super::{CENTRAL, Install};

impl Install {
    fn schema(&self) -> Vec<String> {
        super::dump(&self.open(), "sqlite_schema")
    }
}

#[test]
fn without_the_modules_their_rows_are_left_out() {
    let install = Install::with(CENTRAL);
    let schema = install.schema();
    let done = install.bootstrap().unwrap();
    assert_eq!(done.left_out, ["container_configs", "agent_destinations"]);
    assert_eq!(done.created.len(), 4);
    assert_eq!(install.monitors().len(), 3);
    assert_eq!(install.schema(), schema);
    let again = install.bootstrap().unwrap();
    assert_eq!(again, Bootstrapped { created: Vec::new(), ..done });
}

#[test]
fn columns_that_are_missing_are_left_out() {
    let install = Install::with(
        "CREATE TABLE agent_groups (id TEXT PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE messaging_groups (id TEXT PRIMARY KEY, channel_type TEXT, platform_id TEXT);
         CREATE TABLE messaging_group_agents (id TEXT PRIMARY KEY, messaging_group_id TEXT,
           agent_group_id TEXT);
         CREATE TABLE agent_destinations (agent_group_id TEXT, target_id TEXT);
         CREATE TABLE sessions (id TEXT, agent_group_id TEXT)",
    );
    let done = install.bootstrap().unwrap();
    let left_out = [
        "agent_groups.folder",
        "agent_groups.created_at",
        "container_configs",
        "messaging_groups.name",
        "messaging_groups.is_group",
        "messaging_groups.created_at",
        "messaging_group_agents.session_mode",
        "messaging_group_agents.created_at",
        "agent_destinations.local_name",
        "agent_destinations.target_type",
    ];
    assert_eq!(done.left_out, left_out);
    let rows = [
        "agent_groups: health-monitor|Health Monitor",
        "messaging_groups: mg-health-monitor|discord|discord:11:22",
        "messaging_group_agents: mga-health-monitor|mg-health-monitor|health-monitor",
    ];
    assert_eq!(install.monitors(), rows);
    let injected = install.inject("task-1-a").unwrap();
    assert!(matches!(&injected, Injected::Done { .. }), "{injected:?}");
    assert!(matches!(install.inject("task-1-a").unwrap(), Injected::AlreadyThere { .. }));
}

#[test]
fn columns_that_need_a_value_get_one() {
    let install = Install::with(
        "CREATE TABLE agent_groups (id TEXT PRIMARY KEY, name TEXT, folder TEXT, created_at TEXT);
         CREATE TABLE messaging_groups (id TEXT, channel_type TEXT, platform_id TEXT, name TEXT,
           is_group INTEGER, unknown_sender_policy TEXT NOT NULL, created_at TEXT);
         CREATE TABLE messaging_group_agents (id TEXT, messaging_group_id TEXT, agent_group_id TEXT,
           engage_mode TEXT NOT NULL, sender_scope TEXT NOT NULL,
           ignored_message_policy TEXT NOT NULL, session_mode TEXT NOT NULL,
           priority INTEGER NOT NULL, created_at TEXT);
         CREATE TABLE container_configs (agent_group_id TEXT PRIMARY KEY, skills TEXT NOT NULL,
           mcp_servers TEXT NOT NULL, cli_scope TEXT NOT NULL, updated_at TEXT)",
    );
    install.bootstrap().unwrap();
    let rows = install.monitors().join("\n");
    assert!(rows.contains("|keepalive|1|strict|2026"), "{rows}");
    assert!(rows.contains("|mention|all|drop|shared|0|2026"), "{rows}");
    assert!(rows.contains("container_configs: health-monitor|\"all\"|{}|group|2026"), "{rows}");
}

#[test]
fn without_the_table_of_groups_nothing_is_done() {
    let install = Install::with("CREATE TABLE t (x)");
    let error = install.bootstrap().unwrap_err();
    assert_eq!(error.to_string(), "data/v2.db has no table agent_groups");
    assert_eq!(error.retry(), Retry::Never);
    assert!(!install.path("groups/health-monitor").exists());
    assert!(matches!(install.inject("task-1"), Err(MonitorError::Lacks { .. })));
}

#[test]
fn a_column_that_nobody_knows_refuses_the_row_and_all_of_it() {
    let install = Install::new();
    install.sql("ALTER TABLE messaging_groups ADD COLUMN x TEXT NOT NULL DEFAULT 'x'");
    install.bootstrap().unwrap();
    let install = Install::with(
        "CREATE TABLE agent_groups (id TEXT PRIMARY KEY, folder TEXT);
         CREATE TABLE messaging_groups (id TEXT, channel_type TEXT, platform_id TEXT,
           x TEXT NOT NULL)",
    );
    let error = install.bootstrap().unwrap_err();
    assert_eq!(error.to_string(), "messaging_groups of data/v2.db does not take the row");
    assert_eq!(install.monitors(), Vec::<String>::new());
    assert!(!install.path("groups/health-monitor").exists());
}

#[test]
fn a_view_is_not_written_to() {
    let install =
        Install::with("CREATE TABLE t (id TEXT); CREATE VIEW agent_groups AS SELECT * FROM t");
    let error = install.bootstrap().unwrap_err();
    let MonitorError::Open { source, .. } = error else { panic!("open") };
    assert_eq!(source.to_string(), "agent_groups of data/v2.db is not an ordinary table");
}

#[test]
fn a_trigger_of_the_hosts_still_fires() {
    let install = Install::new();
    install.sql(
        "CREATE TABLE audit (x);
         CREATE TRIGGER t AFTER INSERT ON agent_groups BEGIN INSERT INTO audit VALUES (NEW.id); END",
    );
    install.bootstrap().unwrap();
    assert_eq!(super::dump(&install.open(), "(SELECT x, 1 FROM audit)").len(), 1);
}
