//! What is kept of a long list of exits.

use std::fmt::Write;
use std::time::Duration;

use sweepd_decide::Timestamp;

use crate::fake::{Answer, Fake};

#[tokio::test]
async fn of_very_many_exits_the_newest_are_kept_in_order() {
    let fake = Fake::new(|_| {
        let mut events = String::new();
        for n in 0..5000_u64 {
            let actor = format!(r#"{{"ID":"{n}","Attributes":{{"exitCode":"0"}}}}"#);
            let nanos = n * 1_000_000;
            writeln!(events, r#"{{"Action":"die","timeNano":{nanos},"Actor":{actor}}}"#).unwrap();
        }
        Answer::Full(200, events)
    });
    let client = fake.client(Duration::from_secs(30));
    let (since, until) = (Timestamp::from_millis(0), Timestamp::from_millis(5000));
    let exits = client.exits_since(since, until).await.unwrap();
    let ids: Vec<_> = exits.iter().map(|exit| exit.id.clone()).collect();
    assert_eq!(ids, (904..5000).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn no_exits_are_no_error() {
    let fake = Fake::new(|_| Answer::Full(200, String::new()));
    let (since, until) = (Timestamp::from_millis(0), Timestamp::from_millis(1));
    let exits = fake.client(Duration::from_secs(30)).exits_since(since, until).await.unwrap();
    assert_eq!(exits, []);
}
