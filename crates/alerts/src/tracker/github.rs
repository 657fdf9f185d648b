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
use serde_json::Value;
use sweepd_decide::{Setback, Span, Timestamp};

use super::dialect::{Dialect, Query, Repo};
use super::json::text;
use crate::SinkError;
use crate::attempt::authorized;
use crate::http::{Answer, retry_after, setback};

/// GitHub's dialect.
#[derive(Debug)]
pub(super) struct GitHub(pub(super) Repo);

impl Dialect for GitHub {
    fn repo(&self) -> &Repo {
        &self.0
    }

    fn at_repo(&self, method: Method) -> Query {
        Query::new(method, ["repos"]).and(self.0.path.split('/'))
    }

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

    fn red(&self) -> &'static str {
        "b60205"
    }

    fn assignable(&self, name: &str) -> Query {
        self.at_repo(Method::GET).and(["assignees", name])
    }

    fn user(&self) -> Query {
        Query::new(Method::GET, ["user"])
    }

    fn read_label(&self, json: &Value) -> Option<Value> {
        text(json, "/name").filter(|name| name.eq_ignore_ascii_case(&self.0.label)).map(Value::from)
    }

    fn read_assignable(&self, answer: &Answer, name: &str) -> Option<Value> {
        (answer.status == 204).then(|| name.into())
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
