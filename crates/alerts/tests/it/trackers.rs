//! The three trackers, each with its fake.

use sweepd_alerts::{Http, Secret, Sink as _, Tracker, TrackerKind, TrackerSettings};
use sweepd_decide::Timestamp;
use sweepd_services::Fake;
use sweepd_services::tracker::{OWNER, REPOSITORY, TOKEN};

use crate::{http, texts};

pub(crate) use sweepd_services::tracker::Tracker as Service;

/// Runs a case on each tracker.
#[macro_export]
macro_rules! on_each {
    ($name:ident, $case:path) => {
        #[tokio::test]
        async fn $name() {
            use sweepd_alerts::TrackerKind;
            $case(&sweepd_services::Gitea::start().await, TrackerKind::Gitea).await;
            $case(&sweepd_services::GitHub::start().await, TrackerKind::GitHub).await;
            $case(&sweepd_services::GitLab::start().await, TrackerKind::GitLab).await;
        }
    };
}

/// Settings for a fake.
pub(crate) fn settings<S: Service>(fake: &Fake<S>, kind: TrackerKind) -> TrackerSettings {
    TrackerSettings {
        kind,
        url: fake.url().parse().unwrap(),
        repo: format!("{OWNER}/{REPOSITORY}"),
        token: Secret::value(TOKEN),
        assignee: None,
        label: TrackerSettings::LABEL.to_owned(),
        max_issues: TrackerSettings::MAX_ISSUES,
        comment_every: TrackerSettings::COMMENT_EVERY,
        snooze_after_close: TrackerSettings::SNOOZE_AFTER_CLOSE,
    }
}

pub(crate) fn tracker<S: Service>(fake: &Fake<S>, kind: TrackerKind) -> Tracker {
    with(settings(fake, kind), http())
}

pub(crate) fn with(settings: TrackerSettings, http: Http) -> Tracker {
    Tracker::new(settings, http, texts()).unwrap()
}

/// Sets the service's clock too, since it dates what is written.
pub(crate) fn at<S: Service>(fake: &Fake<S>, now: Timestamp) -> Timestamp {
    fake.set_now(now.as_millis());
    now
}

#[test]
fn settings_say_which_key_is_wrong() {
    let of = |kind, repo: &str, label: &str| {
        let settings = TrackerSettings {
            kind,
            url: "https://git.example.org".parse().unwrap(),
            repo: repo.to_owned(),
            token: Secret::value("x"),
            assignee: None,
            label: label.to_owned(),
            max_issues: 5,
            comment_every: TrackerSettings::COMMENT_EVERY,
            snooze_after_close: TrackerSettings::SNOOZE_AFTER_CLOSE,
        };
        Tracker::new(settings, http(), texts()).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(of(TrackerKind::GitLab, "a/b/c", "sweepd"), Ok(()));
    for (repo, label) in [("a", "x"), ("a/b/c", "x"), ("a/..", "x"), ("a/", "x"), ("a/b", "x,y")] {
        assert!(of(TrackerKind::GitHub, repo, label).is_err(), "{repo} {label}");
    }
    assert_eq!(
        of(TrackerKind::Gitea, "nexus", "x").unwrap_err(),
        "`repo` is no repository: write it as owner/name"
    );
}

#[tokio::test]
async fn another_token_is_another_fingerprint() {
    let fake = sweepd_services::Gitea::start().await;
    let one = tracker(&fake, TrackerKind::Gitea);
    let token = Secret::value("other");
    let other = with(TrackerSettings { token, ..settings(&fake, TrackerKind::Gitea) }, http());
    assert_eq!(one.kind(), "gitea");
    assert_ne!(one.fingerprint(), other.fingerprint());
    assert_eq!(one.fingerprint().len(), 16);
}
