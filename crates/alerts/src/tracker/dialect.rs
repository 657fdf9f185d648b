//! What the trackers have in common, and what each says in its own way.
//!
//! A dialect writes requests and reads answers; it sends nothing.

use std::fmt::Debug;

use reqwest::{Method, RequestBuilder};
use secrecy::SecretString;
use serde_json::{Value, json};
use sweepd_decide::{Setback, Timestamp};

use super::json::{fields, text, texts, time};
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

/// What a tracker says in its own way. Where a method has a body, that is how most say it: a dialect's
/// file has only what differs.
pub(super) trait Dialect: Debug + Send + Sync {
    /// The repository.
    fn repo(&self) -> &Repo;
    /// A request that begins with the repository's address.
    fn at_repo(&self, method: Method) -> Query;
    /// A request for a page of a list.
    fn paged(&self, list: Query, page: u32) -> Query {
        list.with("per_page", 100).with("page", page)
    }
    /// Adds the token.
    fn authorize(
        &self,
        request: RequestBuilder,
        token: &SecretString,
    ) -> Result<RequestBuilder, SinkError>;

    /// The issues with the label, open and closed, newest first.
    fn all_issues(&self) -> Query {
        let query = self.at_repo(Method::GET).and(["issues"]);
        query.with("state", "all").with("labels", &self.repo().label)
    }
    /// A page of them.
    fn issues(&self, page: u32) -> Query {
        self.paged(self.all_issues(), page)
    }
    /// One issue.
    fn issue(&self, number: u64) -> Query {
        self.at_issue(Method::GET, number)
    }
    /// A page of an issue's comments.
    fn comments(&self, number: u64, page: u32) -> Query {
        self.paged(self.at_issue(Method::GET, number).and(["comments"]), page)
    }
    /// A page of the labels.
    fn labels(&self, page: u32) -> Query {
        self.paged(self.at_repo(Method::GET).and(["labels"]), page)
    }
    /// Makes the label.
    fn make_label(&self) -> Query {
        let label = &self.repo().label;
        let body = json!({"name": label, "color": self.red(), "description": "Opened by sweepd"});
        self.at_repo(Method::POST).and(["labels"]).json(body)
    }
    /// The label's color.
    fn red(&self) -> &'static str {
        "#b60205"
    }
    /// Whether somebody can be assigned.
    fn assignable(&self, name: &str) -> Query;
    /// Whose token it is.
    fn user(&self) -> Query;
    /// Opens an issue.
    fn create(&self, draft: &Draft) -> Query {
        let assignees: Vec<_> = draft.assignee.iter().collect();
        self.at_repo(Method::POST).and(["issues"]).json(json!({
            "title": draft.title,
            "body": draft.body,
            "labels": [draft.label],
            "assignees": assignees,
        }))
    }
    /// Adds a comment.
    fn comment(&self, number: u64, body: &str) -> Query {
        let query = self.at_issue(Method::POST, number).and(["comments"]);
        query.json(json!({"body": body}))
    }
    /// Changes an issue's text, and opens or closes it.
    fn edit(&self, number: u64, body: Option<&str>, open: Option<bool>) -> Query {
        let state = open.map(|open| if open { "open" } else { "closed" });
        let query = self.at_issue(Method::PATCH, number);
        query.json(fields([("body", body), ("state", state)]))
    }
    /// A request that begins with an issue's address.
    fn at_issue(&self, method: Method, number: u64) -> Query {
        self.at_repo(method).and(["issues", &number.to_string()])
    }

    /// Reads an issue.
    fn read_issue(&self, json: &Value) -> Option<Issue> {
        Some(Issue {
            number: json.get("number")?.as_u64()?,
            open: json.get("state")?.as_str()? == "open",
            body: text(json, "/body").unwrap_or_default(),
            labels: texts(json, "labels", "/name"),
            assignees: texts(json, "assignees", "/login"),
            author: text(json, "/user/login"),
            created: time(json, "/created_at")?,
            closed: time(json, "/closed_at"),
            pull: json.get("pull_request").is_some_and(|pull| !pull.is_null()),
        })
    }
    /// Reads a comment; `None` also if the tracker itself has written it.
    fn read_comment(&self, json: &Value) -> Option<Comment> {
        Some(Comment {
            id: json.get("id")?.as_u64()?,
            body: text(json, "/body").unwrap_or_default(),
            author: text(json, "/user/login"),
            created: time(json, "/created_at")?,
        })
    }
    /// How the label is named when an issue is opened, if it is this one.
    fn read_label(&self, json: &Value) -> Option<Value>;
    /// How somebody is named when an issue is opened, if the answer is that they can be assigned.
    fn read_assignable(&self, answer: &Answer, name: &str) -> Option<Value>;
    /// Whose token it is.
    fn read_user(&self, json: &Value) -> Option<String> {
        text(json, "/login")
    }

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
