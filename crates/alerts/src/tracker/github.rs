//! How GitHub is asked.
//!
//! Names of labels are the same in any case. Without push access labels and assignees are dropped
//! without a word. Pull requests are listed among issues. Limits are told with 403 or 429, and
//! `retry-after`, or `x-ratelimit-remaining: 0` with `x-ratelimit-reset`, or by words alone, which
//! mean a minute.
//!
//! Source: GitHub REST API, "Issues", "Issue comments", "Labels", "Assignees", "Rate limits for the
//! REST API", "Best practices for using the REST API", "Using pagination in the REST API".

use reqwest::header::{ACCEPT, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder};
use secrecy::SecretString;
use serde_json::{Value, json};
use sweepd_decide::{Setback, Span, Timestamp};

use super::dialect::{Comment, Dialect, Draft, Issue, Query, Repo, text, texts, time};
use super::gitea::fields;
use crate::SinkError;
use crate::attempt::authorized;
use crate::http::{Answer, retry_after, setback};

/// GitHub's dialect.
#[derive(Debug)]
pub(super) struct GitHub(pub(super) Repo);

impl GitHub {
    fn repo(&self, method: Method) -> Query {
        Query::new(method, ["repos"]).and(self.0.path.split('/'))
    }
}

impl Dialect for GitHub {
    fn authorize(
        &self,
        request: RequestBuilder,
        token: &SecretString,
    ) -> Result<RequestBuilder, SinkError> {
        let request = authorized("ask the tracker", request, "Bearer", token)?;
        Ok(request
            .header(ACCEPT, HeaderValue::from_static("application/vnd.github+json"))
            .header("x-github-api-version", "2022-11-28"))
    }

    fn issues(&self, page: u32) -> Query {
        let query = self.repo(Method::GET).and(["issues"]).with("state", "all");
        query.with("labels", &self.0.label).with("per_page", 100).with("page", page)
    }

    fn issue(&self, number: u64) -> Query {
        self.repo(Method::GET).and(["issues", &number.to_string()])
    }

    fn comments(&self, number: u64, page: u32) -> Query {
        let query = self.repo(Method::GET).and(["issues", &number.to_string(), "comments"]);
        query.with("per_page", 100).with("page", page)
    }

    fn labels(&self, page: u32) -> Query {
        self.repo(Method::GET).and(["labels"]).with("per_page", 100).with("page", page)
    }

    fn make_label(&self) -> Query {
        let body =
            json!({"name": self.0.label, "color": "b60205", "description": "Opened by sweepd"});
        self.repo(Method::POST).and(["labels"]).json(body)
    }

    fn assignable(&self, name: &str) -> Query {
        self.repo(Method::GET).and(["assignees", name])
    }

    fn user(&self) -> Query {
        Query::new(Method::GET, ["user"])
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
        text(json, "/name").filter(|name| name.eq_ignore_ascii_case(&self.0.label)).map(Value::from)
    }

    fn read_assignable(&self, answer: &Answer, name: &str) -> Option<Value> {
        (answer.status == 204).then(|| name.into())
    }

    fn read_user(&self, json: &Value) -> Option<String> {
        text(json, "/login")
    }

    fn setback(&self, answer: &Answer, now: Timestamp) -> Setback {
        limited(answer, now).unwrap_or_else(|| setback(answer.status, &answer.headers, now))
    }
}

/// How long a limit lasts, if the answer is about one.
fn limited(answer: &Answer, now: Timestamp) -> Option<Setback> {
    if !matches!(answer.status, 403 | 429) {
        return None;
    }
    if let Some(wait) = retry_after(&answer.headers, now) {
        return Some(Setback::Later(Some(wait)));
    }
    let number = |name: &'static str| -> Option<i64> {
        answer.header(&HeaderName::from_static(name))?.trim().parse().ok()
    };
    if number("x-ratelimit-remaining") == Some(0) {
        let wait = number("x-ratelimit-reset")
            .map(|reset| Timestamp::from_millis(reset.saturating_mul(1000)).since(now))
            .map_or(MINUTE, |wait| wait.max(Span::from_secs(1)));
        return Some(Setback::Later(Some(wait)));
    }
    let words = String::from_utf8_lossy(&answer.body).to_ascii_lowercase();
    words.contains("rate limit").then_some(Setback::Later(Some(MINUTE)))
}

const MINUTE: Span = Span::from_mins(1);
