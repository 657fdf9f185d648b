//! GitHub: issues under `/repos/{owner}/{repo}`.
//!
//! From "REST API endpoints for issues", "… labels", "… issue comments", "Using pagination in the
//! REST API", "Rate limits for the REST API", "Getting started with the REST API" (user agent, media
//! types, versions) and "Troubleshooting the REST API".

mod issues;
mod show;

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::exchange::{Answer, Reply, Request};
use crate::fake::{Fake, Service, seconds};
use crate::tracker::{Board, Grant, Tracker, is_ours};

/// The API of GitHub.
pub type GitHub = Fake<Api>;

/// Permissions of a token that may do everything here.
pub const SCOPES: &[&str] = &["issues:read", "issues:write"];

/// The repository's id: links to other pages go by it.
const ID: &str = "1296269";
/// Requests of a user in an hour.
const HOURLY: u64 = 5000;

/// What it holds.
#[derive(Debug)]
pub struct Api {
    board: Board,
    disabled: bool,
    /// Until when nothing is left of the hour's requests.
    exhausted: Option<i64>,
}

impl GitHub {
    /// Starts one with the private repository `ops/alerts`.
    pub async fn start() -> Self {
        let board = Board::new(SCOPES);
        Self::serve(Api { board, disabled: false, exhausted: None }).await
    }

    /// Issues are switched off in the repository.
    pub fn disable_issues(&self) {
        self.with(|api| api.disabled = true);
    }

    /// The hour's requests are used up until this instant, in milliseconds.
    pub fn exhaust(&self, until: i64) {
        self.with(|api| api.exhausted = Some(until));
    }
}

impl Tracker for Api {
    fn board(&mut self) -> &mut Board {
        &mut self.board
    }
}

impl Service for Api {
    fn answer(&mut self, request: &Request, now: i64) -> Reply {
        let reply = self.route(request, now).unwrap_or_else(|refused| refused);
        if reply.headers.iter().any(|(name, _)| name.starts_with("x-ratelimit")) {
            return reply;
        }
        counted(reply, HOURLY - 1, now / 1000 + 3600)
    }

    /// The secondary limit. GitHub says that it may be 403 or 429; it is 403 here, which clients
    /// take for a refusal.
    fn limited(&self, _: &Request, retry_after: Duration, now: i64) -> Reply {
        let message = "You have exceeded a secondary rate limit. Please wait a few minutes before \
                       you try again.";
        let reply = refuse(403, message).with("retry-after", seconds(retry_after));
        counted(reply, HOURLY - 1, now / 1000 + 3600)
    }
}

impl Api {
    fn route(&mut self, request: &Request, now: i64) -> Answer {
        if request.header("user-agent").is_none_or(|agent| agent.trim().is_empty()) {
            let message = "Request forbidden by administrative rules. Please make sure your request \
                           has a User-Agent header";
            return Err(Reply::html(403, message));
        }
        let accept = request.header("accept").unwrap_or("*/*");
        if !accept.contains("json") && !accept.contains("*/*") {
            let message =
                format!("Unsupported 'Accept' header: '{accept}'. Must accept 'application/json'.");
            return Err(refuse(415, &message));
        }
        let version = request.header("x-github-api-version").unwrap_or("2022-11-28");
        if !matches!(version, "2022-11-28" | "2026-03-10") {
            return Err(refuse(400, &format!("API version {version} is not supported.")));
        }
        let token = request.credential(&["bearer", "token"]);
        let who = self.board.whose(token, || refuse(401, "Bad credentials"))?;
        if let Some(until) = self.exhausted.filter(|until| now < *until) {
            let id = who.as_ref().map_or(0, |who| self.board.user_id(&who.login));
            let reply = refuse(403, &format!("API rate limit exceeded for user ID {id}."));
            return Err(counted(reply, 0, until.div_euclid(1000) + i64::from(until % 1000 > 0)));
        }
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["user"] if request.method == "GET" => {
                let who = who.ok_or_else(|| refuse(401, "Requires authentication"))?;
                Ok(Reply::json(200, &show::user(request, &self.board, &who.login)))
            }
            ["repos", owner, name, path @ ..] if is_ours(owner, name) => {
                self.repository(request, path, who.as_ref(), now)
            }
            ["repositories", ID, path @ ..] => self.repository(request, path, who.as_ref(), now),
            _ => Err(refuse(404, "Not Found")),
        }
    }

    /// What a token may not see is not found; what it may see and not do is forbidden.
    fn repository(
        &mut self,
        request: &Request,
        path: &[&str],
        who: Option<&Grant>,
        now: i64,
    ) -> Answer {
        let sees = who.is_some_and(|who| {
            self.board.is_member(&who.login) || who.has("issues:read") || who.has("issues:write")
        });
        if !sees && !self.board.public {
            return Err(refuse(404, "Not Found"));
        }
        if self.disabled && path.first() == Some(&"issues") {
            return Err(refuse(410, "Issues are disabled for this repo"));
        }
        if request.method == "GET" {
            return self.read(request, path);
        }
        let who = who.ok_or_else(|| refuse(401, "Requires authentication"))?.clone();
        if !who.has("issues:write") {
            return Err(refuse(403, "Resource not accessible by personal access token"));
        }
        let fields = body(request)?;
        match (request.method.as_str(), path) {
            ("POST", ["labels"]) => self.create_label(request, &fields),
            ("POST", ["issues"]) => self.create_issue(request, &fields, &who, now),
            ("PATCH", ["issues", number]) => self.edit_issue(request, number, &fields, &who, now),
            ("POST", ["issues", number, "comments"]) => {
                self.create_comment(request, number, &fields, &who, now)
            }
            ("PATCH", ["issues", "comments", id]) => {
                self.edit_comment(request, id, &fields, &who, now)
            }
            _ => Err(refuse(404, "Not Found")),
        }
    }
}

/// Every error has this shape.
fn refuse(status: u16, message: &str) -> Reply {
    let body = json!({
        "message": message,
        "documentation_url": "https://docs.github.com/rest",
        "status": status.to_string(),
    });
    Reply::json(status, &body)
}

/// `422`, with what is wrong with which field.
fn invalid(resource: &str, field: &str, code: &str, more: &Value) -> Reply {
    let mut error = json!({"resource": resource, "field": field, "code": code});
    if let (Some(error), Some(more)) = (error.as_object_mut(), more.as_object()) {
        error.extend(more.clone());
    }
    let body = json!({
        "message": "Validation Failed",
        "errors": [error],
        "documentation_url": "https://docs.github.com/rest/issues/issues#create-an-issue",
        "status": "422",
    });
    Reply::json(422, &body)
}

/// Bodies are JSON, whatever the content type says.
fn body(request: &Request) -> Result<Map<String, Value>, Reply> {
    let body: Value =
        serde_json::from_slice(&request.body).map_err(|_| refuse(400, "Problems parsing JSON"))?;
    let object = body.as_object().cloned();
    object.ok_or_else(|| refuse(400, "Body should be a JSON object"))
}

fn counted(reply: Reply, remaining: u64, reset: i64) -> Reply {
    reply
        .with("x-ratelimit-limit", HOURLY)
        .with("x-ratelimit-remaining", remaining)
        .with("x-ratelimit-used", HOURLY - remaining)
        .with("x-ratelimit-reset", reset)
        .with("x-ratelimit-resource", "core")
}
