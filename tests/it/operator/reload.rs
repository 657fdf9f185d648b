//! SIGHUP: the configuration is read again, between turns; a bad one changes nothing.

use rustix::process::Signal;

use super::daemon::{ends_well, start};
use super::host::{Host, PROCESS, QUICK, is_gone};
use super::wait::{until, until_some};

#[test]
fn new_limits_hold_from_the_next_look_on_and_agents_are_taken_along() {
    let host = Host::new();
    host.configure("enforce", "[policy]\nclaim-tolerance = \"1h\"\nsilence = \"2h\"\n", PROCESS);
    let session = host.due_to("hung", "hang-after-claim");
    let daemon = start(&host);
    let agent = until_some("an agent", || host.agent_of(&session));
    until("a claim", || !session.acks().unwrap().is_empty());
    host.configure("enforce", QUICK, PROCESS);
    daemon.signal(Signal::HUP);
    until("it was read", || daemon.log().contains("configuration read again"));
    until("a stop by the new limits", || is_gone(&agent));
    until("a retry", || session.messages().unwrap()[0].tries == Some(1));
    // It was our own child: how it ended is known also after the change.
    let told = host.sweepd("why nanoclaw/ag-1/hung --json").out;
    assert!(told.contains("\"exit_code\":143"), "{told}");
    ends_well(daemon);
}

#[test]
fn a_bad_file_is_told_with_its_place_and_the_daemon_goes_on() {
    let host = Host::new();
    host.configure("enforce", "", PROCESS);
    host.session("one");
    let daemon = start(&host);
    let good = std::fs::read_to_string(host.path("sweepd.toml")).unwrap();
    for (bad, said) in [
        (format!("{good}\n[polcy]\n"), "unknown key `polcy`"),
        (good.replace("/root\"", "/nowhere\""), "does not exist"),
        (good.replace("/state\"", "/elsewhere\""), "state-dir cannot change"),
    ] {
        std::fs::write(host.path("sweepd.toml"), bad).unwrap();
        daemon.signal(Signal::HUP);
        until(said, || daemon.log().contains(said));
        std::fs::write(host.path("sweepd.toml"), &good).unwrap();
    }
    let session = host.due_to("late", "healthy");
    until("it still works", || !session.outputs().unwrap().is_empty());
    ends_well(daemon);
}

/// Another source, and one less: the locks on their roots go along.
#[test]
fn sources_come_and_go() {
    let host = Host::new();
    host.configure("enforce", "", PROCESS);
    let session = host.due_to("one", "healthy");
    let daemon = start(&host);
    until("an answer", || !session.outputs().unwrap().is_empty());
    let other = Host::new();
    let text = std::fs::read_to_string(host.path("sweepd.toml")).unwrap();
    let (here, there) = (format!("{}/root", host.here()), format!("{}/root", other.here()));
    std::fs::write(host.path("sweepd.toml"), text.replace(&here, &there)).unwrap();
    daemon.signal(Signal::HUP);
    until("it was read", || daemon.log().contains("configuration read again"));
    let moved = other.due_to("two", "healthy");
    until("an answer of the other source", || !moved.outputs().unwrap().is_empty());
    ends_well(daemon);
}
