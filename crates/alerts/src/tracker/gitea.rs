//! How Gitea and Forgejo are asked.
//!
//! A page holds at most what the server allows, whatever is asked. Labels are set by their numbers;
//! a label that is not there is passed over, in a filter too. Who may not write here has labels and
//! assignees dropped without a word.
//!
//! Source: Gitea API (Swagger document): `issueListIssues`, `issueCreateIssue`, `issueEditIssue`,
//! `issueGetComments`, `issueCreateComment`, `issueListLabels`, `issueCreateLabel`,
//! `repoGetAssignees`, `userGetCurrent`; Gitea, "API Usage" (authentication, pagination).

use reqwest::{Method, RequestBuilder};
use secrecy::SecretString;
use serde_json::{Value, json};
use sweepd_decide::{Setback, Timestamp};

use super::dialect::{Comment, Dialect, Draft, Issue, Query, Repo, text, texts, time};
use crate::SinkError;
use crate::attempt::authorized;
use crate::http::{Answer, setback};

/// Gitea's dialect.
#[derive(Debug)]
pub(super) struct Gitea(pub(super) Repo);

impl Gitea {
    fn repo(&self, method: Method) -> Query {
        Query::new(method, ["api", "v1", "repos"]).and(self.0.path.split('/'))
    }
}

impl Dialect for Gitea {
    fn authorize(
        &self,
        request: RequestBuilder,
        token: &SecretString,
    ) -> Result<RequestBuilder, SinkError> {
        authorized("ask the tracker", request, "token", token)
    }

    fn issues(&self, page: u32) -> Query {
        let query = self.repo(Method::GET).and(["issues"]).with("state", "all");
        query
            .with("type", "issues")
            .with("labels", &self.0.label)
            .with("limit", 50)
            .with("page", page)
    }

    fn issue(&self, number: u64) -> Query {
        self.repo(Method::GET).and(["issues", &number.to_string()])
    }

    fn comments(&self, number: u64, page: u32) -> Query {
        let query = self.repo(Method::GET).and(["issues", &number.to_string(), "comments"]);
        query.with("limit", 50).with("page", page)
    }

    fn labels(&self, page: u32) -> Query {
        self.repo(Method::GET).and(["labels"]).with("limit", 50).with("page", page)
    }

    fn make_label(&self) -> Query {
        let body =
            json!({"name": self.0.label, "color": "#b60205", "description": "Opened by sweepd"});
        self.repo(Method::POST).and(["labels"]).json(body)
    }

    fn assignable(&self, _name: &str) -> Query {
        self.repo(Method::GET).and(["assignees"])
    }

    fn user(&self) -> Query {
        Query::new(Method::GET, ["api", "v1", "user"])
    }

    fn create(&self, draft: &Draft) -> Query {
        let assignees: Vec<_> = draft.assignee.iter().collect();
        self.repo(Method::POST).and(["issues"]).json(json!({
            "title": draft.title,
            "body": draft.body,
            "labels": [draft.label],
            "assignees": assignees,
        }))
    }

    fn comment(&self, number: u64, body: &str) -> Query {
        let query = self.repo(Method::POST).and(["issues", &number.to_string(), "comments"]);
        query.json(json!({"body": body}))
    }

    fn edit(&self, number: u64, body: Option<&str>, open: Option<bool>) -> Query {
        let state = open.map(|open| if open { "open" } else { "closed" });
        let query = self.repo(Method::PATCH).and(["issues", &number.to_string()]);
        query.json(fields([("body", body), ("state", state)]))
    }

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

    fn read_comment(&self, json: &Value) -> Option<Comment> {
        Some(Comment {
            id: json.get("id")?.as_u64()?,
            body: text(json, "/body").unwrap_or_default(),
            author: text(json, "/user/login"),
            created: time(json, "/created_at")?,
        })
    }

    fn read_label(&self, json: &Value) -> Option<Value> {
        (text(json, "/name")? == self.0.label).then(|| json.get("id").cloned()).flatten()
    }

    fn read_assignable(&self, answer: &Answer, name: &str) -> Option<Value> {
        let json = answer.json()?;
        let mut logins = json.as_array()?.iter().filter_map(|user| text(user, "/login"));
        logins.find(|login| login.eq_ignore_ascii_case(name)).map(Value::from)
    }

    fn read_user(&self, json: &Value) -> Option<String> {
        text(json, "/login")
    }

    /// 423: the repository is archived.
    fn setback(&self, answer: &Answer, now: Timestamp) -> Setback {
        match answer.status {
            423 => Setback::Stopped,
            status => setback(status, &answer.headers, now),
        }
    }
}

/// An object of those fields that have a value.
pub(super) fn fields<'a>(given: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Value {
    let given =
        given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    Value::Object(given.collect())
}
