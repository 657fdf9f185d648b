//! Something is wrong with the place where sweepd remembers: it is told, and nobody is touched.

use std::path::Path;

use rusqlite::Connection;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::Signal;
use sweepd_store::state::lock::StateLock;

use super::engine::Engine;
use super::files::{assert_same, tree};
use super::host::{Host, PROCESS, ago};
use super::wait::{pause, until};

const HINT: &str = "  hint: `state-dir` names a directory of sweepd's own that it may write to\n";
const ALL: [&str; 5] = ["sweep", "run", "sweep --dry-run", "status", "why nanoclaw/ag-1/s"];

#[track_caller]
fn assert_refused_by_all(host: &Host, told: &str) {
    let before = tree(Path::new(&host.here()));
    for words in ALL {
        let said = host.sweepd(words);
        let err = said.err.replace(&host.here(), "HERE");
        assert_eq!((said.out.as_str(), said.code), ("", 2), "{words}: {err}");
        assert_eq!(err, format!("sweepd: {told}\n{HINT}"), "{words}");
        assert_same(&before, Path::new(&host.here()));
    }
}

#[test]
fn a_state_dir_that_is_a_file_or_a_link_to_nowhere_is_named() {
    let host = Host::new();
    host.configure("enforce", "", "");
    host.write("state", "");
    assert_refused_by_all(&host, "state-dir \"HERE/state\" is not a directory");
    std::fs::remove_file(host.path("state")).unwrap();
    std::os::unix::fs::symlink(host.path("nowhere"), host.path("state")).unwrap();
    assert_refused_by_all(&host, "state-dir \"HERE/state\" is not a directory");
}

/// What an agent may write to must not be what sweepd believes.
#[test]
fn a_state_dir_below_a_root_is_refused() {
    let host = Host::new();
    host.configure("enforce", "", "");
    let text = std::fs::read_to_string(host.path("sweepd.toml")).unwrap();
    for below in ["root", "root/data/sweepd", "link/sweepd"] {
        let _again = std::fs::remove_file(host.path("link"));
        std::os::unix::fs::symlink(host.path("root/data"), host.path("link")).unwrap();
        host.write("sweepd.toml", &text.replace("/state\"", &format!("/{below}\"")));
        let told = format!(
            "state-dir \"HERE/{below}\" is below the root of source \"nanoclaw\"; name a place \
             outside of \"HERE/root\""
        );
        assert_refused_by_all(&host, &told);
    }
}

#[test]
fn a_pipe_in_place_of_the_database_is_not_waited_for() {
    let host = Host::new();
    host.configure("enforce", "", "");
    let _engine = Engine::new(&host);
    std::fs::create_dir(host.path("state")).unwrap();
    let path = host.path("state/sweepd.db");
    mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    for words in ALL {
        let said = host.sweepd(words);
        assert_eq!((said.out.as_str(), said.code), ("", 3), "{words}: {}", said.err);
        assert!(
            said.err.contains("state/sweepd.db is not a regular file"),
            "{words}: {}",
            said.err
        );
    }
}

#[test]
fn a_database_that_somebody_has_locked_is_3() {
    let host = Host::new();
    host.configure("enforce", "", "");
    let _engine = Engine::new(&host);
    host.due("acked").ack("m-1", "completed", ago(30)).unwrap();
    host.sweepd("sweep");
    let other = Connection::open(host.path("state/sweepd.db")).unwrap();
    other
        .execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; UPDATE agents SET source = source",
        )
        .unwrap();
    let before = tree(host.root.path());
    let said = host.sweepd("sweep");
    assert_eq!((said.out.as_str(), said.code), ("", 3), "{}", said.err);
    assert!(said.err.contains("state/sweepd.db cannot be used"), "{}", said.err);
    assert!(said.err.contains("locked"), "{}", said.err);
    assert_same(&before, host.root.path());
}

/// A daemon at work writes all the time; killed, it leaves its files beside the database.
#[test]
fn status_reads_beside_a_daemon_that_never_rests_and_after_one_that_was_killed() {
    let host = Host::new();
    host.configure("enforce", "[sweep]\ninterval = \"1ms\"\n", PROCESS);
    let sessions: Vec<_> = (0..5).map(|n| host.due_to(&format!("s-{n}"), "idle")).collect();
    let mut daemon = host.start("run");
    until("agents", || sessions.iter().all(|one| host.agent_of(one).is_some()));
    for _ in 0..10 {
        for words in ["status", "sweep --dry-run", "why nanoclaw/ag-1/s-1"] {
            let said = host.sweepd(words);
            assert_eq!((said.err.as_str(), said.code), ("", 0), "{words}: {}", said.out);
        }
    }
    daemon.signal(Signal::KILL);
    daemon.end();
    assert!(host.path("state/sweepd.db-wal").exists() && host.path("state/sweepd.db-shm").exists());
    let before = tree(Path::new(&host.path("state")));
    let said = host.sweepd("status");
    assert_eq!((said.err.as_str(), said.code), ("", 0), "{}", said.out);
    assert_eq!(said.out.matches("running").count(), 5, "{}", said.out);
    assert_same(&before, Path::new(&host.path("state")));
}

#[test]
fn the_daemon_waits_for_a_sweep_and_then_begins() {
    let host = Host::new();
    host.configure("enforce", "", PROCESS);
    let sweep = StateLock::sweep(&host.path("state")).unwrap();
    let mut daemon = host.start("run");
    // One that did not wait would have ended by now, on any but a very slow machine.
    pause(std::time::Duration::from_millis(500));
    assert!(daemon.is_up(), "{}", daemon.log());
    assert!(!daemon.log().contains("sweepd runs"), "{}", daemon.log());
    let told = format!("is locked by pid {} (sweep): waiting for it", std::process::id());
    assert_eq!(daemon.log().matches(&told).count(), 1, "{}", daemon.log());
    drop(sweep);
    until("a daemon", || daemon.log().contains("sweepd runs"));
}
