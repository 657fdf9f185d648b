//! Where nothing may be written, nothing is.

use std::fs;
use std::os::unix::fs::{FileExt as _, symlink};
use std::path::Path;

use sweepd_store::Retry;
use sweepd_store::nanoclaw::MonitorError;

use super::Install;
use crate::session::listing;

/// The error and its cause, in words.
fn words(error: &MonitorError) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

fn elsewhere(install: &Install, path: &str) -> std::path::PathBuf {
    let target = install.path("elsewhere");
    fs::create_dir_all(&target).unwrap();
    let at = install.path(path);
    if at.is_dir() {
        fs::remove_dir_all(&at).unwrap();
    }
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    symlink(&target, at).unwrap();
    target
}

fn is_empty(dir: &Path) -> bool {
    listing(dir).is_empty()
}

#[test]
fn a_folder_that_another_group_has_is_named() {
    let install = Install::new();
    install.sql("INSERT INTO agent_groups VALUES ('ag-2', 'Two', 'health-monitor', NULL, 't')");
    let rows = install.rows();
    let error = install.bootstrap().unwrap_err();
    let expected = "the folder health-monitor belongs to the agent group \"ag-2\"";
    assert_eq!(words(&error), expected);
    assert_eq!(error.retry(), Retry::Never);
    assert_eq!(install.rows(), rows);
}

#[test]
fn linked_folders_are_not_entered() {
    for path in ["groups", "groups/health-monitor"] {
        let install = Install::new();
        let rows = install.rows();
        let target = elsewhere(&install, path);
        let error = install.bootstrap().unwrap_err();
        assert_eq!(words(&error), format!("enter {path}: {path} is a symbolic link"));
        assert_eq!(error.retry(), Retry::Never);
        assert_eq!(install.rows(), rows);
        assert!(is_empty(&target));
    }
}

#[test]
fn a_file_in_place_of_a_folder_is_left_alone() {
    let install = Install::new();
    fs::write(install.path("groups/health-monitor"), "mine").unwrap();
    let error = install.bootstrap().unwrap_err();
    assert!(words(&error).starts_with("make groups/health-monitor: Not a directory"), "{error:?}");
    assert_eq!(install.monitors(), Vec::<String>::new());
    assert_eq!(fs::read(install.path("groups/health-monitor")).unwrap(), b"mine");
}

#[test]
fn a_linked_database_is_not_written_through() {
    for file in ["v2.db", "v2.db-wal", "v2.db-shm", "v2.db-journal"] {
        let (install, other) = (Install::new(), Install::new());
        let rows = other.rows();
        let path = install.path("data").join(file);
        drop(fs::remove_file(&path));
        symlink(other.path("data/v2.db"), path).unwrap();
        let error = install.bootstrap().unwrap_err();
        let expected = format!("open data/v2.db for writing: data/{file} is a symbolic link");
        assert_eq!(words(&error), expected);
        assert_eq!(other.rows(), rows);
    }
}

#[test]
fn a_linked_data_directory_is_not_written_through() {
    let install = Install::new();
    fs::rename(install.path("data"), install.path("disk")).unwrap();
    symlink(install.path("disk"), install.path("data")).unwrap();
    let error = install.bootstrap().unwrap_err();
    assert!(words(&error).ends_with("is a symbolic link"), "{error:?}");
}

#[test]
fn a_missing_empty_or_broken_database_is_not_made_good() {
    let install = Install::new();
    let path = install.path("data/v2.db");
    fs::write(&path, "garbage".repeat(1000)).unwrap();
    let error = install.bootstrap().unwrap_err();
    assert_eq!(words(&error), "open data/v2.db for writing: data/v2.db is not a database");
    fs::write(&path, "").unwrap();
    assert_eq!(words(&install.bootstrap().unwrap_err()), "data/v2.db has no table agent_groups");
    fs::remove_file(&path).unwrap();
    let error = install.bootstrap().unwrap_err();
    assert_eq!(words(&error), "the installation has no data/v2.db");
    assert_eq!(error.retry(), Retry::Gone);
    assert!(!path.exists());
    crate::hostile::named_pipe(&path);
    let error = install.bootstrap().unwrap_err();
    assert!(words(&error).ends_with("data/v2.db is a named pipe, not a file"), "{error:?}");
    assert!(!install.path("groups/health-monitor").exists());
}

/// A format that only a newer SQLite may write makes the database read-only even for root.
#[test]
fn a_read_only_database_is_an_error() {
    let install = Install::new();
    let file = fs::OpenOptions::new().write(true).open(install.path("data/v2.db")).unwrap();
    file.write_all_at(&[9], 18).unwrap();
    drop(file);
    let error = install.bootstrap().unwrap_err();
    let expected = "data/v2.db cannot be written: it is read-only for this process";
    assert_eq!(words(&error), expected);
    assert_eq!(error.retry(), Retry::Never);
    assert!(!install.path("groups/health-monitor").exists());
    assert!(matches!(install.inject("task-1"), Err(MonitorError::ReadOnly { .. })));
    assert!(is_empty(&install.path("data/v2-sessions")));
}

#[test]
fn the_journal_of_a_dead_host_is_not_rolled_back() {
    let install = Install::new();
    install.sql("PRAGMA journal_mode = DELETE; CREATE TABLE junk (x)");
    let (db, journal) = (install.path("data/v2.db"), install.path("data/v2.db-journal"));
    let writer = install.open();
    writer
        .execute_batch(
            "PRAGMA cache_size = 2; BEGIN;
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
             INSERT INTO junk SELECT hex(zeroblob(100)) FROM n",
        )
        .unwrap();
    let copies = [fs::read(&db).unwrap(), fs::read(&journal).unwrap()];
    drop(writer);
    fs::write(&db, &copies[0]).unwrap();
    fs::write(&journal, &copies[1]).unwrap();
    let before = listing(&install.path("data"));
    let error = install.bootstrap().unwrap_err();
    assert!(words(&error).contains("data/v2.db has a hot journal"), "{error:?}");
    assert_eq!(error.retry(), Retry::Later);
    assert_eq!(listing(&install.path("data")), before);
}

#[test]
fn a_task_follows_no_link() {
    for path in [
        "data/v2-sessions/health-monitor",
        "data/v2-sessions/health-monitor/sess-9",
        "data/v2-sessions/health-monitor/sess-9/outbox",
        "data/v2-sessions/health-monitor/sess-9/outbound.db",
        "data/v2-sessions/health-monitor/sess-9/inbound.db",
    ] {
        let install = Install::new();
        install.bootstrap().unwrap();
        install.sql(
            "INSERT INTO sessions (id, agent_group_id, messaging_group_id, created_at)
               VALUES ('sess-9', 'health-monitor', 'mg-health-monitor', 't')",
        );
        let rows = install.rows();
        let target = elsewhere(&install, path);
        let error = install.inject("task-1").unwrap_err();
        assert_eq!(words(&error), format!("enter {path}: {path} is a symbolic link"));
        assert_eq!(install.rows(), rows);
        assert!(is_empty(&target), "{path}");
    }
}

#[test]
fn a_session_whose_id_leads_elsewhere_is_not_entered() {
    let install = Install::new();
    install.bootstrap().unwrap();
    install.sql(
        "INSERT INTO sessions (id, agent_group_id, messaging_group_id, created_at)
           VALUES ('../x', 'health-monitor', 'mg-health-monitor', 't')",
    );
    let error = install.inject("task-1").unwrap_err();
    assert_eq!(words(&error), "find the session of the health monitor: the id contains a slash");
    assert!(is_empty(&install.path("data/v2-sessions")));
}

#[test]
fn a_task_without_a_group_or_with_a_strange_id_is_not_put_anywhere() {
    let install = Install::new();
    let error = install.inject("task-1").unwrap_err();
    assert_eq!(words(&error), "there is no agent group health-monitor");
    assert_eq!(error.retry(), Retry::Gone);
    install.bootstrap().unwrap();
    for id in ["", "a b", "a/b", "a\0", "ä"] {
        let error = install.inject(id).unwrap_err();
        assert!(matches!(error, MonitorError::BadMessageId { .. }), "{error:?}");
    }
    assert!(is_empty(&install.path("data/v2-sessions")));
}
