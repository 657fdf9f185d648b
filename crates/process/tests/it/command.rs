//! Bounded commands: exit codes, timeouts, capped output.

use std::time::Duration;

use sweepd_process::{Command, Ended, Error, Exit, Output, run_command};

use crate::support::{Bench, is_alive, until};

#[tokio::test]
async fn a_command_gives_its_code_and_both_outputs() {
    let output = run(&sh("echo good; echo bad >&2; exit 3")).await;
    assert_eq!(output.ended, Ended::Exited(Exit::Code(3)));
    assert_eq!(output.stdout.text, "good\n");
    assert_eq!(output.stderr.text, "bad\n");
    assert_eq!(output.stdout.dropped, 0);
}

#[tokio::test]
async fn only_the_newest_output_is_kept() {
    let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo line $i; done";
    let output = run(&Command { keep: 20, ..sh(script) }).await;
    assert_eq!(output.stdout.text, "ne 19999\nline 20000\n");
    assert_eq!(output.stdout.dropped, total(20_000) - 20);
}

#[tokio::test]
async fn nothing_is_kept_where_nothing_is_wanted() {
    let output = run(&Command { keep: 0, ..sh("echo some") }).await;
    assert_eq!((output.stdout.text.as_str(), output.stdout.dropped), ("", 5));
}

#[tokio::test]
async fn the_end_of_its_time_kills_the_whole_group_of_a_command() {
    let script = "trap '' TERM; sleep 1000 & echo $!; echo $$ >&2; wait";
    let output = run(&Command { timeout: Duration::from_millis(300), ..sh(script) }).await;
    assert_eq!(output.ended, Ended::TimedOut);
    for pid in [output.stdout.text, output.stderr.text] {
        let pid = pid.trim().parse().unwrap();
        until("the member is dead", || !is_alive(pid)).await;
    }
}

#[tokio::test]
async fn dropping_the_call_kills_the_whole_group() {
    let bench = Bench::new();
    let script = format!("sleep 1000 & echo $! $$ > {0}.new; mv {0}.new {0}; wait", "pids");
    let command = Command { cwd: Some(bench.path("")), ..sh(&script) };
    let pids = bench.path("pids");
    tokio::select! {
        _ = run_command(&command) => unreachable!("it waits for its child"),
        () = until("it has begun", || pids.exists()) => {}
    }
    for pid in std::fs::read_to_string(pids).unwrap().split_whitespace() {
        let pid = pid.parse().unwrap();
        until("the member is dead", || !is_alive(pid)).await;
    }
}

#[tokio::test]
async fn what_a_command_starts_in_the_background_is_neither_awaited_nor_killed() {
    let bench = Bench::new();
    let script = "(while [ ! -e cue ]; do sleep 0.01; done; : > alive) &";
    let output = run(&Command { cwd: Some(bench.path("")), ..sh(script) }).await;
    assert_eq!(output.ended, Ended::Exited(Exit::Code(0)));
    std::fs::write(bench.path("cue"), "").unwrap();
    until("it has done its work", || bench.path("alive").exists()).await;
}

#[tokio::test]
async fn a_command_has_no_input_and_no_environment_but_its_own() {
    let output = run(&Command { env: vec![], ..sh("cat; echo [$HOME]") }).await;
    assert_eq!(output.stdout.text, "[]\n");
}

#[tokio::test]
async fn a_command_that_cannot_run_is_an_error_naming_it() {
    let command = Command { argv: vec!["no-such-command".into()], ..sh("") };
    let error = run_command(&command).await.unwrap_err();
    assert!(matches!(error, Error::FindProgram { .. }), "{error:?}");
    assert!(error.to_string().contains("no-such-command"));
}

async fn run(command: &Command) -> Output {
    run_command(command).await.unwrap()
}

fn sh(script: &str) -> Command {
    Command {
        argv: vec!["/bin/sh".into(), "-c".into(), script.into()],
        env: vec![("PATH".into(), "/usr/bin:/bin".into())],
        cwd: None,
        timeout: Duration::from_mins(1),
        keep: 10_000,
    }
}

/// The length of `line 1` to `line n`, with line ends.
fn total(lines: u64) -> u64 {
    (1..=lines).map(|i| u64::try_from(format!("line {i}\n").len()).unwrap()).sum()
}
