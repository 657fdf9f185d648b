//! What was set up differs from last time: another wake kind, another name, another state, a long
//! way down. Nobody is started twice, charged twice or kept open for ever.

use rustix::process::Signal;
use serde_json::json;

use super::engine::Engine;
use super::host::{Host, PROCESS, QUICK, agent, ago, incidents, is_gone, now, signal};
use super::wait::{until, until_some};

#[test]
fn an_agent_that_another_wake_kind_has_started_is_asked_for_until_it_has_ended() {
    let host = Host::new();
    host.configure("enforce", QUICK, PROCESS);
    let session = host.due_to("one", "idle");
    host.sweepd("sweep");
    let process = until_some("an agent", || host.agent_of(&session));

    // From processes to containers: it lives, so nothing is started beside it.
    let _engine = Engine::new(&host);
    host.configure("enforce", QUICK, "");
    let call = host.sweepd("sweep --json");
    assert_eq!((call.code, agent(&call.json(), "one")["state"].clone()), (3, json!("unknown")));
    assert!(call.out.contains("has not ended"), "{}", call.out);
    signal(process.pid, Signal::KILL).unwrap();
    until("it ends", || is_gone(&process));
    let call = host.sweepd("sweep --json").json();
    assert_eq!(agent(&call, "one")["state"], "stopped", "{call}");
}

#[test]
fn a_container_is_not_taken_for_gone_when_agents_become_processes() {
    let host = Host::new();
    let engine = Engine::new(&host);
    host.configure("enforce", "", "");
    let session = host.due_to("one", "idle");
    engine.run(session.dir(), ago(10));
    let call = host.sweepd("sweep --json").json();
    assert_eq!(agent(&call, "one")["state"], "running", "{call}");

    host.configure("enforce", "", PROCESS);
    let call = host.sweepd("sweep --json").json();
    assert_eq!(agent(&call, "one")["effects"], json!([]), "{call}");
    assert_eq!(host.agent_of(&session), None, "two agents for one session");
}

#[test]
fn incidents_of_a_source_that_is_not_configured_any_more_are_over() {
    let host = Host::new();
    host.configure("enforce", QUICK, PROCESS);
    let session = host.due_to("hung", "hang-after-claim");
    host.hang(&session);
    let call = host.sweepd("sweep --json").json();
    assert_eq!(incidents(&call), ["agent-stuck"], "{call}");
    host.configure("enforce", QUICK, &format!("name = \"other\"\n{PROCESS}"));
    let call = host.sweepd("sweep --json").json();
    assert_eq!(incidents(&call), Vec::<&str>::new(), "{call}");
}

/// What is written to a file that was removed is gone with the process: nothing may follow from it.
#[test]
fn a_daemon_whose_state_was_removed_does_nothing_more() {
    let host = Host::new();
    host.configure("enforce", &format!("[sweep]\ninterval = \"1s\"\n{QUICK}"), PROCESS);
    let session = host.due_to("one", "healthy");
    let mut daemon = host.start("run");
    until("an answer", || !session.outputs().unwrap().is_empty());
    std::fs::remove_dir_all(host.path("state")).unwrap();
    let late = host.due_to("late", "healthy");
    until("trouble", || daemon.log().contains("sweepd cannot do its whole job"));
    let began = now();
    until("some rounds", || now().since(began).as_millis() > 2500);
    assert_eq!(host.agent_of(&late), None, "{}", daemon.log());
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end().code(), Some(3), "{}", daemon.log());
}

/// The name of a socket may have about a hundred bytes, that of a root four thousand.
#[test]
fn a_root_with_a_long_name_has_no_host_where_there_is_none() {
    let host = Host::new();
    let long = host.path(&"deep/".repeat(40));
    std::fs::create_dir_all(long.parent().unwrap()).unwrap();
    std::fs::rename(host.path("root"), &long).unwrap();
    host.write(
        "sweepd.toml",
        &format!(
            "state-dir = \"HERE/state\"\nmode = \"enforce\"\n[docker]\nhost = \"unix://HERE/engine.sock\"\n\
             [[source]]\nkind = \"nanoclaw\"\nroot = {long:?}\n"
        ),
    );
    let _engine = Engine::new(&host);
    let call = host.sweepd("sweep --json").json();
    assert_eq!(incidents(&call), ["source-shrunk"], "{call}");
    let _listener = {
        let dir = rustix::fs::open(
            long.join("data"),
            rustix::fs::OFlags::PATH | rustix::fs::OFlags::DIRECTORY,
            rustix::fs::Mode::empty(),
        );
        let dir = dir.unwrap();
        let short = format!("/proc/self/fd/{}/ncl.sock", std::os::fd::AsRawFd::as_raw_fd(&dir));
        std::os::unix::net::UnixListener::bind(short).unwrap()
    };
    let call = host.sweepd("sweep --json").json();
    assert!(incidents(&call).contains(&"host-live"), "{call}");
}
