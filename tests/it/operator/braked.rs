//! The brake, as an operator meets it: what is held, what it says, and letting go.

use super::daemon::{ends_well, start};
use super::host::{Host, PROCESS, is_gone};
use super::wait::{until, until_some};

/// Long enough for all of them to claim before the first is overdue.
const SOON: &str = "[policy]\nclaim-tolerance = \"2s\"\nconfirmation-gap = \"200ms\"\n";
const NAMES: [&str; 4] = ["a", "b", "c", "d"];

#[test]
fn four_stuck_at_once_are_held_but_for_one_and_let_go_by_hand() {
    let host = Host::new();
    host.configure("enforce", SOON, PROCESS);
    let sessions = NAMES.map(|name| host.due_to(name, "hang-after-claim"));
    let daemon = start(&host);
    let agents = sessions.each_ref().map(|one| until_some("an agent", || host.agent_of(one)));
    let gone = || agents.iter().filter(|agent| is_gone(agent)).count();
    until("the brake", || host.sweepd("brake").code == 1);
    until("the canary", || gone() == 1);
    for session in &sessions {
        std::fs::write(session.dir().join("behave"), "healthy").unwrap();
    }
    let told = |what: &str| host.sweepd("brake").out.contains(what);
    for what in ["4 agents look stuck", "limit 2", "was stopped or made anew all the same"] {
        until(what, || told(what));
    }
    let held = host.sweepd("sweep --json").json();
    let braked = |one: &&serde_json::Value| one["decision"]["evidence"]["held_by"] == "brake";
    assert_eq!(held["agents"].as_array().unwrap().iter().filter(braked).count(), 3, "{held}");
    assert_eq!((gone(), host.events("agent_stopped")), (1, 1));

    let said = host.sweepd("brake release");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.starts_with("let go: nanoclaw/ag-1/"), "{}", said.out);
    until("all four were stopped", || gone() == 4);
    until("all four answer", || sessions.iter().all(|one| !one.outputs().unwrap().is_empty()));
    until("the brake is off", || {
        host.sweepd("sweep");
        host.sweepd("brake").out == "the brake is off\n"
    });
    assert_eq!(host.sweepd("brake release").out, "the brake holds nobody\n");
    ends_well(daemon);
}

/// The same from call to call: what was let go by hand is remembered.
#[test]
fn without_a_daemon_the_next_call_stops_what_was_let_go() {
    let host = Host::new();
    host.configure("enforce", SOON, PROCESS);
    let sessions = NAMES.map(|name| host.due_to(name, "hang-after-claim"));
    host.sweepd("sweep");
    let agents = sessions.each_ref().map(|one| until_some("an agent", || host.agent_of(one)));
    let gone = || agents.iter().filter(|agent| is_gone(agent)).count();
    until("the canary", || {
        host.sweepd("sweep");
        gone() > 0
    });
    host.sweepd("sweep");
    assert_eq!(gone(), 1, "the others are held");
    assert_eq!(host.sweepd("brake").code, 1);
    assert!(host.sweepd("brake release").out.starts_with("let go: "));
    until("all four were stopped", || {
        host.sweepd("sweep");
        gone() == 4
    });
}
