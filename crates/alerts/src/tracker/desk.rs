//! One attempt's way to the tracker: requests, all pages of a list, and what is ours in them.

use std::collections::BTreeSet;

use secrecy::SecretString;
use serde_json::Value;
use sweepd_decide::Timestamp;

use super::TrackerSettings;
use super::dialect::{Comment, Dialect, Issue, Query};
use super::marker::{Marker, Said};
use crate::http::Answer;
use crate::settings::join;
use crate::veil::Veil;
use crate::{Http, Post, Receipt, SinkError};

/// A tracker, for one attempt.
pub(super) struct Desk<'a> {
    http: &'a Http,
    pub(super) settings: &'a TrackerSettings,
    pub(super) dialect: &'a dyn Dialect,
    token: SecretString,
    veil: Veil,
    pub(super) now: Timestamp,
}

/// What a search has found.
#[derive(Debug)]
pub(super) struct Found {
    /// All issues that have our label and, as far as that is known, are by us.
    pub(super) all: Vec<Issue>,
    /// Those of them that have the marker.
    pub(super) ours: Vec<Issue>,
    /// What somebody should know about the search.
    pub(super) remark: Option<String>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        http: &'a Http,
        settings: &'a TrackerSettings,
        dialect: &'a dyn Dialect,
        token: SecretString,
        now: Timestamp,
    ) -> Self {
        let veil = Veil::of(&token);
        Self { http, settings, dialect, token, veil, now }
    }

    /// Asks, and gives back the answer whatever its status.
    pub(super) async fn ask(&self, doing: &str, query: Query) -> Result<Answer, SinkError> {
        let url = join(&self.settings.url, query.path.iter().map(String::as_str));
        let mut request = self.http.client().request(query.method, url).query(&query.pairs);
        if let Some(body) = &query.body {
            request = request.json(body);
        }
        let request = self.dialect.authorize(request, &self.token)?;
        self.http.send(doing, request, &self.veil, CAP).await
    }

    /// The answer, if its status is 2xx.
    pub(super) fn accepted(&self, answer: Answer) -> Result<Answer, SinkError> {
        if answer.is_success() {
            return Ok(answer);
        }
        let setback = self.dialect.setback(&answer, self.now);
        Err(answer.error(setback))
    }

    /// Asks for JSON.
    async fn json(&self, doing: &str, query: Query) -> Result<(Answer, Value), SinkError> {
        let answer = self.accepted(self.ask(doing, query).await?)?;
        match answer.json() {
            Some(json) => Ok((answer, json)),
            None => Err(answer.senseless("JSON")),
        }
    }

    /// Whether the token opens the repository's issues. Nothing is written.
    pub(super) async fn probe(&self) -> Result<Receipt, SinkError> {
        let (answer, issues) = self.json("look at the issues", self.dialect.issues(1)).await?;
        if !issues.is_array() {
            return Err(answer.senseless("a list"));
        }
        let remark = "its issues can be read; that one can be opened is seen when it has to be";
        Ok(Receipt { place: None, remark: Some(remark.to_owned()) })
    }

    /// All pages of a list, until one has nothing new; whether that is all there is. The size of a
    /// page is the server's to choose, and some give the whole list as each.
    pub(super) async fn list(
        &self,
        doing: &str,
        page: impl Fn(u32) -> Query,
    ) -> Result<(Vec<Value>, bool), SinkError> {
        let mut all = Vec::new();
        let mut ids = BTreeSet::new();
        for number in 1..=MOST_PAGES {
            let (answer, json) = self.json(doing, page(number)).await?;
            let Value::Array(items) = json else { return Err(answer.senseless("a list")) };
            let before = ids.len();
            for item in items {
                let id = item.get("id").map_or_else(|| item.to_string(), Value::to_string);
                if ids.insert(id) {
                    all.push(item);
                }
            }
            if ids.len() == before {
                return Ok((all, true));
            }
        }
        Ok((all, false))
    }

    /// The issue that an earlier receipt named, if it is what it was.
    pub(super) async fn placed(
        &self,
        post: &Post,
        thread: &str,
    ) -> Result<Option<Issue>, SinkError> {
        let Some(number) = post.place.as_ref().and_then(|place| place.parse().ok()) else {
            return Ok(None);
        };
        let answer = self.ask("look at the issue", self.dialect.issue(number)).await?;
        // It has been deleted or moved; whether the repository has, the search will say.
        if matches!(answer.status, 301 | 404 | 410) {
            return Ok(None);
        }
        let answer = self.accepted(answer)?;
        let Some(json) = answer.json() else { return Err(answer.senseless("an issue")) };
        let issue = self.dialect.read_issue(&json).filter(|issue| issue.number == number);
        Ok(issue.filter(|issue| self.is_labelled(issue) && is_of(issue, thread)))
    }

    /// All our issues.
    pub(super) async fn search(&self, thread: &str) -> Result<Found, SinkError> {
        let (items, whole) =
            self.list("look for the issue", |page| self.dialect.issues(page)).await?;
        let read = items.iter().filter_map(|item| self.dialect.read_issue(item));
        let mut all: Vec<Issue> = read.filter(|issue| self.is_labelled(issue)).collect();
        if !all.is_empty()
            && let Some(login) = self.login().await?
        {
            all.retain(|issue| is_by(issue.author.as_deref(), &login));
        }
        let ours = all.iter().filter(|issue| is_of(issue, thread)).cloned().collect();
        let remark = (!whole).then(|| {
            format!("there are more issues labelled `{}` than were looked at", self.settings.label)
        });
        Ok(Found { all, ours, remark })
    }

    /// Whose token it is, if the tracker tells.
    async fn login(&self) -> Result<Option<String>, SinkError> {
        let answer = self.ask("ask whose token it is", self.dialect.user()).await?;
        let json = if answer.is_success() { answer.json() } else { None };
        Ok(json.and_then(|json| self.dialect.read_user(&json)))
    }

    /// What we have said in an issue's comments.
    pub(super) async fn said(&self, issue: &Issue) -> Result<Vec<Said>, SinkError> {
        let (items, _) = self
            .list("read the comments", |page| self.dialect.comments(issue.number, page))
            .await?;
        let comments = items.iter().filter_map(|item| self.dialect.read_comment(item));
        let by_us = |comment: &Comment| match (&comment.author, &issue.author) {
            (Some(author), Some(us)) => is_by(Some(author), us),
            _ => true,
        };
        Ok(comments
            .filter(by_us)
            .filter_map(|comment| Said::of(&comment.body, comment.created))
            .collect())
    }

    /// Adds a comment.
    pub(super) async fn comment(&self, number: u64, body: &str) -> Result<(), SinkError> {
        let query = self.dialect.comment(number, body);
        let (answer, json) = self.json("comment on the issue", query).await?;
        match self.dialect.read_comment(&json) {
            Some(_) => Ok(()),
            None => Err(answer.senseless("a comment")),
        }
    }

    /// Writes another marker, and opens or closes the issue, in one request.
    pub(super) async fn edit(
        &self,
        issue: &Issue,
        marker: Option<&Marker>,
        open: Option<bool>,
    ) -> Result<(), SinkError> {
        let doing = match open {
            Some(true) => "open the issue again",
            Some(false) => "close the issue",
            None => "mark the issue",
        };
        let body = marker.map(|marker| marker.on(&issue.body));
        let query = self.dialect.edit(issue.number, body.as_deref(), open);
        let (answer, json) = self.json(doing, query).await?;
        let done = self
            .dialect
            .read_issue(&json)
            .is_some_and(|now| open.is_none_or(|open| now.open == open));
        if done { Ok(()) } else { Err(answer.senseless("the issue as it should be now")) }
    }

    /// Closes the younger of several issues for the same thing, with a link to the oldest.
    pub(super) async fn close_doubles(&self, kept: &Issue, doubles: &[&Issue]) -> Option<String> {
        let mut failed = None;
        for double in doubles {
            let text = format!("The same as #{}, which is older.", kept.number);
            let alert = format!("double-of-{}", kept.number);
            let closed = async {
                let said = self.said(double).await?;
                if !said.iter().any(|said| said.alert == alert) {
                    self.comment(double.number, &Said::written(&alert, &text)).await?;
                }
                // It is never taken for one of the thread again.
                let key = format!("double of {}", kept.number);
                let closed = Some(self.now);
                let marker = Marker::of(&double.body).map(|it| Marker { key, closed, ..it });
                self.edit(double, marker.as_ref(), Some(false)).await
            };
            if let Err(error) = closed.await {
                failed = Some(format!(
                    "#{} is a double and could not be closed: {error}",
                    double.number
                ));
            }
        }
        failed
    }

    /// Whether it is an issue with our label.
    pub(super) fn is_labelled(&self, issue: &Issue) -> bool {
        let label = &self.settings.label;
        !issue.pull && issue.labels.iter().any(|it| it.eq_ignore_ascii_case(label))
    }
}

/// Whether the issue has the marker of this thread.
fn is_of(issue: &Issue, thread: &str) -> bool {
    Marker::of(&issue.body).is_some_and(|marker| marker.key == thread)
}

fn is_by(author: Option<&str>, login: &str) -> bool {
    author.is_none_or(|author| author.eq_ignore_ascii_case(login))
}

/// So many pages are read of a list.
const MOST_PAGES: u32 = 200;

/// So much of a page is read, in bytes.
const CAP: usize = 8 * 1024 * 1024;
