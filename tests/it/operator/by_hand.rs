//! What a person does by hand: the same words with a daemon and without one.

use std::os::unix::fs::PermissionsExt as _;

use agent_sim::fixture::Message;
use rustix::process::Signal;

use super::daemon::{ends_well, start};
use super::host::{Background, Host, PROCESS, ago, is_gone};
use super::wait::{until, until_some};

/// Each test twice: the second time through the daemon's socket.
fn both_ways(policy: &str, source: &str, test: impl Fn(&Host)) {
    for daemon in [false, true] {
        let host = Host::new();
        host.configure("enforce", policy, source);
        host.session("bystander");
        let running: Option<Background> = daemon.then(|| start(&host));
        test(&host);
        if let Some(running) = running {
            assert!(host.path("state/sweepd.sock").exists(), "it was asked");
            ends_well(running);
            assert!(!host.path("state/sweepd.sock").exists(), "it is gone with the daemon");
        }
    }
}

#[test]
fn an_agent_is_woken_although_nothing_is_due_and_stopped_without_a_word_of_blame() {
    both_ways("", PROCESS, |host| {
        let session = host.session("one");
        std::fs::write(session.dir().join("behave"), "idle").unwrap();
        let said = host.sweepd("wake nanoclaw/ag-1/one");
        assert_eq!((said.code, said.out.as_str()), (0, "nanoclaw/ag-1/one: wake done\n"));
        let agent = until_some("an agent", || host.agent_of(&session));
        let said = host.sweepd("wake nanoclaw/ag-1/one");
        assert_eq!(said.out, "nanoclaw/ag-1/one: wake already-done: it runs\n");

        let said = host.sweepd("stop nanoclaw/ag-1/one");
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.out.starts_with("nanoclaw/ag-1/one: stop done: by hand\n"), "{}", said.out);
        assert!(is_gone(&agent));
        let said = host.sweepd("stop nanoclaw/ag-1/one");
        assert_eq!(
            said.out.lines().next(),
            Some("nanoclaw/ag-1/one: stop already-done: nothing runs")
        );
        let call = host.sweepd("sweep --json");
        assert_eq!(call.code, 0, "no incident, no finding: {}", call.out);
        let told = host.sweepd("why nanoclaw/ag-1/one").out;
        assert!(told.contains("agent_stopped") && told.contains("by-hand"), "{told}");
    });
}

/// Its claim goes back with no try charged, and due work wakes it again.
#[test]
fn a_stop_by_hand_charges_nobody() {
    both_ways("", PROCESS, |host| {
        let session = host.due_to("busy", "hang-after-claim");
        host.sweepd("sweep");
        until("a claim", || !session.acks().unwrap().is_empty());
        let first = until_some("an agent", || host.agent_of(&session));
        assert_eq!(host.sweepd("stop nanoclaw/ag-1/busy").code, 0);
        assert!(is_gone(&first));
        until("it is woken again", || {
            host.sweepd("sweep");
            host.agent_of(&session).is_some_and(|new| new != first)
        });
        assert_eq!(session.messages().unwrap()[0].tries.unwrap_or(0), 0);
    });
}

#[test]
fn a_paused_agent_is_looked_at_and_left_alone_until_it_is_resumed() {
    for scope in ["nanoclaw/ag-1/one", "nanoclaw", "--all"] {
        both_ways("", PROCESS, |host| {
            let session = host.session("one");
            std::fs::write(session.dir().join("behave"), "healthy").unwrap();
            let said = host.sweepd(&format!("pause {scope} --for 2h"));
            assert_eq!(said.code, 0, "{}", said.err);
            session.message(&Message::chat("m-1", ago(60))).unwrap();
            let call = host.sweepd("sweep --json").json();
            let one = super::host::agent(&call, "one");
            assert_eq!(one["effects"][0]["outcome"], "held", "{one}");
            let why = one["effects"][0]["detail"].as_str().unwrap();
            assert!(why.contains("paused by hand since"), "{why}");
            assert!(host.agents().is_empty());
            assert!(host.sweepd("status").out.contains("paused by hand: "));
            let told = host.sweepd("why nanoclaw/ag-1/one").out;
            assert!(told.contains("held back: wake"), "{told}");

            assert_eq!(host.sweepd(&format!("resume {scope}")).code, 0);
            host.sweepd("sweep");
            until("an answer", || !session.outputs().unwrap().is_empty());
            let again = host.sweepd(&format!("resume {scope}"));
            assert_eq!(again.code, 2);
            assert!(again.err.contains("nobody is paused"), "{}", again.err);
        });
    }
}

/// It was said to one daemon, or to none, and holds for the next, and for the same one with its
/// configuration read again.
#[test]
fn a_pause_outlives_whoever_was_told() {
    let host = Host::new();
    host.configure("enforce", "", PROCESS);
    let session = host.session("one");
    std::fs::write(session.dir().join("behave"), "healthy").unwrap();
    assert_eq!(host.sweepd("pause nanoclaw").code, 0);
    session.message(&Message::chat("m-1", ago(60))).unwrap();
    let daemon = start(&host);
    let held = |rounds: i64| {
        until("more rounds", || {
            host.sweepd("sweep");
            host.events("pass_finished") >= rounds
        });
        assert_eq!((host.agent_of(&session), host.events("agent_woken")), (None, 0));
    };
    held(3);
    daemon.signal(Signal::HUP);
    until("it was read", || daemon.log().contains("configuration read again"));
    held(8);
    assert_eq!(host.sweepd("resume nanoclaw").code, 0);
    until("an answer", || !session.outputs().unwrap().is_empty());
    ends_well(daemon);
}

#[test]
fn a_pause_ends_by_itself() {
    let host = Host::new();
    host.configure("enforce", "", PROCESS);
    let session = host.due_to("one", "healthy");
    assert_eq!(host.sweepd("pause nanoclaw --for 300ms").code, 0);
    until("an answer", || {
        host.sweepd("sweep");
        !session.outputs().unwrap().is_empty()
    });
    assert!(!host.sweepd("status").out.contains("paused"));
}

#[test]
fn a_dead_letter_is_listed_and_put_back() {
    both_ways("", PROCESS, |host| {
        let session = host.session("letter");
        std::fs::write(session.dir().join("behave"), "healthy").unwrap();
        let given_up = Message { tries: Some(5), trigger: 0, ..Message::chat("m-1", ago(60)) };
        session.message(&given_up).unwrap();
        session.claim("m-1", ago(500)).unwrap();
        host.sweepd("sweep");
        until("it is given up", || {
            host.sweepd("sweep");
            session.messages().unwrap()[0].status.as_deref() == Some("failed")
        });
        let listed = host.sweepd("dead-letters");
        assert_eq!(listed.code, 1);
        assert!(listed.out.contains("nanoclaw/ag-1/letter/m-1"), "{}", listed.out);
        assert!(listed.out.contains("tries"), "{}", listed.out);

        let said = host.sweepd("dead-letters requeue nanoclaw/ag-1/letter/m-1");
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        let row = session.messages().unwrap().remove(0);
        assert_eq!((row.status.as_deref(), row.tries), (Some("pending"), Some(0)));
        assert_eq!(row.process_after, None);
        let listed = host.sweepd("dead-letters --json");
        assert_eq!((listed.code, listed.json()["dead_letters"].to_string()), (0, "[]".into()));
        let again = host.sweepd("dead-letters requeue nanoclaw/ag-1/letter/m-1");
        assert_eq!(again.code, 2);
        assert!(again.err.contains("there is no dead letter"), "{}", again.err);
    });
}

#[test]
fn what_cannot_be_done_is_said_and_not_done() {
    let host = Host::new();
    host.configure("observe", "", PROCESS);
    let session = host.due_to("one", "idle");
    let said = host.sweepd("wake nanoclaw/ag-1/one");
    assert_eq!((said.code, said.out.as_str()), (1, "nanoclaw/ag-1/one: wake planned\n"));
    assert_eq!(host.agent_of(&session), None);

    host.configure("enforce", "", "");
    let _engine = super::engine::Engine::new(&host);
    let said = host.sweepd("wake nanoclaw/ag-1/one");
    assert_eq!(said.code, 1);
    assert!(said.out.contains("wake kind none"), "{}", said.out);

    host.configure("enforce", "", PROCESS);
    let _alive = host.root.host().unwrap();
    let said = host.sweepd("wake nanoclaw/ag-1/one");
    assert_eq!(said.code, 1);
    assert!(said.out.contains("its own host is alive"), "{}", said.out);

    for (words, hint) in [
        ("stop nanoclaw/ag-1/nobody", "`sweepd status` lists them"),
        ("stop nanclaw", "did you mean \"nanoclaw\"?"),
        ("pause nanoclaw/ag-1/nobody", "`sweepd status` lists them"),
        ("pause other/ag-1/one", "as `sweepd status` shows it"),
        ("pause nanoclaw --for soon", "--for"),
    ] {
        let said = host.sweepd(words);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{words}: {}", said.err);
        assert!(said.err.contains(hint), "{words}: {}", said.err);
    }
}

/// A sweep beside the daemon is a pass of the daemon's, printed as one's own.
#[test]
fn a_sweep_beside_the_daemon_is_the_daemons_pass() {
    let host = Host::new();
    host.configure("enforce", "[sweep]\ninterval = \"1h\"\n", PROCESS);
    host.session("one");
    let daemon = start(&host);
    let socket = host.path("state/sweepd.sock");
    until("a socket", || socket.exists());
    assert_eq!(socket.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let call = host.sweepd("sweep --json").json();
    assert_eq!(call["skipped"], serde_json::Value::Null, "{call}");
    assert_eq!(call["summary"]["agents"], 1, "{call}");
    assert!(host.sweepd("sweep").out.contains("1 agents: 1 ok"));
    ends_well(daemon);
}

/// A daemon that is stopped by a signal answers nobody: that is said, and nothing waits for ever.
#[test]
fn a_daemon_that_was_killed_leaves_nothing_in_the_way() {
    let host = Host::new();
    host.configure("enforce", "", PROCESS);
    host.session("one");
    let mut daemon = start(&host);
    until("a socket", || host.path("state/sweepd.sock").exists());
    daemon.signal(Signal::KILL);
    daemon.end();
    assert!(host.path("state/sweepd.sock").exists(), "it had no time to tidy up");
    assert_eq!(host.sweepd("sweep").code, 0);
    assert_eq!(host.sweepd("pause nanoclaw").code, 0);
    let daemon = start(&host);
    until("the second", || daemon.log().matches("sweepd runs").count() == 2);
    assert_eq!(host.sweepd("resume nanoclaw").code, 0);
    ends_well(daemon);
}

/// What is no question is refused in words; a line without end, and one that never comes, end.
#[test]
fn nonsense_through_the_socket_harms_nobody() {
    use std::io::{Read as _, Write as _};
    let host = Host::new();
    host.configure("enforce", "", PROCESS);
    host.session("one");
    let daemon = start(&host);
    until("a socket", || host.path("state/sweepd.sock").exists());
    let connect =
        || std::os::unix::net::UnixStream::connect(host.path("state/sweepd.sock")).unwrap();
    let silent = connect();
    for nonsense in ["{}\n", "GET / HTTP/1.1\r\n\r\n", "{\"ask\":\"format-disk\"}\n"] {
        let mut stream = connect();
        stream.write_all(nonsense.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("not understood"), "{nonsense:?}: {answer}");
    }
    let mut endless = connect();
    let line = vec![b'x'; 1 << 20];
    // It may hang up before it has read all of that.
    drop(endless.write_all(&line));
    assert_eq!(host.sweepd("sweep").code, 0);
    drop((silent, endless));
    ends_well(daemon);
}
