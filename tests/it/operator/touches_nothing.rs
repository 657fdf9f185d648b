//! `--dry-run` and `observe` change no byte and no time of anybody's files.

use agent_sim::fixture::{Message, Session};
use rusqlite::Connection;

use super::files::{assert_same, copy, tree};
use super::host::{Host, PROCESS, QUICK, ago, effects, incidents, is_gone};

/// Something of everything: a hung agent, due work, acks, an orphan claim, a message on its last
/// try, a series, a hot journal in the host's own database, and a central database that somebody
/// has open.
struct Museum {
    host: Host,
    agent: super::host::Process,
    hung: Session,
    _open: Connection,
}

impl Museum {
    fn new() -> Self {
        let host = Host::new();
        host.configure("enforce", QUICK, PROCESS);
        let hung = host.due_to("hung", "hang-after-claim");
        let agent = host.hang(&hung);
        host.due("due");
        host.due("acked").ack("m-1", "completed", ago(30)).unwrap();
        for (name, tries) in [("orphan", 0), ("last-try", 5)] {
            let orphan = host.session(name);
            let context =
                Message { trigger: 0, tries: Some(tries), ..Message::chat("m-1", ago(600)) };
            orphan.message(&context).unwrap();
            orphan.claim("m-1", ago(500)).unwrap();
        }
        let recurrence = Some("0 9 * * *".to_owned());
        let status = Some("completed".to_owned());
        let series = Message { status, recurrence, ..Message::task("t-1", ago(600), ago(500)) };
        host.session("series").message(&series).unwrap();
        hot_journal(&host.due("hot"));
        let open = host.root.central().unwrap();
        open.execute("UPDATE sessions SET last_active = 'now'", []).unwrap();
        assert!(host.root.data().join("v2.db-wal").exists());
        Self { host, agent, hung, _open: open }
    }
}

/// Leaves the queue as a host does that dies in the middle of a transaction.
fn hot_journal(session: &Session) {
    let (path, beside) = (session.inbound_path(), session.dir().join("torn"));
    std::fs::create_dir(&beside).unwrap();
    let writer = session.inbound().unwrap();
    writer
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA cache_size = 1; BEGIN IMMEDIATE;
             UPDATE messages_in SET content = hex(zeroblob(50000)), status = 'torn';",
        )
        .unwrap();
    let journal = path.with_extension("db-journal");
    assert!(journal.metadata().unwrap().len() > 512, "SQLite has not spilled");
    copy(&path, &beside.join("inbound.db"));
    copy(&journal, &beside.join("inbound.db-journal"));
    writer.execute_batch("ROLLBACK").unwrap();
    drop(writer);
    for name in ["inbound.db", "inbound.db-journal"] {
        std::fs::rename(beside.join(name), session.dir().join(name)).unwrap();
    }
    std::fs::remove_dir(beside).unwrap();
}

/// What a call plans for everybody in the museum.
#[track_caller]
fn assert_plans(call: &serde_json::Value, outcome: &str) {
    let each = |session: &str, verbs: &[&str]| {
        let planned: Vec<String> = verbs.iter().map(|verb| format!("{verb} {outcome}")).collect();
        assert_eq!(effects(call, session), planned, "{call}");
    };
    each("due", &["wake"]);
    each("acked", &["sync"]);
    each("orphan", &["release", "retry"]);
    each("last-try", &["release", "dead-letter"]);
    each("series", &["recur"]);
    each("hung", &["stop"]);
}

#[test]
fn a_dry_run_says_what_would_be_done_and_changes_nothing() {
    let museum = Museum::new();
    let before = tree(museum.host.path("root").as_path());
    let state = tree(museum.host.path("state").as_path());
    let said = museum.host.sweepd("sweep --dry-run --json");
    let call = said.json();
    assert_eq!(call["dry_run"], true);
    assert_plans(&call, "planned");
    assert_eq!(said.err, "");
    museum.host.sweepd("sweep --dry-run");
    museum.host.sweepd("status");
    museum.host.sweepd("why nanoclaw/ag-1/hung");
    assert_same(&before, &museum.host.path("root"));
    assert_same(&state, &museum.host.path("state"));
    assert!(!is_gone(&museum.agent));
    let left: Vec<_> = std::fs::read_dir(museum.host.path("tmp")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_first_dry_run_makes_no_state_and_takes_no_lock() {
    let museum = Museum::new();
    std::fs::remove_dir_all(museum.host.path("state")).unwrap();
    let before = tree(&museum.host.path("root"));
    museum.host.sweepd("sweep --dry-run");
    museum.host.sweepd("status");
    assert!(!museum.host.path("state").exists());
    assert_same(&before, &museum.host.path("root"));
}

#[test]
fn observe_writes_only_its_own_state() {
    let museum = Museum::new();
    museum.host.configure("observe", QUICK, PROCESS);
    let before = tree(&museum.host.path("root"));
    for _ in 0..2 {
        let said = museum.host.sweepd("sweep --json");
        let call = said.json();
        assert_eq!(call["mode"], "observe");
        assert_plans(&call, "planned");
        assert_same(&before, &museum.host.path("root"));
        assert!(incidents(&call).contains(&"agent-stuck"), "nobody was stopped, and it is: {call}");
    }
    assert!(!is_gone(&museum.agent));
    assert!(museum.host.path("state/sweepd.db").exists());
    assert_eq!(museum.hung.messages().unwrap()[0].tries, Some(0));
}

/// So that what the tests above find untouched is worth something.
#[test]
fn enforce_changes_all_of_that() {
    let museum = Museum::new();
    let call = museum.host.sweepd("sweep --json").json();
    for session in ["acked", "orphan", "last-try", "series"] {
        let done = effects(&call, session);
        assert!(!done.is_empty() && done.iter().all(|one| one.ends_with(" done")), "{call}");
    }
    assert_eq!(effects(&call, "hot"), ["wake done"], "the journal is rolled back: {call}");
    assert!(is_gone(&museum.agent));
}

#[test]
fn an_agent_whose_own_mode_is_observe_is_left_alone_among_others() {
    let museum = Museum::new();
    let own = "[[agent]]\nmatch = \"nanoclaw/ag-1/h*\"\nmode = \"observe\"\n\
               [[agent]]\nmatch = \"nanoclaw/ag-1/orphan\"\nmode = \"assist\"\n";
    museum.host.configure("enforce", QUICK, PROCESS);
    let text = std::fs::read_to_string(museum.host.path("sweepd.toml")).unwrap();
    museum.host.write("sweepd.toml", &format!("{text}{own}"));
    let dirs = ["hung", "hot", "orphan"].map(|name| museum.host.find(name).dir().to_owned());
    let before = dirs.clone().map(|dir| tree(&dir));
    let call = museum.host.sweepd("sweep --json").json();
    for (dir, before) in dirs.iter().zip(&before) {
        assert_same(before, dir);
    }
    assert_eq!(effects(&call, "hung"), ["stop planned"], "{call}");
    assert_eq!(effects(&call, "orphan"), ["release planned", "retry planned"], "{call}");
    assert_eq!(effects(&call, "acked"), ["sync done"], "{call}");
    assert_eq!(effects(&call, "due"), ["wake done"], "{call}");
    let mode = |name: &str| super::host::agent(&call, name)["mode"].clone();
    assert_eq!([mode("hung"), mode("orphan"), mode("acked")], ["observe", "assist", "enforce"]);
    assert!(!is_gone(&museum.agent));
}
