//! What goes wrong on the way, on any service.

use std::time::Duration;

use sweepd_services::{Fault, START, Webhook};

use crate::{client, keeping};

#[tokio::test]
async fn what_was_sent_is_kept_byte_for_byte() {
    let hook = Webhook::start().await;
    let url = format!("{}/a%2Fb?x=1%202&y=%2B", hook.url());
    let sent = client().post(url).header("X-Sig", "abc").body(vec![0, 255, 10]).send().await;
    let answer = sent.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(answer.headers()["date"], "Thu, 01 Jan 2026 00:00:00 GMT");
    let request = hook.requests().remove(0);
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/a%2Fb"));
    assert_eq!(request.segments(), ["a/b"]);
    assert_eq!((request.param("x"), request.param("y")), (Some("1 2"), Some("+")));
    assert_eq!(request.header("x-sig"), Some("abc"));
    assert_eq!((request.body, request.at, request.answer), (vec![0, 255, 10], START, Some(204)));
}

#[tokio::test]
async fn a_connection_is_closed_without_an_answer() {
    let hook = Webhook::start().await;
    hook.faults().push(Fault::DropBefore.on("POST", "/in").times(2));
    let client = keeping();
    for _ in 0..2 {
        let error = client.post(format!("{}/in", hook.url())).send().await.unwrap_err();
        assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
    }
    assert_eq!(client.get(format!("{}/in", hook.url())).send().await.unwrap().status(), 204);
    assert_eq!(client.post(format!("{}/in", hook.url())).send().await.unwrap().status(), 204);
    assert_eq!(hook.faults().left(), 0);
    let answers: Vec<_> = hook.requests().iter().map(|request| request.answer).collect();
    assert_eq!(answers, [None, None, Some(204), Some(204)]);
}

/// Until so many requests were taken.
async fn taken(hook: &Webhook, count: usize) {
    while hook.requests().len() < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_hang_is_in_nobodys_way() {
    let hook = Webhook::start().await;
    hook.faults().push(Fault::Hang);
    let mut hung = Box::pin(client().post(hook.url()).send());
    tokio::select! {
        answer = &mut hung => panic!("{answer:?}"),
        () = taken(&hook, 1) => {}
    }
    let other = client().post(hook.url()).send().await;
    assert_eq!(other.unwrap().status(), 204);
    let waited = tokio::time::timeout(Duration::from_millis(50), hung).await;
    assert!(waited.is_err());
    let answers: Vec<_> = hook.requests().iter().map(|request| request.answer).collect();
    assert_eq!(answers, [None, Some(204)]);
}

#[tokio::test]
async fn an_answer_can_stall_in_its_middle() {
    let hook = Webhook::start().await;
    hook.answer(200);
    hook.faults().push(Fault::Stall);
    let stalled = client().post(hook.url()).send().await.unwrap();
    assert_eq!(stalled.status(), 200);
    let waited = tokio::time::timeout(Duration::from_millis(50), stalled.bytes()).await;
    assert!(waited.is_err());
}

#[tokio::test]
async fn answers_that_are_none() {
    let hook = Webhook::start().await;
    let client = keeping();
    hook.faults().push(Fault::Garbage);
    let garbage = client.post(hook.url()).send().await.unwrap();
    assert_eq!(garbage.status(), 200);
    assert!(garbage.text().await.unwrap().contains("<html>"));

    hook.faults().push(Fault::Redirect("http://example.invalid/".to_owned()));
    let moved = client.post(hook.url()).send().await.unwrap();
    assert_eq!(
        (moved.status().as_u16(), &moved.headers()["location"]),
        (302, &reqwest::header::HeaderValue::from_static("http://example.invalid/"))
    );

    hook.faults().push(Fault::Huge);
    let mut huge = client.post(hook.url()).send().await.unwrap();
    let mut read = 0;
    while read < 4 << 20 {
        read += huge.chunk().await.unwrap().unwrap().len();
    }
    drop(huge);

    hook.answer(200);
    hook.faults().push(Fault::CutShort);
    let short = client.post(hook.url()).send().await.unwrap();
    assert!(short.bytes().await.is_err());

    hook.faults().push(Fault::Status(418, "tea".to_owned(), vec![("x-pot".into(), "1".into())]));
    let pot = client.post(hook.url()).send().await.unwrap();
    assert_eq!((pot.status().as_u16(), pot.headers()["x-pot"].to_str().unwrap()), (418, "1"));

    hook.faults().push(Fault::RateLimited { retry_after: Duration::from_millis(1500) });
    let limited = client.post(hook.url()).send().await.unwrap();
    assert_eq!(
        (limited.status().as_u16(), &limited.headers()["retry-after"]),
        (429, &reqwest::header::HeaderValue::from_static("2"))
    );
}

#[tokio::test]
async fn an_outage_refuses_and_ends_on_the_same_port() {
    let hook = Webhook::start().await;
    let (url, client) = (hook.url(), keeping());
    assert_eq!(client.post(&url).send().await.unwrap().status(), 204);
    for _ in 0..3 {
        hook.down().await;
        // A connection that was kept may be noticed to be gone only when it is used.
        assert!(!client.post(&url).send().await.unwrap_err().is_timeout());
        let refused = std::net::TcpStream::connect(url.trim_start_matches("http://"));
        assert_eq!(refused.unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
        hook.up().await;
        assert_eq!(client.post(&url).send().await.unwrap().status(), 204);
    }
    hook.up().await;
    hook.down().await;
    hook.down().await;
    // Its port is nobody else's meanwhile.
    let others = [Webhook::start().await, Webhook::start().await];
    assert!(others.iter().all(|other| other.url() != url));
    hook.up().await;
    assert_eq!(hook.requests().len(), 4);
    assert_eq!(client.post(&url).send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn a_dropped_fake_frees_its_port_also_amid_a_hang() {
    let hook = Webhook::start().await;
    let address = hook.url().trim_start_matches("http://").to_owned();
    hook.faults().push(Fault::HangAfter.always());
    let request = client().post(hook.url());
    let (sent, ()) = tokio::join!(request.send(), async {
        taken(&hook, 1).await;
        drop(hook);
    });
    assert!(!sent.unwrap_err().is_timeout());
    std::net::TcpListener::bind(address).unwrap();
}

#[tokio::test]
async fn a_limit_counts_by_the_services_own_clock() {
    let hook = Webhook::start().await;
    hook.limit(2, Duration::from_mins(1));
    let client = keeping();
    let mut statuses = Vec::new();
    for at in [0, 1_000, 2_000, 59_999, 60_000, 60_500] {
        hook.set_now(START + at);
        statuses.push(client.post(hook.url()).send().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [204, 204, 429, 429, 204, 429]);
    assert_eq!(client.get(hook.url()).send().await.unwrap().status(), 204);
}
