//! Keeps one issue for what is wrong, on Gitea, Forgejo, GitHub or GitLab.
//!
//! An alert that something is wrong opens an issue, or is told in the one that is there; its end
//! closes that. An issue is found by its label and by a marker at the very start of its text, on all
//! pages, and its author has to be us; so an attempt can be made again at any time, by another process
//! too, and makes no second issue. [`pick`] says which issue an alert belongs to.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use sweepd_decide::{Alert, Moment, Setback, Span, Story};

use crate::attempt::{fingerprint, secret};
use crate::exposure::exposed;
use crate::settings::{base, word, wrong};
use crate::text::{Caps, Markup, Target, Unit, View, is_test, story};
use crate::{
    Delivering, Http, Pace, Post, Receipt, Secret, SettingsError, Sink, SinkError, Takes, Texts,
};

mod close;
mod desk;
mod dialect;
mod gitea;
mod github;
mod gitlab;
mod json;
mod marker;
mod open;
mod pick;

use desk::Desk;
use dialect::{Dialect, Issue, Repo};
use marker::{Marker, Said};
use pick::{Pick, pick};

/// Which tracker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a tracker has to be handled everywhere")]
pub enum TrackerKind {
    /// Gitea.
    Gitea,
    /// Forgejo, which is spoken to like Gitea.
    Forgejo,
    /// GitHub, or a GitHub Enterprise Server.
    GitHub,
    /// GitLab.
    GitLab,
}

/// How a repository's issues are reached, and kept.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "settings are written out in full")]
pub struct TrackerSettings {
    /// Which tracker it is.
    pub kind: TrackerKind,
    /// `https://git.example.org`, `https://api.github.com`, `https://gitlab.com`
    pub url: Url,
    /// `owner/name`; on GitLab with all groups.
    pub repo: String,
    /// A token that may write issues and set labels.
    pub token: Secret,
    /// Who is assigned, if that is somebody there.
    pub assignee: Option<String>,
    /// The label of our issues: `sweepd`.
    pub label: String,
    /// So many issues are opened within an hour, at most.
    pub max_issues: u32,
    /// That it is still so is told this often, at most.
    pub comment_every: Span,
    /// An issue that a person closed is left alone for so long.
    pub snooze_after_close: Span,
}

impl TrackerSettings {
    /// How many issues are opened within an hour unless something else is set.
    pub const MAX_ISSUES: u32 = 5;
    /// How often is told that it is still so unless something else is set.
    pub const COMMENT_EVERY: Span = Span::from_mins(60);
    /// How long a closed issue is left alone unless something else is set.
    pub const SNOOZE_AFTER_CLOSE: Span = Span::from_mins(24 * 60);
    /// The label unless something else is set.
    pub const LABEL: &str = "sweepd";
}

/// The issues of a repository.
#[derive(Debug)]
pub struct Tracker {
    settings: TrackerSettings,
    dialect: Box<dyn Dialect>,
    http: Http,
    texts: Arc<Texts>,
}

impl Tracker {
    /// A sink with these settings.
    ///
    /// # Errors
    /// A setting cannot be used.
    pub fn new(
        settings: TrackerSettings,
        http: Http,
        texts: Arc<Texts>,
    ) -> Result<Self, SettingsError> {
        base("url", &settings.url)?;
        word("label", &settings.label)?;
        if settings.label.contains(',') {
            return Err(wrong("label", "has a comma", "use one label"));
        }
        if let Some(assignee) = &settings.assignee {
            word("assignee", assignee)?;
        }
        if settings.max_issues == 0 {
            return Err(wrong("max-issues", "is 0", "leave the sink out to open none"));
        }
        let parts: Vec<&str> = settings.repo.split('/').collect();
        let enough = match settings.kind {
            TrackerKind::GitLab => parts.len() >= 2,
            TrackerKind::Gitea | TrackerKind::Forgejo | TrackerKind::GitHub => parts.len() == 2,
        };
        word("repo", &settings.repo)?;
        if !enough || parts.iter().any(|part| part.is_empty() || matches!(*part, "." | "..")) {
            return Err(wrong("repo", "is no repository", "write it as owner/name"));
        }
        let repo = Repo { path: settings.repo.clone(), label: settings.label.clone() };
        let dialect: Box<dyn Dialect> = match settings.kind {
            TrackerKind::Gitea | TrackerKind::Forgejo => Box::new(gitea::Gitea(repo)),
            TrackerKind::GitHub => Box::new(github::GitHub(repo)),
            TrackerKind::GitLab => Box::new(gitlab::GitLab(repo)),
        };
        Ok(Self { settings, dialect, http, texts })
    }

    async fn attempt(&self, post: &Post) -> Result<Receipt, SinkError> {
        let told = post.alerts.iter().find_map(|alert| Some((alert, story(alert)?)));
        if told.is_none() && !is_test(post) {
            return Ok(Receipt { place: None, remark: Some("it takes no notes".to_owned()) });
        }
        let token = secret("read the token", &self.settings.token).await?;
        let desk = Desk::new(&self.http, &self.settings, &*self.dialect, token, post.now);
        let Some((alert, story)) = told else { return desk.probe().await };
        let work = async {
            match story.moment {
                Moment::Opened | Moment::Still => self.tell(&desk, alert, story, post).await,
                Moment::Resolved => self.close(&desk, alert, story, post).await,
            }
        };
        tokio::time::timeout(IN_ALL, work).await.unwrap_or_else(|_| {
            Err(SinkError {
                doing: format!("keep the issue of {}", self.settings.repo),
                why: format!("not done within {IN_ALL:?}"),
                setback: Setback::Later(None),
            })
        })
    }

    /// Says that something is wrong, in an issue of its own.
    async fn tell(
        &self,
        desk: &Desk<'_>,
        alert: &Alert,
        story: &Story,
        post: &Post,
    ) -> Result<Receipt, SinkError> {
        if let Some(issue) = desk.placed(post, &story.thread).await?.filter(|issue| issue.open) {
            return self.add(desk, alert, &issue, WHY_STILL).await;
        }
        let found = desk.search(&story.thread).await?;
        let receipt = match pick(&found.ours, story, post.now, self.settings.snooze_after_close) {
            Pick::Open { issue, doubles } => {
                let remark = desk.close_doubles(issue, &doubles).await;
                let receipt = self.add(desk, alert, issue, WHY_STILL).await?;
                Receipt { remark: receipt.remark.or(remark), ..receipt }
            }
            Pick::Reopen(issue) => {
                let (said, remark) = self.comment(desk, alert, issue, WHY_AGAIN).await?;
                let marker = Marker::of(&issue.body).map(|it| Marker { closed: None, ..it });
                desk.edit(issue, marker.as_ref(), Some(true)).await?;
                let remark = remark.or_else(|| said.then(|| format!("reopened #{}", issue.number)));
                Receipt { place: Some(issue.number.to_string()), remark }
            }
            Pick::Leave { issue, until } => Receipt {
                place: Some(issue.number.to_string()),
                remark: Some(format!(
                    "#{} was closed by a person and is left so until {until}",
                    issue.number
                )),
            },
            Pick::New => self.open(desk, alert, story, &found).await?,
        };
        Ok(Receipt { remark: receipt.remark.or(found.remark), ..receipt })
    }

    /// Comments on an open issue, unless that was done lately.
    async fn add(
        &self,
        desk: &Desk<'_>,
        alert: &Alert,
        issue: &Issue,
        why: &'static str,
    ) -> Result<Receipt, SinkError> {
        let place = Some(issue.number.to_string());
        let marker = Marker::of(&issue.body);
        if marker.as_ref().is_some_and(|marker| marker.alert == alert.id) {
            return Ok(Receipt { place, remark: None });
        }
        // Somebody has opened again what we had closed; from here on it is open.
        if let Some(marker) = marker.filter(|marker| marker.closed.is_some()) {
            desk.edit(issue, Some(&Marker { closed: None, ..marker }), None).await?;
        }
        let said = desk.said(issue).await?;
        let last = said.iter().map(|said| said.at).chain([issue.created]).max();
        // Their clock is not ours, and what they have dated was asked for a moment before.
        let every = self.settings.comment_every;
        let every = every.minus(Span::from_millis(every.as_millis() / 120));
        let lately = last.is_some_and(|last| desk.now.since(last) < every);
        if lately || said.iter().any(|said| said.alert == alert.id) {
            return Ok(Receipt { place, remark: None });
        }
        let remark = self.write(desk, alert, issue, why).await?;
        Ok(Receipt { place, remark })
    }

    /// Comments on an issue, unless this alert is told there; says whether it was written now.
    async fn comment(
        &self,
        desk: &Desk<'_>,
        alert: &Alert,
        issue: &Issue,
        why: &'static str,
    ) -> Result<(bool, Option<String>), SinkError> {
        let said = desk.said(issue).await?;
        if said.iter().any(|said| said.alert == alert.id) {
            return Ok((false, None));
        }
        Ok((true, self.write(desk, alert, issue, why).await?))
    }

    async fn write(
        &self,
        desk: &Desk<'_>,
        alert: &Alert,
        issue: &Issue,
        why: &'static str,
    ) -> Result<Option<String>, SinkError> {
        let over = story(alert).is_some_and(|story| story.moment == Moment::Resolved);
        let name = if over { "recovered" } else { "comment" };
        let view = View { why, ..View::of(alert, Caps::DOCUMENT) };
        let text = self.texts.write(name, &view, BODY);
        desk.comment(issue.number, &Said::written(&alert.id, &text.text)).await?;
        Ok(text.remark)
    }
}

impl Sink for Tracker {
    fn kind(&self) -> &'static str {
        match self.settings.kind {
            TrackerKind::Gitea => "gitea",
            TrackerKind::Forgejo => "forgejo",
            TrackerKind::GitHub => "github",
            TrackerKind::GitLab => "gitlab",
        }
    }

    fn takes(&self) -> Takes {
        let pace = Pace { burst: 5, every: Span::from_secs(5) };
        Takes { notes: false, still: true, batch: 1, pace }
    }

    fn fingerprint(&self) -> String {
        let TrackerSettings { url, repo, label, token, .. } = &self.settings;
        fingerprint(self.kind(), [url.as_str(), repo, label], [token])
    }

    fn in_the_open(&self) -> Option<SettingsError> {
        exposed("url", &self.settings.url, "token")
    }

    fn deliver<'a>(&'a self, post: &'a Post) -> Delivering<'a> {
        Box::pin(self.attempt(post))
    }
}

const WHY_STILL: &str = "Still failing";
const WHY_AGAIN: &str = "Failing again, so this is open again";

/// An attempt of several requests ends after so long.
const IN_ALL: Duration = Duration::from_secs(29);

/// The text of an issue or a comment, with room for a marker: GitHub takes the fewest characters,
/// 65,536.
const BODY: Target = Target::new(Markup::Tracker, Unit::Utf16, 60_000);
