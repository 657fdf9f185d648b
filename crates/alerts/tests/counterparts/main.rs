//! Do the real ones take what we send? Alertmanager, and a mail server, each from its package.
//!
//! Without them these tests say so and pass, unless `SWEEPD_REQUIRE` contains `counterparts`.
#![expect(clippy::unwrap_used, reason = "test code")]

mod alertmanager;
mod mail;
mod program;

use std::sync::Arc;

use sweepd_alerts::{Http, HttpOptions, Post, Texts};
use sweepd_decide::{Alert, End, FindingKind, Moment, News, Severity, Span, Story, Timestamp};

fn http() -> Http {
    Http::new(&HttpOptions::default()).unwrap()
}

fn texts() -> Arc<Texts> {
    Arc::new(Texts::built_in())
}

/// A moment of an incident about an agent, a minute after it began.
fn post(agent: &str, moment: Moment, now: Timestamp) -> Post {
    let key = format!("zombie:s/{agent}");
    let since = now.minus(Span::from_mins(1));
    let over = moment == Moment::Resolved;
    let story = Story {
        moment,
        number: 1,
        thread: key.clone(),
        key,
        kind: FindingKind::Zombie,
        severity: Severity::Error,
        agent: Some(format!("s/{agent}").as_str().into()),
        source: Some("s".to_owned()),
        seen: format!("the stop did not end {agent}\r\nBcc: everybody@example.org"),
        since,
        opened_at: since,
        end: over.then(|| End { at: now, how: "it has ended".to_owned(), recovered: true }),
        deeds: Vec::new(),
        held_back: None,
        advice: "look at it".to_owned(),
        facts: Vec::new(),
        folded: 0,
        folded_keys: Vec::new(),
        flaps: 0,
    };
    let alert = Alert {
        id: format!("id-{agent}-{moment:?}"),
        at: now,
        host: "host-1".to_owned(),
        from_memory: false,
        news: News::Incident(Box::new(story)),
    };
    Post { now, alerts: vec![alert], place: None }
}
