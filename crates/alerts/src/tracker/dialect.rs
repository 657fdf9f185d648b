//! What the trackers have in common, and what each says in its own way.
//!
//! A dialect writes requests and reads answers; it sends nothing.

use std::fmt::Debug;

use reqwest::{Method, RequestBuilder};
use secrecy::SecretString;
use serde_json::Value;
use sweepd_decide::{Setback, Timestamp, parse_utc};

use crate::SinkError;
use crate::http::{Answer, setback};

/// Where the issues are, and what label they have.
#[derive(Debug, Clone)]
pub(super) struct Repo {
    /// `owner/name`
    pub(super) path: String,
    pub(super) label: String,
}

/// A request, relative to the tracker's address.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    pub(super) method: Method,
    pub(super) path: Vec<String>,
    pub(super) pairs: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
}

/// An issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Issue {
    pub(super) number: u64,
    pub(super) open: bool,
    pub(super) body: String,
    pub(super) labels: Vec<String>,
    pub(super) assignees: Vec<String>,
    pub(super) author: Option<String>,
    pub(super) created: Timestamp,
    pub(super) closed: Option<Timestamp>,
    /// It is no issue, but is listed among them.
    pub(super) pull: bool,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) body: String,
    pub(super) author: Option<String>,
    pub(super) created: Timestamp,
}

/// An issue to be opened.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    pub(super) title: String,
    pub(super) body: String,
    /// As the tracker wants it: a name, or an id.
    pub(super) label: Value,
    pub(super) assignee: Option<Value>,
}

/// What a tracker says in its own way.
pub(super) trait Dialect: Debug + Send + Sync {
    /// Adds the token.
    fn authorize(
        &self,
        request: RequestBuilder,
        token: &SecretString,
    ) -> Result<RequestBuilder, SinkError>;

    /// A page of the issues with the label, open and closed, newest first.
    fn issues(&self, page: u32) -> Query;
    /// One issue.
    fn issue(&self, number: u64) -> Query;
    /// A page of an issue's comments.
    fn comments(&self, number: u64, page: u32) -> Query;
    /// A page of the labels.
    fn labels(&self, page: u32) -> Query;
    /// Makes the label.
    fn make_label(&self) -> Query;
    /// Whether somebody can be assigned.
    fn assignable(&self, name: &str) -> Query;
    /// Whose token it is.
    fn user(&self) -> Query;
    /// Opens an issue.
    fn create(&self, draft: &Draft) -> Query;
    /// Adds a comment.
    fn comment(&self, number: u64, body: &str) -> Query;
    /// Changes an issue's text, and opens or closes it.
    fn edit(&self, number: u64, body: Option<&str>, open: Option<bool>) -> Query;

    /// Reads an issue.
    fn read_issue(&self, json: &Value) -> Option<Issue>;
    /// Reads a comment; `None` also if the tracker itself has written it.
    fn read_comment(&self, json: &Value) -> Option<Comment>;
    /// How the label is named when an issue is opened, if it is this one.
    fn read_label(&self, json: &Value) -> Option<Value>;
    /// How somebody is named when an issue is opened, if the answer is that they can be assigned.
    fn read_assignable(&self, answer: &Answer, name: &str) -> Option<Value>;
    /// Whose token it is.
    fn read_user(&self, json: &Value) -> Option<String>;

    /// What an answer that is no success means.
    fn setback(&self, answer: &Answer, now: Timestamp) -> Setback {
        setback(answer.status, &answer.headers, now)
    }
}

impl Query {
    pub(super) fn new<'a>(method: Method, path: impl IntoIterator<Item = &'a str>) -> Self {
        let path = path.into_iter().map(ToOwned::to_owned).collect();
        Self { method, path, pairs: Vec::new(), body: None }
    }

    pub(super) fn and<'a>(mut self, path: impl IntoIterator<Item = &'a str>) -> Self {
        self.path.extend(path.into_iter().map(ToOwned::to_owned));
        self
    }

    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts alike")]
    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.pairs.push((name, value.to_string()));
        self
    }

    pub(super) fn json(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }
}

impl Issue {
    /// When it was closed; at the latest when it was opened, if nobody says.
    pub(super) fn closed_at(&self) -> Timestamp {
        self.closed.unwrap_or(self.created)
    }
}

/// A text field.
pub(super) fn text(json: &Value, pointer: &str) -> Option<String> {
    Some(json.pointer(pointer)?.as_str()?.to_owned())
}

/// A time.
pub(super) fn time(json: &Value, pointer: &str) -> Option<Timestamp> {
    parse_utc(json.pointer(pointer)?.as_str()?)
}

/// A field of each in a list.
pub(super) fn texts(json: &Value, list: &str, field: &str) -> Vec<String> {
    let list = json.get(list).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|one| text(one, field)).collect()
}
