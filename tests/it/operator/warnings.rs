//! What is hardly meant in a configuration is told as `run` and `sweep` begin, not only by whoever
//! asks `config check`.

use super::engine::Engine;
use super::host::Host;
use super::wait::until;

/// A pattern that fits nobody, one of another program, and a file that everybody may write.
fn doubtful() -> Host {
    use std::os::unix::fs::PermissionsExt as _;
    let host = Host::new();
    host.configure("enforce", "", "");
    host.session("s");
    let path = host.path("sweepd.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let more = "[[agent]]\nmatch = \"ag-slow/*\"\nceiling = \"2h\"\n\
                [[agent]]\nmatch = \"nanoclaw/ag-[12]/*\"\nceiling = \"2h\"\n";
    host.write("sweepd.toml", &format!("{text}{more}"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    host
}

const TOLD: [&str; 3] = [
    "\"ag-slow/*\" fits no agent",
    "\"nanoclaw/ag-[12]/*\" stands for itself where it has brackets or braces",
    "everybody may write this file",
];

#[test]
fn a_sweep_tells_them_on_standard_error_and_keeps_its_answer_pure() {
    let host = doubtful();
    let _engine = Engine::new(&host);
    for words in ["sweep", "sweep --json", "sweep --dry-run --json"] {
        let said = host.sweepd(words);
        assert_eq!(said.code, 0, "{words}: {}", said.err);
        let lines: Vec<&str> = said.err.lines().collect();
        assert_eq!(lines.len(), TOLD.len(), "{words}: {}", said.err);
        for (line, told) in lines.iter().zip(TOLD) {
            assert!(line.starts_with("sweepd: sweepd.toml:"), "{words}: {line}");
            assert!(line.contains("warning: ") && line.contains(told), "{words}: {line}");
        }
        assert!(!said.out.contains("warning"), "{words}: {}", said.out);
    }
    for words in ["status", "why nanoclaw/ag-1/s"] {
        assert!(!host.sweepd(words).err.contains("warning"), "{words} only looks");
    }
}

#[test]
fn the_daemon_tells_them_once_in_its_log() {
    let host = doubtful();
    let _engine = Engine::new(&host);
    let daemon = host.start("run");
    until("a daemon", || daemon.log().contains("sweepd runs"));
    for told in TOLD {
        let log = daemon.log();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(told)).collect();
        assert!(lines.len() == 1 && lines[0].contains("WARN"), "{told}: {log}");
    }
}

#[test]
fn what_a_call_finds_out_by_itself_is_not_told_twice() {
    let host = Host::new();
    host.configure("enforce", "", "");
    host.session("s");
    // The engine is not there; then the list of sessions is not either.
    let said = host.sweepd("sweep");
    assert_eq!(said.code, 3);
    assert_eq!(said.err.lines().count(), 1, "{}", said.err);
    std::fs::remove_file(host.root.data().join("v2.db")).unwrap();
    let _engine = Engine::new(&host);
    let said = host.sweepd("sweep");
    assert_eq!(said.code, 3);
    assert_eq!(said.err.lines().count(), 1, "{}", said.err);
}
