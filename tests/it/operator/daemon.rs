//! `sweepd run`: the daemon from its start to its end, and the one after it.

use std::time::Duration;

use agent_sim::fixture::Message;
use rustix::process::Signal;

use super::engine::Engine;
use super::host::{Background, Host, PROCESS, QUICK, ago, is_gone, now, signal};
use super::journal::Journal;
use super::wait::{until, until_some};

/// Without a `[sweep]` table: everybody is looked at once a minute.
pub(super) fn start(host: &Host) -> Background {
    let daemon = host.start("run");
    until("a daemon", || daemon.log().contains("sweepd runs"));
    daemon
}

#[track_caller]
pub(super) fn ends_well(daemon: Background) {
    ends_with(0, daemon);
}

/// Its last round could not look.
#[track_caller]
fn ends_blind(daemon: Background) {
    assert!(daemon.log().contains("sweepd runs"), "{}", daemon.log());
    ends_with(3, daemon);
}

#[track_caller]
fn ends_with(code: i32, mut daemon: Background) {
    daemon.signal(Signal::TERM);
    let began = now();
    let ended = daemon.end();
    assert_eq!(ended.code(), Some(code), "{}", daemon.log());
    assert!(now().since(began).as_millis() < 20_000, "it took its time: {}", daemon.log());
    assert!(daemon.log().contains("sweepd ends"), "{}", daemon.log());
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
    assert!(!daemon.log().contains('\u{1b}'), "colors in a file: {}", daemon.log());
}

#[test]
fn it_wakes_what_is_due_and_ends_with_0_at_sigterm() {
    let host = Host::new();
    host.configure("enforce", "", PROCESS);
    let session = host.due_to("one", "healthy");
    let daemon = start(&host);
    until("an answer", || !session.outputs().unwrap().is_empty());
    ends_well(daemon);
}

#[test]
fn sigint_ends_it_as_well() {
    let host = Host::new();
    host.configure("enforce", "", PROCESS);
    let mut daemon = start(&host);
    daemon.signal(Signal::INT);
    assert_eq!(daemon.end().code(), Some(0));
}

/// The claim falls due long before the next look at everybody.
#[test]
fn a_claim_is_acted_on_when_it_falls_due_and_not_a_minute_later() {
    let host = Host::new();
    host.configure("enforce", QUICK, PROCESS);
    let session = host.due_to("hung", "hang-after-claim");
    let began = now();
    let daemon = start(&host);
    let agent = until_some("an agent", || host.agent_of(&session));
    until("a stop", || is_gone(&agent));
    let took = now().since(began).as_millis();
    assert!(took < 10_000, "stopped after {took} ms: {}", daemon.log());
    ends_well(daemon);
}

/// A retry is put off by five seconds; the next look at everybody is later.
#[test]
fn a_retry_is_woken_when_its_wait_is_over() {
    let host = Host::new();
    host.configure("enforce", &format!("{QUICK}[sweep]\ninterval = \"20s\"\n"), PROCESS);
    let session = host.due_to("hung", "hang-after-claim");
    let daemon = start(&host);
    until("a retry", || session.messages().unwrap()[0].tries == Some(1));
    std::fs::write(session.dir().join("behave"), "healthy").unwrap();
    let retry = session.messages().unwrap()[0].process_after.clone().unwrap();
    let due = sweepd_decide::parse_utc(&retry).unwrap();
    until("an answer", || !session.outputs().unwrap().is_empty());
    let late = now().since(due).as_millis();
    assert!(late < 5_000, "answered {late} ms after it was due: {}", daemon.log());
    ends_well(daemon);
}

/// Due work that comes after the first look is found at the latest a minute later; work that was
/// there, and falls due in between, when it does.
#[test]
fn work_that_falls_due_is_woken_at_that_instant() {
    let host = Host::new();
    host.configure("enforce", "", PROCESS);
    let session = host.session("later");
    std::fs::write(session.dir().join("behave"), "healthy").unwrap();
    let due = super::host::ahead(3);
    session.message(&Message::task("t-1", ago(60), due)).unwrap();
    let daemon = start(&host);
    until("an agent", || host.agent_of(&session).is_some());
    let late = now().since(due).as_millis();
    assert!((0..5_000).contains(&late), "{late} ms: {}", daemon.log());
}

#[test]
fn agents_outlive_it_and_are_taken_over_by_the_next_one() {
    let host = Host::new();
    host.configure("enforce", "[sweep]\ninterval = \"1s\"\n", PROCESS);
    let session = host.due_to("one", "idle");
    let other = host.due_to("two", "idle");
    let first = start(&host);
    let agent = until_some("an agent", || host.agent_of(&session));
    let second = until_some("another", || host.agent_of(&other));
    until("both beat", || [&session, &other].iter().all(|one| one.heartbeat_path().exists()));
    ends_well(first);
    assert_eq!(host.agent_of(&session).as_ref(), Some(&agent), "it outlives the daemon");

    signal(second.pid, Signal::KILL).unwrap();
    let daemon = start(&host);
    until("the end of the other is noticed", || daemon.log().contains("container_died"));
    until("it is woken again", || host.agent_of(&other).is_some_and(|new| new != second));
    assert_eq!(host.agent_of(&session).as_ref(), Some(&agent), "no second one is started");
    assert_eq!(host.agents().len(), 2);
    ends_well(daemon);

    // A one-shot call sees the same.
    let call = host.sweepd("sweep --json").json();
    assert_eq!(super::host::agent(&call, "one")["state"], "running");
    assert_eq!(host.agent_of(&session).as_ref(), Some(&agent));
}

/// It ignores SIGTERM, so that stopping it takes the whole grace; the end is waited for.
#[test]
fn a_pass_under_way_is_finished_before_the_end() {
    let host = Host::new();
    let stubborn =
        PROCESS.replace("[source.wake]", "[source.policy]\nconfirmations = 1\n[source.wake]");
    host.configure("enforce", QUICK, &stubborn);
    let session = host.due_to("stubborn", "ignore-term");
    let text = std::fs::read_to_string(host.path("sweepd.toml")).unwrap();
    host.write(
        "sweepd.toml",
        &text
            .replace("\"--work-ms\", \"20\"", "\"--work-ms\", \"600000\"")
            .replace("\"--beat-ms\", \"10\"", "\"--beat-ms\", \"600000\""),
    );
    let daemon = start(&host);
    let agent = until_some("an agent", || host.agent_of(&session));
    let state = host.path("state/sweepd.db");
    // The stop is decided and committed before SIGTERM is sent to the agent.
    until("a stop under way", || decided_to_stop(&state));
    ends_well(daemon);
    assert!(is_gone(&agent), "the stop was seen through");
    let said = host.sweepd("why nanoclaw/ag-1/stubborn --json").json();
    assert!(said.to_string().contains("agent_stopped"), "{said}");
}

fn decided_to_stop(state: &std::path::Path) -> bool {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let Ok(db) = rusqlite::Connection::open_with_flags(state, flags) else { return false };
    let sql = "SELECT count(*) FROM decisions WHERE action LIKE 'kill-%'";
    db.query_row(sql, [], |row| row.get::<_, i64>(0)).is_ok_and(|count| count > 0)
}

#[test]
fn an_engine_that_goes_and_comes_back_costs_nothing_but_time() {
    let host = Host::new();
    host.configure("enforce", "[sweep]\ninterval = \"200ms\"\n", "");
    let session = host.due("acked");
    let daemon = start(&host);
    until("a skipped pass", || daemon.log().contains("tick_skipped"));
    let engine = Engine::new(&host);
    session.ack("m-1", "completed", ago(30)).unwrap();
    until("a pass", || session.messages().unwrap()[0].status.as_deref() == Some("completed"));
    drop(engine);
    let skipped = |log: &str| log.matches("tick_skipped").count();
    let before = skipped(&daemon.log());
    until("it goes on", || skipped(&daemon.log()) > before);
    ends_blind(daemon);
}

/// Its first pass waits for an answer that never comes.
#[test]
fn sigterm_ends_it_also_while_the_engine_hangs() {
    let host = Host::new();
    host.configure("enforce", "", "");
    host.due("acked");
    let silent = std::os::unix::net::UnixListener::bind(host.path("engine.sock")).unwrap();
    let daemon = start(&host);
    let _asked = silent.accept().unwrap();
    ends_blind(daemon);
}

#[test]
fn a_daemon_that_was_killed_is_followed_by_one_that_settles_what_it_began() {
    let host = Host::new();
    host.configure("enforce", QUICK, PROCESS);
    let session = host.due_to("hung", "hang-after-claim");
    let mut daemon = start(&host);
    let agent = until_some("an agent", || host.agent_of(&session));
    until("a claim", || !session.acks().unwrap().is_empty());
    daemon.signal(Signal::KILL);
    assert_eq!(daemon.end().code(), None);
    assert!(!is_gone(&agent));
    let daemon = start(&host);
    until("a stop", || is_gone(&agent));
    until("a retry", || session.messages().unwrap()[0].tries == Some(1));
    ends_well(daemon);
    assert_eq!(session.messages().unwrap()[0].tries, Some(1));
}

/// It ends while no daemon is there to see it, so the next one writes down the end of that stop.
#[test]
fn a_stop_that_outlived_its_daemon_is_told_with_the_run_that_was_stopped() {
    let host = Host::new();
    let silent = PROCESS
        .replace("\"--work-ms\", \"20\"", "\"--work-ms\", \"600000\"")
        .replace("\"--beat-ms\", \"10\"", "\"--beat-ms\", \"600000\"");
    host.configure("enforce", QUICK, &silent);
    let session = host.due_to("stubborn", "ignore-term");
    let mut daemon = start(&host);
    let agent = until_some("an agent", || host.agent_of(&session));
    let journal = Journal::of(&host);
    until("a stop under way", || journal.begun().2 == 1);
    daemon.signal(Signal::KILL);
    assert_eq!(daemon.end().code(), None);
    signal(agent.pid, Signal::KILL).unwrap();
    until("its end", || is_gone(&agent));
    let daemon = start(&host);
    until("that is told", || !journal.of_kind("agent_stopped").is_empty());
    ends_well(daemon);
    let woken = journal.of_kind("agent_woken")[0].run.clone();
    let stops = journal.of_kind("agent_stopped");
    assert_eq!((stops.len(), &stops[0].run), (1, &woken), "{stops:#?}");
}

/// Every pass would find it; it is told once.
#[test]
fn what_stays_as_it_is_is_told_once() {
    let host = Host::new();
    host.configure("enforce", "[sweep]\ninterval = \"100ms\"\n", "");
    let _engine = Engine::new(&host);
    let session = host.session("letter");
    session.message(&Message { tries: Some(5), ..Message::chat("m-1", ago(60)) }).unwrap();
    session.claim("m-1", ago(500)).unwrap();
    let daemon = start(&host);
    let passes = || {
        let db = rusqlite::Connection::open(host.path("state/sweepd.db")).unwrap();
        db.busy_timeout(Duration::from_secs(5)).unwrap();
        let sql = "SELECT count(*) FROM events WHERE kind = 'pass_finished'";
        db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    until("ten passes", || passes() > 10);
    assert_eq!(daemon.log().matches("incident opened").count(), 1, "{}", daemon.log());
    assert_eq!(daemon.log().matches("message_failed").count(), 1, "{}", daemon.log());
    ends_well(daemon);
}
