//! `sweepd demo`, on a machine with nothing on it.

use std::process::Stdio;

use rustix::process::Signal;

use super::host::{self, Host, now};
use super::wait::until;

#[test]
fn the_demo_comes_out_right_and_leaves_nothing_behind() {
    let host = Host::new();
    let began = now();
    let said = host.sweepd("demo");
    let took = now().since(began).as_millis();
    assert_eq!((said.err.as_str(), said.code), ("", 0), "{}", said.out);
    assert!(took < 60_000, "{took} ms");
    let table: Vec<&str> = said.out.lines().skip_while(|line| !line.starts_with("AGENT")).collect();
    let verified = table.iter().filter(|line| line.ends_with(" yes")).count();
    assert_eq!(verified, 7, "{}", said.out);
    assert!(table.last().unwrap().starts_with("7 of 7 came out right, in "), "{}", said.out);
    assert_nothing_left(&host);
}

/// Neither a file nor an agent.
#[track_caller]
fn assert_nothing_left(host: &Host) {
    let left: Vec<_> = std::fs::read_dir(host.path("tmp")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(host::processes(&host.here()), []);
}

#[test]
fn interrupted_it_leaves_nothing_behind_either() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let host = Host::new();
        let mut demo = host.start("demo");
        until("agents", || host::processes(&host.here()).len() > 3);
        demo.signal(signal);
        assert_eq!(demo.end().code(), Some(code), "{}", demo.log());
        assert!(demo.log().contains("interrupted"), "{}", demo.log());
        assert_nothing_left(&host);
    }
}

#[test]
fn where_it_cannot_print_it_says_so_and_leaves_nothing_behind() {
    let host = Host::new();
    let full = std::fs::File::create("/dev/full").unwrap();
    let mut command = host.command("demo");
    let output = command.stdin(Stdio::null()).stdout(full).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{err}");
    assert!(err.starts_with("sweepd: failed to write to standard output\n"), "{err}");
    assert_nothing_left(&host);
}
