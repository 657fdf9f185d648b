//! What can be read of containers that are on their way out, or out.

use sweepd_decide::{Span, Timestamp};
use sweepd_docker::{Error, LogStream, ObservedExit, RunState};

use crate::rig::{Rig, now, until};

#[tokio::test]
async fn only_what_has_ended_is_removed_unless_forced() {
    let Some(rig) = Rig::new().await else { return };
    let running = rig.start("exec sleep 1000").await;
    let refused = rig.client.remove(&running, false).await;
    assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
    assert!(rig.client.inspect(&running).await.unwrap().state.is_running());
    rig.client.remove(&running, true).await.unwrap();

    let ended = rig.start("exit 0").await;
    rig.until_seen(&ended, |seen| seen.state == RunState::Exited).await;
    rig.client.remove(&ended, false).await.unwrap();

    for id in [running, ended] {
        assert!(matches!(rig.client.inspect(&id).await, Err(Error::Gone { .. })));
        rig.client.remove(&id, false).await.unwrap();
    }
}

#[tokio::test]
async fn the_tail_of_a_log_has_both_streams_and_instants() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.start("echo one; echo two >&2; echo three").await;
    let seen = rig.until_seen(&id, |seen| seen.state == RunState::Exited).await;
    let logs = rig.client.logs_tail(&id, 100, 10_000).await.unwrap();
    assert!(!logs.truncated);
    let mut lines: Vec<_> =
        logs.lines.iter().map(|line| (line.stream, line.text.as_str())).collect();
    // The two streams arrive on two pipes: their order is up to the engine.
    lines.sort_by_key(|(_, text)| text.len());
    lines.sort_by_key(|(stream, _)| *stream != LogStream::Stdout);
    let out = LogStream::Stdout;
    assert_eq!(lines, [(out, "one"), (out, "three"), (LogStream::Stderr, "two")]);
    // The engine notes the start a little after the process has started.
    let about_then = seen.started_at.unwrap().minus(Span::from_secs(5));
    assert!(logs.lines.iter().all(|line| line.at.unwrap() > about_then), "{logs:?}");
}

#[tokio::test]
async fn the_tail_of_a_log_is_no_longer_than_asked_for() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.start("i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done").await;
    rig.until_seen(&id, |seen| seen.state == RunState::Exited).await;

    let by_lines = rig.client.logs_tail(&id, 3, 10_000).await.unwrap();
    let texts: Vec<_> = by_lines.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!((texts, by_lines.truncated), (vec!["line 297", "line 298", "line 299"], false));

    let by_bytes = rig.client.logs_tail(&id, 200, 20).await.unwrap();
    let texts: Vec<_> = by_bytes.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!((texts, by_bytes.truncated), (vec!["line 298", "line 299"], true));

    let none = rig.client.logs_tail(&id, 0, 10_000).await.unwrap();
    assert_eq!(none.lines, []);
}

#[tokio::test]
async fn a_line_without_end_is_capped_and_keeps_its_newest_bytes() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.start("head -c 1000000 /dev/zero; echo; echo the end").await;
    rig.until_seen(&id, |seen| seen.state == RunState::Exited).await;
    let logs = rig.client.logs_tail(&id, 200, 50_000).await.unwrap();
    assert_eq!(logs.lines.last().unwrap().text, "the end");
    if rig.engine().is_podman() {
        // Of a line that it keeps in pieces, it tells the last piece only.
        assert_eq!(logs.lines.len(), 2);
        return;
    }
    let bytes: usize = logs.lines.iter().map(|line| line.text.len()).sum();
    assert!(logs.truncated && bytes <= 50_000, "{bytes}");
    assert!(logs.lines.iter().all(|line| line.at.is_some()));
}

#[tokio::test]
async fn a_terminals_log_is_read_too() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.run(&["-t"], "echo ready; echo again");
    rig.until_seen(&id, |seen| seen.state == RunState::Exited).await;
    let logs = rig.client.logs_tail(&id, 100, 10_000).await.unwrap();
    let lines: Vec<_> = logs.lines.iter().map(|line| (line.stream, line.text.as_str())).collect();
    assert_eq!(lines, [(LogStream::Terminal, "ready"), (LogStream::Terminal, "again")]);
}

#[tokio::test]
async fn a_log_that_cannot_be_read_is_a_refusal() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.run(&["--log-driver=none"], "echo nobody hears");
    let error = rig.client.logs_tail(&id, 100, 10_000).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
}

#[tokio::test]
async fn the_exit_of_a_container_that_removed_itself_is_remembered() {
    let Some(rig) = Rig::new().await else { return };
    let name = rig.name();
    let id = rig.run(&["--rm", "--name", &name], "exit 9");
    until(async || rig.client.inspect(&id).await.err()).await;
    assert!(matches!(rig.client.inspect(&id).await, Err(Error::Gone { .. })));

    let exits = exits_of(&rig, &id).await;
    let [exit] = exits.as_slice() else { panic!("{exits:?}") };
    assert_eq!((exit.name.as_str(), exit.exit_code), (name.as_str(), Some(9)));
    assert!(exit.labels.contains_key("sweepd.test"), "{exit:?}");

    // Both ends are included, and nothing beyond them.
    let ms = Span::from_millis(1);
    for (since, until, expected) in [
        (exit.at, exit.at, 1),
        (exit.at.plus(ms), exit.at.plus(ms), 0),
        (exit.at.minus(ms), exit.at.minus(ms), 0),
    ] {
        let exits = rig.client.exits_since(since, until).await.unwrap();
        let found = exits.iter().filter(|other| other.id == id).count();
        assert_eq!(found, expected, "{since} {until}: {exits:?}");
    }
}

#[tokio::test]
async fn an_end_by_lack_of_memory_is_told_of_a_container_that_is_gone_too() {
    let Some(rig) = Rig::new().await else { return };
    let small = ["--memory=16m", "--memory-swap=16m"];
    let kept = rig.run(&small, "exec tail /dev/zero");
    let gone = rig.run(&[&small[..], &["--rm"]].concat(), "exec tail /dev/zero");
    let seen = rig.until_seen(&kept, |seen| seen.state == RunState::Exited).await;
    until(async || rig.client.inspect(&gone).await.err()).await;
    // Podman has no event for it, and misses it where the end comes quickly.
    let told = !rig.engine().is_podman();
    assert!(seen.oom_killed || !told, "{seen:?}");
    for id in [kept, gone] {
        let exits = exits_of(&rig, &id).await;
        let [exit] = exits.as_slice() else { panic!("{exits:?}") };
        assert_eq!((exit.exit_code, exit.oom_killed), (Some(137), told));
    }
}

#[tokio::test]
async fn every_run_of_a_container_has_its_own_exit_in_order() {
    let Some(rig) = Rig::new().await else { return };
    let id = rig.start("exit 4").await;
    rig.until_seen(&id, |seen| seen.state == RunState::Exited).await;
    let first = rig.client.inspect(&id).await.unwrap();
    rig.docker(&["start", &id]);
    let ended = |seen: &sweepd_docker::Inspected| {
        seen.state == RunState::Exited && seen.started_at > first.started_at
    };
    rig.until_seen(&id, ended).await;
    let exits = exits_of(&rig, &id).await;
    let [one, two] = exits.as_slice() else { panic!("{exits:?}") };
    assert!(one.at < two.at);
    assert_eq!((one.exit_code, two.exit_code), (Some(4), Some(4)));
}

/// The exits of this container since the engine began to remember.
async fn exits_of(rig: &Rig, id: &str) -> Vec<ObservedExit> {
    let mut exits = rig.client.exits_since(Timestamp::from_millis(0), now()).await.unwrap();
    exits.retain(|exit| exit.id == id);
    exits
}
