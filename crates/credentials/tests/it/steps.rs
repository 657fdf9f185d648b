//! Where newer credentials come from: files, commands, and a stand-in for macOS's `security`.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use sweepd_credentials::{CLAUDE_KEYCHAIN, Candidate, FetchError, Kind, RunError, Step, fetch};
use sweepd_decide::Timestamp;

use crate::support::{Desk, claude, in_mins, json};

fn sh(script: &str, timeout: Duration) -> Step {
    let argv = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
    let Step::Command { argv, .. } = Step::command(argv) else { unreachable!() };
    let mut step = Step::command(argv);
    if let Step::Command { timeout: it, .. } = &mut step {
        *it = timeout;
    }
    step
}

fn fetched(step: &Step) -> Result<Candidate, String> {
    fetch(step, &Kind::ClaudeOauth).map_err(|error| {
        let source = std::error::Error::source(&error).map(|it| format!(": {it}"));
        format!("{error}{}", source.unwrap_or_default())
    })
}

const LONG: Duration = Duration::from_secs(20);

#[test]
fn a_file_is_a_candidate_if_its_end_is_known() {
    let desk = Desk::new();
    desk.put("good", claude(in_mins(90)));
    let candidate = fetched(&Step::file(desk.path("good"))).unwrap();
    assert_eq!(candidate.until(), Timestamp::from_millis(in_mins(90)));
    assert!(candidate.account().unwrap().starts_with("claude-oauth:"));
    symlink(desk.path("good"), desk.path("link")).unwrap();
    desk.put("endless", r#"{"claudeAiOauth":{"accessToken":"PLANTED"}}"#);
    desk.put("tokenless", r#"{"claudeAiOauth":{"expiresAt":1795341600000}}"#);
    desk.put("empty-token", r#"{"claudeAiOauth":{"expiresAt":1795341600000,"accessToken":""}}"#);
    let cases = [
        ("link", "it is a symbolic link, which is not followed"),
        ("missing", "it is not there"),
        ("endless", "it has no `/claudeAiOauth/expiresAt`"),
        ("tokenless", "it has no `/claudeAiOauth/accessToken`"),
        ("empty-token", "it has no `/claudeAiOauth/accessToken`"),
    ];
    for (name, words) in cases {
        let path = desk.path(name);
        let told = fetched(&Step::file(&path)).unwrap_err();
        assert_eq!(told, format!("take a credential from file {}: {words}", path.display()));
    }
}

#[test]
fn a_command_prints_a_credential() {
    let script = format!("echo noise PLANTED >&2; echo '{}'", claude(in_mins(90)));
    let candidate = fetched(&sh(&script, LONG)).unwrap();
    assert_eq!(candidate.until(), Timestamp::from_millis(in_mins(90)));
    let other = fetch(&sh("echo '{\"end\":1795341600}'", LONG), &json("/end")).unwrap();
    assert_eq!(other.until(), Timestamp::from_millis(in_mins(0)));
}

#[test]
fn a_command_has_no_input_and_inherits_the_environment() {
    let script = format!("cat; test -n \"$PATH\" && echo '{}'", claude(in_mins(90)));
    fetched(&sh(&script, LONG)).unwrap();
}

#[test]
fn a_command_that_gives_nothing_says_how_it_went_and_not_what_it_said() {
    let hint = "run command `/bin/sh`; run it by hand to see what it says";
    let cases = [
        ("echo PLANTED; exit 3", format!("{hint}: it failed: exit status: 3")),
        ("kill -9 $$", format!("{hint}: it failed: signal: 9 (SIGKILL)")),
        (
            "echo PLANTED garbage",
            "take a credential from command `/bin/sh`: it is not JSON (line 1, column 1)".into(),
        ),
        ("exit 0", "take a credential from command `/bin/sh`: it is empty".into()),
        (
            "printf '\\377\\376PLANTED'",
            "take a credential from command `/bin/sh`: it is not JSON: it is not UTF-8".into(),
        ),
        ("yes PLANTED", format!("{hint}: it printed more than 1 MiB and was killed")),
    ];
    for (script, words) in cases {
        assert_eq!(fetched(&sh(script, LONG)).unwrap_err(), words, "{script}");
    }
    let none = fetched(&Step::command(Vec::new())).unwrap_err();
    assert_eq!(none, "run command ``; run it by hand to see what it says: its argv is empty");
    let missing = fetched(&Step::command(vec!["/no/such/program".into()])).unwrap_err();
    assert!(missing.ends_with(": it cannot be started"), "{missing}");
    let nul = fetched(&Step::command(vec!["/bin/echo".into(), "a\0b".into()])).unwrap_err();
    assert!(nul.ends_with(": it cannot be started"), "{nul}");
}

/// Whether a process exists and is no zombie.
fn is_alive(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long it took is what is tested")]
fn when_its_time_is_over_its_whole_group_is_killed() {
    let desk = Desk::new();
    let pids = desk.path("pids");
    let script = format!(
        "trap '' TERM; sleep 600 & echo $! >>{0}; (trap '' TERM; sleep 600 & echo $! >>{0}; wait) & echo $! >>{0}; echo $$ >>{0}; wait",
        pids.display()
    );
    let since = Instant::now();
    let step = sh(&script, Duration::from_millis(700));
    let error = fetch(&step, &Kind::ClaudeOauth).unwrap_err();
    let FetchError::Run { source: RunError::TimedOut { timeout }, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(*timeout, Duration::from_millis(700));
    assert!(since.elapsed() < Duration::from_secs(15), "it did not wait for the children");
    let pids = fs::read_to_string(pids).unwrap();
    assert_eq!(pids.lines().count(), 4, "{pids}");
    for pid in pids.lines() {
        // Killed at once, gone as soon as the kernel comes to it.
        let gone = (0..2000).any(|_| {
            std::thread::yield_now();
            !is_alive(pid)
        });
        assert!(gone, "{pid} lives on");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long it took is what is tested")]
fn what_a_command_leaves_in_the_background_does_not_hold_us() {
    let since = Instant::now();
    let script = format!("sleep 600 & echo $! >&2; echo '{}'", claude(in_mins(90)));
    fetched(&sh(&script, LONG)).unwrap();
    assert!(since.elapsed() < Duration::from_secs(15));
    // One that closes its output and goes on is waited for.
    let closed = format!("echo '{}'; exec >&-; sleep 0.2; exit 4", claude(in_mins(90)));
    assert!(fetched(&sh(&closed, LONG)).unwrap_err().ends_with("exit status: 4"));
}

/// A program that does what `security` does.
fn security(desk: &Desk, script: &str) -> Step {
    let program = desk.path("security");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    keychain(Some(program))
}

fn keychain(program: Option<PathBuf>) -> Step {
    let mut step = Step::keychain(CLAUDE_KEYCHAIN);
    if let Step::Keychain { security, .. } = &mut step {
        *security = program;
    }
    step
}

#[test]
fn the_keychain_is_asked_as_macos_wants_it() {
    let desk = Desk::new();
    let asked = desk.path("asked");
    let script =
        format!("printf '%s\\n' \"$@\" >{}; echo '{}'", asked.display(), claude(in_mins(9)));
    let candidate = fetched(&security(&desk, &script)).unwrap();
    assert_eq!(candidate.until(), Timestamp::from_millis(in_mins(9)));
    let words = fs::read_to_string(asked).unwrap();
    assert_eq!(words, "find-generic-password\n-s\nClaude Code-credentials\n-w\n");
}

#[test]
fn an_entry_that_is_printed_in_hex_is_read_all_the_same() {
    let desk = Desk::new();
    let mut hex = String::new();
    for byte in format!("{}\n", claude(in_mins(9))).bytes() {
        write!(hex, "{byte:02x}").unwrap();
    }
    let candidate = fetched(&security(&desk, &format!("echo {hex}"))).unwrap();
    assert_eq!(candidate.until(), Timestamp::from_millis(in_mins(9)));
}

#[test]
fn an_entry_that_is_not_there_and_a_system_without_a_keychain_are_said_apart() {
    let desk = Desk::new();
    let told = fetched(&security(&desk, "echo PLANTED >&2; exit 44")).unwrap_err();
    let words = "read keychain entry `Claude Code-credentials`: there is no such entry; log in once on this machine";
    assert_eq!(told, words);
    let told = fetched(&security(&desk, "exit 36")).unwrap_err();
    assert!(told.ends_with(": it failed: exit status: 36"), "{told}");
    if cfg!(not(target_os = "macos")) {
        let told = fetched(&keychain(None)).unwrap_err();
        let words = "read keychain entry `Claude Code-credentials`: only macOS has a keychain; use a `command` or a `file` as the refresh step here";
        assert_eq!(told, words);
    }
}
