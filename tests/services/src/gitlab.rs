//! GitLab: issues under `/api/v4/projects/:id`.
//!
//! From the API documents "Issues", "Notes", "Labels", "Users", "REST API" (pagination, encoding of
//! paths, status codes), "Rate limits" and "Quick actions".

mod issues;
mod quick;
mod show;

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::exchange::{Answer, Reply, Request, word};
use crate::fake::{Fake, Service, seconds};
use crate::page::Page;
use crate::tracker::{Board, Grant, OWNER, REPOSITORY, Tracker};

/// A GitLab server.
pub type GitLab = Fake<Instance>;

/// Scopes of a token that may do everything here.
pub const SCOPES: &[&str] = &["api"];

/// The project's id.
pub const PROJECT: u64 = 42;

/// What it holds.
#[derive(Debug)]
pub struct Instance {
    board: Board,
    quick: Vec<String>,
}

impl GitLab {
    /// Starts one with the private project `ops/alerts`.
    pub async fn start() -> Self {
        Self::serve(Instance { board: Board::new(SCOPES), quick: Vec::new() }).await
    }

    /// Lines of descriptions and notes that were obeyed as quick actions: `/close` …
    pub fn quick_actions(&self) -> Vec<String> {
        self.with(|instance| instance.quick.clone())
    }
}

impl Tracker for Instance {
    const TITLES_CALL: bool = false;

    fn board(&mut self) -> &mut Board {
        &mut self.board
    }
}

impl Service for Instance {
    fn answer(&mut self, request: &Request, now: i64) -> Reply {
        self.route(request, now).unwrap_or_else(|refused| refused)
    }

    /// Plain text, and headers that say when.
    fn limited(&self, _: &Request, retry_after: Duration, now: i64) -> Reply {
        let wait = seconds(retry_after);
        let reset = now.div_euclid(1000).saturating_add_unsigned(wait);
        Reply::text(429, "Retry later\n")
            .with("ratelimit-limit", 60)
            .with("ratelimit-name", "throttle_authenticated_api")
            .with("ratelimit-observed", 61)
            .with("ratelimit-remaining", 0)
            .with("ratelimit-reset", reset)
            .with("retry-after", wait)
    }
}

impl Instance {
    fn route(&mut self, request: &Request, now: i64) -> Answer {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let ["api", "v4", path @ ..] = path.as_slice() else {
            return Err(Reply::html(404, "<title>Not Found</title>"));
        };
        let token = request.header("private-token").or_else(|| request.credential(&["bearer"]));
        let unauthorized = || refuse(401, "401 Unauthorized");
        let who = self.board.whose(token, unauthorized)?;
        if let Some(who) = &who
            && !who.has("api")
            && (request.method != "GET" || !who.has("read_api"))
        {
            return Err(insufficient());
        }
        match path {
            ["user"] if request.method == "GET" => {
                let who = who.ok_or_else(unauthorized)?;
                Ok(Reply::json(200, &show::user(request, &self.board, &who.login)))
            }
            ["users"] if request.method == "GET" => {
                who.ok_or_else(unauthorized)?;
                let name = request.param("username").unwrap_or_default();
                let users = self.board.users.keys();
                let found =
                    users.filter(|login| name.is_empty() || login.eq_ignore_ascii_case(name));
                let shown = found.map(|login| show::user(request, &self.board, login));
                Ok(Reply::json(200, &Value::Array(shown.collect())))
            }
            ["projects", project, path @ ..] => {
                let known = project.eq_ignore_ascii_case(&format!("{OWNER}/{REPOSITORY}"))
                    || *project == PROJECT.to_string();
                let sees = who.as_ref().is_some_and(|who| self.board.is_member(&who.login));
                if !known || !(sees || self.board.public) {
                    return Err(refuse(404, "404 Project Not Found"));
                }
                self.project(request, path, who.as_ref(), now)
            }
            // A path that is not encoded is another address.
            _ => Err(Reply::json(404, &json!({"error": "404 Not Found"}))),
        }
    }

    fn project(
        &mut self,
        request: &Request,
        path: &[&str],
        who: Option<&Grant>,
        now: i64,
    ) -> Answer {
        if request.method == "GET" {
            return self.read(request, path);
        }
        let who = who.ok_or_else(|| refuse(401, "401 Unauthorized"))?.clone();
        let fields = parameters(request)?;
        match (request.method.as_str(), path) {
            ("POST", ["labels"]) => self.create_label(&who, &fields),
            ("POST", ["issues"]) => self.create_issue(request, &fields, &who, now),
            ("PUT", ["issues", iid]) => self.edit_issue(request, iid, &fields, &who, now),
            ("POST", ["issues", iid, "notes"]) => {
                self.create_note(request, iid, &fields, &who, now)
            }
            ("PUT", ["issues", iid, "notes", id]) => {
                self.edit_note(request, iid, id, &fields, &who, now)
            }
            _ => Err(Reply::json(404, &json!({"error": "404 Not Found"}))),
        }
    }

    fn create_label(&mut self, who: &Grant, fields: &Map<String, Value>) -> Answer {
        if !self.board.is_member(&who.login) {
            return Err(refuse(403, "403 Forbidden"));
        }
        let name = word(fields, "name").ok_or_else(|| missing("name is missing"))?;
        let color = word(fields, "color").ok_or_else(|| missing("color is missing"))?;
        if self.board.label_named(name).is_some() {
            return Err(refuse(409, "Label already exists"));
        }
        let digits = color.strip_prefix('#').unwrap_or_default();
        if !matches!(digits.len(), 3 | 6) || !digits.chars().all(|d| d.is_ascii_hexdigit()) {
            let message = json!({"message": {"color": ["must be a valid color code"]}});
            return Err(Reply::json(400, &message));
        }
        let description = word(fields, "description").unwrap_or_default();
        let label = self.board.label(name, digits, description);
        Ok(Reply::json(201, &show::label(&label)))
    }
}

fn refuse(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({"message": message}))
}

fn insufficient() -> Reply {
    let body = json!({
        "error": "insufficient_scope",
        "error_description":
            "The request requires higher privileges than provided by the access token.",
        "scope": "api",
    });
    Reply::json(403, &body)
}

/// A parameter that is missing or makes no sense.
fn missing(error: &str) -> Reply {
    Reply::json(400, &json!({"error": error}))
}

/// Parameters come in the address, as a form or as JSON.
fn parameters(request: &Request) -> Result<Map<String, Value>, Reply> {
    let unreadable = || Reply::json(400, &json!({"error": "400 Bad request - JSON parse error"}));
    let mut fields = request.fields().ok_or_else(unreadable)?;
    for (name, value) in request.query.clone() {
        fields.entry(name).or_insert(Value::String(value));
    }
    Ok(fields)
}

/// What pages say of themselves.
fn paged<T>(request: &Request, all: &[T], show: impl Fn(&T) -> Value) -> Reply {
    let page = Page::of(request, "per_page", 20, 100);
    let text = |number: Option<usize>| number.map(|number| number.to_string()).unwrap_or_default();
    page.reply(request, &request.path, all, show)
        .with("x-page", page.number)
        .with("x-per-page", page.size)
        .with("x-total", all.len())
        .with("x-total-pages", page.last(all.len()))
        .with("x-next-page", text(page.next(all.len())))
        .with("x-prev-page", text(page.previous()))
}
