//! Following events of an engine that is quiet, talks nonsense, or goes away.

use std::time::Duration;

use sweepd_decide::Timestamp;
use sweepd_docker::{Error, Notice, Watch};
use tokio::task::JoinSet;

use crate::fake::{Answer, Fake, feeder};

/// To be waited out.
const SHORT: Duration = Duration::from_millis(60);
/// Never to be waited out.
const LONG: Duration = Duration::from_secs(30);

/// One event, as a line.
fn event(action: &str, id: &str) -> String {
    format!("{{\"Type\":\"container\",\"Action\":\"{action}\",\"Actor\":{{\"ID\":\"{id}\"}}}}\n")
}

/// A watch of an engine that gives this one answer, and the engine.
async fn watch(body: String) -> (Watch, Fake) {
    let fake = Fake::new(move |_| Answer::Full(200, body.clone()));
    (fake.client(LONG).watch(None).await.unwrap(), fake)
}

/// What `next` gives, as `action id`, `error` or `end`; a call that does not end is a failure.
async fn next(watch: &mut Watch) -> String {
    match tokio::time::timeout(LONG, watch.next()).await.unwrap() {
        Ok(Some(Notice { action, id, .. })) => format!("{action} {id}"),
        Ok(None) => "end".to_owned(),
        Err(Error::Answer { doing, .. }) => format!("not understood: {doing}"),
        Err(Error::Transport { doing, .. }) => format!("broken: {doing}"),
        Err(other) => panic!("{other:?}"),
    }
}

async fn expect<const N: usize>(watch: &mut Watch, expected: [&str; N]) {
    for (n, expected) in expected.into_iter().enumerate() {
        assert_eq!(next(watch).await, expected, "{n}");
    }
}

#[tokio::test]
async fn notices_come_in_order_and_the_end_stays_the_end() {
    let body = event("start", "a") + &event("die", "b") + event("destroy", "b").trim();
    let (mut watch, _fake) = watch(body).await;
    expect(&mut watch, ["start a", "die b", "destroy b", "end", "end"]).await;
}

#[tokio::test]
async fn what_is_not_understood_costs_no_other_notice() {
    let nonsense = ["{\"Action\":\"die\",\"Actor\":{\n", "<html>\n", "{\"message\":\"no\"}\n"];
    for nonsense in nonsense {
        let body = event("start", "a") + nonsense + "\n" + &event("die", "b") + "{\"Act";
        let (mut watch, _fake) = watch(body).await;
        let lost = "not understood: follow events";
        expect(&mut watch, ["start a", lost, "die b", lost, "end", "end"]).await;
    }
}

#[tokio::test]
async fn a_broken_connection_is_told_and_then_it_is_the_end() {
    let body = (event("start", "a") + &event("die", "b")).repeat(3);
    let fake = Fake::new(move |_| Answer::HalfThenClose(body.clone()));
    let mut watch = fake.client(LONG).watch(None).await.unwrap();
    let broken = "broken: follow events";
    expect(&mut watch, ["start a", "die b", broken, "end", "end"]).await;
}

#[tokio::test]
async fn a_line_without_end_is_told_once_and_not_kept() {
    let fake = Fake::new(|_| Answer::Blank(66 << 20));
    let mut watch = fake.client(LONG).watch(None).await.unwrap();
    expect(&mut watch, ["not understood: follow events", "end"]).await;
}

#[tokio::test]
async fn a_quiet_engine_is_waited_for_past_the_deadline_and_a_dropped_wait_loses_nothing() {
    let (feed, pieces) = feeder();
    let fake = Fake::new(move |_| Answer::Feed(pieces.clone()));
    let mut watch = fake.client(SHORT).watch(None).await.unwrap();
    let line = event("start", "a");
    let (head, rest) = line.split_at(20);

    for piece in [None, Some(head), None] {
        if let Some(piece) = piece {
            feed.send(piece.to_owned()).unwrap();
        }
        let waited = tokio::time::timeout(2 * SHORT, watch.next()).await;
        assert!(waited.is_err(), "{waited:?}");
    }
    feed.send(rest.to_owned() + &event("die", "b") + &event("destroy", "b")).unwrap();
    expect(&mut watch, ["start a", "die b", "destroy b"]).await;
    drop(feed);
    expect(&mut watch, ["end"]).await;
}

#[tokio::test]
async fn a_watch_that_is_dropped_hangs_up() {
    let (_feed, pieces) = feeder();
    let fake = Fake::new(move |_| Answer::Feed(pieces.clone()));
    for waits in [false, true] {
        let mut watch = fake.client(LONG).watch(None).await.unwrap();
        fake.until_open(1).await;
        let mut tasks = JoinSet::new();
        if waits {
            tasks.spawn(async move { watch.next().await });
            tokio::task::yield_now().await;
            tasks.abort_all();
        } else {
            drop(watch);
        }
        fake.until_open(0).await;
    }
}

#[tokio::test]
async fn an_engine_that_does_not_accept_ends_the_call_at_its_deadline() {
    let fake = Fake::new(|_| Answer::Hang);
    let error = fake.client(SHORT).watch(None).await.unwrap_err();
    assert!(matches!(error, Error::Deadline { deadline: SHORT, .. }), "{error:?}");
    assert!(error.is_unknown());
}

#[tokio::test]
async fn since_is_sent_to_the_nanosecond() {
    let (_watch, fake) = watch(String::new()).await;
    let client = fake.client(LONG);
    drop(client.watch(Some(Timestamp::from_millis(1_795_341_600_007))).await.unwrap());
    let [without, with] = fake.seen().try_into().unwrap();
    assert_eq!(with, without + "&since=1795341600.007000000");
}
