//! NanoClaw's own process starts while a pass is under way: it is asked for before every act.

use std::os::unix::net::UnixListener;
use std::path::Path;

use agent_sim::fixture::Session;

use super::beside_a_host::queues;
use super::engine::Engine;
use super::files::{assert_same, tree};
use super::host::{self, Host, ago, effects};
use super::wait::{until, until_some};

/// The first agent's wake command brings the host up: whoever waits to be woken after it is left
/// alone, and so is whatever he would have been written.
#[test]
fn a_host_that_appears_in_the_middle_of_a_pass_stops_every_further_wake() {
    let host = Host::new();
    let engine = Engine::new(&host);
    let one_at_a_time = "[sweep]\nconcurrency = 1\n";
    host.configure("enforce", one_at_a_time, WAITS_FOR_THE_HOST);
    let first = host.due("a-wakes");
    let second = host.due("b-wakes-too");
    let third = host.due("c-wakes-too");
    third.claim("m-1", ago(500)).unwrap();
    let before = queues(&host);
    let inbound = host.root.data().join("v2-sessions");
    let untouched = tree(&inbound);

    let (marker, data) = (host.path("woken-a-wakes"), host.root.data());
    let (run, dir) = (engine.runner(), first.dir().to_owned());
    let bringing_up = std::thread::spawn(move || {
        until("the wake command", || marker.exists());
        run(&dir, host::now());
        appear(&data)
    });
    let call = host.sweepd("sweep --json").json();
    let alive = bringing_up.join().unwrap();

    assert_eq!(effects(&call, "a-wakes"), ["wake done"], "{call}");
    for session in ["b-wakes-too", "c-wakes-too"] {
        assert_eq!(effects(&call, session), ["wake planned"], "{call}");
        assert_eq!(host::agent(&call, session)["mode"], "assist", "{call}");
        assert!(!host.path(&format!("woken-{session}")).exists());
    }
    assert_eq!(queues(&host), before);
    assert_same(&untouched, &inbound);

    // What was only planned is done once the host is gone: nothing of it was forgotten.
    drop(alive);
    let (runner, dirs) = (engine.runner(), [second.dir().to_owned(), third.dir().to_owned()]);
    let markers = ["b", "c"].map(|name| host.path(&format!("woken-{name}-wakes-too")));
    let running = std::thread::spawn(move || {
        for (dir, marker) in dirs.iter().zip(markers) {
            until("the wake command", || marker.exists());
            runner(dir, host::now());
        }
    });
    let call = host.sweepd("sweep --json").json();
    running.join().unwrap();
    for session in ["b-wakes-too", "c-wakes-too"] {
        assert_eq!(effects(&call, session), ["wake done"], "{call}");
    }
}

/// Says that it was called, and for the first agent ends only when the host is up.
const WAITS_FOR_THE_HOST: &str = r#"
[source.wake]
kind = "command"
argv = ["/bin/sh", "-c", '''
touch "HERE/woken-$1"
test "$1" != a-wakes || until test -S HERE/root/data/ncl.sock; do sleep 0.02; done
''', "wake", "{session_id}"]
env = { PATH = "/usr/bin:/bin" }
"#;

/// Listens first and gets the name then, so that whoever sees the socket finds a listener.
fn appear(data: &Path) -> UnixListener {
    let listener = UnixListener::bind(data.join("starting.sock")).unwrap();
    std::fs::rename(data.join("starting.sock"), data.join("ncl.sock")).unwrap();
    listener
}

/// Rows of one agent are written one after the other; the host comes up after the first of them.
#[test]
fn a_host_that_appears_between_two_rows_stops_the_second() {
    const ROWS: u32 = 200;
    let host = Host::new();
    host.configure("enforce", "", "");
    let _engine = Engine::new(&host);
    let session = host.session("acked");
    let (inbound, outbound) = (session.inbound().unwrap(), session.outbound().unwrap());
    inbound.execute_batch("BEGIN").unwrap();
    outbound.execute_batch("BEGIN").unwrap();
    for n in 0..ROWS {
        let row = "INSERT INTO messages_in (id, seq, kind, timestamp, content)
                   VALUES ('m-' || ?1, 2 * ?1, 'chat', datetime('now', '-1 minute'), '{}')";
        inbound.execute(row, [n]).unwrap();
        let ack = "INSERT INTO processing_ack VALUES ('m-' || ?1, 'completed', datetime('now'))";
        outbound.execute(ack, [n]).unwrap();
    }
    inbound.execute_batch("COMMIT").unwrap();
    outbound.execute_batch("COMMIT").unwrap();
    drop((inbound, outbound));

    let mut call = host.start("sweep --json");
    until("the first row", || done(&session) > 0);
    let _alive = appear(&host.root.data());
    // One may have been asked for before the host was there, and not been written yet.
    let allowed = done(&session) + 1;
    assert!(call.end().success(), "{}", call.log());
    let (written, all) = (done(&session), session.messages().unwrap().len());
    assert!(written <= allowed, "{written} rows, not {allowed}: {}", call.log());
    assert!(written < all, "it was too late to see anything");
    let told: serde_json::Value = serde_json::from_str(&call.log()).unwrap();
    let effects = effects(&told, "acked");
    assert_eq!(effects.iter().filter(|effect| *effect == "sync done").count(), written);
    assert_eq!(effects.iter().filter(|effect| *effect == "sync planned").count(), all - written);
}

/// How many of a session's messages are completed; a writer in between is waited for.
fn done(session: &Session) -> usize {
    let messages = until_some("a look", || session.messages().ok());
    messages.iter().filter(|one| one.status.as_deref() == Some("completed")).count()
}
