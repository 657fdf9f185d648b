//! Defects of the original that only real files and processes can show; see `docs/defects.md`.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Command;

use agent_sim::fixture::Session;
use rustix::fs::{CWD, FileType, Mode, inotify, mknodat};
use rustix::io::Errno;

use super::engine::Engine;
use super::files::{assert_same, tree};
use super::host::{Host, agent, ago, effects, incidents};
use super::program;
use super::wait::until;

/// What a hot journal ends with where it belongs to a transaction over several databases.
const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

/// The planted journal names a file of the host's: whoever rolled it back could be made to delete it.
#[test]
fn defect_0_10_nothing_of_a_container_is_opened_for_writing() {
    let host = Host::new();
    host.configure("enforce", "[policy]\nconfirmations = 1\n", "");
    let engine = Engine::new(&host);
    let acked = host.due("acked");
    acked.ack("m-1", "completed", ago(30)).unwrap();
    let orphan = host.due("orphan");
    orphan.claim("m-1", ago(500)).unwrap();
    let hung = host.due("hung");
    hung.claim("m-1", ago(500)).unwrap();
    engine.run(hung.dir(), ago(3600));
    let (torn, torn_and_up) = (torn(&host, "torn"), torn(&host, "torn-and-up"));
    engine.run(torn_and_up.dir(), ago(3600));
    let victim = host.path("victim");
    std::fs::write(&victim, "a file of the host's").unwrap();
    plant(&torn, &victim);

    let sessions = [&acked, &orphan, &hung, &torn, &torn_and_up];
    let watch = Watch::new(&sessions);
    let before = [&torn, &torn_and_up].map(|session| tree(session.dir()));
    for _ in 0..4 {
        let call = host.sweepd("sweep --json").json();
        assert_eq!(call["summary"]["agents"], 5, "{call}");
    }
    // Whoever opens a file for writing is seen: the host's own databases were.
    let written = watch.written();
    assert_eq!(written, ["inbound.db", "inbound.db-journal"].map(str::to_owned).into());
    for (session, before) in [&torn, &torn_and_up].iter().zip(&before) {
        assert_same(before, session.dir());
    }
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "a file of the host's");
    assert_eq!(orphan.messages().unwrap()[0].tries, Some(1), "charged once");
    assert_eq!(orphan.acks().unwrap()[0].status, "processing", "and its row stands");
    assert_eq!(acked.messages().unwrap()[0].status.as_deref(), Some("completed"));

    drop(hung.outbound().unwrap());
    assert!(watch.written().contains("outbound.db"), "it would have been seen");
}

/// Each of them comes before those that are served, and would hold up a reader for long or for ever.
#[test]
fn defect_0_17_a_pipe_a_lock_and_a_terabyte_cost_nobody_else_his_turn() {
    let host = Host::new();
    host.configure("enforce", "[sweep]\nconcurrency = 1\n[policy]\nconfirmations = 1\n", "");
    let engine = Engine::new(&host);
    let pipe = host.due("a-pipe");
    std::fs::remove_file(pipe.outbound_path()).unwrap();
    mknodat(CWD, pipe.outbound_path(), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let locked = host.due("b-locked");
    let holder = locked.outbound().unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let big = host.due("c-big");
    File::options().write(true).open(big.outbound_path()).unwrap().set_len(1 << 40).unwrap();
    let acked = host.due("d-acked");
    acked.ack("m-1", "completed", ago(30)).unwrap();
    let hung = host.due("e-hung");
    hung.claim("m-1", ago(500)).unwrap();
    for session in [&pipe, &locked, &big, &hung] {
        engine.run(session.dir(), ago(3600));
    }

    let call = host.sweepd("sweep --json").json();
    for (name, why) in [
        ("a-pipe", "outbound.db is a named pipe, not a file"),
        ("b-locked", "outbound.db is locked by another process"),
        ("c-big", "outbound.db is too big: 1099511627776 bytes"),
    ] {
        let seen = agent(&call, name);
        assert_eq!((&seen["state"], &seen["health"]), (&"unknown".into(), &"unknown".into()));
        assert!(seen["decision"].to_string().contains(why), "{why}: {seen}");
        assert_eq!(effects(&call, name), [""; 0], "{seen}");
    }
    assert_eq!(effects(&call, "d-acked"), ["sync done"], "{call}");
    assert_eq!(effects(&call, "e-hung"), ["stop done", "release done", "retry done"], "{call}");
    assert_eq!(engine.up(), 3, "nobody is stopped for what cannot be read");
    drop(holder);
    let call = host.sweepd("sweep --json").json();
    assert_eq!(effects(&call, "b-locked"), [""; 0], "not a claim in it: {call}");
    assert_eq!(agent(&call, "b-locked")["state"], "running", "{call}");
}

/// What the agents print hides the cause: a login that has expired.
#[test]
fn defect_0_20_the_last_words_of_each_agent_that_does_not_start_are_told() {
    let words = "Error: Read-only file system (os error 30)";
    let wake = format!(
        "[source.wake]\nkind = \"process\"\n\
         argv = [\"/bin/sh\", \"-c\", \"echo '{words}' >&2; exit 1\"]"
    );
    let host = Host::new();
    host.configure("enforce", "[policy.wake-backoff]\nbase = \"100ms\"\n", &wake);
    let sessions = ["one", "two", "three"].map(|name| host.due(name));
    let mut call = serde_json::Value::Null;
    until("three incidents", || {
        call = host.sweepd("sweep --json").json();
        incidents(&call).len() == 3
    });
    for open in call["incidents"].as_array().unwrap() {
        assert_eq!(open["kind"], "wake-failing", "{open}");
        assert_eq!(open["severity"], "error", "{open}");
        assert!(open["summary"].as_str().unwrap().contains(words), "{open}");
    }
    let page = host.sweepd("status").out;
    assert_eq!(page.lines().filter(|line| line.contains(words)).count(), 3, "{page}");
    for session in &sessions {
        let row = &session.messages().unwrap()[0];
        assert_eq!((row.status.as_deref(), row.tries), (Some("pending"), Some(0)), "{row:?}");
    }
}

/// A session whose agent was killed in mid-transaction, with a message that is due.
fn torn(host: &Host, name: &str) -> Session {
    let session = host.due(name);
    let mut agent = Command::new(program::agent());
    agent.arg("--workspace").arg(session.dir()).args(["--behave", "hot-journal"]);
    agent.args(["--poll-ms", "20"]);
    assert!(!agent.status().unwrap().success(), "it dies");
    let journal = session.dir().join("outbound.db-journal");
    assert!(std::fs::metadata(&journal).unwrap().len() > 512, "a hot journal");
    session
}

/// Makes the journal name a file that is to go with it.
fn plant(session: &Session, victim: &Path) {
    let name = victim.canonicalize().unwrap().display().to_string();
    let sum: i32 = name.bytes().map(|byte| i32::from(byte.cast_signed())).sum();
    let length = u32::try_from(name.len()).unwrap();
    let page = u32::MAX;
    let mut journal =
        OpenOptions::new().append(true).open(session.dir().join("outbound.db-journal")).unwrap();
    for part in [
        &page.to_be_bytes()[..],
        name.as_bytes(),
        &length.to_be_bytes(),
        &sum.to_be_bytes(),
        &MAGIC,
    ] {
        journal.write_all(part).unwrap();
    }
}

/// Tells which files of some directories were written, or made, or had been open for writing.
struct Watch(OwnedFd);

impl Watch {
    fn new(sessions: &[&Session]) -> Self {
        use inotify::WatchFlags;
        let all = inotify::init(inotify::CreateFlags::NONBLOCK).unwrap();
        let kinds = WatchFlags::CLOSE_WRITE
            | WatchFlags::MODIFY
            | WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVE;
        for session in sessions {
            inotify::add_watch(&all, session.dir(), kinds).unwrap();
        }
        Self(all)
    }

    /// Their names, since this was asked last.
    fn written(&self) -> BTreeSet<String> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(&self.0, &mut buffer);
        let mut names = BTreeSet::new();
        loop {
            match events.next() {
                Ok(event) => {
                    let kinds = event.events();
                    assert!(!kinds.contains(inotify::ReadFlags::QUEUE_OVERFLOW), "too many");
                    let name = event.file_name().map(|name| name.to_string_lossy().into_owned());
                    names.extend(name);
                }
                Err(Errno::WOULDBLOCK) => return names,
                Err(error) => panic!("{error}"),
            }
        }
    }
}
