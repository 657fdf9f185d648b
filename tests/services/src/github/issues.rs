//! What GitHub does with issues, labels and comments.

use serde_json::{Map, Value, json};

use super::{Api, ID, invalid, refuse, show};
use crate::exchange::{Answer, Reply, Request, word, words};
use crate::page::Page;
use crate::tracker::{Board, Comment, Grant, Issue, Label, Refusal};

/// Characters of a title.
const TITLE: usize = 256;
/// Characters of a body or a comment.
const BODY: usize = 65_536;
/// Characters of a label's name, and of its description.
const NAME: usize = 50;
const DESCRIPTION: usize = 100;

impl Api {
    pub(super) fn read(&mut self, request: &Request, path: &[&str]) -> Answer {
        match path {
            [] => Ok(Reply::json(200, &show::repository(request))),
            ["labels"] => {
                let labels = &self.board.labels;
                let shown = |label: &Label| show::label(request, label);
                Ok(paged(request, "labels", labels, shown))
            }
            ["labels", name] => {
                let mut labels = self.board.labels.iter();
                let label = labels.find(|label| label.name.eq_ignore_ascii_case(name));
                let label = label.ok_or_else(|| refuse(404, "Not Found"))?;
                Ok(Reply::json(200, &show::label(request, label)))
            }
            ["assignees", login] if self.board.is_member(login) => Ok(Reply::empty(204)),
            ["issues"] => self.list(request),
            ["issues", number] => {
                let issue = self.board.issue(number).cloned();
                let issue = issue.ok_or_else(|| refuse(404, "Not Found"))?;
                Ok(Reply::json(200, &show::issue(request, &self.board, &issue)))
            }
            ["issues", number, "comments"] => {
                let issue = self.board.issue(number).cloned();
                let issue = issue.ok_or_else(|| refuse(404, "Not Found"))?;
                let path = format!("issues/{number}/comments");
                let shown = |one: &Comment| show::comment(request, &self.board, &issue, one);
                Ok(paged(request, &path, &issue.comments, shown))
            }
            _ => Err(refuse(404, "Not Found")),
        }
    }

    /// Newest first, pull requests among them. All the labels that are asked must be there; case
    /// does not matter.
    fn list(&self, request: &Request) -> Answer {
        let state = request.param("state").unwrap_or("open");
        if !matches!(state, "open" | "closed" | "all") {
            return Err(invalid("Issue", "state", "invalid", &json!({"value": state})));
        }
        let asked = request.param("labels").unwrap_or_default();
        let asked: Vec<_> = asked.split(',').filter(|name| !name.is_empty()).collect();
        let has = |issue: &Issue, name: &str| {
            issue.labels.iter().any(|label| label.eq_ignore_ascii_case(name))
        };
        let issues = self.board.newest(|issue| {
            let state = state == "all" || issue.open == (state == "open");
            state && asked.iter().all(|name| has(issue, name))
        });
        let shown = |issue: &Issue| show::issue(request, &self.board, issue);
        Ok(paged(request, "issues", &issues, shown))
    }

    /// The name is taken in any case.
    pub(super) fn create_label(
        &mut self,
        request: &Request,
        fields: &Map<String, Value>,
    ) -> Answer {
        let name = word(fields, "name").unwrap_or_default().trim();
        if name.is_empty() {
            return Err(invalid("Label", "name", "missing_field", &Value::Null));
        }
        if name.chars().count() > NAME {
            return Err(too_long("Label", "name", NAME));
        }
        if self.board.labels.iter().any(|label| label.name.eq_ignore_ascii_case(name)) {
            return Err(invalid("Label", "name", "already_exists", &Value::Null));
        }
        let color = word(fields, "color").unwrap_or("ededed");
        if color.len() != 6 || !color.chars().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(invalid("Label", "color", "invalid", &Value::Null));
        }
        let description = word(fields, "description").unwrap_or_default();
        if description.chars().count() > DESCRIPTION {
            return Err(too_long("Label", "description", DESCRIPTION));
        }
        let label = self.board.label(name, &color.to_ascii_lowercase(), description);
        Ok(Reply::json(201, &show::label(request, &label)))
    }

    /// Labels that are not there are made. Without push access labels and assignees are dropped
    /// without a word.
    pub(super) fn create_issue(
        &mut self,
        request: &Request,
        fields: &Map<String, Value>,
        who: &Grant,
        now: i64,
    ) -> Answer {
        if !fields.get("title").is_some_and(|title| title.is_string() || title.is_number()) {
            return Err(refuse(422, "Invalid request.\n\n\"title\" wasn't supplied."));
        }
        let title = word(fields, "title").unwrap_or_default();
        let body = word(fields, "body").unwrap_or_default();
        checked(title, body)?;
        let member = self.board.is_member(&who.login);
        let assignees = if member { self.assignees(fields)? } else { None };
        let labels = if member { self.labels(fields) } else { None };
        let issue = Issue {
            title: title.to_owned(),
            body: body.to_owned(),
            labels: labels.unwrap_or_default(),
            assignees: assignees.unwrap_or_default(),
            author: who.login.clone(),
            ..Issue::default()
        };
        let issue = self.board.open(issue, now);
        Ok(Reply::json(201, &show::issue(request, &self.board, &issue)))
    }

    pub(super) fn edit_issue(
        &mut self,
        request: &Request,
        number: &str,
        fields: &Map<String, Value>,
        who: &Grant,
        now: i64,
    ) -> Answer {
        let missing = || refuse(404, "Not Found");
        let old = self.board.issue(number).ok_or_else(missing)?.clone();
        let member = self.board.is_member(&who.login);
        if !member && old.author != who.login {
            return Err(refuse(403, "Must have admin rights to Repository."));
        }
        let title = word(fields, "title").unwrap_or(&old.title).to_owned();
        let body = word(fields, "body").unwrap_or(&old.body).to_owned();
        checked(&title, &body)?;
        let state = word(fields, "state");
        if state.is_some_and(|state| !matches!(state, "open" | "closed")) {
            return Err(invalid("Issue", "state", "invalid", &json!({"value": state})));
        }
        let reason = word(fields, "state_reason");
        let known = ["completed", "not_planned", "reopened", "duplicate"];
        if reason.is_some_and(|reason| !known.contains(&reason)) {
            return Err(invalid("Issue", "state_reason", "invalid", &json!({"value": reason})));
        }
        let assignees = if member { self.assignees(fields)? } else { None };
        let labels = if member { self.labels(fields) } else { None };
        let issue = self.board.issue(number).ok_or_else(missing)?;
        (issue.title, issue.body) = (title, body);
        issue.assignees = assignees.unwrap_or(old.assignees);
        issue.labels = labels.unwrap_or(old.labels);
        issue.updated = now;
        if let Some(state) = state {
            issue.set_open(state == "open", &who.login, now);
            let default = if state == "closed" { "completed" } else { "reopened" };
            // A reason without a change of state is ignored.
            if old.open != issue.open {
                issue.reason = Some(reason.unwrap_or(default).to_owned());
            }
        }
        let issue = issue.clone();
        Ok(Reply::json(200, &show::issue(request, &self.board, &issue)))
    }

    pub(super) fn create_comment(
        &mut self,
        request: &Request,
        number: &str,
        fields: &Map<String, Value>,
        who: &Grant,
        now: i64,
    ) -> Answer {
        let issue = self.board.issue(number).cloned().ok_or_else(|| refuse(404, "Not Found"))?;
        let body = comment(fields)?;
        if issue.locked && !self.board.is_member(&who.login) {
            return Err(refuse(403, "Unable to create comment because issue is locked."));
        }
        let one = self.board.comment(issue.number, &who.login, body, now);
        Ok(Reply::json(201, &show::comment(request, &self.board, &issue, &one)))
    }

    pub(super) fn edit_comment(
        &mut self,
        request: &Request,
        id: &str,
        fields: &Map<String, Value>,
        who: &Grant,
        now: i64,
    ) -> Answer {
        let body = comment(fields)?;
        let refused = |why| match why {
            Refusal::Missing => refuse(404, "Not Found"),
            Refusal::Forbidden => refuse(403, "Must have admin rights to Repository."),
        };
        let (issue, one) = self.board.reword(id, body, who, now, refused)?;
        Ok(Reply::json(200, &show::comment(request, &self.board, &issue, &one)))
    }

    fn assignees(&self, fields: &Map<String, Value>) -> Result<Option<Vec<String>>, Reply> {
        let Some(all) = words(fields, "assignees") else { return Ok(None) };
        match all.iter().find(|login| !self.board.is_member(login)) {
            Some(unknown) => {
                Err(invalid("Issue", "assignees", "invalid", &json!({"value": unknown})))
            }
            None => Ok(Some(all)),
        }
    }

    fn labels(&mut self, fields: &Map<String, Value>) -> Option<Vec<String>> {
        let asked = words(fields, "labels")?;
        let known = |board: &Board, name: &str| {
            let mut labels = board.labels.iter();
            labels.find(|label| label.name.eq_ignore_ascii_case(name)).map(|l| l.name.clone())
        };
        let mut names = Vec::new();
        for name in asked {
            let name = known(&self.board, &name)
                .unwrap_or_else(|| self.board.label(&name, "ededed", "").name);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Some(names)
    }
}

/// Links go by the repository's id, not by its name.
fn paged<T>(request: &Request, path: &str, all: &[T], show: impl Fn(&T) -> Value) -> Reply {
    let path = format!("/repositories/{ID}/{path}");
    Page::of(request, "per_page", 30, 100).reply(request, &path, all, show)
}

fn checked(title: &str, body: &str) -> Result<(), Reply> {
    if title.trim().is_empty() {
        return Err(invalid("Issue", "title", "missing_field", &Value::Null));
    }
    if title.chars().count() > TITLE {
        return Err(too_long("Issue", "title", TITLE));
    }
    if body.chars().count() > BODY {
        return Err(too_long("Issue", "body", BODY));
    }
    Ok(())
}

fn comment(fields: &Map<String, Value>) -> Result<&str, Reply> {
    let body = word(fields, "body")
        .ok_or_else(|| refuse(422, "Invalid request.\n\n\"body\" wasn't supplied."))?;
    if body.trim().is_empty() {
        let more = json!({"message": "Body cannot be blank"});
        return Err(invalid("IssueComment", "body", "unprocessable", &more));
    }
    if body.chars().count() > BODY {
        return Err(too_long("IssueComment", "body", BODY));
    }
    Ok(body)
}

fn too_long(resource: &str, field: &str, most: usize) -> Reply {
    let message = format!("{field} is too long (maximum is {most} characters)");
    invalid(resource, field, "custom", &json!({"message": message}))
}
