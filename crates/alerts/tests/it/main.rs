//! Does every sink do what it should with its service, as that is documented?
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

mod chats;
mod hostile;
mod lifecycle;
mod open;
mod others;
mod smtp;
mod trackers;
mod trouble;

use std::sync::Arc;
use std::time::Duration;

use sweepd_alerts::{Http, HttpOptions, Post, Texts};
use sweepd_decide::{
    Alert, Deed, End, Fact, FindingKind, Moment, News, Note, Occasion, Severity, Span, Story,
    Timestamp,
};
use sweepd_services::START;

/// The services' clock, until it is set.
const NOW: Timestamp = Timestamp::from_millis(START);
const HOUR: Span = Span::from_mins(60);
const DAY: Span = Span::from_mins(1440);

fn http() -> Http {
    Http::new(&HttpOptions::default()).unwrap()
}

/// One that does not wait long.
fn hasty() -> Http {
    Http::new(&HttpOptions { total: Duration::from_millis(1500), ..HttpOptions::default() })
        .unwrap()
}

fn texts() -> Arc<Texts> {
    Arc::new(Texts::built_in())
}

/// An agent that is stuck since ten minutes before `at`.
fn story(moment: Moment, at: Timestamp) -> Story {
    let key = "agent-stuck:nanoclaw/ag-1/sess-1".to_owned();
    Story {
        moment,
        number: 41,
        thread: key.clone(),
        key,
        kind: FindingKind::AgentStuck,
        severity: Severity::Warning,
        agent: Some("nanoclaw/ag-1/sess-1".into()),
        source: Some("nanoclaw".to_owned()),
        seen: "no heartbeat for 31 min while it works on a message".to_owned(),
        since: at.minus(Span::from_mins(10)),
        opened_at: NOW.minus(Span::from_mins(5)),
        end: (moment == Moment::Resolved).then(|| End {
            at,
            how: "it beats again".to_owned(),
            recovered: true,
        }),
        deeds: vec![Deed {
            at: at.minus(Span::from_mins(2)),
            what: "stopped container 4f66ad9b3e0c".to_owned(),
            worked: Some(true),
        }],
        held_back: None,
        advice: "look at its log".to_owned(),
        facts: vec![Fact { name: "claim".to_owned(), value: "msg-12".to_owned() }],
        folded: 0,
        folded_keys: Vec::new(),
        flaps: 0,
    }
}

fn alert(id: &str, at: Timestamp, news: News) -> Alert {
    Alert { id: id.to_owned(), at, host: "host-1".to_owned(), from_memory: false, news }
}

/// A post of one alert.
fn post(id: &str, moment: Moment, now: Timestamp) -> Post {
    post_of(id, now, story(moment, now))
}

fn post_of(id: &str, now: Timestamp, story: Story) -> Post {
    Post { now, alerts: vec![alert(id, now, News::Incident(Box::new(story)))], place: None }
}

/// A post of a note.
fn note(now: Timestamp) -> Post {
    let note = Note {
        occasion: Occasion::Test,
        title: "a test".to_owned(),
        lines: vec!["if you read this, it arrives".to_owned()],
    };
    Post { now, alerts: vec![alert("note-1", now, News::Note(note))], place: None }
}
