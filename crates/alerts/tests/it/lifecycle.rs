//! The life of an issue.

use sweepd_alerts::{Post, Sink as _, TrackerKind, TrackerSettings};
use sweepd_decide::{Moment, Setback, Span};
use sweepd_services::Fake;

use crate::trackers::{Service, at, settings, tracker, with};
use crate::{DAY, HOUR, NOW, http, on_each, post, post_of, story};

async fn whole_life<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    fake.add_member("timmy");
    let assignee = Some("timmy".to_owned());
    let sink = with(TrackerSettings { assignee, ..settings(fake, kind) }, http());
    let opened = sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap();
    assert_eq!((opened.place.as_deref(), opened.remark), (Some("1"), None), "{kind:?}");
    let issue = fake.issue(1).unwrap();
    assert_eq!(issue.title, "warning: agent-stuck nanoclaw/ag-1/sess-1");
    assert_eq!((issue.labels, issue.assignees), (vec!["sweepd".into()], vec!["timmy".into()]));
    assert!(issue.body.contains("- Done: stopped container `4f66ad9b3e0c`"), "{}", issue.body);
    // The same again, and again without knowing where: nothing more.
    for place in [None, Some("1".to_owned())] {
        sink.deliver(&Post { place, ..post("a1", Moment::Opened, NOW) }).await.unwrap();
    }
    // Too early to say it again; then once, whoever says it.
    let placed = |post: Post| Post { place: Some("1".to_owned()), ..post };
    let early = at(fake, NOW.plus(Span::from_mins(50)));
    sink.deliver(&placed(post("a2", Moment::Still, early))).await.unwrap();
    assert_eq!(fake.comments(1).len(), 0, "{kind:?}");
    let hour = at(fake, NOW.plus(HOUR));
    sink.deliver(&placed(post("a3", Moment::Still, hour))).await.unwrap();
    sink.deliver(&placed(post("a3", Moment::Still, hour))).await.unwrap();
    tracker(fake, kind).deliver(&post("b3", Moment::Still, hour)).await.unwrap();
    assert_eq!(fake.comments(1).len(), 1, "{kind:?}");
    // Over, and told so once.
    let over = at(fake, hour.plus(Span::from_mins(20)));
    for _ in 0..2 {
        sink.deliver(&placed(post("a4", Moment::Resolved, over))).await.unwrap();
    }
    let issue = fake.issue(1).unwrap();
    assert!(!issue.open, "{kind:?}");
    assert_eq!(issue.comments.len(), 2, "{kind:?}");
    assert!(issue.comments[1].body.contains("Recovered after 10 min: it beats again"));
    assert_eq!(fake.issues().len(), 1);
}

on_each!(an_issue_is_opened_told_and_closed, whole_life);

async fn flapping<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    let sink = tracker(fake, kind);
    let mut now = NOW;
    for turn in 0..5 {
        let mut bad = story(Moment::Opened, now);
        bad.opened_at = now;
        bad.flaps = turn;
        sink.deliver(&post_of(&format!("o{turn}"), now, bad)).await.unwrap();
        assert!(fake.issue(1).unwrap().open, "{kind:?}");
        now = at(fake, now.plus(Span::from_mins(3)));
        sink.deliver(&post(&format!("r{turn}"), Moment::Resolved, now)).await.unwrap();
        assert!(!fake.issue(1).unwrap().open, "{kind:?}");
        now = at(fake, now.plus(Span::from_mins(3)));
    }
    assert_eq!(fake.issues().len(), 1, "{kind:?}");
    let told = fake.comments(1).iter().any(|one| one.body.contains("came and went 4 times"));
    assert!(told, "{kind:?}");
    // A day later it is another thing.
    let later = at(fake, now.plus(DAY));
    sink.deliver(&post("later", Moment::Opened, later)).await.unwrap();
    assert_eq!(fake.issues().len(), 2, "{kind:?}");
}

on_each!(what_comes_and_goes_makes_one_issue, flapping);

async fn closed_by_a_person<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    let sink = tracker(fake, kind);
    sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap();
    fake.set_open(1, false);
    for hour in 1..24 {
        let now = at(fake, NOW.plus(Span::from_mins(60 * hour)));
        let mut post = post(&format!("s{hour}"), Moment::Still, now);
        post.place = (hour % 2 == 0).then(|| "1".to_owned());
        let receipt = sink.deliver(&post).await.unwrap();
        let remark = receipt.remark.unwrap();
        assert!(remark.contains("was closed by a person"), "{kind:?} {remark}");
    }
    let issue = fake.issue(1).unwrap();
    assert!(!issue.open && issue.comments.is_empty(), "{kind:?}");
    // It lasts, and nobody has looked after it for a day.
    let now = at(fake, NOW.plus(DAY).plus(HOUR));
    let receipt = sink.deliver(&post("s25", Moment::Still, now)).await.unwrap();
    assert_eq!(receipt.remark.as_deref(), Some("reopened #1"), "{kind:?}");
    let issue = fake.issue(1).unwrap();
    assert!(issue.open && issue.comments.len() == 1, "{kind:?}");
    assert_eq!(fake.issues().len(), 1, "{kind:?}");
    // A person closes it again; that it is over is told there, and it stays closed.
    fake.set_open(1, false);
    for _ in 0..2 {
        sink.deliver(&post("end", Moment::Resolved, now)).await.unwrap();
    }
    let issue = fake.issue(1).unwrap();
    assert!(!issue.open && issue.comments.len() == 2, "{kind:?}");
}

on_each!(what_a_person_closes_stays_closed_for_a_while, closed_by_a_person);

async fn too_many<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    let sink = tracker(fake, kind);
    let other = |nth: i64, now| {
        let mut other = story(Moment::Opened, now);
        other.thread = format!("agent-stuck:a/{nth}");
        post_of(&format!("a{nth}"), now, other)
    };
    for nth in 0..5 {
        let now = at(fake, NOW.plus(Span::from_mins(nth)));
        sink.deliver(&other(nth, now)).await.unwrap();
    }
    let now = at(fake, NOW.plus(Span::from_mins(10)));
    let error = sink.deliver(&other(5, now)).await.unwrap_err();
    assert_eq!(error.setback, Setback::Deferred(Span::from_mins(50)), "{kind:?} {error}");
    let now = at(fake, NOW.plus(HOUR));
    sink.deliver(&other(5, now)).await.unwrap();
    assert_eq!(fake.issues().len(), 6, "{kind:?}");
}

on_each!(no_more_than_so_many_are_opened_in_an_hour, too_many);

async fn nobody_to_assign<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    let assignee = Some("ghost".to_owned());
    let sink = with(TrackerSettings { assignee, ..settings(fake, kind) }, http());
    let receipt = sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap();
    assert_eq!(receipt.remark.as_deref(), Some("ghost cannot be assigned here"), "{kind:?}");
    let issue = fake.issue(1).unwrap();
    assert!(issue.assignees.is_empty(), "{kind:?}");
    assert!(issue.body.contains("Nobody is assigned: ghost"), "{kind:?} {}", issue.body);
}

on_each!(an_assignee_who_is_not_there_is_said_to_be_missing, nobody_to_assign);

async fn told_hourly<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    let sink = tracker(fake, kind);
    sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap();
    let mut now = NOW;
    for hour in 1..=3 {
        now = at(fake, now.plus(HOUR));
        sink.deliver(&post(&format!("s{hour}"), Moment::Still, now)).await.unwrap();
        assert_eq!(fake.comments(1).len(), hour, "{kind:?}");
    }
    // What the issue was opened for needs no comment, however late it is tried again.
    let late = at(fake, now.plus(HOUR));
    sink.deliver(&post("a1", Moment::Opened, late)).await.unwrap();
    assert_eq!(fake.comments(1).len(), 3, "{kind:?}");
}

on_each!(it_is_told_every_hour_that_it_lasts, told_hourly);

async fn snoozed_after_a_recovery<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    let sink = tracker(fake, kind);
    sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap();
    sink.deliver(&post("a2", Moment::Resolved, NOW)).await.unwrap();
    let receipt = sink.deliver(&post("a3", Moment::Opened, NOW)).await.unwrap();
    assert_eq!(receipt.remark.as_deref(), Some("reopened #1"), "{kind:?}");
    // A person closes what we have opened again: that is not our closing any more.
    let now = at(fake, NOW.plus(HOUR));
    fake.set_open(1, false);
    let receipt = sink.deliver(&post("a4", Moment::Still, now)).await.unwrap();
    assert!(receipt.remark.unwrap().contains("closed by a person"), "{kind:?}");
    // They open again what we have closed, and close it again once it is told there.
    fake.set_open(1, true);
    let now = at(fake, now.plus(HOUR).plus(HOUR));
    sink.deliver(&post("a5", Moment::Resolved, now)).await.unwrap();
    fake.set_open(1, true);
    sink.deliver(&post("a6", Moment::Opened, now)).await.unwrap();
    fake.set_open(1, false);
    let receipt = sink.deliver(&post("a7", Moment::Still, now)).await.unwrap();
    assert!(receipt.remark.unwrap().contains("closed by a person"), "{kind:?}");
    assert!(!fake.issue(1).unwrap().open, "{kind:?}");
}

on_each!(what_a_person_closes_is_theirs_whoever_opened_it, snoozed_after_a_recovery);

async fn another_place<S: Service>(fake: &Fake<S>, kind: TrackerKind) {
    let sink = tracker(fake, kind);
    sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap();
    let mut other = story(Moment::Opened, NOW);
    "host-down:nanoclaw".clone_into(&mut other.thread);
    let other = Post { place: Some("1".to_owned()), ..post_of("b1", NOW, other) };
    let receipt = sink.deliver(&other).await.unwrap();
    assert_eq!(receipt.place.as_deref(), Some("2"), "{kind:?}");
}

on_each!(a_place_of_another_thread_is_not_taken, another_place);
