//! What Podman is asked otherwise than other engines.

use std::time::Duration;

use sweepd_decide::Timestamp;
use sweepd_docker::{Bind, Error, Lacking, Retry, Spec};

use crate::ID;
use crate::fake::{Answer, Fake};

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
