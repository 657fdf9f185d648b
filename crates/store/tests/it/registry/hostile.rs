//! Files that are no registries, and never an empty one.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt as _, symlink};
use std::os::unix::net::UnixListener;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use sweepd_store::Retry;
use sweepd_store::registry::Fault;

use super::{ALL, Owner, bare, two};

fn pipe(path: &std::path::Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

fn not_a_file(what: &str, kind: &'static str) -> Result<sweepd_store::registry::Registry, Fault> {
    Err(Fault::NotAFile { what: what.into(), kind })
}

#[test]
fn what_is_no_file_is_refused_and_not_waited_for() {
    let owner = Owner::empty();
    assert_eq!(owner.ask(ALL), Err(Fault::Missing));
    fs::create_dir(owner.path()).unwrap();
    assert_eq!(owner.ask(ALL), not_a_file("it", "directory"));
    fs::remove_dir(owner.path()).unwrap();
    pipe(&owner.path());
    assert_eq!(owner.ask(ALL), not_a_file("it", "named pipe"));
    fs::remove_file(owner.path()).unwrap();
    let socket = UnixListener::bind(owner.path()).unwrap();
    assert_eq!(owner.ask(ALL), not_a_file("it", "socket"));
    drop(socket);
    fs::remove_file(owner.path()).unwrap();
    symlink("/dev/zero", owner.path()).unwrap();
    assert_eq!(owner.ask(ALL), not_a_file("it", "device"));
}

#[test]
fn what_is_no_file_beside_it_is_not_opened_either() {
    for suffix in ["-journal", "-wal", "-shm"] {
        let owner = two();
        let beside = owner.temp.path().join(format!("agents.db{suffix}"));
        pipe(&beside);
        assert_eq!(owner.ask(ALL), not_a_file(suffix, "named pipe"));
        fs::remove_file(&beside).unwrap();
        symlink("/etc/passwd", &beside).unwrap();
        assert_eq!(owner.ask(ALL), not_a_file(suffix, "symbolic link"));
    }
}

#[test]
fn a_link_of_the_operators_is_followed_and_one_without_end_is_not() {
    let owner = two();
    let real = tempfile::tempdir().unwrap();
    fs::rename(owner.path(), real.path().join("real.db")).unwrap();
    symlink(real.path().join("real.db"), owner.path()).unwrap();
    assert_eq!(owner.names(), ["a", "b"]);

    fs::remove_file(owner.path()).unwrap();
    symlink("agents.db", owner.path()).unwrap();
    let fault = owner.ask(ALL).unwrap_err();
    assert!(
        matches!(&fault, Fault::Io { detail } if detail.contains("symbolic link")),
        "{fault:?}"
    );
    fs::remove_file(owner.path()).unwrap();
    symlink("nowhere", owner.path()).unwrap();
    assert_eq!(owner.ask(ALL), Err(Fault::Missing));
}

#[test]
fn what_is_no_database_is_said_to_be_none() {
    let owner = Owner::empty();
    for content in ["garbage ".repeat(1000), "SQLite format 3\0".to_owned(), "xy".to_owned()] {
        fs::write(owner.path(), content).unwrap();
        assert_eq!(owner.ask(ALL), Err(Fault::NotADatabase));
    }
    let sparse = File::create(owner.path()).unwrap();
    sparse.set_len(1 << 30).unwrap();
    assert_eq!(owner.ask(ALL), Err(Fault::NotADatabase));
}

#[test]
fn an_empty_file_is_not_an_empty_registry_and_what_lies_beside_it_stays() {
    for suffix in ["-journal", "-wal"] {
        for content in ["", "S"] {
            let owner = Owner::empty();
            fs::write(owner.path(), content).unwrap();
            assert_eq!(owner.ask(ALL), Err(Fault::Empty));
            fs::write(owner.temp.path().join(format!("agents.db{suffix}")), "left").unwrap();
            assert_eq!(owner.ask(ALL), Err(Fault::Empty));
        }
    }
}

#[test]
fn torn_bytes_are_damage_and_never_a_shorter_registry() {
    let rows: Vec<String> = (0..500).map(|n| format!("('agent-{n}', 1, 'x{n}')")).collect();
    let filled = || Owner::table("name, enabled, image", &rows.join(", "));
    let whole = filled().all().entries.len();
    assert_eq!(whole, 500);

    let owner = filled();
    let file = File::options().write(true).open(owner.path()).unwrap();
    file.set_len(4096 * 2).unwrap();
    let fault = owner.ask(ALL).unwrap_err();
    assert!(matches!(fault, Fault::Corrupt { .. }), "{fault:?}");
    assert_eq!(fault.retry(), Retry::Never);

    for page in 1..4 {
        let owner = filled();
        let file = File::options().write(true).open(owner.path()).unwrap();
        file.write_all_at(&[0xff; 4096], page * 4096).unwrap();
        let fault = owner.ask(ALL).unwrap_err();
        assert!(matches!(fault, Fault::Corrupt { .. }), "{page}: {fault:?}");
    }

    let owner = filled();
    owner.sql(
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = 'CREATE TABLE \u{1b}[31m' WHERE name = 'agents'",
    );
    let fault = owner.ask(ALL).unwrap_err();
    assert!(matches!(fault, Fault::Corrupt { .. }), "{fault:?}");
    assert!(!fault.to_string().contains(char::is_control), "{fault}");
}

#[test]
fn how_big_a_file_is_does_not_matter_where_it_is_read_in_place() {
    let owner = two();
    let file = File::options().write(true).open(owner.path()).unwrap();
    file.set_len(1 << 30).unwrap();
    assert_eq!(owner.names(), ["a", "b"]);
    fs::write(owner.temp.path().join("agents.db-wal"), "left").unwrap();
    let fault = owner.ask(ALL).unwrap_err();
    assert!(matches!(fault, Fault::TooBig { .. }), "{fault:?}");
}

#[test]
fn a_schema_cannot_call_functions_that_reach_out() {
    let owner = two();
    owner.sql("CREATE VIEW v AS SELECT load_extension('/tmp/x.so') AS name, 1 AS enabled");
    let detail = "unsafe use of load_extension()".to_owned();
    assert_eq!(owner.ask("SELECT * FROM v"), Err(Fault::BadQuery { detail }));
    let answer = owner.ask(ALL).unwrap();
    assert_eq!(answer.entries, [bare("a", false), bare("b", true)]);
}
