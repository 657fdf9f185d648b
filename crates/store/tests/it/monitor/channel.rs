//! The channel follows the configuration, whoever has it already.

use sweepd_store::nanoclaw::Bootstrapped;

use super::{Install, channel};

impl Install {
    /// Which messaging group the monitor is wired to, and where `keepalive` leads.
    fn wired(&self) -> (String, String) {
        let one = |sql: &str| self.open().query_row(sql, [], |row| row.get(0)).unwrap();
        let wired = "SELECT messaging_group_id FROM messaging_group_agents \
                     WHERE agent_group_id = 'health-monitor'";
        (one(wired), one("SELECT target_id FROM agent_destinations"))
    }

    fn platform_of(&self, id: &str) -> String {
        let sql = "SELECT platform_id FROM messaging_groups WHERE id = ?1";
        self.open().query_row(sql, [id], |row| row.get(0)).unwrap()
    }
}

const OURS: &str = "mg-health-monitor";

#[test]
fn a_changed_channel_moves_the_messaging_group() {
    let install = Install::new();
    install.bootstrap().unwrap();
    let done = install.bootstrap_with(Some(channel("11", "33"))).unwrap();
    assert!(done.created.is_empty(), "{done:?}");
    assert_eq!(done.updated, ["messaging group mg-health-monitor"]);
    assert_eq!(install.platform_of(OURS), "discord:11:33");
    assert_eq!(install.monitors().len(), 5);
    install.check();
}

#[test]
fn a_channel_that_another_group_has_is_wired_there() {
    let install = Install::new();
    install.sql(
        "INSERT INTO messaging_groups VALUES ('mg-2', 'discord', 'discord:11:22', 'Ops', 1, 's', 't')",
    );
    let done = install.bootstrap().unwrap();
    assert!(!done.created.iter().any(|made| made.starts_with("messaging group")), "{done:?}");
    assert_eq!(install.wired(), ("mg-2".into(), "mg-2".into()));
    assert_eq!(install.bootstrap().unwrap(), Bootstrapped::default());
    install.check();
}

#[test]
fn a_channel_that_changes_to_one_that_another_group_has_is_wired_there_and_back() {
    let install = Install::new();
    install.sql(
        "INSERT INTO messaging_groups VALUES ('mg-2', 'discord', 'discord:11:33', 'Ops', 1, 's', 't')",
    );
    install.bootstrap().unwrap();
    for (at, group) in [("33", "mg-2"), ("22", OURS), ("33", "mg-2"), ("44", OURS)] {
        let done = install.bootstrap_with(Some(channel("11", at))).unwrap();
        assert!(done.created.is_empty(), "{done:?}");
        assert!(done.updated.contains(&"wiring mga-health-monitor".to_owned()), "{done:?}");
        assert_eq!(install.wired(), (group.into(), group.into()));
        assert_eq!(install.platform_of("mg-2"), "discord:11:33");
        install.check();
    }
    assert_eq!(install.platform_of(OURS), "discord:11:44");
}

#[test]
fn a_wiring_that_somebody_has_made_will_do() {
    let install = Install::new();
    install.sql(
        "INSERT INTO messaging_groups VALUES ('mg-2', 'discord', 'discord:11:22', 'Ops', 1, 's', 't');
         INSERT INTO agent_groups VALUES ('health-monitor', 'HM', 'health-monitor', NULL, 't');
         INSERT INTO messaging_group_agents (id, messaging_group_id, agent_group_id, created_at)
           VALUES ('mga-2', 'mg-2', 'health-monitor', 't');
         INSERT INTO agent_destinations VALUES ('health-monitor', 'keepalive', 'agent', 'ag-1', 't')",
    );
    let done = install.bootstrap().unwrap();
    let created = ["container config health-monitor", "directory groups/health-monitor"];
    assert_eq!(done.created, created);
    assert!(done.updated.is_empty());
    assert_eq!(install.wired(), ("mg-2".into(), "ag-1".into()));
}

#[test]
fn only_numbers_name_a_channel() {
    let install = Install::new();
    let rows = install.rows();
    for (guild, id, what) in [
        ("", "22", "guild id"),
        ("1a", "22", "guild id"),
        ("11", "22:33", "channel id"),
        ("11", "２２", "channel id"),
        ("11", "123456789012345678901", "channel id"),
    ] {
        let error = install.bootstrap_with(Some(channel(guild, id))).unwrap_err();
        let words = format!("the Discord {what} of the health monitor is not a number");
        assert_eq!(error.to_string(), words);
    }
    assert_eq!(install.rows(), rows);
}
