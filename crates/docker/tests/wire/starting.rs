//! What `start` leaves behind when it fails half way, and who holds a taken name.

use std::time::Duration;

use sweepd_docker::{Client, Error, RunState, Spec, Started};

use crate::fake::{Answer, Fake};
use crate::{ID, inspected};

async fn start(client: &Client) -> Result<Started, Error> {
    let spec = Spec { name: "x".to_owned(), image: "i".to_owned(), ..Spec::default() };
    client.start(&spec).await
}

fn created() -> Answer {
    Answer::Full(201, format!(r#"{{"Id":"{ID}","Warnings":["low on memory"]}}"#))
}

fn refusal(status: u16, words: &str) -> Answer {
    Answer::Full(status, format!(r#"{{"message":"{words}"}}"#))
}

/// Long enough for what is expected to come, short enough to wait out.
const SHORT: Duration = Duration::from_secs(1);
/// Never to be waited out.
const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_start_is_a_create_and_a_start() {
    let fake = Fake::new(|request| {
        if request.contains("/create") { created() } else { Answer::Full(204, String::new()) }
    });
    let started = start(&fake.client(LONG)).await.unwrap();
    assert_eq!(started.id, ID);
    assert_eq!(started.warnings, ["low on memory"]);
    let start = format!("POST /containers/{ID}/start");
    assert_eq!(fake.verbs(), ["POST /containers/create?name=x", &start]);
}

#[tokio::test]
async fn what_cannot_be_started_is_removed_without_force() {
    for status in [400, 404, 500] {
        let fake = Fake::new(move |request| match request {
            request if request.contains("/create") => created(),
            request if request.starts_with("DELETE") => Answer::Full(204, String::new()),
            _ => refusal(status, "exec: no such file"),
        });
        let error = start(&fake.client(LONG)).await.unwrap_err();
        let Error::Refused { status: told, ref message, .. } = error else { panic!("{error:?}") };
        assert_eq!((told, message.as_str()), (status, "exec: no such file"));
        assert!(error.to_string().starts_with("start container x"), "{error}");
        let removal = format!("DELETE /containers/{ID}?v=true&force=false&link=false");
        assert_eq!(fake.verbs().last(), Some(&removal));
    }
}

#[tokio::test]
async fn the_engines_words_survive_a_removal_that_fails() {
    let fake = Fake::new(|request| match request {
        request if request.contains("/create") => created(),
        request if request.starts_with("DELETE") => Answer::Hang,
        _ => refusal(500, "no space left on device"),
    });
    let error = start(&fake.client(SHORT)).await.unwrap_err();
    assert!(error.to_string().ends_with("no space left on device"), "{error}");
}

#[tokio::test]
async fn what_may_have_started_is_left_alone() {
    let fake =
        Fake::new(|request| if request.contains("/create") { created() } else { Answer::Hang });
    let error = start(&fake.client(SHORT)).await.unwrap_err();
    assert!(matches!(error, Error::Deadline { .. }), "{error:?}");
    assert!(error.to_string().starts_with("start container x"), "{error}");
    assert_eq!(fake.verbs().len(), 2, "{:?}", fake.verbs());
}

#[tokio::test]
async fn a_taken_name_comes_with_its_holder() {
    // Docker's status, and that of Podman before 2026.
    for status in [409, 500] {
        let fake = Fake::new(move |request| match request {
            "GET /containers/x/json" => Answer::Full(200, inspected("exited", 1)),
            _ => refusal(status, "the container name x is already in use"),
        });
        let error = start(&fake.client(LONG)).await.unwrap_err();
        assert!(error.to_string().contains(ID), "{error}");
        let Error::Conflict { name, holder } = error else { panic!("{error:?}") };
        assert_eq!(name, "x");
        assert_eq!((holder.id.as_str(), &holder.state), (ID, &RunState::Exited));
    }
}

#[tokio::test]
async fn a_holder_that_cannot_be_seen_leaves_the_engines_words() {
    for holder in [404, 500] {
        let fake = Fake::new(move |request| match request {
            "GET /containers/x/json" => refusal(holder, "no"),
            _ => refusal(409, "the container name x is already in use"),
        });
        let error = start(&fake.client(LONG)).await.unwrap_err();
        assert!(matches!(error, Error::Refused { status: 409, .. }), "{error:?}");
    }
}

#[tokio::test]
async fn another_409_is_not_taken_for_a_name_conflict() {
    let fake = Fake::new(|_| refusal(409, "the daemon is shutting down"));
    let error = start(&fake.client(LONG)).await.unwrap_err();
    assert!(matches!(error, Error::Refused { status: 409, .. }), "{error:?}");
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn a_container_found_by_another_name_is_no_holder() {
    // Engines resolve what looks like the beginning of an id.
    let fake = Fake::new(|request| match request {
        "GET /containers/x/json" => Answer::Full(200, inspected("running", 1).replace("/x", "/y")),
        _ => refusal(409, "the container name x is already in use"),
    });
    let error = start(&fake.client(LONG)).await.unwrap_err();
    assert!(matches!(error, Error::Refused { status: 409, .. }), "{error:?}");
}
