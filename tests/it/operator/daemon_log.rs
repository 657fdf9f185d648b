//! What becomes of the daemon when its log cannot be written, and at signals that mean no end.

use std::process::{Child, Stdio};

use rustix::process::Signal;

use super::engine::Engine;
use super::host::{Host, PROCESS, ago, signal};
use super::wait::{until, until_some};

/// A child that does not outlive its test.
struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A full disk takes no log; the agents are served all the same.
#[test]
fn a_log_that_cannot_be_written_ends_nobody() {
    let host = Host::new();
    host.configure("enforce", "[sweep]\ninterval = \"100ms\"\n", "");
    let _engine = Engine::new(&host);
    let session = host.due("acked");
    session.ack("m-1", "completed", ago(30)).unwrap();
    let full = std::fs::File::create("/dev/full").unwrap();
    let mut command = host.command("run");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(full);
    let mut daemon = Kept(command.spawn().unwrap());
    let status = || session.messages().unwrap()[0].status.clone();
    until("a pass", || status().as_deref() == Some("completed"));
    signal(i32::try_from(daemon.0.id()).unwrap(), Signal::TERM).unwrap();
    let ended = until_some("its end", || daemon.0.try_wait().unwrap());
    assert_eq!(ended.code(), Some(0));
}

#[test]
fn sighup_ends_nothing_and_what_came_of_it_is_told_once() {
    let host = Host::new();
    host.configure("enforce", "[sweep]\ninterval = \"100ms\"\n", PROCESS);
    let mut daemon = host.start("run");
    until("a daemon", || daemon.log().contains("sweepd runs"));
    daemon.signal(Signal::HUP);
    let told = "sweepd runs with its configuration read again";
    until("a word", || daemon.log().contains(told));
    let session = host.due_to("one", "healthy");
    until("an answer", || !session.outputs().unwrap().is_empty());
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end().code(), Some(0), "{}", daemon.log());
    let log = daemon.log();
    assert_eq!(log.matches(told).count(), 1, "{log}");
    assert_eq!(log.matches("ERROR").count(), 0, "{log}");
}
