//! NanoClaw's own process is alive: nothing is woken and no row is written, but stops are done.

use std::os::fd::OwnedFd;
use std::path::Path;

use agent_sim::fixture::{Message, Session};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType};

use super::host::{self, Host, PROCESS, QUICK, ago, effects, incidents};
use super::wait::until;

/// A host with an agent that hangs, and work of every kind besides.
struct Busy {
    host: Host,
    hung: Session,
    agent: host::Process,
}

impl Busy {
    fn new() -> Self {
        let host = Host::new();
        host.configure("enforce", QUICK, PROCESS);
        let hung = host.due_to("hung", "hang-after-claim");
        let agent = host.hang(&hung);
        host.due_to("waiting", "idle");
        let acked = host.due("acked");
        acked.ack("m-1", "completed", ago(30)).unwrap();
        let orphan = host.session("orphan");
        orphan.message(&Message { trigger: 0, ..Message::chat("m-1", ago(600)) }).unwrap();
        orphan.claim("m-1", ago(500)).unwrap();
        let series = host.session("series");
        let ended = Message::task("t-1", ago(600), ago(500));
        let recurrence = Some("0 9 * * *".to_owned());
        series.message(&Message { status: Some("completed".into()), recurrence, ..ended }).unwrap();
        Self { host, hung, agent }
    }

    fn queues(&self) -> Vec<(String, Vec<u8>)> {
        queues(&self.host)
    }
}

/// Every session's `inbound.db`, byte by byte.
pub(crate) fn queues(host: &Host) -> Vec<(String, Vec<u8>)> {
    let dir = host.root.data().join("v2-sessions").join(host::GROUP);
    let mut all: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let bytes = std::fs::read(entry.path().join("inbound.db")).unwrap();
            (entry.file_name().into_string().unwrap(), bytes)
        })
        .collect();
    all.sort();
    all
}

/// Everything but the stop is only planned.
#[track_caller]
fn assert_assists(busy: &Busy) {
    let before = busy.queues();
    let said = busy.host.sweepd("sweep --json");
    let call = said.json();
    assert_eq!((said.err.as_str(), said.code), ("", 1), "{call}");
    assert_eq!(busy.queues(), before, "a row was written: {call}");
    assert_eq!(call["mode"], "enforce");
    for agent in call["agents"].as_array().unwrap() {
        assert_eq!(agent["mode"], "assist", "{agent}");
    }
    let stopped = effects(&call, "hung");
    assert_eq!(stopped[..1], ["stop done"], "{call}");
    assert!(stopped[1..].iter().all(|effect| effect.ends_with(" planned")), "{stopped:?}");
    assert_eq!(effects(&call, "waiting"), ["wake planned"]);
    assert_eq!(effects(&call, "acked"), ["sync planned"]);
    assert_eq!(effects(&call, "orphan"), ["release planned", "retry planned"]);
    assert_eq!(effects(&call, "series"), ["recur planned"]);
    assert_eq!(incidents(&call), ["agent-stuck", "host-live"], "{call}");
    assert!(host::is_gone(&busy.agent));
    assert_eq!(busy.host.agents(), []);
}

#[test]
fn beside_a_live_host_stops_are_done_and_nothing_else() {
    let busy = Busy::new();
    let _alive = busy.host.root.host().unwrap();
    assert_assists(&busy);
}

#[test]
fn a_host_that_does_not_accept_in_time_is_alive() {
    let busy = Busy::new();
    let socket = busy.host.root.data().join("ncl.sock");
    let (_listener, _waiting) = full(&socket);
    assert_assists(&busy);
}

#[test]
fn a_socket_without_a_listener_is_no_host_and_a_host_that_went_is_told() {
    let busy = Busy::new();
    drop(busy.host.root.host().unwrap());
    assert!(busy.host.root.data().join("ncl.sock").exists());
    let call = busy.host.sweepd("sweep --json").json();
    assert!(call["agents"].as_array().unwrap().iter().all(|agent| agent["mode"] == "enforce"));
    assert_eq!(incidents(&call), ["agent-stuck"], "{call}");
    assert_eq!(effects(&call, "hung"), ["stop done", "release done", "retry done"]);
    assert_eq!(effects(&call, "waiting"), ["wake done"]);
    assert_eq!(effects(&call, "acked"), ["sync done"]);
    assert_eq!(effects(&call, "orphan"), ["release done", "retry done"]);
    assert_eq!(effects(&call, "series"), ["recur done"]);
    assert_eq!(busy.hung.messages().unwrap()[0].tries, Some(1));

    let alive = busy.host.root.host().unwrap();
    assert!(incidents(&busy.host.sweepd("sweep --json").json()).contains(&"host-live"));
    drop(alive);
    let first = busy.host.sweepd("sweep --json").json();
    assert!(!incidents(&first).contains(&"host-down"), "one look proves nothing: {first}");
    let second = busy.host.sweepd("sweep --json");
    let down = second.json();
    assert!(incidents(&down).contains(&"host-down"), "{down}");
    assert_eq!(second.code, 1);
}

#[test]
fn a_sole_sweeper_writes_rows_beside_its_host_but_wakes_nobody() {
    let busy = Busy::new();
    busy.host.configure("enforce", QUICK, &format!("sole-sweeper = true\n{PROCESS}"));
    let _alive = busy.host.root.host().unwrap();
    let call = busy.host.sweepd("sweep --json").json();
    assert_eq!(effects(&call, "hung"), ["stop done", "release done", "retry done"], "{call}");
    assert_eq!(effects(&call, "waiting"), ["wake planned"]);
    assert_eq!(effects(&call, "acked"), ["sync done"]);
    assert_eq!(effects(&call, "orphan"), ["release done", "retry done"]);
    assert_eq!(effects(&call, "series"), ["recur done"]);
    assert_eq!(busy.host.agents(), []);
}

#[test]
fn assist_is_the_same_without_a_host_and_without_the_notice() {
    let busy = Busy::new();
    busy.host.configure("assist", QUICK, PROCESS);
    let before = busy.queues();
    let call = busy.host.sweepd("sweep --json").json();
    assert_eq!(effects(&call, "hung")[0], "stop done", "{call}");
    assert_eq!(effects(&call, "waiting"), ["wake planned"]);
    assert_eq!(incidents(&call), ["agent-stuck"], "{call}");
    assert_eq!(call["mode"], "assist");
    assert_eq!(busy.queues(), before);
}

/// A listener that never accepts and takes no further connection.
fn full(socket: &Path) -> (OwnedFd, Vec<OwnedFd>) {
    let address = SocketAddrUnix::new(socket).unwrap();
    let open = || rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
    let listener = open();
    rustix::net::bind(&listener, &address).unwrap();
    rustix::net::listen(&listener, 0).unwrap();
    let mut waiting = Vec::new();
    until("a full backlog", || {
        let caller = open();
        rustix::io::ioctl_fionbio(&caller, true).unwrap();
        let connected = rustix::net::connect(&caller, &address);
        waiting.push(caller);
        connected.is_err()
    });
    (listener, waiting)
}
