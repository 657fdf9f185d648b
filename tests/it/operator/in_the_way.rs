//! Something stands in the way: one sentence, the right exit code, and nothing written.

use std::path::Path;
use std::process::Command;

use rustix::process::Signal;
use sweepd_store::state::lock::StateLock;

use super::engine::Engine;
use super::files::{assert_same, tree};
use super::host::{Host, PROCESS, Said, effects};
use super::wait::{PATIENCE, pause, until};

/// A refusal: its sentence, its cause and its hint, and the exit code.
#[track_caller]
fn assert_refused(host: &Host, said: &Said, code: i32, lines: &[&str]) {
    let err = said.err.replace(&host.here(), "HERE");
    assert_eq!((said.out.as_str(), said.code), ("", code), "{err}");
    assert_eq!(err.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn a_root_that_is_not_there_is_named_and_nothing_is_made() {
    let host = Host::new();
    host.configure("enforce", "", "");
    std::fs::remove_dir_all(host.root.path()).unwrap();
    let before = tree(Path::new(&host.here()));
    for words in ["sweep", "sweep --dry-run", "status", "run", "why nanoclaw/ag-1/s"] {
        let lines = [
            "sweepd: root \"HERE/root\" does not exist",
            "  hint: `root` of source \"nanoclaw\" names the directory above `data`",
        ];
        assert_refused(&host, &host.sweepd(words), 2, &lines);
        assert_same(&before, Path::new(&host.here()));
    }
}

#[test]
fn a_root_without_an_installation_in_it_is_no_empty_source() {
    let host = Host::new();
    std::fs::remove_dir_all(host.root.data()).unwrap();
    let _engine = Engine::new(&host);
    for mode in ["enforce", "observe"] {
        host.configure(mode, "", "");
        for words in ["sweep", "sweep --dry-run", "status", "run"] {
            let lines = [
                "sweepd: HERE/root has no directory `data`: not a NanoClaw root",
                "  hint: `root` of source \"nanoclaw\" names the directory above `data`",
            ];
            assert_refused(&host, &host.sweepd(words), 2, &lines);
        }
    }
    assert!(!host.path("state").exists());
}

#[test]
fn a_source_whose_list_of_sessions_cannot_be_read_is_not_watched_and_not_empty() {
    let host = Host::new();
    host.configure("enforce", "", "");
    host.due("acked").ack("m-1", "completed", super::host::ago(30)).unwrap();
    let _engine = Engine::new(&host);
    std::fs::write(host.root.data().join("v2.db"), "no database".repeat(100)).unwrap();
    let before = tree(host.root.path());
    for words in ["sweep --json", "sweep --dry-run --json"] {
        let said = host.sweepd(words);
        let call = said.json();
        assert_eq!(said.code, 3, "{call}");
        assert!(call["trouble"][0].as_str().unwrap().contains("data/v2.db"), "{call}");
        assert_eq!(call["incidents"], serde_json::json!([]), "it has not shrunk: {call}");
    }
    let said = host.sweepd("status");
    assert_eq!(said.code, 3, "{}", said.out);
    assert!(said.out.contains("not watched: all of source nanoclaw"), "{}", said.out);
    assert_same(&before, host.root.path());
}

#[test]
fn a_state_dir_that_cannot_be_is_named() {
    let host = Host::new();
    host.configure("enforce", "", "");
    let text = std::fs::read_to_string(host.path("sweepd.toml")).unwrap();
    host.write("sweepd.toml", &text.replace("/state\"", "/file/state\""));
    host.write("file", "");
    let before = tree(Path::new(&host.here()));
    for words in ["sweep", "run", "sweep --dry-run", "status", "why nanoclaw/ag-1/s"] {
        let said = host.sweepd(words);
        let lines = [
            "sweepd: state-dir \"HERE/file/state\" cannot be made: \"HERE/file\" is not a directory",
            "  hint: `state-dir` names a directory of sweepd's own that it may write to",
        ];
        assert_refused(&host, &said, 2, &lines);
        assert_same(&before, Path::new(&host.here()));
    }
}

/// In a mount namespace of its own, where that is allowed.
#[test]
fn a_state_dir_on_a_read_only_file_system_stops_everything_but_looking() {
    let host = Host::new();
    host.configure("enforce", "", "");
    let session = host.due("acked");
    session.ack("m-1", "completed", super::host::ago(30)).unwrap();
    let _engine = Engine::new(&host);
    std::fs::create_dir(host.path("state")).unwrap();
    let before = tree(host.root.path());
    let mount = "mount -t tmpfs none HERE/state && mount -o remount,ro HERE/state && ";
    let run = |words: &str| {
        let script = format!("{mount} exec SWEEPD {words}").replace("HERE", &host.here());
        let program = super::program::sweepd().display().to_string();
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", &script.replace("SWEEPD", &program)]);
        command.current_dir(host.here()).env("HOME", host.here()).env("TMPDIR", host.path("tmp"));
        command.output().unwrap()
    };
    let allowed = run("--version");
    if !allowed.status.success() {
        let why = String::from_utf8_lossy(&allowed.stderr).into_owned();
        super::wait::skip(&format!("no mount namespace for a read-only file system: {why}"));
        return;
    }
    for words in ["sweep", "run"] {
        let output = run(words);
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words}: {err}");
        assert!(err.contains("Read-only file system"), "{words}: {err}");
        assert_same(&before, host.root.path());
    }
    // There is nothing to be read there, and nothing has to be written.
    for words in ["sweep --dry-run", "status"] {
        let output = run(words);
        assert_eq!(output.status.code(), Some(0), "{words}: {output:?}");
    }
}

#[test]
fn a_damaged_state_is_set_aside_with_a_word_and_nobody_is_touched_in_that_call() {
    let host = Host::new();
    host.configure("enforce", "", "");
    let session = host.due("acked");
    session.ack("m-1", "completed", super::host::ago(30)).unwrap();
    let _engine = Engine::new(&host);
    std::fs::create_dir(host.path("state")).unwrap();
    let junk = b"no database at all, but rather long".repeat(1000);
    std::fs::write(host.path("state/sweepd.db"), &junk).unwrap();
    for words in ["status", "sweep --dry-run", "why nanoclaw/ag-1/acked"] {
        let said = host.sweepd(words);
        assert_eq!(said.code, 3, "{words}: {}", said.err);
        assert!(said.err.contains("state/sweepd.db"), "{words}: {}", said.err);
    }
    let before = tree(host.root.path());
    let said = host.sweepd("sweep");
    assert_eq!(said.code, 3, "{}{}", said.out, said.err);
    assert!(said.err.contains("sweepd.db.corrupt-"), "{}{}", said.out, said.err);
    assert_same(&before, host.root.path());
    let kept = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        name.starts_with("sweepd.db.corrupt-").then(|| std::fs::read(entry.path()).unwrap())
    };
    let dir = std::fs::read_dir(host.path("state")).unwrap();
    let kept: Vec<Vec<u8>> = dir.filter_map(|entry| kept(entry.unwrap())).collect();
    assert_eq!(kept, [junk]);

    let call = host.sweepd("sweep --json").json();
    assert_eq!(effects(&call, "acked"), ["sync done"], "the next call is an ordinary one: {call}");
}

#[test]
fn a_state_of_a_newer_sweepd_is_left_alone() {
    let host = Host::new();
    host.configure("enforce", "", "");
    let session = host.due("acked");
    session.ack("m-1", "completed", super::host::ago(30)).unwrap();
    let _engine = Engine::new(&host);
    host.sweepd("sweep --json");
    session.message(&agent_sim::fixture::Message::chat("m-2", super::host::ago(5))).unwrap();
    session.ack("m-2", "completed", super::host::ago(3)).unwrap();
    let db = rusqlite::Connection::open(host.path("state/sweepd.db")).unwrap();
    db.pragma_update(None, "user_version", 9999).unwrap();
    drop(db);
    let before = tree(host.root.path());
    for words in ["sweep", "run", "status", "sweep --dry-run"] {
        let said = host.sweepd(words);
        assert!([2, 3].contains(&said.code) && said.out.is_empty(), "{words}: {said:?}");
        assert!(said.err.contains("newer"), "{words}: {}", said.err);
        assert!(!said.err.contains("may write to"), "no hint that leads astray: {}", said.err);
    }
    assert_same(&before, host.root.path());
}

#[test]
fn one_daemon_has_a_state_dir_and_says_so() {
    let host = Host::new();
    host.configure("enforce", "", PROCESS);
    host.due_to("acked", "idle").ack("m-1", "completed", super::host::ago(30)).unwrap();
    let mut daemon = host.start("run");
    until("a daemon", || daemon.log().contains("sweepd runs"));
    let (pid, queue) = (daemon.pid(), host.find("acked"));
    until("its first pass", || queue.messages().unwrap()[0].status.as_deref() == Some("completed"));

    let first = format!("sweepd: HERE/state/sweepd.lock is locked by pid {pid} (run)");
    let second = "  hint: one sweepd runs on a state-dir: stop that one first, or name another \
                  state-dir";
    assert_refused(&host, &host.sweepd("run"), 2, &[&first, second]);

    let said = host.sweepd("sweep --json");
    assert_eq!((said.err.as_str(), said.code), ("", 0));
    assert_eq!(said.json()["summary"]["agents"], 1, "the daemon was asked");

    // One that cannot be asked any more.
    std::fs::remove_file(host.path("state/sweepd.sock")).unwrap();
    let said = host.sweepd("sweep --json");
    assert_eq!(said.json()["skipped"], format!("locked by pid {pid}"));
    assert_eq!(said.json()["agents"], serde_json::json!([]));
    let said = host.sweepd("sweep");
    assert_eq!((said.out, said.code), (format!("skipped: locked by pid {pid}\n"), 0));
    assert!(said.err.contains("the daemon cannot be asked: its socket cannot be reached"));

    // To look, no lock is needed.
    for words in ["status", "sweep --dry-run", "why nanoclaw/ag-1/acked"] {
        let said = host.sweepd(words);
        assert_eq!((said.err.as_str(), said.code), ("", 0), "{words}: {}", said.out);
    }
    daemon.signal(Signal::TERM);
    assert!(daemon.end().success(), "{}", daemon.log());
    assert_eq!(host.sweepd("sweep --json").json()["skipped"], serde_json::Value::Null);
}

#[test]
fn one_sweepd_sweeps_a_root_whatever_its_state_dir() {
    let host = Host::new();
    host.configure("enforce", "", PROCESS);
    let text = std::fs::read_to_string(host.path("sweepd.toml")).unwrap();
    host.write("other.toml", &text.replace("/state\"", "/other-state\""));
    host.write("watcher.toml", &text.replace("/state\"", "/third\"").replace("enforce", "observe"));
    let daemon = host.start("run");
    until("a daemon", || daemon.log().contains("sweepd runs"));
    let before = tree(&host.path("root"));
    let lines = [
        &*format!("sweepd: HERE/root/data is locked by pid {}", daemon.pid()),
        "  hint: one sweepd sweeps a root, whatever its state-dir",
    ];
    for words in ["sweep", "run"] {
        let said = host.sweepd(&format!("{words} --config other.toml"));
        assert_refused(&host, &said, 2, &lines);
    }
    let said = host.sweepd("sweep --config watcher.toml");
    assert_eq!((said.err.as_str(), said.code), ("", 1), "whoever only looks may: {}", said.out);
    assert_same(&before, &host.path("root"));
}

#[test]
fn a_sweep_waits_for_another_and_then_makes_its_call() {
    let host = Host::new();
    host.configure("enforce", "", "");
    let session = host.due("acked");
    session.ack("m-1", "completed", super::host::ago(30)).unwrap();
    let _engine = Engine::new(&host);
    let other = StateLock::sweep(&host.path("state")).unwrap();
    let mut waiting = host.start("sweep --json");
    // One that did not wait would have ended by now, on any but a very slow machine.
    pause(std::time::Duration::from_millis(500));
    assert!(waiting.is_up(), "{}", waiting.log());
    assert_eq!(session.messages().unwrap()[0].status.as_deref(), Some("pending"));
    drop(other);
    assert!(waiting.end().success(), "{}", waiting.log());
    assert!(waiting.log().contains("\"skipped\":null"), "{}", waiting.log());
    assert_eq!(session.messages().unwrap()[0].status.as_deref(), Some("completed"));
}

#[test]
fn a_sweep_that_has_waited_in_vain_says_for_whom() {
    let host = Host::new();
    host.configure("enforce", "", "");
    host.due("acked").ack("m-1", "completed", super::host::ago(30)).unwrap();
    let before = tree(host.root.path());
    let _other = StateLock::sweep(&host.path("state")).unwrap();
    let began = super::host::now();
    let said = host.sweepd("sweep --json");
    let waited = super::host::now().since(began).as_millis();
    assert_eq!((said.err.as_str(), said.code), ("", 0));
    assert_eq!(said.json()["skipped"], format!("locked by pid {}", std::process::id()));
    assert!((20_000..30_000).contains(&waited), "{waited} ms");
    assert_same(&before, host.root.path());
    assert!(PATIENCE.as_millis() > 30_000);
}

#[test]
fn whoever_does_not_own_the_installation_may_only_look() {
    let host = Host::new();
    if !rustix::process::geteuid().is_root() {
        super::wait::skip("only root can become somebody else");
        return;
    }
    host.configure("enforce", "", "");
    host.due("acked").ack("m-1", "completed", super::host::ago(30)).unwrap();
    let open = Command::new("chmod").args(["-R", "a+rX", &host.here()]).status().unwrap();
    assert!(open.success());
    let program = host.path("sweepd");
    std::fs::copy(super::program::sweepd(), &program).unwrap();
    let before = tree(host.root.path());
    let text = std::fs::read_to_string(host.path("sweepd.toml")).unwrap();
    host.write("sweepd.toml", &text.replace("/state\"", "/tmp/state\""));
    let mut writable = Command::new("chmod");
    assert!(writable.arg("777").arg(host.path("tmp")).status().unwrap().success());
    let run = |words: &str| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
        command.args(words.split(' ')).env_clear().env("TMPDIR", host.path("tmp"));
        let output = command.current_dir(host.here()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap().replace(&host.here(), "HERE");
        (text(output.stdout), text(output.stderr), output.status.code().unwrap())
    };
    let told = "sweepd: user 65534 may not write below HERE/root/data: run as root or as its \
                owner, user 0\n  hint: mode = \"observe\" needs no such right\n";
    assert_eq!(run("sweep"), (String::new(), told.to_owned(), 2));
    assert_same(&before, host.root.path());
    host.write(
        "sweepd.toml",
        &text.replace("/state\"", "/tmp/state\"").replace("enforce", "observe"),
    );
    let _engine = Engine::new(&host);
    let open = Command::new("chmod").arg("a+rw").arg(host.path("engine.sock")).status().unwrap();
    assert!(open.success());
    let (out, err, code) = run("sweep");
    assert_eq!((err.as_str(), code), ("", 0), "{out}");
    assert!(out.contains("sync planned"), "{out}");
    assert_same(&before, host.root.path());
}
