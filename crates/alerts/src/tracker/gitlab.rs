//! How GitLab is asked.
//!
//! A line that begins with a slash could be obeyed as a quick action; no text of ours has one. Labels
//! that are not there are made; somebody who is not a member is not assigned, without a word. Notes
//! that GitLab itself writes are no comments.
//!
//! Source: GitLab, "Issues API", "Notes API", "Labels API", "Users API", "REST API" (pagination,
//! namespaced paths, status codes), "GitLab quick actions", "Rate limits".

use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::dialect::{Comment, Dialect, Draft, Issue, Query, Repo};
use super::json::{fields, text, texts, time};
use crate::SinkError;
use crate::attempt::header;
use crate::http::Answer;

/// GitLab's dialect.
#[derive(Debug)]
pub(super) struct GitLab(pub(super) Repo);

impl Dialect for GitLab {
    fn repo(&self) -> &Repo {
        &self.0
    }

    fn at_repo(&self, method: Method) -> Query {
        Query::new(method, ["api", "v4", "projects", &self.0.path])
    }

    fn authorize(
        &self,
        request: RequestBuilder,
        token: &SecretString,
    ) -> Result<RequestBuilder, SinkError> {
        Ok(request.header("private-token", header("ask the tracker", token.expose_secret())?))
    }

    fn comments(&self, number: u64, page: u32) -> Query {
        let notes = self.at_issue(Method::GET, number).and(["notes"]);
        self.paged(notes.with("sort", "asc"), page)
    }

    fn assignable(&self, name: &str) -> Query {
        Query::new(Method::GET, ["api", "v4", "users"]).with("username", name)
    }

    fn user(&self) -> Query {
        Query::new(Method::GET, ["api", "v4", "user"])
    }

    fn create(&self, draft: &Draft) -> Query {
        let assignees: Vec<_> = draft.assignee.iter().collect();
        self.at_repo(Method::POST).and(["issues"]).json(json!({
            "title": draft.title,
            "description": draft.body,
            "labels": draft.label,
            "assignee_ids": assignees,
        }))
    }

    fn comment(&self, number: u64, body: &str) -> Query {
        let query = self.at_issue(Method::POST, number).and(["notes"]);
        query.json(json!({"body": body}))
    }

    fn edit(&self, number: u64, body: Option<&str>, open: Option<bool>) -> Query {
        let event = open.map(|open| if open { "reopen" } else { "close" });
        let query = self.at_issue(Method::PUT, number);
        query.json(fields([("description", body), ("state_event", event)]))
    }

    fn read_issue(&self, json: &Value) -> Option<Issue> {
        let labels = json.get("labels").and_then(Value::as_array).into_iter().flatten();
        Some(Issue {
            number: json.get("iid")?.as_u64()?,
            open: json.get("state")?.as_str()? == "opened",
            body: text(json, "/description").unwrap_or_default(),
            labels: labels.filter_map(|label| Some(label.as_str()?.to_owned())).collect(),
            assignees: texts(json, "assignees", "/username"),
            author: text(json, "/author/username"),
            created: time(json, "/created_at")?,
            closed: time(json, "/closed_at"),
            pull: false,
        })
    }

    fn read_comment(&self, json: &Value) -> Option<Comment> {
        if json.get("system") == Some(&Value::Bool(true)) {
            return None;
        }
        Some(Comment {
            id: json.get("id")?.as_u64()?,
            body: text(json, "/body").unwrap_or_default(),
            author: text(json, "/author/username"),
            created: time(json, "/created_at")?,
        })
    }

    fn read_label(&self, json: &Value) -> Option<Value> {
        text(json, "/name").filter(|name| *name == self.0.label).map(Value::from)
    }

    fn read_assignable(&self, answer: &Answer, name: &str) -> Option<Value> {
        let json = answer.json()?;
        let mut users = json.as_array()?.iter();
        let named = |user: &&Value| {
            text(user, "/username").is_some_and(|login| login.eq_ignore_ascii_case(name))
        };
        users.find(named)?.get("id").cloned()
    }

    fn read_user(&self, json: &Value) -> Option<String> {
        text(json, "/username")
    }
}
