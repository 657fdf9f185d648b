//! sweepd itself is held up for a while: it judges nobody by the time that it has missed.

use std::time::Duration;

use rustix::process::Signal;

use super::host::{Host, PROCESS, is_gone, now};
use super::wait::{pause, until, until_some};

/// Longer than what counts as held up, by more than the daemon ever waits.
const HELD_UP: Duration = Duration::from_secs(7);

#[test]
fn a_daemon_that_was_stopped_for_a_while_stops_nobody_right_after_it() {
    let host = Host::new();
    let limits = "[sweep]\ninterval = \"1s\"\n[policy]\nclaim-tolerance = \"4s\"\n\
                  confirmation-gap = \"200ms\"\n";
    host.configure("enforce", limits, PROCESS);
    let session = host.due_to("hung", "hang-after-claim");
    let daemon = host.start("run");
    let agent = until_some("an agent", || host.agent_of(&session));
    until("a claim", || session.acks().is_ok_and(|acks| acks.len() == 1));

    // Asleep, after the round that woke the agent: a wait is what can be late.
    pause(Duration::from_millis(500));
    daemon.signal(Signal::STOP);
    pause(HELD_UP);
    let awake = now();
    daemon.signal(Signal::CONT);
    until("a doubt", || daemon.log().contains("clock_stepped"));
    until("a hold", || host.sweepd("status").out.contains("hold"));
    // Confirmed many times over by now, were it not for the doubt.
    pause(Duration::from_secs(3));
    assert!(!is_gone(&agent), "{}", daemon.log());
    let why = host.sweepd("why nanoclaw/ag-1/hung").out;
    assert!(why.contains("held: the host was suspended"), "{why}");
    assert!(daemon.log().contains("pause"), "{}", daemon.log());
    assert!(now().since(awake).as_millis() < 50_000, "this took so long that it proves nothing");
}
