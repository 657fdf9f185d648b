//! What is set up, how often, and by how many.

use std::fs;

use sweepd_store::Retry;
use sweepd_store::nanoclaw::{Bootstrapped, MonitorError};

use super::Install;
use crate::session::listing;

const AT: &str = "2026-05-12T10:00:00.123Z";

#[test]
fn everything_is_set_up_once() {
    let install = Install::new();
    let others = install.rows();

    let done = install.bootstrap().unwrap();

    let created = [
        "agent group health-monitor",
        "container config health-monitor",
        "messaging group mg-health-monitor",
        "wiring mga-health-monitor",
        "destination keepalive",
        "directory groups/health-monitor",
    ];
    assert_eq!(done.created, created);
    assert!(done.updated.is_empty() && done.left_out.is_empty(), "{done:?}");
    let rows = [
        format!("agent_groups: health-monitor|Health Monitor|health-monitor|-|{AT}"),
        format!(
            "messaging_groups: mg-health-monitor|discord|discord:11:22|keepalive|1|strict|{AT}"
        ),
        format!(
            "messaging_group_agents: mga-health-monitor|mg-health-monitor|health-monitor|mention|-\
             |all|drop|shared|0|{AT}"
        ),
        format!("agent_destinations: health-monitor|keepalive|channel|mg-health-monitor|{AT}"),
        format!("container_configs: health-monitor|-|-|-|-|-|-|\"all\"|{{}}|[]|[]|[]|{AT}|group"),
    ];
    assert_eq!(install.monitors(), rows);
    assert!(install.path("groups/health-monitor").is_dir());
    let mut all = install.rows();
    all.retain(|row| !row.contains("health-monitor"));
    assert_eq!(all, others, "nothing else has changed");
    install.check();
}

#[test]
fn the_second_and_third_time_change_nothing() {
    let install = Install::new();
    install.bootstrap().unwrap();
    let rows = install.rows();
    for _ in 0..2 {
        assert_eq!(install.bootstrap().unwrap(), Bootstrapped::default());
        assert_eq!(install.rows(), rows);
    }
    install.check();
    assert_eq!(listing(&install.path("groups")).len(), 2, "nothing interim is left");
}

#[test]
fn what_somebody_has_changed_stays_as_it_is() {
    let install = Install::new();
    install.bootstrap().unwrap();
    install.sql(
        "UPDATE agent_groups SET name = 'Doctor', agent_provider = 'p' WHERE id = 'health-monitor';
         UPDATE messaging_groups SET name = 'ward', is_group = 0 WHERE id = 'mg-health-monitor';
         UPDATE messaging_group_agents SET engage_mode = 'always', session_mode = 'thread'
           WHERE id = 'mga-health-monitor';
         UPDATE container_configs SET model = 'small' WHERE agent_group_id = 'health-monitor'",
    );
    let rows = install.rows();
    assert_eq!(install.bootstrap().unwrap(), Bootstrapped::default());
    assert_eq!(install.rows(), rows);
}

#[test]
fn what_was_removed_comes_back_alone() {
    let install = Install::new();
    install.bootstrap().unwrap();
    install.sql("DELETE FROM agent_destinations");
    fs::remove_dir(install.path("groups/health-monitor")).unwrap();
    let done = install.bootstrap().unwrap();
    assert_eq!(done.created, ["destination keepalive", "directory groups/health-monitor"]);
}

#[test]
fn without_a_channel_there_is_only_the_group() {
    let install = Install::new();
    let done = install.bootstrap_with(None).unwrap();
    let created = [
        "agent group health-monitor",
        "container config health-monitor",
        "directory groups/health-monitor",
    ];
    assert_eq!(done.created, created);
    assert_eq!(install.monitors().len(), 2);
    install.check();
    // And the rest when there is one.
    assert_eq!(install.bootstrap().unwrap().created.len(), 3);
    // A channel that is gone from the configuration takes nothing with it.
    let rows = install.rows();
    assert_eq!(install.bootstrap_with(None).unwrap(), Bootstrapped::default());
    assert_eq!(install.rows(), rows);
}

#[test]
fn of_many_at_once_one_does_it() {
    let install = Install::new();
    let done: Vec<Bootstrapped> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    loop {
                        match install.bootstrap() {
                            Ok(done) => return done,
                            Err(error) => assert_eq!(error.retry(), Retry::Later, "{error:?}"),
                        }
                    }
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let busy: Vec<_> = done.iter().filter(|done| !done.created.is_empty()).collect();
    assert_eq!(busy.len(), 1, "{done:?}");
    assert_eq!(busy[0].created.len(), 6);
    assert_eq!(install.monitors().len(), 5);
    install.check();
}

#[test]
fn a_living_host_reads_and_writes_on() {
    let install = Install::new();
    let host = install.open();
    host.execute_batch("BEGIN; SELECT * FROM agent_groups").unwrap();
    install.bootstrap().unwrap();
    host.execute_batch("COMMIT; UPDATE sessions SET last_active = 'now'").unwrap();
    assert_eq!(install.monitors().len(), 5);
    assert!(install.path("data/v2.db-wal").exists());
    drop(host);
    install.check();
}

#[test]
fn a_host_that_holds_the_lock_is_waited_for_but_not_long() {
    let install = Install::new();
    let host = install.open();
    host.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = install.bootstrap().unwrap_err();
    assert_eq!(error.retry(), Retry::Later, "{error:?}");
    let MonitorError::Open { source, .. } = error else { panic!("open") };
    assert_eq!(source.to_string(), "data/v2.db is locked by another process");
    assert!(!install.path("groups/health-monitor").exists());
    host.execute_batch("COMMIT").unwrap();
    install.bootstrap().unwrap();
}

#[test]
fn the_directory_of_folders_is_made_if_it_is_missing() {
    let install = Install::new();
    fs::remove_dir_all(install.path("groups")).unwrap();
    let done = install.bootstrap().unwrap();
    assert_eq!(done.created[5..], ["directory groups", "directory groups/health-monitor"]);
}

#[test]
fn a_group_with_another_folder_gets_that_one() {
    let install = Install::new();
    install.sql("INSERT INTO agent_groups VALUES ('health-monitor', 'Mine', 'doctor', NULL, 't')");
    let done = install.bootstrap().unwrap();
    assert!(done.created.contains(&"directory groups/doctor".to_owned()), "{done:?}");
    assert!(!install.path("groups/health-monitor").exists());
}
