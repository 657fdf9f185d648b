//! What `stop` believes, and when it keeps its hands off.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sweepd_decide::{Timestamp, parse_utc};
use sweepd_docker::{Error, Exit, Stop};

use crate::fake::{Answer, Fake};
use crate::{ID, inspected};

/// Deadlines of single calls: to be waited out here and there.
const CALL: Duration = Duration::from_secs(1);
/// Grace and exit time that are to be waited out.
const SHORT: Duration = Duration::from_millis(100);
const LONG: Duration = Duration::from_secs(30);

fn order(grace: Duration, exit_within: Duration) -> Stop {
    Stop { grace, exit_within, started_at: None }
}

/// An engine whose one container changes with the signals it gets.
///
/// `looks` has the answers to `inspect`: the first before SIGTERM, the second after it, the third
/// after SIGKILL. `wait` and the signals are answered by `rest`.
fn engine(
    looks: [fn() -> Answer; 3],
    rest: impl Fn(&str) -> Answer + Send + Sync + 'static,
) -> Fake {
    let phase = Mutex::new(0);
    Fake::new(move |request| {
        let mut phase = phase.lock().unwrap();
        if request.ends_with("/json") {
            return looks[*phase]();
        }
        if request.contains("signal=SIGTERM") {
            *phase = 1;
        } else if request.contains("signal=SIGKILL") {
            *phase = 2;
        }
        rest(request)
    })
}

fn running() -> Answer {
    Answer::Full(200, inspected("running", 1))
}

fn exited() -> Answer {
    Answer::Full(200, inspected("exited", 1))
}

fn gone() -> Answer {
    Answer::Full(404, r#"{"message":"No such container"}"#.to_owned())
}

fn broken() -> Answer {
    Answer::Full(500, "{}".to_owned())
}

fn hanging() -> Answer {
    Answer::Hang
}

/// Takes every signal, and never says that anything has ended.
fn obedient(request: &str) -> Answer {
    if request.contains("/wait") { Answer::Hang } else { Answer::Full(204, String::new()) }
}

fn sent(fake: &Fake) -> Vec<String> {
    let signal = |request: String| request.rsplit('=').next().unwrap_or_default().to_owned();
    fake.verbs().into_iter().map(signal).collect()
}

fn seen_exited() -> Exit {
    Exit {
        code: Some(143),
        oom_killed: Some(false),
        at: parse_utc("2026-11-22T11:00:00Z"),
        ..Exit::default()
    }
}

#[tokio::test]
async fn an_exit_is_seen_even_if_the_engine_never_says_so() {
    let fake = engine([running, exited, exited], obedient);
    let exit = fake.client(CALL).stop(ID, &order(LONG, LONG)).await.unwrap();
    assert_eq!(exit, seen_exited());
    assert_eq!(sent(&fake), ["SIGTERM"]);
}

#[tokio::test]
async fn an_engine_that_takes_signals_and_stops_nothing_is_noticed() {
    let fake = engine([running, running, running], obedient);
    let error = fake.client(CALL).stop(ID, &order(SHORT, SHORT)).await.unwrap_err();
    assert!(matches!(error, Error::StillRunning { within: SHORT, .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!("stop container {ID}: still running 100ms after SIGKILL")
    );
    assert_eq!(sent(&fake), ["SIGTERM", "SIGKILL"]);
}

#[tokio::test]
async fn an_engine_that_says_it_has_ended_is_not_believed() {
    let said = r#"{"StatusCode":0}"#;
    let fake = engine([running, running, running], |request| {
        if request.contains("/wait") {
            Answer::Full(200, said.to_owned())
        } else {
            obedient(request)
        }
    });
    let error = fake.client(CALL).stop(ID, &order(SHORT, SHORT)).await.unwrap_err();
    assert!(matches!(error, Error::StillRunning { .. }), "{error:?}");
}

#[tokio::test]
async fn a_refused_kill_is_told_with_the_container_still_running() {
    let fake = engine([running, running, running], |request| {
        if request.contains("SIGKILL") {
            Answer::Full(500, r#"{"message":"did not receive an exit event"}"#.to_owned())
        } else {
            obedient(request)
        }
    });
    let error = fake.client(CALL).stop(ID, &order(SHORT, SHORT)).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.starts_with(&format!("send SIGKILL to container {ID}: ")), "{source}");
    assert!(source.ends_with("did not receive an exit event"), "{source}");
}

#[tokio::test]
async fn the_code_of_a_container_that_vanishes_is_what_wait_said() {
    let cases = [
        (r#"{"StatusCode":7}"#, Some(7)),
        (r#"{"StatusCode":0,"Error":null}"#, Some(0)),
        (r#"{"StatusCode":7,"Error":{"Message":""}}"#, Some(7)),
        (r#"{"StatusCode":125,"Error":{"Message":"lost it"}}"#, None),
        ("", None),
    ];
    for (said, code) in cases {
        let fake = engine([running, gone, gone], move |request| {
            if request.contains("/wait") {
                Answer::Full(200, said.to_owned())
            } else {
                obedient(request)
            }
        });
        let exit = fake.client(CALL).stop(ID, &order(LONG, LONG)).await.unwrap();
        assert_eq!(exit, Exit { code, gone: true, ..Exit::default() }, "{said}");
    }
}

#[tokio::test]
async fn the_code_that_wait_has_still_to_say_is_waited_for() {
    let fake = engine([running, gone, gone], |request| {
        if request.contains("/wait") {
            // After the look that finds it gone: the fourth request.
            Answer::FullAfter(4, r#"{"StatusCode":7}"#.to_owned())
        } else {
            obedient(request)
        }
    });
    let exit = fake.client(CALL).stop(ID, &order(LONG, LONG)).await.unwrap();
    assert_eq!(exit, Exit { code: Some(7), gone: true, ..Exit::default() });
}

#[tokio::test]
async fn a_kill_that_the_engine_does_not_answer_is_still_seen_to_work() {
    let fake = engine([running, running, exited], |request| {
        if request.contains("SIGKILL") { Answer::Hang } else { obedient(request) }
    });
    let exit = fake.client(CALL).stop(ID, &order(SHORT, LONG)).await.unwrap();
    assert_eq!(exit, Exit { killed: true, ..seen_exited() });
}

#[tokio::test]
async fn a_refused_sigterm_is_followed_by_sigkill_without_grace() {
    let fake = engine([running, running, exited], |request| {
        if request.contains("SIGTERM") { broken() } else { obedient(request) }
    });
    let exit = fake.client(CALL).stop(ID, &order(LONG, LONG)).await.unwrap();
    assert!(exit.killed);
    assert_eq!(sent(&fake), ["SIGTERM", "SIGKILL"]);
}

#[tokio::test]
async fn a_run_that_followed_is_not_killed() {
    let next: [fn() -> Answer; 2] = [
        || Answer::Full(200, inspected("running", 2)),
        || Answer::Full(200, inspected("restarting", 1)),
    ];
    for next in next {
        let fake = engine([running, next, next], obedient);
        let exit = fake.client(CALL).stop(ID, &order(LONG, LONG)).await.unwrap();
        assert_eq!(exit, Exit { restarted: true, ..Exit::default() });
        assert_eq!(sent(&fake), ["SIGTERM"]);
    }
}

#[tokio::test]
async fn a_container_between_two_runs_is_watched_until_it_stays_down() {
    let looks = AtomicUsize::new(0);
    let fake = Fake::new(move |request| match request {
        // Once before SIGTERM, once after it.
        look if look.ends_with("/json") && looks.fetch_add(1, Ordering::Relaxed) < 2 => {
            Answer::Full(200, inspected("restarting", 1))
        }
        look if look.ends_with("/json") => exited(),
        other => obedient(other),
    });
    let exit = fake.client(CALL).stop(ID, &order(LONG, LONG)).await.unwrap();
    assert_eq!(exit, seen_exited());
}

#[tokio::test]
async fn another_run_than_the_one_meant_gets_no_signal() {
    let fake = engine([running, running, running], obedient);
    let meant = parse_utc("2026-11-22T09:59:59Z");
    let stop = Stop { started_at: meant, ..Stop::default() };
    let error = fake.client(CALL).stop(ID, &stop).await.unwrap_err();
    let Error::Superseded { found, .. } = error else { panic!("{error:?}") };
    assert_eq!(found, parse_utc("2026-11-22T10:00:01Z"));
    assert_eq!(sent(&fake), Vec::<String>::new());
}

#[tokio::test]
async fn the_run_meant_is_stopped() {
    let fake = engine([running, exited, exited], obedient);
    let started_at = parse_utc("2026-11-22T10:00:01Z");
    let stop = Stop { started_at, ..Stop::default() };
    assert_eq!(fake.client(CALL).stop(ID, &stop).await.unwrap(), seen_exited());
}

#[tokio::test]
async fn a_run_whose_start_is_not_known_is_never_the_one_meant() {
    let unknown = || Answer::Full(200, inspected("running", 1).replace("2026", "year"));
    let fake = engine([unknown, unknown, unknown], obedient);
    let started_at = Some(Timestamp::from_millis(1));
    let error = fake.client(CALL).stop(ID, &Stop { started_at, ..Stop::default() }).await;
    assert!(matches!(error, Err(Error::Superseded { found: None, .. })), "{error:?}");
    assert_eq!(sent(&fake), Vec::<String>::new());
}

#[tokio::test]
async fn what_cannot_be_seen_after_its_grace_is_not_killed() {
    for blind in [broken, hanging] {
        let fake = engine([running, blind, blind], obedient);
        let error = fake.client(CALL).stop(ID, &order(SHORT, SHORT)).await.unwrap_err();
        assert!(!matches!(error, Error::StillRunning { .. }), "{error:?}");
        assert_eq!(sent(&fake), ["SIGTERM"]);
    }
}

#[tokio::test]
async fn a_sigterm_that_may_or_may_not_have_arrived_ends_the_stop() {
    let fake = engine([running, running, running], |_| Answer::Hang);
    let error = fake.client(CALL).stop(ID, &order(SHORT, SHORT)).await.unwrap_err();
    assert!(matches!(error, Error::Deadline { deadline: CALL, .. }), "{error:?}");
    assert_eq!(sent(&fake), ["SIGTERM"]);
}

#[tokio::test]
async fn what_has_ended_already_gets_no_signal() {
    let fake = engine([exited, exited, exited], obedient);
    let exit = fake.client(CALL).stop(ID, &Stop::default()).await.unwrap();
    assert_eq!(exit, seen_exited());
    assert_eq!(sent(&fake), Vec::<String>::new());
}
