//! Trackers that fail, lie, are full, or have two of us.

use std::time::Duration;

use sweepd_alerts::{Post, Sink as _, TrackerKind};
use sweepd_decide::{Moment, Setback, Span};
use sweepd_services::{Fake, Fault};

use crate::trackers::{Service, at, settings, tracker, with};
use crate::{HOUR, NOW, hasty, on_each, post};

async fn lost_create<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    let sink = with(settings(fake, kind), hasty());
    let faults = [
        Fault::HangAfter,
        Fault::StatusAfter(504),
        Fault::DropAfter,
        Fault::CutShort,
        Fault::StatusAfter(200),
    ];
    for (nth, fault) in faults.into_iter().enumerate() {
        let mut one = post(&format!("a{nth}"), Moment::Opened, NOW);
        if let sweepd_decide::News::Incident(story) = &mut one.alerts[0].news {
            story.thread = format!("thread-{nth}");
        }
        fake.faults().push(fault.clone().on("POST", "/issues"));
        let receipt = sink.deliver(&one).await.unwrap();
        assert_eq!(receipt.place, Some((nth + 1).to_string()), "{kind:?} {fault:?}");
        assert_eq!(fake.issues().len(), nth + 1, "{kind:?} {fault:?}");
    }
}

on_each!(an_issue_whose_opening_got_no_answer_is_found, lost_create);

async fn no_create<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    let sink = with(settings(fake, kind), hasty());
    let one = post("a1", Moment::Opened, NOW);
    for fault in
        [Fault::Hang, Fault::DropBefore, Fault::Garbage, Fault::Status(500, String::new(), vec![])]
    {
        fake.faults().push(fault.clone().on("POST", "/issues"));
        let error = sink.deliver(&one).await.unwrap_err();
        assert_eq!(error.setback, Setback::Later(None), "{kind:?} {fault:?} {error}");
    }
    // A list that is none is not an empty one.
    fake.faults().push(Fault::Garbage.on("GET", "/issues"));
    let error = sink.deliver(&one).await.unwrap_err();
    assert_eq!(error.setback, Setback::Later(None), "{kind:?} {error}");
    fake.faults().push(Fault::Huge.on("GET", "/issues"));
    let error = sink.deliver(&one).await.unwrap_err();
    assert_eq!(error.setback, Setback::Later(None), "{kind:?} {error}");
    assert!(fake.issues().is_empty(), "{kind:?}");
}

on_each!(an_issue_that_could_not_be_opened_is_not_there, no_create);

async fn lost_close<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    let sink = tracker(fake, kind);
    sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap();
    let over = at(fake, NOW.plus(Span::from_mins(20)));
    let one = post("a2", Moment::Resolved, over);
    let words = if kind == TrackerKind::GitLab { "/notes" } else { "/comments" };
    let edit = if kind == TrackerKind::GitLab { "PUT" } else { "PATCH" };
    fake.faults().push(Fault::DropAfter.on("POST", words));
    fake.faults().push(Fault::DropBefore.on(edit, "/issues"));
    fake.faults().push(Fault::DropAfter.on(edit, "/issues"));
    for _ in 0..3 {
        assert_eq!(sink.deliver(&one).await.unwrap_err().setback, Setback::Later(None));
    }
    sink.deliver(&one).await.unwrap();
    let issue = fake.issue(1).unwrap();
    assert!(!issue.open && issue.comments.len() == 1, "{kind:?} {:?}", issue.comments);
}

on_each!(an_end_whose_answers_are_lost_is_told_once, lost_close);

async fn far_back<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    let sink = tracker(fake, kind);
    sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap();
    at(fake, NOW.plus(HOUR));
    for nth in 0..220 {
        fake.add_issue(&format!("noise {nth}"), "<!-- sweepd key=x alert=y -->", &["sweepd"]);
        fake.add_pull(&format!("pull {nth}"), "", &["sweepd"]);
    }
    let now = at(fake, NOW.plus(HOUR).plus(HOUR));
    let receipt = sink.deliver(&post("a2", Moment::Still, now)).await.unwrap();
    assert_eq!(receipt.place.as_deref(), Some("1"), "{kind:?}");
    assert_eq!(fake.comments(1).len(), 1, "{kind:?}");
    let receipt = sink.deliver(&post("a3", Moment::Resolved, now)).await.unwrap();
    assert_eq!(receipt.place.as_deref(), Some("1"), "{kind:?}");
    assert!(!fake.issue(1).unwrap().open, "{kind:?}");
}

on_each!(it_is_found_among_hundreds, far_back);

async fn two_of_us<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    let (one, other) = (tracker(fake, kind), tracker(fake, kind));
    let (first, second) = (post("a1", Moment::Opened, NOW), post("b1", Moment::Opened, NOW));
    let (first, second) = tokio::join!(one.deliver(&first), other.deliver(&second));
    first.unwrap();
    second.unwrap();
    // However the two interleaved, a further look leaves one.
    let now = at(fake, NOW.plus(HOUR));
    one.deliver(&post("a2", Moment::Still, now)).await.unwrap();
    let open: Vec<_> = fake.issues().into_iter().filter(|issue| issue.open).collect();
    assert_eq!(open.len(), 1, "{kind:?}");
    assert_eq!(open[0].number, 1, "{kind:?}: the oldest stays");
    assert_eq!(fake.labels().iter().filter(|label| label.name == "sweepd").count().min(1), 1);
}

on_each!(two_watchdogs_leave_one_issue, two_of_us);

async fn doubles<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    let sink = tracker(fake, kind);
    sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap();
    let body = fake.issue(1).unwrap().body;
    for _ in 0..2 {
        let number = fake.add_issue("the same", &body, &["sweepd"]);
        let bot = fake.issue(1).unwrap().author;
        fake.edit(number, |issue| issue.author = bot);
    }
    let now = at(fake, NOW.plus(HOUR));
    let receipt = sink.deliver(&post("a2", Moment::Still, now)).await.unwrap();
    assert_eq!(receipt.place.as_deref(), Some("1"), "{kind:?}");
    for number in [2, 3] {
        let double = fake.issue(number).unwrap();
        assert!(!double.open, "{kind:?}");
        assert_eq!(double.comments.len(), 1, "{kind:?}");
        assert!(double.comments[0].body.contains("The same as #1"), "{kind:?}");
    }
    assert_eq!(fake.comments(1).len(), 1, "{kind:?}");
}

on_each!(of_doubles_the_oldest_stays, doubles);

async fn tokens<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    let mut wrong = settings(fake, kind);
    wrong.token = sweepd_alerts::Secret::value("wr0ng");
    let error = with(wrong, crate::http()).deliver(&post("a1", Moment::Opened, NOW)).await;
    let error = error.unwrap_err();
    assert_eq!(error.setback, Setback::Stopped, "{kind:?} {error}");
    assert!(!format!("{error:?}").contains("wr0ng"), "{error:?}");
    // Somebody who may open issues, and not label them.
    fake.set_public(true);
    let scopes = ["read:user", "read:issue", "write:issue", "issues:read", "issues:write", "api"];
    fake.add_token("guest", "guest", &scopes);
    fake.add_label("sweepd");
    let mut guest = settings(fake, kind);
    guest.token = sweepd_alerts::Secret::value("guest");
    let error = with(guest, crate::http()).deliver(&post("a1", Moment::Opened, NOW)).await;
    let error = error.unwrap_err();
    assert_eq!(error.setback, Setback::Stopped, "{kind:?} {error}");
    assert!(error.to_string().contains("write access"), "{kind:?} {error}");
    assert!(fake.issues().iter().all(|issue| !issue.open), "{kind:?}");
}

on_each!(a_token_that_may_not_stops_the_sink, tokens);

async fn limited<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    let sink = tracker(fake, kind);
    fake.faults().push(Fault::RateLimited { retry_after: Duration::from_secs(42) });
    let error = sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap_err();
    assert_eq!(error.setback, Setback::Later(Some(Span::from_secs(42))), "{kind:?} {error}");
    fake.faults().push(Fault::Redirect("https://elsewhere.test/x".to_owned()));
    let error = sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap_err();
    assert_eq!(error.setback, Setback::Stopped, "{kind:?} {error}");
    // An issue that is gone is looked for, and opened anew.
    let gone = Post { place: Some("99".to_owned()), ..post("a1", Moment::Opened, NOW) };
    assert_eq!(sink.deliver(&gone).await.unwrap().place.as_deref(), Some("1"), "{kind:?}");
}

on_each!(a_limit_says_when_and_a_redirect_where, limited);

#[tokio::test]
async fn the_hours_requests_of_github_are_used_up() {
    let fake = sweepd_services::GitHub::start().await;
    fake.exhaust(NOW.plus(HOUR).as_millis());
    let sink = tracker(&fake, TrackerKind::GitHub);
    let error = sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap_err();
    assert_eq!(error.setback, Setback::Later(Some(HOUR)), "{error}");
    let fake = sweepd_services::GitHub::start().await;
    fake.disable_issues();
    let sink = tracker(&fake, TrackerKind::GitHub);
    let error = sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap_err();
    assert_eq!(error.setback, Setback::Stopped, "{error}");
}

#[tokio::test]
async fn an_archived_repository_stops_the_sink() {
    let fake = sweepd_services::Gitea::start().await;
    fake.archive();
    let sink = tracker(&fake, TrackerKind::Gitea);
    let error = sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap_err();
    assert_eq!(error.setback, Setback::Stopped, "{error}");
}
