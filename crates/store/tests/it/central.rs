//! The list of sessions: from a database that is the host's, with and without the host alive.

use std::fs;

use rusqlite::Connection;
use sweepd_store::nanoclaw::{Root, SessionRow};
use sweepd_store::{Error, Retry};
use tempfile::TempDir;

use crate::session::listing;

const SCHEMA: &str = "
    CREATE TABLE agent_groups (id TEXT PRIMARY KEY, name TEXT NOT NULL, folder TEXT NOT NULL UNIQUE,
      agent_provider TEXT, created_at TEXT NOT NULL);
    CREATE TABLE sessions (id TEXT PRIMARY KEY, agent_group_id TEXT NOT NULL,
      messaging_group_id TEXT, thread_id TEXT, agent_provider TEXT, status TEXT DEFAULT 'active',
      container_status TEXT DEFAULT 'stopped', last_active TEXT, created_at TEXT NOT NULL);
    INSERT INTO agent_groups VALUES ('ag-1', 'One', 'folder-1', NULL, 't'),
      ('ag-2', 'Two', 'folder-2', NULL, 't');
    INSERT INTO sessions (id, agent_group_id, status, created_at) VALUES
      ('s-3', 'ag-2', 'active', 't'), ('s-1', 'ag-2', 'active', 't'), ('s-2', 'ag-1', 'active', 't'),
      ('s-4', 'ag-1', 'archived', 't'), ('s-5', 'ag-9', 'active', 't'), ('s-6', 'ag-1', NULL, 't');";

struct Install {
    _temp: TempDir,
    root: Root,
}

impl Install {
    fn new(sql: &str) -> Self {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir_all(temp.path().join("data")).unwrap();
        let root = Root::open(temp.path()).unwrap();
        let install = Self { _temp: temp, root };
        install.open().execute_batch(&format!("PRAGMA journal_mode = WAL; {sql}")).unwrap();
        install
    }

    fn open(&self) -> Connection {
        Connection::open(self.root.path().join("data/v2.db")).unwrap()
    }

    fn ids(&self) -> Vec<String> {
        let rows = self.root.sessions().unwrap().rows;
        rows.into_iter().map(|row| format!("{}/{}", row.agent_group_id, row.session_id)).collect()
    }
}

#[test]
fn active_sessions_are_listed_by_group_and_id_and_no_file_is_touched() {
    let install = Install::new(SCHEMA);
    let data = install.root.path().join("data");
    let before = listing(&data);
    assert_eq!(before.len(), 1, "no -wal is left");

    let sessions = install.root.sessions().unwrap();

    let row = |group: &str, session: &str, folder: Option<&str>| SessionRow {
        agent_group_id: group.into(),
        session_id: session.into(),
        group_folder: folder.map(str::to_owned),
        group_exists: folder.is_some(),
    };
    let expected = [
        row("ag-1", "s-2", Some("folder-1")),
        row("ag-2", "s-1", Some("folder-2")),
        row("ag-2", "s-3", Some("folder-2")),
        row("ag-9", "s-5", None),
    ];
    assert_eq!(sessions.rows, expected);
    assert!(sessions.refused.is_empty() && sessions.absent.is_empty());
    assert_eq!(listing(&data), before);
}

#[test]
fn what_a_living_host_has_just_written_is_seen() {
    let install = Install::new(SCHEMA);
    let host = install.open();
    host.execute_batch(
        "INSERT INTO sessions VALUES ('s-7', 'ag-1', NULL, NULL, NULL, 'active', NULL, NULL, 't')",
    )
    .unwrap();
    let data = install.root.path().join("data");
    assert!(data.join("v2.db-wal").exists());
    assert_eq!(install.ids(), ["ag-1/s-2", "ag-1/s-7", "ag-2/s-1", "ag-2/s-3", "ag-9/s-5"]);
    host.execute_batch("UPDATE sessions SET status = 'archived' WHERE id = 's-7'").unwrap();
    assert_eq!(install.ids().len(), 4);
    drop(host);
}

#[test]
fn reading_beside_a_host_neither_checkpoints_nor_removes_its_wal() {
    let install = Install::new(SCHEMA);
    let data = install.root.path().join("data");
    {
        let host = install.open();
        host.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
            .unwrap();
        host.execute_batch("UPDATE sessions SET status = 'archived' WHERE id = 's-1'").unwrap();
    }
    let keep = |listing: std::collections::BTreeMap<std::path::PathBuf, String>| {
        let mut listing = listing;
        listing.retain(|path, _| !path.to_string_lossy().ends_with("-shm"));
        listing
    };
    let before = keep(listing(&data));
    assert_eq!(before.len(), 2, "{before:?}");
    assert_eq!(install.ids(), ["ag-1/s-2", "ag-2/s-3", "ag-9/s-5"]);
    assert_eq!(keep(listing(&data)), before);
}

#[test]
fn ids_that_lead_elsewhere_are_set_apart_with_a_reason() {
    let install = Install::new(SCHEMA);
    install
        .open()
        .execute_batch(
            "DELETE FROM sessions;
             INSERT INTO sessions (id, agent_group_id, created_at) VALUES
               ('..', 'ag-1', 't'), ('a/b', 'ag-1', 't'), ('ok', '/etc', 't'), ('', 'ag-1', 't'),
               ('.', 'ag-1', 't'), ('a' || char(0) || 'b', 'ag-1', 't'), (x'00ff', 'ag-1', 't'),
               (CAST(x'73ff' AS TEXT), 'ag-1', 't'), ('good', 'ag-1', 't')",
        )
        .unwrap();
    let sessions = install.root.sessions().unwrap();
    assert_eq!(sessions.rows.len(), 1);
    let refused: Vec<(String, String)> =
        sessions.refused.into_iter().map(|one| (one.session_id, one.reason)).collect();
    let expected = [
        ("ok", "the id contains a slash"),
        ("", "the id is empty"),
        ("", "the id is not a text"),
        (".", "the id is a dot path"),
        ("..", "the id is a dot path"),
        ("a\0b", "the id contains a NUL"),
        ("a/b", "the id contains a slash"),
        ("s\u{fffd}", "the id is not a text"),
    ];
    let mut expected = expected.map(|(id, why)| (id.to_owned(), why.to_owned())).to_vec();
    let mut refused = refused;
    expected.sort();
    refused.sort();
    assert_eq!(refused, expected);
}

#[test]
fn older_schemas_are_read_with_what_they_have() {
    let install = Install::new(
        "CREATE TABLE sessions (id TEXT, agent_group_id TEXT);
         INSERT INTO sessions VALUES ('s-1', 'ag-1')",
    );
    let sessions = install.root.sessions().unwrap();
    assert_eq!(sessions.absent, ["sessions.status", "agent_groups.id"]);
    assert!(sessions.rows[0].group_exists, "not known to be missing");
    assert_eq!(sessions.rows[0].group_folder, None);
}

#[test]
fn a_database_without_sessions_is_named() {
    let install = Install::new("CREATE TABLE t (x)");
    let error = install.root.sessions().unwrap_err();
    assert!(error.to_string().ends_with("data/v2.db has no column sessions.id"), "{error}");
    assert_eq!(error.retry(), Retry::Never);
}

#[test]
fn a_missing_or_broken_database_is_an_error_and_never_an_empty_list() {
    let install = Install::new(SCHEMA);
    let path = install.root.path().join("data/v2.db");
    fs::write(&path, "garbage".repeat(1000)).unwrap();
    assert!(matches!(install.root.sessions(), Err(Error::ReadCentral { .. })));
    fs::remove_file(&path).unwrap();
    assert!(matches!(install.root.sessions(), Err(Error::ReadCentral { .. })));
    assert!(!path.exists(), "and none is made");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    assert!(matches!(install.root.sessions(), Err(Error::ReadCentral { .. })));
}

#[test]
fn a_database_in_delete_mode_with_a_writer_is_read_under_its_lock() {
    let install = Install::new(SCHEMA);
    let writer = install.open();
    writer
        .execute_batch("PRAGMA journal_mode = DELETE; BEGIN IMMEDIATE; DELETE FROM sessions")
        .unwrap();
    assert!(install.root.path().join("data/v2.db-journal").exists());
    assert_eq!(install.ids().len(), 4, "not committed, not seen");
    writer.execute_batch("COMMIT").unwrap();
    assert_eq!(install.ids().len(), 0);
}

/// A host that was killed leaves its log, and a copy of its files only that. Both are read whole,
/// and nothing is put in order, made or removed.
#[test]
fn what_a_host_that_is_gone_has_left_is_read_and_left_alone() {
    for with_memory in [true, false] {
        let install = Install::new(SCHEMA);
        let data = install.root.path().join("data");
        let host = install.open();
        let unsettled = "UPDATE sessions SET status = 'archived' WHERE id = 's-3'";
        host.execute_batch(unsettled).unwrap();
        let parts = ["v2.db", "v2.db-wal", "v2.db-shm"];
        for part in &parts[..if with_memory { 3 } else { 2 }] {
            fs::copy(data.join(part), data.join(format!("left-{part}"))).unwrap();
        }
        drop(host);
        for part in parts {
            drop(fs::remove_file(data.join(part)));
            drop(fs::rename(data.join(format!("left-{part}")), data.join(part)));
        }
        let before = listing(&data);
        assert_eq!(before.len(), if with_memory { 3 } else { 2 });

        assert!(!install.ids().contains(&"ag-2/s-3".to_owned()), "the log was not read");
        assert_eq!(listing(&data), before);
    }
}
