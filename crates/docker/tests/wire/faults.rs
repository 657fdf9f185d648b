//! Faults that can hit every call.

use std::time::Duration;

use sweepd_docker::{Error, Retry};

use crate::fake::{Answer, Fake, client};
use crate::{CALLS, ID, fail};

/// To be waited out.
const SHORT: Duration = Duration::from_millis(60);
/// Never to be waited out.
const LONG: Duration = Duration::from_secs(30);

/// Calls that read an answer's body.
const READERS: [&str; 6] = ["version", "list", "inspect", "create", "logs", "exits"];

#[tokio::test]
async fn a_hanging_engine_ends_every_call_at_its_deadline() {
    let fake = Fake::new(|_| Answer::Hang);
    let client = fake.client(SHORT);
    for (call, named) in CALLS {
        let error = fail(&client, call).await;
        assert!(matches!(error, Error::Deadline { deadline: SHORT, .. }), "{call}: {error:?}");
        assert!(error.is_unknown(), "{call}");
        assert_eq!(error.retry(), Retry::Later, "{call}");
        let words = error.to_string();
        assert!(words.starts_with(named), "{words}");
        assert!(words.ends_with(": no answer within 60ms"), "{words}");
    }
    assert_eq!(fake.seen().len(), CALLS.len(), "one request per call, and none repeated");
}

#[tokio::test]
async fn an_answer_that_stalls_half_way_ends_at_the_deadline_too() {
    let fake = Fake::new(|_| Answer::HalfThenHang(r#"{"message":"to be continued"}"#.to_owned()));
    for call in READERS {
        let error = fail(&fake.client(SHORT), call).await;
        assert!(matches!(error, Error::Deadline { deadline: SHORT, .. }), "{call}: {error:?}");
    }
}

#[tokio::test]
async fn half_an_answer_is_no_answer() {
    let fake = Fake::new(|_| Answer::HalfThenClose(format!("[{}]", " ".repeat(200))));
    for call in READERS {
        let error = fail(&fake.client(LONG), call).await;
        assert!(matches!(error, Error::Transport { .. }), "{call}: {error:?}");
        assert!(error.is_unknown(), "{call}");
        assert!(std::error::Error::source(&error).is_some(), "{call}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_what_it_should_be_is_not_understood() {
    for nonsense in ["{", "<html>", "[[]]", r#"{"Id":7}"#, r#"[{"Actor":null}]"#] {
        let fake = Fake::new(move |_| Answer::Full(200, nonsense.to_owned()));
        for call in READERS {
            if call == "logs" {
                continue; // Text is text.
            }
            if call == "exits" && nonsense == "{" {
                continue; // See the next test.
            }
            let error = fail(&fake.client(LONG), call).await;
            assert!(matches!(error, Error::Answer { .. }), "{call} {nonsense}: {error:?}");
            assert!(error.is_unknown(), "{call}");
        }
    }
}

#[tokio::test]
async fn an_event_cut_off_by_a_proper_end_is_not_taken_for_none() {
    let fake = Fake::new(|_| Answer::Full(200, r#"{"Actor":{"ID":"#.to_owned()));
    let error = fail(&fake.client(LONG), "exits").await;
    assert!(error.is_unknown(), "{error:?}");
}

#[tokio::test]
async fn a_refusal_keeps_the_engines_words() {
    let words = r#"{"message":"layer does not exist"}"#;
    let fake = Fake::new(|_| Answer::Full(500, words.to_owned()));
    for (call, named) in CALLS {
        let error = fail(&fake.client(LONG), call).await;
        let Error::Refused { status: 500, ref message, .. } = error else {
            panic!("{call}: {error:?}")
        };
        assert_eq!(message, "layer does not exist", "{call}");
        assert!(error.to_string().starts_with(named), "{error}");
        assert!(!error.is_unknown(), "{call}");
        assert_eq!(error.retry(), Retry::Later, "{call}");
    }
}

#[tokio::test]
async fn a_refusal_without_a_document_is_kept_as_text_and_a_long_one_cut() {
    let fake = Fake::new(|_| Answer::Full(400, "é".repeat(5000)));
    let error = fail(&fake.client(LONG), "list").await;
    assert_eq!(error.retry(), Retry::Never);
    let Error::Refused { message, .. } = error else { panic!("{error:?}") };
    assert_eq!(message, "é".repeat(2048));
}

#[tokio::test]
async fn status_404_means_gone_where_a_container_was_asked_for() {
    let fake = Fake::new(|_| Answer::Full(404, r#"{"message":"No such container: x"}"#.to_owned()));
    let client = fake.client(LONG);
    for call in ["inspect", "logs", "learn"] {
        let error = fail(&client, call).await;
        assert!(matches!(error, Error::Gone { .. }), "{call}: {error:?}");
        assert_eq!(error.retry(), Retry::Gone, "{call}");
    }
    client.remove(ID, false).await.unwrap();
    assert!(client.stop(ID, &sweepd_docker::Stop::default()).await.unwrap().gone);
}

#[tokio::test]
async fn status_404_is_a_refusal_where_none_was() {
    let fake = Fake::new(|_| Answer::Full(404, r#"{"message":"page not found"}"#.to_owned()));
    for call in ["version", "list", "create", "exits", "watch", "history", "again"] {
        let error = fail(&fake.client(LONG), call).await;
        assert!(matches!(error, Error::Refused { status: 404, .. }), "{call}: {error:?}");
        assert_eq!(error.retry(), Retry::Never, "{call}");
    }
}

#[tokio::test]
async fn an_engine_that_is_not_there_is_not_known_about() {
    let dir = tempfile::tempdir().unwrap();
    let host = format!("unix://{}/engine.sock", dir.path().display());
    let absent = client(&host, LONG);
    for (call, _) in CALLS {
        let error = fail(&absent, call).await;
        assert!(matches!(error, Error::Transport { .. }), "{call}: {error:?}");
    }
    // The socket an engine leaves behind when it dies: nobody listens.
    drop(std::os::unix::net::UnixListener::bind(dir.path().join("engine.sock")).unwrap());
    for (call, _) in CALLS {
        let error = fail(&absent, call).await;
        assert!(matches!(error, Error::Transport { .. }), "{call}: {error:?}");
    }
}

#[tokio::test]
async fn an_answer_of_any_length_is_not_swallowed() {
    let fake = Fake::new(|_| Answer::Blank(66 << 20));
    let error = fail(&fake.client(LONG), "list").await;
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("limit"), "{error:?}");
}

#[tokio::test]
async fn a_call_that_is_dropped_hangs_up() {
    let fake = Fake::new(|_| Answer::Hang);
    let client = fake.client(LONG);
    for (call, _) in CALLS {
        let mut asked = Box::pin(fail(&client, call));
        tokio::select! {
            error = &mut asked => panic!("{call}: {error:?}"),
            () = fake.until_open(1) => {}
        }
        drop(asked);
        fake.until_open(0).await;
    }
}

/// The filter of events for the ends of containers.
const ENDS: &str = "%7B%22type%22%3A%5B%22container%22%5D%2C%22event%22%3A%5B%22die%22%2C\
    %22died%22%2C%22oom%22%5D%7D";

/// The filter of events for all that can happen to a container.
const DEEDS: &str = "%7B%22type%22%3A%5B%22container%22%5D%2C%22event%22%3A%5B%22create%22%2C\
    %22start%22%2C%22die%22%2C%22oom%22%2C%22kill%22%2C%22stop%22%2C%22restart%22%2C%22pause%22\
    %2C%22unpause%22%2C%22rename%22%2C%22destroy%22%2C%22died%22%2C%22remove%22%5D%7D";

#[tokio::test]
async fn no_request_pins_an_api_version() {
    let fake = Fake::new(|_| Answer::Full(500, String::new()));
    for (call, _) in CALLS {
        fail(&fake.client(LONG), call).await;
    }
    let expected = [
        "GET /version".to_owned(),
        "GET /containers/json?all=true".to_owned(),
        "GET /containers/x/json".to_owned(),
        "POST /containers/create?name=x".to_owned(),
        format!("GET /containers/{ID}/json"),
        format!("DELETE /containers/{ID}?v=false&force=false&link=false"),
        "GET /containers/x/logs?follow=false&stdout=true&stderr=true&since=0&until=0\
         &timestamps=true&tail=10"
            .to_owned(),
        format!("GET /events?since=0.000000000&until=0.001999999&filters={ENDS}"),
        format!("DELETE /containers/{ID}?v=false&force=true&link=false"),
        format!("GET /events?filters={DEEDS}"),
        "GET /containers/x/json".to_owned(),
        "GET /images/i/json".to_owned(),
        format!("POST /containers/{ID}/start"),
        format!("GET /events?since=0.000000000&until=0.001999999&filters={DEEDS}"),
    ];
    assert_eq!(fake.seen(), expected);
}

#[tokio::test]
async fn what_is_no_id_never_reaches_the_engine() {
    let fake = Fake::new(|_| Answer::Hang);
    let client = fake.client(LONG);
    for bad in ["", "..", "x/../../images/json", "x?force=true"] {
        assert!(matches!(client.inspect(bad).await, Err(Error::Name { .. })), "{bad}");
        assert!(matches!(client.logs_tail(bad, 1, 1).await, Err(Error::Name { .. })), "{bad}");
        assert!(matches!(client.learn(bad).await, Err(Error::Name { .. })), "{bad}");
        let spec = sweepd_docker::Spec { name: bad.to_owned(), ..Default::default() };
        assert!(matches!(client.start(&spec).await, Err(Error::Name { .. })), "{bad}");
    }
    for name in ["x", &ID[..12]] {
        let stop = client.stop(name, &sweepd_docker::Stop::default()).await;
        assert!(matches!(stop, Err(Error::Name { .. })), "{name}");
        assert!(matches!(client.remove(name, true).await, Err(Error::Name { .. })), "{name}");
        assert!(matches!(client.start_again(name).await, Err(Error::Name { .. })), "{name}");
    }
    assert_eq!(fake.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn a_removal_under_way_is_a_removal_and_a_running_container_is_refused() {
    let words = format!("removal of container {ID} is already in progress");
    let fake = Fake::new(move |_| Answer::Full(409, format!(r#"{{"message":"{words}"}}"#)));
    fake.client(LONG).remove(ID, false).await.unwrap();
    let words = r#"{"message":"You cannot remove a running container"}"#;
    let fake = Fake::new(|_| Answer::Full(409, words.to_owned()));
    let refused = fake.client(LONG).remove(ID, false).await.unwrap_err();
    assert!(matches!(refused, Error::Refused { status: 409, .. }), "{refused:?}");
    assert_eq!(refused.retry(), Retry::Later);
}
