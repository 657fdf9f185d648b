//! What `rebuild` asks, in which order, and what it leaves behind when it fails half way.

use std::collections::BTreeMap;
use std::time::Duration;

use sweepd_docker::{Blueprint, Client, Error, Rebuilt};

use crate::fake::{Answer, Fake};
use crate::{ID, inspected};

/// On two networks and with a volume, as one was once learned.
fn blueprint() -> Blueprint {
    let stored = r#"{"image": "agent:1", "image_id": "sha256:ab", "network": "front",
        "endpoints": {"front": {}, "back/../net": {"Aliases": ["api"]}},
        "mounts": [{"Type": "volume", "Source": "data", "Target": "/data"}]}"#;
    serde_json::from_str(stored).unwrap()
}

async fn rebuild(client: &Client) -> Result<Rebuilt, Error> {
    client.rebuild("x", &blueprint(), &BTreeMap::new()).await
}

/// An engine on which all goes well.
fn good(request: &str) -> Answer {
    let ok = |body: &str| Answer::Full(200, body.to_owned());
    match request {
        request if request.contains("/images/") => ok(r#"{"Id":"sha256:ab","Config":null}"#),
        request if request.contains("/volumes/") => ok(r#"{"Name":"data"}"#),
        request if request.contains("/create") => Answer::Full(201, format!(r#"{{"Id":"{ID}"}}"#)),
        request if request.contains("/connect") => ok(""),
        request if request.ends_with("/json") => ok(&inspected("running", 1)),
        _ => Answer::Full(204, String::new()),
    }
}

fn refusal(status: u16, words: &str) -> Answer {
    Answer::Full(status, format!(r#"{{"message":"{words}"}}"#))
}

fn connect() -> String {
    "POST /networks/back%2F..%2Fnet/connect".to_owned()
}

fn removal() -> String {
    format!("DELETE /containers/{ID}?v=true&force=false&link=false")
}

const CREATE: &str = "POST /containers/create?name=x";
/// Long enough for what is expected to come, short enough to wait out.
const SHORT: Duration = Duration::from_secs(1);
/// Never to be waited out.
const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn all_is_looked_at_then_made_then_connected_then_started_then_looked_at() {
    let fake = Fake::new(good);
    let rebuilt = rebuild(&fake.client(LONG)).await.unwrap();
    assert_eq!((rebuilt.id.as_str(), rebuilt.notes.len()), (ID, 0));
    assert_eq!(rebuilt.mounts_differ, ["/data: volume data is not mounted"]);
    let (start, look) =
        (format!("POST /containers/{ID}/start"), format!("GET /containers/{ID}/json"));
    let asked = [
        "GET /images/sha256:ab/json",
        "GET /images/agent:1/json",
        "GET /volumes/data",
        CREATE,
        &connect(),
        &start,
        &look,
    ];
    assert_eq!(fake.seen(), asked);
}

#[tokio::test]
async fn what_cannot_be_connected_or_started_is_removed() {
    for step in ["/connect", "/start"] {
        for status in [403, 404, 500] {
            let fake = Fake::new(move |request| match request {
                request if request.contains(step) => refusal(status, "it is not to be"),
                request => good(request),
            });
            let error = rebuild(&fake.client(LONG)).await.unwrap_err();
            let Error::Refused { status: told, ref message, .. } = error else {
                panic!("{error:?}")
            };
            assert_eq!((told, message.as_str()), (status, "it is not to be"));
            assert_eq!(fake.verbs().last(), Some(&removal()));
        }
    }
}

#[tokio::test]
async fn what_may_have_been_connected_or_started_is_left_alone() {
    for step in ["/connect", "/start"] {
        let fake = Fake::new(move |request| match request {
            request if request.contains(step) => Answer::Hang,
            request => good(request),
        });
        let error = rebuild(&fake.client(SHORT)).await.unwrap_err();
        assert!(matches!(error, Error::Deadline { .. }), "{error:?}");
        assert!(!fake.verbs().contains(&removal()), "{:?}", fake.verbs());
    }
}

#[tokio::test]
async fn while_it_is_not_known_what_is_there_nothing_is_made() {
    for look in ["/images/sha256:ab", "/images/agent:1", "/volumes/data"] {
        for status in [400, 500] {
            let fake = Fake::new(move |request| match request {
                request if request.contains(look) => refusal(status, "do not know"),
                request => good(request),
            });
            let error = rebuild(&fake.client(LONG)).await.unwrap_err();
            assert!(matches!(error, Error::Refused { .. }), "{error:?}");
            assert_eq!(fake.verbs(), [""; 0], "{look}");
        }
    }
}

#[tokio::test]
async fn without_an_image_nothing_is_made() {
    let fake = Fake::new(|request| match request {
        request if request.contains("/images/") => refusal(404, "No such image"),
        request => good(request),
    });
    let error = rebuild(&fake.client(LONG)).await.unwrap_err();
    let words = "create container x: there is no image agent:1, nor the one it was made from, \
        sha256:ab";
    assert_eq!(error.to_string(), words);
    assert!(!error.is_unknown());
    assert_eq!(fake.verbs(), [""; 0]);
}

#[tokio::test]
async fn a_taken_name_comes_with_its_holder_and_nothing_is_removed() {
    let fake = Fake::new(|request| match request {
        CREATE => refusal(409, "the container name x is already in use"),
        request => good(request),
    });
    let error = rebuild(&fake.client(LONG)).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
    assert_eq!(fake.verbs(), [CREATE]);
}

#[tokio::test]
async fn one_that_cannot_be_looked_at_afterwards_is_made_all_the_same() {
    let fake = Fake::new(|request| match request {
        request if request.starts_with("GET /containers/") => refusal(500, "busy"),
        request => good(request),
    });
    let rebuilt = rebuild(&fake.client(LONG)).await.unwrap();
    let [note] = rebuilt.notes.as_slice() else { panic!("{rebuilt:?}") };
    assert!(note.starts_with("its mounts could not be compared: ") && note.ends_with("busy"));
}

#[tokio::test]
async fn a_name_that_could_be_another_path_is_never_asked_for() {
    let fake = Fake::new(good);
    let client = fake.client(LONG);
    let error = client.rebuild("../x", &blueprint(), &BTreeMap::new()).await.unwrap_err();
    assert!(matches!(error, Error::Name { .. }), "{error:?}");
    let bad = Blueprint::of_image("../containers");
    let error = client.rebuild("x", &bad, &BTreeMap::new()).await.unwrap_err();
    assert!(matches!(error, Error::Name { .. }), "{error:?}");
    assert_eq!(fake.seen(), [""; 0]);
}
