//! What Podman is asked otherwise than other engines.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sweepd_decide::Timestamp;
use sweepd_docker::{Bind, Error, Lacking, Retry, Spec, Stop};

use crate::fake::{Answer, Fake};
use crate::{ID, inspected};

/// Never to be waited out.
const LONG: Duration = Duration::from_secs(30);

fn ok(body: &str) -> Answer {
    Answer::Full(200, body.to_owned())
}

fn done() -> Answer {
    Answer::Full(204, String::new())
}

/// What an engine of this name says of itself.
fn version(product: &str) -> Answer {
    let component = format!(r#"{{"Name":"{product}"}}"#);
    ok(&format!(r#"{{"Version":"4","ApiVersion":"1.41","Components":[{component}]}}"#))
}

/// A container in this state whose restart policy starts it again whenever it ends.
fn restarting(status: &str) -> Answer {
    let policy = r#""HostConfig":{"RestartPolicy":{"Name":"always"}},"Mounts""#;
    ok(&inspected(status, 1).replacen(r#""Mounts""#, policy, 1))
}

#[tokio::test]
async fn past_events_are_asked_for_without_an_end_and_cut_here() {
    let die = |millis: u32| {
        format!(r#"{{"Action":"die","timeNano":{millis}000000,"Actor":{{"ID":"{millis}"}}}}"#)
    };
    let fake = Fake::podman(move |request| match request {
        // As when it is told to stop before it has begun.
        request if request.contains("until=") => ok(""),
        _ => ok(&[die(1999), die(2000), die(3000), die(3001)].join("\n")),
    });
    let (since, until) = (Timestamp::from_millis(2000), Timestamp::from_millis(3000));
    let exits = fake.client(LONG).exits_since(since, until).await.unwrap();
    let ids: Vec<_> = exits.iter().map(|exit| exit.id.as_str()).collect();
    assert_eq!(ids, ["2000", "3000"]);
    let [_, again] = fake.seen().try_into().unwrap();
    assert!(again.starts_with("GET /events?since=1.999000000&stream=false&filters="), "{again}");
}

#[tokio::test]
async fn a_missing_source_is_refused_here_where_podman_would_create_it() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("not/there").to_str().unwrap().to_owned();
    let there = dir.path().to_str().unwrap().to_owned();
    let bind = |source: &str| Bind {
        source: source.to_owned(),
        target: "/workspace".to_owned(),
        read_only: false,
    };
    let spec = |mounts| Spec { name: "x".to_owned(), mounts, ..Spec::default() };
    for (product, mounts, asked) in [
        ("Podman Engine", vec![bind(&there)], true),
        ("Podman Engine", vec![bind(&there), bind(&missing)], false),
        ("Engine", vec![bind(&missing)], true),
    ] {
        let fake = Fake::new(move |request| match request {
            "GET /version" => version(product),
            request if request.contains("/create") => {
                Answer::Full(201, format!(r#"{{"Id":"{ID}"}}"#))
            }
            _ => done(),
        });
        let started = fake.client(LONG).start(&spec(mounts)).await;
        assert_eq!(!fake.verbs().is_empty(), asked, "{product}: {started:?}");
        if asked {
            started.unwrap();
        } else {
            let error = started.unwrap_err();
            assert!(matches!(error, Error::Refused { .. }), "{error:?}");
            assert_eq!(error.lacking(), Some(Lacking::Source(missing.clone())));
            assert_eq!(error.retry(), Retry::Never);
        }
    }
}

#[tokio::test]
async fn what_cannot_be_started_is_removed_without_any_volume() {
    let fake = Fake::podman(|request| match request {
        request if request.contains("/create") => Answer::Full(201, format!(r#"{{"Id":"{ID}"}}"#)),
        request if request.starts_with("DELETE") => done(),
        _ => Answer::Full(500, r#"{"message":"no such file"}"#.to_owned()),
    });
    let spec = Spec { name: "x".to_owned(), ..Spec::default() };
    fake.client(LONG).start(&spec).await.unwrap_err();
    let removal = format!("DELETE /containers/{ID}?v=false&force=false&link=false");
    assert_eq!(fake.verbs().last(), Some(&removal));
}

#[tokio::test]
async fn what_would_be_started_again_is_stopped_by_podman_itself_and_not_killed_before_its_time() {
    let stopped = AtomicBool::new(false);
    let fake = Fake::podman(move |request| match request {
        request if request.ends_with("/json") => {
            restarting(if stopped.load(Ordering::Relaxed) { "exited" } else { "running" })
        }
        request if request.contains("/stop") => {
            stopped.store(true, Ordering::Relaxed);
            done()
        }
        _ => Answer::Hang,
    });
    let stop = Stop { grace: Duration::from_secs(7), exit_within: LONG, started_at: None };
    let exit = fake.client(LONG).stop(ID, &stop).await.unwrap();
    assert_eq!((exit.code, exit.killed, exit.restarted), (Some(143), false, false));
    assert_eq!(fake.verbs(), [format!("POST /containers/{ID}/stop?t=38")]);
}

#[tokio::test]
async fn what_has_ended_and_may_be_started_again_is_not_taken_for_stopped() {
    let asked = AtomicBool::new(false);
    let fake = Fake::podman(move |request| match request {
        request if request.ends_with("/json") => {
            // `stopped` is no last word, where there is a policy; `exited` is.
            restarting(if asked.load(Ordering::Relaxed) { "exited" } else { "stopped" })
        }
        request if request.contains("/stop") => {
            asked.store(true, Ordering::Relaxed);
            Answer::Full(304, String::new())
        }
        _ => Answer::Hang,
    });
    let stop = Stop { grace: LONG, exit_within: LONG, started_at: None };
    let exit = fake.client(LONG).stop(ID, &stop).await.unwrap();
    assert_eq!((exit.code, exit.restarted), (Some(143), false));
    assert_eq!(fake.verbs().len(), 1);
}

#[tokio::test]
async fn a_paused_one_goes_on_to_get_its_signal() {
    let resumed = AtomicBool::new(false);
    let fake = Fake::podman(move |request| match request {
        request if request.ends_with("/json") => {
            ok(&inspected(if resumed.load(Ordering::Relaxed) { "exited" } else { "paused" }, 1))
        }
        request if request.contains("/wait") => Answer::Hang,
        request => {
            resumed.fetch_or(request.contains("/unpause"), Ordering::Relaxed);
            done()
        }
    });
    let stop = Stop { grace: LONG, exit_within: LONG, started_at: None };
    let exit = fake.client(LONG).stop(ID, &stop).await.unwrap();
    assert!(!exit.killed, "{exit:?}");
    let signal = format!("POST /containers/{ID}/kill?signal=SIGTERM");
    assert_eq!(fake.verbs(), [signal, format!("POST /containers/{ID}/unpause")]);
}
