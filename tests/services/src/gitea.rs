//! Gitea and Forgejo: issues under `/api/v1`.
//!
//! From the Swagger document of the API and from what its handlers do: `routers/api/v1/repo` (issue,
//! label, comment), `models/issues/issue_update.go` and `label.go`, `services/context/api.go`.

mod issues;
mod show;

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::exchange::{Answer, Reply, Request, word};
use crate::fake::{Fake, Service, seconds};
use crate::page::Page;
use crate::tracker::{Board, Grant, Tracker, is_ours};

/// A Gitea server.
pub type Gitea = Fake<Forge>;

/// Scopes of a token that may do everything here.
pub const SCOPES: &[&str] = &["read:user", "read:repository", "read:issue", "write:issue"];

/// However many are asked for: `MAX_RESPONSE_ITEMS`.
const MOST: usize = 50;
/// `DEFAULT_PAGING_NUM`
const PAGE: usize = 30;

/// What it holds.
#[derive(Debug)]
pub struct Forge {
    board: Board,
    archived: bool,
}

impl Gitea {
    /// Starts one with the private repository `ops/alerts`.
    pub async fn start() -> Self {
        Self::serve(Forge { board: Board::new(SCOPES), archived: false }).await
    }

    /// The repository takes nothing new.
    pub fn archive(&self) {
        self.with(|forge| forge.archived = true);
    }
}

impl Tracker for Forge {
    fn board(&mut self) -> &mut Board {
        &mut self.board
    }
}

impl Service for Forge {
    fn answer(&mut self, request: &Request, now: i64) -> Reply {
        self.route(request, now).unwrap_or_else(|refused| refused)
    }

    /// What a proxy in front of it says: it has no limit of its own.
    fn limited(&self, _: &Request, retry_after: Duration, _: i64) -> Reply {
        Reply::text(429, "Too Many Requests").with("retry-after", seconds(retry_after))
    }
}

impl Forge {
    fn route(&mut self, request: &Request, now: i64) -> Answer {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let ["api", "v1", path @ ..] = path.as_slice() else {
            return Err(Reply::html(404, "<title>Page Not Found</title>"));
        };
        // A wrong token is refused everywhere, also where none is needed.
        let token = request.credential(&["token", "bearer"]);
        let unknown = || refuse(request, 401, "invalid username, password or token");
        let who = self.board.whose(token, unknown)?;
        match (request.method.as_str(), path) {
            ("GET", ["version"]) => Ok(Reply::json(200, &json!({"version": "1.24.6"}))),
            ("GET", ["user"]) => {
                let who = scoped(request, who.as_ref(), "read:user")?;
                Ok(Reply::json(200, &show::user(request, &self.board, &who.login)))
            }
            ("GET", ["users", login]) if self.board.users.contains_key(*login) => {
                Ok(Reply::json(200, &show::user(request, &self.board, login)))
            }
            (_, ["repos", owner, name, path @ ..]) => {
                if !is_ours(owner, name) || (who.is_none() && !self.board.public) {
                    return Err(refuse(request, 404, "The target couldn't be found."));
                }
                self.repository(request, path, who.as_ref(), now)
            }
            _ => Err(refuse(request, 404, "not found")),
        }
    }

    fn repository(
        &mut self,
        request: &Request,
        path: &[&str],
        who: Option<&Grant>,
        now: i64,
    ) -> Answer {
        let method = request.method.as_str();
        if method == "GET" {
            let scope = if path.is_empty() { "read:repository" } else { "read:issue" };
            if let Some(who) = who {
                allowed(request, who, scope)?;
            }
            return self.read(request, path);
        }
        let who = scoped(request, who, "write:issue")?.clone();
        if self.archived {
            return Err(refuse(request, 423, "This repo is archived. You cannot create issues."));
        }
        let fields = body(request)?;
        match (method, path) {
            ("POST", ["labels"]) => self.create_label(request, &fields),
            ("POST", ["issues"]) => self.create_issue(request, &fields, &who, now),
            ("PATCH", ["issues", number]) if number.parse::<u64>().is_ok() => {
                self.edit_issue(request, number, &fields, &who, now)
            }
            ("POST", ["issues", number, "comments"]) => {
                self.create_comment(request, number, &fields, &who, now)
            }
            ("PATCH", ["issues", "comments", id]) => {
                self.edit_comment(request, id, &fields, &who, now)
            }
            ("POST", ["issues", number, "labels"]) => {
                self.label_issue(request, number, &fields, &who)
            }
            _ => Err(refuse(request, 404, "not found")),
        }
    }

    fn read(&mut self, request: &Request, path: &[&str]) -> Answer {
        match path {
            [] => Ok(Reply::json(200, &show::repository(request))),
            ["labels"] => {
                let mut labels = self.board.labels.clone();
                labels.sort_by(|one, other| one.name.cmp(&other.name));
                let page = Page::of(request, "limit", PAGE, MOST);
                let shown = page.of_all(&labels).map(|label| show::label(request, label));
                let reply = Reply::json(200, &Value::Array(shown.collect()));
                Ok(reply.with("x-total-count", labels.len()))
            }
            ["assignees"] => {
                let members = self.board.members.iter();
                let shown = members.map(|login| show::user(request, &self.board, login));
                Ok(Reply::json(200, &Value::Array(shown.collect())))
            }
            ["issues"] => Ok(self.list(request)),
            ["issues", number] => {
                let issue = self.board.issue(number).cloned();
                let issue = issue.ok_or_else(|| refuse(request, 404, "issue does not exist"))?;
                Ok(Reply::json(200, &show::issue(request, &self.board, &issue)))
            }
            ["issues", number, "comments"] => {
                let issue = self.board.issue(number).cloned();
                let issue = issue.ok_or_else(|| refuse(request, 404, "issue does not exist"))?;
                // Comments are not paged, whatever is asked.
                let total = issue.comments.len();
                let shown = issue.comments.iter();
                let shown = shown.map(|one| show::comment(request, &self.board, &issue, one));
                let reply = Reply::json(200, &Value::Array(shown.collect()));
                Ok(reply.with("x-total-count", total))
            }
            _ => Err(refuse(request, 404, "not found")),
        }
    }

    /// Color is needed; there may be two labels of one name.
    fn create_label(&mut self, request: &Request, fields: &Map<String, Value>) -> Answer {
        let name = required(request, fields, "name", "Name")?;
        let color = required(request, fields, "color", "Color")?;
        let digits = color.strip_prefix('#').unwrap_or(&color);
        let hex = digits.chars().all(|digit| digit.is_ascii_hexdigit());
        if !hex || !matches!(digits.len(), 3 | 6) {
            return Err(refuse(request, 422, &format!("invalid color format: {color}")));
        }
        let description = word(fields, "description").unwrap_or_default();
        let label = self.board.label(&name, &digits.to_ascii_lowercase(), description);
        Ok(Reply::json(201, &show::label(request, &label)))
    }
}

/// Every error has this shape.
fn refuse(request: &Request, status: u16, message: &str) -> Reply {
    let url = format!("{}/api/swagger", request.base());
    Reply::json(status, &json!({"message": message, "url": url}))
}

fn scoped<'a>(request: &Request, who: Option<&'a Grant>, scope: &str) -> Result<&'a Grant, Reply> {
    let who = who.ok_or_else(|| refuse(request, 401, "token is required"))?;
    allowed(request, who, scope)?;
    Ok(who)
}

/// Who may write may read.
fn allowed(request: &Request, who: &Grant, scope: &str) -> Result<(), Reply> {
    if who.has(scope) || who.has(&scope.replace("read:", "write:")) {
        return Ok(());
    }
    let message = format!("token does not have at least one of required scope(s): [{scope}]");
    Err(refuse(request, 403, &message))
}

fn body(request: &Request) -> Result<Map<String, Value>, Reply> {
    request.fields().ok_or_else(|| refuse(request, 422, "[]: invalid character in the body"))
}

fn required(
    request: &Request,
    fields: &Map<String, Value>,
    name: &str,
    shown: &str,
) -> Result<String, Reply> {
    let value = word(fields, name).filter(|value| !value.trim().is_empty());
    let missing = || refuse(request, 422, &format!("[{shown}]: Required"));
    value.map(str::to_owned).ok_or_else(missing)
}
