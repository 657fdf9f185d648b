//! Whose is what was made? Its parent's.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};

use super::Install;

impl Install {
    fn owner(&self, path: &str) -> (u32, u32, u32) {
        let meta = self.path(path).symlink_metadata().unwrap();
        (meta.uid(), meta.gid(), meta.mode() & 0o7777)
    }

    fn give(&self, path: &str, mode: u32) {
        let path = self.path(path);
        chown(&path, Some(12345), Some(12346)).unwrap();
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
}

#[test]
fn what_is_made_has_its_parents_owner_and_mode() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    for (mode, file) in [(0o755, 0o644), (0o2770, 0o660), (0o700, 0o600)] {
        let install = Install::new();
        for dir in ["data", "data/v2-sessions", "groups"] {
            install.give(dir, mode);
        }
        install.give("data/v2.db", 0o640);
        install.bootstrap().unwrap();
        let session = install.inject("task-1").unwrap().session_id().to_owned();

        let dir = format!("data/v2-sessions/health-monitor/{session}");
        let outbox = format!("{dir}/outbox");
        let group = "data/v2-sessions/health-monitor";
        for made in ["groups/health-monitor", group, &dir, &outbox] {
            assert_eq!(install.owner(made), (12345, 12346, mode), "{made}");
        }
        for made in ["inbound.db", "outbound.db"] {
            assert_eq!(install.owner(&format!("{dir}/{made}")), (12345, 12346, file), "{made}");
        }
        assert_eq!(install.owner("data/v2.db"), (12345, 12346, 0o640));
    }
}

#[test]
fn what_sqlite_puts_beside_the_database_is_the_hosts() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let install = Install::new();
    install.give("data/v2.db", 0o640);
    let reader = install.open();
    reader.execute_batch("BEGIN; SELECT * FROM sessions").unwrap();
    install.bootstrap().unwrap();
    for part in ["data/v2.db-wal", "data/v2.db-shm"] {
        assert_eq!(install.owner(part), (12345, 12346, 0o640), "{part}");
    }
}

#[test]
fn a_missing_directory_of_folders_or_sessions_is_as_the_data_directory_is() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let install = Install::new();
    fs::remove_dir_all(install.path("groups")).unwrap();
    fs::remove_dir(install.path("data/v2-sessions")).unwrap();
    install.give("data", 0o750);
    install.bootstrap().unwrap();
    install.inject("task-1").unwrap();
    for made in ["groups", "groups/health-monitor", "data/v2-sessions"] {
        assert_eq!(install.owner(made), (12345, 12346, 0o750), "{made}");
    }
}

#[test]
fn what_a_process_that_died_has_left_is_not_in_the_way() {
    let install = Install::new();
    fs::create_dir(install.path("groups/.health-monitor.sweepd")).unwrap();
    install.bootstrap().unwrap();
    assert!(!install.path("groups/.health-monitor.sweepd").exists());
    let session = install.inject("task-1").unwrap().session_id().to_owned();
    let dir = install.path("data/v2-sessions/health-monitor").join(session);
    fs::remove_file(dir.join("outbound.db")).unwrap();
    fs::write(dir.join(".outbound.db.sweepd"), "half").unwrap();
    install.inject("task-2").unwrap();
    let mut names: Vec<_> = fs::read_dir(dir).unwrap().map(|of| of.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["inbound.db", "outbound.db", "outbox"]);
}
