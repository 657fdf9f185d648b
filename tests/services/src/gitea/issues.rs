//! What Gitea does with issues and comments.

use serde_json::{Map, Value};

use super::{Forge, MOST, PAGE, refuse, required, show};
use crate::exchange::{Answer, Reply, Request, word, words};
use crate::page::Page;
use crate::tracker::{Grant, Issue, Refusal};

/// What is longer is cut off, with an ellipsis.
const TITLE: usize = 255;

impl Forge {
    /// Newest first. Names of labels that are not there are ignored: where none is there, nothing is
    /// filtered. Pull requests are among them unless `type=issues` is asked.
    pub(super) fn list(&self, request: &Request) -> Reply {
        let state = request.param("state").unwrap_or("open");
        let kind = request.param("type").unwrap_or_default();
        let asked = request.param("labels").unwrap_or_default().split(',');
        let labels: Vec<_> = asked.filter(|name| self.board.label_named(name).is_some()).collect();
        let issues = self.board.newest(|issue| {
            let state = match state {
                "closed" => !issue.open,
                "all" => true,
                _ => issue.open,
            };
            let kind = match kind {
                "issues" => !issue.pull,
                "pulls" => issue.pull,
                _ => true,
            };
            state && kind && labels.iter().all(|name| issue.labels.iter().any(|l| l == name))
        });
        let page = Page::of(request, "limit", PAGE, MOST);
        let shown = |issue: &Issue| show::issue(request, &self.board, issue);
        // The pages are counted by the clamped size; the limit in the links is the one asked for.
        page.reply(request, &request.path, &issues, shown).with("x-total-count", issues.len())
    }

    /// Labels are ids; those that are not there are dropped without a word. Somebody who may not
    /// write here cannot set labels or assignees: they are dropped too.
    pub(super) fn create_issue(
        &mut self,
        request: &Request,
        fields: &Map<String, Value>,
        who: &Grant,
        now: i64,
    ) -> Answer {
        let title = cut(&required(request, fields, "title", "Title")?);
        let ids = ids(request, fields)?;
        let mut assignees = Vec::new();
        let mut labels = Vec::new();
        if self.board.is_member(&who.login) {
            assignees = self.assignees(request, fields)?;
            labels = self.named(&ids);
        }
        let (body, author) = (word(fields, "body").unwrap_or_default(), who.login.clone());
        let issue =
            Issue { title, body: body.to_owned(), labels, assignees, author, ..Issue::default() };
        let mut issue = self.board.open(issue, now);
        if fields.get("closed") == Some(&Value::Bool(true))
            && let Some(opened) = self.board.issue(&issue.number.to_string())
        {
            opened.set_open(false, &who.login, now);
            issue = opened.clone();
        }
        Ok(Reply::json(201, &show::issue(request, &self.board, &issue)))
    }

    /// Labels cannot be changed this way. The answer is `201`.
    pub(super) fn edit_issue(
        &mut self,
        request: &Request,
        number: &str,
        fields: &Map<String, Value>,
        who: &Grant,
        now: i64,
    ) -> Answer {
        let missing = || refuse(request, 404, "issue does not exist");
        let member = self.board.is_member(&who.login);
        let author = self.board.issue(number).ok_or_else(missing)?.author.clone();
        if !member && author != who.login {
            return Err(Reply::empty(403));
        }
        let named = fields.contains_key("assignees") || fields.contains_key("assignee");
        let assignees = if member && named { Some(self.assignees(request, fields)?) } else { None };
        let open = match word(fields, "state") {
            None => None,
            Some("open") => Some(true),
            Some("closed") => Some(false),
            Some(other) => {
                return Err(refuse(request, 422, &format!("unknown state: {other}")));
            }
        };
        let issue = self.board.issue(number).ok_or_else(missing)?;
        if let Some(title) = word(fields, "title").filter(|title| !title.is_empty()) {
            issue.title = cut(title);
        }
        if let Some(body) = word(fields, "body") {
            body.clone_into(&mut issue.body);
        }
        if let Some(assignees) = assignees {
            issue.assignees = assignees;
        }
        issue.updated = now;
        if let Some(open) = open {
            issue.set_open(open, &who.login, now);
        }
        let issue = issue.clone();
        Ok(Reply::json(201, &show::issue(request, &self.board, &issue)))
    }

    pub(super) fn label_issue(
        &mut self,
        request: &Request,
        number: &str,
        fields: &Map<String, Value>,
        who: &Grant,
    ) -> Answer {
        if !self.board.is_member(&who.login) {
            return Err(refuse(request, 403, "write permission is required"));
        }
        let named = self.named(&ids(request, fields)?);
        let missing = || refuse(request, 404, "issue does not exist");
        let issue = self.board.issue(number).ok_or_else(missing)?;
        for name in named {
            if !issue.labels.contains(&name) {
                issue.labels.push(name);
            }
        }
        let issue = issue.clone();
        let shown = self.board.labels_of(&issue).map(|label| show::label(request, label));
        Ok(Reply::json(200, &Value::Array(shown.collect())))
    }

    pub(super) fn create_comment(
        &mut self,
        request: &Request,
        number: &str,
        fields: &Map<String, Value>,
        who: &Grant,
        now: i64,
    ) -> Answer {
        let body = required(request, fields, "body", "Body")?;
        let missing = || refuse(request, 404, "issue does not exist");
        let issue = self.board.issue(number).ok_or_else(missing)?.clone();
        if issue.locked && !self.board.is_member(&who.login) {
            return Err(refuse(request, 403, "You cannot comment on a locked issue."));
        }
        let comment = self.board.comment(issue.number, &who.login, &body, now);
        Ok(Reply::json(201, &show::comment(request, &self.board, &issue, &comment)))
    }

    pub(super) fn edit_comment(
        &mut self,
        request: &Request,
        id: &str,
        fields: &Map<String, Value>,
        who: &Grant,
        now: i64,
    ) -> Answer {
        let body = required(request, fields, "body", "Body")?;
        let refused = |why| match why {
            Refusal::Missing => refuse(request, 404, "comment does not exist"),
            Refusal::Forbidden => Reply::empty(403),
        };
        let (issue, comment) = self.board.reword(id, &body, who, now, refused)?;
        Ok(Reply::json(200, &show::comment(request, &self.board, &issue, &comment)))
    }

    fn named(&self, ids: &[u64]) -> Vec<String> {
        let labels = self.board.labels.iter().filter(|label| ids.contains(&label.id));
        labels.map(|label| label.name.clone()).collect()
    }

    /// Each must be there, and may write here.
    fn assignees(
        &self,
        request: &Request,
        fields: &Map<String, Value>,
    ) -> Result<Vec<String>, Reply> {
        let mut all = words(fields, "assignees").unwrap_or_default();
        all.extend(word(fields, "assignee").filter(|one| !one.is_empty()).map(str::to_owned));
        for name in &all {
            if !self.board.users.contains_key(name) {
                let message = format!("Assignee does not exist: [name: {name}]");
                return Err(refuse(request, 422, &message));
            }
            if !self.board.is_member(name) {
                let id = self.board.user_id(name);
                let message = format!("user doesn't have access to repo [user_id: {id}]");
                return Err(refuse(request, 422, &message));
            }
        }
        Ok(all)
    }
}

/// A name where an id should be is no body that the server can read.
fn ids(request: &Request, fields: &Map<String, Value>) -> Result<Vec<u64>, Reply> {
    let empty = Vec::new();
    let list = match fields.get("labels") {
        None | Some(Value::Null) => &empty,
        Some(given) => given.as_array().ok_or_else(|| unreadable(request))?,
    };
    list.iter().map(|id| id.as_u64().ok_or_else(|| unreadable(request))).collect()
}

fn unreadable(request: &Request) -> Reply {
    refuse(request, 422, "json: cannot unmarshal string into Go struct field .labels of type int64")
}

fn cut(title: &str) -> String {
    let title = title.trim();
    if title.chars().count() <= TITLE {
        return title.to_owned();
    }
    title.chars().take(TITLE - 1).chain(['…']).collect()
}
