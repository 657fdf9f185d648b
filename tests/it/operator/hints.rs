//! Hints: the daemon looks when a file changes, long before its next look at everybody.

use agent_sim::fixture::Message;

use super::daemon::{ends_well, start};
use super::host::{Host, PROCESS, QUICK, ago, is_gone};
use super::wait::{until, until_some};

/// Everybody is looked at once an hour: whatever is seen sooner was hinted at.
const HOURLY: &str = "[sweep]\ninterval = \"1h\"\n";

#[test]
fn a_message_that_comes_is_woken_for_at_once() {
    let host = Host::new();
    host.configure("enforce", HOURLY, PROCESS);
    let session = host.session("one");
    std::fs::write(session.dir().join("behave"), "healthy").unwrap();
    let daemon = start(&host);
    until("the first look", || host.events("pass_finished") > 0);
    session.message(&Message::chat("m-1", ago(1))).unwrap();
    until("an answer", || !session.outputs().unwrap().is_empty());
    until("the ack is carried over", || {
        session.messages().unwrap()[0].status.as_deref() == Some("completed")
    });
    assert_eq!(host.events("resync_caught"), 0);
    ends_well(daemon);
}

/// Nobody is looked at by the clock before the message comes; its claim falls due all the same.
#[test]
fn a_claim_that_comes_between_two_looks_falls_due_when_it_does() {
    let host = Host::new();
    host.configure("enforce", &format!("{QUICK}{HOURLY}"), PROCESS);
    let session = host.session("hung");
    std::fs::write(session.dir().join("behave"), "hang-after-claim").unwrap();
    let daemon = start(&host);
    until("the first look", || host.events("pass_finished") > 0);
    session.message(&Message::chat("m-1", ago(1))).unwrap();
    let agent = until_some("an agent", || host.agent_of(&session));
    until("a stop", || is_gone(&agent));
    ends_well(daemon);
}

/// The central database tells of a session that was not there before.
#[test]
fn a_session_that_is_new_is_met_at_once() {
    let host = Host::new();
    host.configure("enforce", HOURLY, PROCESS);
    host.session("one");
    let daemon = start(&host);
    until("the first look", || host.events("pass_finished") > 0);
    let late = host.due_to("late", "healthy");
    until("an answer of the new one", || !late.outputs().unwrap().is_empty());
    ends_well(daemon);
}

/// The host's socket goes: what was only planned beside it is done.
#[test]
fn a_host_that_goes_is_noticed_at_once() {
    let host = Host::new();
    host.configure("enforce", HOURLY, PROCESS);
    let session = host.due_to("one", "healthy");
    let alive = host.root.host().unwrap();
    let daemon = start(&host);
    until("the first look", || host.events("pass_finished") > 0);
    assert!(host.agents().is_empty());
    drop(alive);
    std::fs::remove_file(host.root.data().join("ncl.sock")).unwrap();
    until("an answer", || !session.outputs().unwrap().is_empty());
    ends_well(daemon);
}

/// A session's directory is not there, so it cannot be watched; the others are.
#[test]
fn a_session_that_cannot_be_watched_costs_only_itself() {
    let host = Host::new();
    host.configure("enforce", "[sweep]\ninterval = \"1s\"\n", PROCESS);
    let gone = host.due_to("gone", "healthy");
    let other = host.session("other");
    std::fs::write(other.dir().join("behave"), "healthy").unwrap();
    let away = host.path("away");
    std::fs::rename(gone.dir(), &away).unwrap();
    let daemon = start(&host);
    until("the first look", || host.events("pass_finished") > 0);
    other.message(&Message::chat("m-1", ago(1))).unwrap();
    until("an answer", || !other.outputs().unwrap().is_empty());
    std::fs::rename(&away, gone.dir()).unwrap();
    until("an answer of the other", || !gone.outputs().unwrap().is_empty());
    ends_well(daemon);
}

/// A journal that lies about its name is no reason to look, and neither is a heartbeat.
#[test]
fn heartbeats_and_strangers_files_are_no_hints() {
    let host = Host::new();
    host.configure("enforce", HOURLY, PROCESS);
    let session = host.session("one");
    let daemon = start(&host);
    until("the first look", || host.events("pass_finished") > 0);
    let before = host.looked_at("nanoclaw/ag-1/one");
    for n in 0..50 {
        std::fs::write(session.heartbeat_path(), "").unwrap();
        std::fs::write(session.dir().join(format!("notes-{n}")), "").unwrap();
    }
    // What is told later was told in this order: a look at another session comes after all of it.
    host.due_to("late", "healthy");
    until("a later look", || host.events("agent_woken") > 0);
    assert_eq!(host.looked_at("nanoclaw/ag-1/one"), before);
    ends_well(daemon);
}

/// Its directory is removed and made anew, with whatever inode: it is watched anew.
#[test]
fn a_session_whose_directory_was_made_anew_is_watched_anew() {
    let host = Host::new();
    host.configure("enforce", "[sweep]\ninterval = \"1s\"\n", PROCESS);
    let session = host.session("one");
    let daemon = start(&host);
    until("the first look", || host.events("pass_finished") > 0);
    let kept = host.path("kept");
    for n in 0..3 {
        super::files::copy(session.dir(), &kept);
        std::fs::remove_dir_all(session.dir()).unwrap();
        let rounds = host.events("pass_finished");
        until("it is missed", || host.events("pass_finished") > rounds + 1);
        super::files::copy(&kept, session.dir());
        std::fs::remove_dir_all(&kept).unwrap();
        let rounds = host.events("pass_finished");
        until("it is met", || host.events("pass_finished") > rounds + 1);
        let before = host.events("resync_caught");
        std::fs::write(session.dir().join("behave"), "healthy").unwrap();
        session.message(&Message::chat(&format!("m-{n}"), ago(1))).unwrap();
        until("an answer", || session.outputs().unwrap().len() > n);
        assert_eq!(host.events("resync_caught"), before, "a hint told of it");
    }
    ends_well(daemon);
}
