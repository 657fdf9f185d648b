//! Alerts of every sort, to try templates with.

use sweepd_decide::{
    Alert, Deed, End, Fact, FindingKind, Moment, News, Note, Occasion, Span, Story, Timestamp,
};

/// A rich and a bare story in each of its moments, and a note.
pub(crate) fn alerts() -> Vec<Alert> {
    let mut alerts = Vec::new();
    for moment in [Moment::Opened, Moment::Still, Moment::Resolved] {
        for rich in [true, false] {
            let told = alert(News::Incident(Box::new(story(moment, rich))));
            alerts.push(Alert { from_memory: !rich, ..told });
        }
    }
    alerts.push(alert(News::Note(Note {
        occasion: Occasion::Start,
        title: "watching 40 agents in observe".to_owned(),
        lines: vec!["nanoclaw: 38 agents".to_owned(), "hooks: 2 agents".to_owned()],
    })));
    alerts
}

/// An alert of a quarter past ten.
pub(crate) fn alert(news: News) -> Alert {
    Alert {
        id: "7f3c-41-opened".to_owned(),
        at: AT,
        host: "host-1".to_owned(),
        from_memory: false,
        news,
    }
}

/// An agent that was stuck for 12 min; a rich story says all that one can.
pub(crate) fn story(moment: Moment, rich: bool) -> Story {
    let text = |text: &str| text.to_owned();
    let key = text("agent-stuck:nanoclaw/ag-1/sess-1");
    let story = Story {
        moment,
        number: 41,
        thread: key.clone(),
        key,
        kind: FindingKind::AgentStuck,
        severity: FindingKind::AgentStuck.severity(),
        agent: None,
        source: None,
        seen: text("no heartbeat for 31 min while it works on a message"),
        since: SINCE,
        opened_at: SINCE.plus(Span::from_secs(4)),
        end: (moment == Moment::Resolved).then(|| End {
            at: AT,
            how: text("it beats again"),
            recovered: rich,
        }),
        deeds: Vec::new(),
        held_back: None,
        advice: text(
            "look at its log (`docker logs`); `sweepd why nanoclaw/ag-1/sess-1` has more.",
        ),
        facts: Vec::new(),
        folded: 0,
        folded_keys: Vec::new(),
        flaps: 0,
    };
    if !rich {
        return story;
    }
    let at = |secs| SINCE.plus(Span::from_secs(secs));
    Story {
        agent: Some("nanoclaw/ag-1/sess-1".into()),
        source: Some(text("nanoclaw")),
        deeds: vec![
            Deed { at: at(60), what: text("stopped container 4f66ad9b3e0c"), worked: Some(true) },
            Deed { at: at(65), what: text("woke it"), worked: Some(false) },
            Deed { at: at(90), what: text("woke it again"), worked: None },
        ],
        held_back: Some(text("the brake is on")),
        facts: vec![
            Fact { name: text("last heartbeat"), value: text("2026-11-27T09:31:11.000Z") },
            Fact { name: text("claim"), value: text("msg `12` <b>") },
        ],
        folded: 37,
        folded_keys: vec![text("agent-stuck:a/b"), text("not-progressing:a/c")],
        flaps: 14,
        ..story
    }
}

/// 2026-11-27T10:14:11Z.
pub(crate) const AT: Timestamp = Timestamp::from_millis(1_795_774_451_000);
const SINCE: Timestamp = Timestamp::from_millis(1_795_773_731_000);
