//! What GitLab does with issues and notes.

use serde_json::{Map, Value, json};

use super::{Instance, missing, paged, quick, refuse, show};
use crate::exchange::{Answer, Reply, Request, word};
use crate::tracker::{Comment, Grant, Issue, Label};

/// Characters of a title.
const TITLE: usize = 255;
/// Characters of a description.
const DESCRIPTION: usize = 1_048_576;
/// Characters of a note.
const NOTE: usize = 1_000_000;
/// What an edit must have one of.
const EDITS: &[&str] = &[
    "add_labels",
    "assignee_id",
    "assignee_ids",
    "confidential",
    "description",
    "discussion_locked",
    "due_date",
    "issue_type",
    "labels",
    "milestone_id",
    "remove_labels",
    "state_event",
    "title",
    "updated_at",
    "weight",
];

impl Instance {
    pub(super) fn read(&mut self, request: &Request, path: &[&str]) -> Answer {
        match path {
            [] => Ok(Reply::json(200, &show::project(request))),
            ["labels"] => Ok(paged(request, &self.board.labels, |one: &Label| show::label(one))),
            ["issues"] => self.list(request),
            ["issues", iid] => {
                let issue = self.found(iid)?;
                Ok(Reply::json(200, &show::issue(request, &self.board, &issue)))
            }
            ["issues", iid, "notes"] => {
                let issue = self.found(iid)?;
                let mut notes = issue.comments.clone();
                // Newest first, unless the other way is asked.
                if request.param("sort") != Some("asc") {
                    notes.reverse();
                }
                let shown = |one: &Comment| show::note(request, &self.board, &issue, one);
                Ok(paged(request, &notes, shown))
            }
            _ => Err(Reply::json(404, &json!({"error": "404 Not Found"}))),
        }
    }

    /// Newest first; open and closed, unless one is asked. Merge requests are elsewhere.
    fn list(&self, request: &Request) -> Answer {
        let state = request.param("state").unwrap_or("all");
        if !matches!(state, "opened" | "closed" | "all") {
            return Err(missing("state does not have a valid value"));
        }
        let asked = request.param("labels").unwrap_or_default();
        let asked: Vec<_> = asked.split(',').map(str::trim).filter(|l| !l.is_empty()).collect();
        let issues = self.board.newest(|issue| {
            let state = state == "all" || issue.open == (state == "opened");
            let labels = asked.iter().all(|name| issue.labels.iter().any(|label| label == name));
            state && labels && !issue.pull
        });
        Ok(paged(request, &issues, |one: &Issue| show::issue(request, &self.board, one)))
    }

    /// Labels that are not there are made; somebody who is not there is not assigned, without a
    /// word; of several only the first is.
    pub(super) fn create_issue(
        &mut self,
        request: &Request,
        fields: &Map<String, Value>,
        who: &Grant,
        now: i64,
    ) -> Answer {
        let title = word(fields, "title").ok_or_else(|| missing("title is missing"))?;
        let description = word(fields, "description").unwrap_or_default();
        valid("title", title, TITLE)?;
        valid("description", description, DESCRIPTION)?;
        let member = self.board.is_member(&who.login);
        let labels = if member { self.labels(fields, "labels") } else { None };
        let assignees = if member { self.assignees(fields) } else { None };
        let (body, commands) = quick::split(description);
        let issue = Issue {
            title: title.to_owned(),
            body,
            labels: labels.unwrap_or_default(),
            assignees: assignees.unwrap_or_default(),
            author: who.login.clone(),
            ..Issue::default()
        };
        let issue = self.board.open(issue, now);
        self.obey(&issue.number.to_string(), commands, who, now);
        let issue = self.found(&issue.number.to_string())?;
        Ok(Reply::json(201, &show::issue(request, &self.board, &issue)))
    }

    pub(super) fn edit_issue(
        &mut self,
        request: &Request,
        iid: &str,
        fields: &Map<String, Value>,
        who: &Grant,
        now: i64,
    ) -> Answer {
        let old = self.found(iid)?;
        if !self.board.is_member(&who.login) && old.author != who.login {
            return Err(refuse(403, "403 Forbidden"));
        }
        if !EDITS.iter().any(|name| fields.contains_key(*name)) {
            let error = format!(
                "{} are missing, at least one parameter must be provided",
                EDITS.join(", ")
            );
            return Err(missing(&error));
        }
        let title = word(fields, "title").unwrap_or(&old.title).to_owned();
        let description = word(fields, "description").unwrap_or(&old.body).to_owned();
        valid("title", &title, TITLE)?;
        valid("description", &description, DESCRIPTION)?;
        let event = word(fields, "state_event");
        if event.is_some_and(|event| !matches!(event, "close" | "reopen")) {
            return Err(missing("state_event does not have a valid value"));
        }
        let mut labels = self.labels(fields, "labels").unwrap_or_else(|| old.labels.clone());
        labels.extend(self.labels(fields, "add_labels").unwrap_or_default());
        let removed = self.labels(fields, "remove_labels").unwrap_or_default();
        labels.retain(|label| !removed.contains(label));
        labels.dedup();
        let assignees = self.assignees(fields);
        if let Some(issue) = self.board.issue(iid) {
            (issue.title, issue.body, issue.labels) = (title, description, labels);
            issue.assignees = assignees.unwrap_or(old.assignees);
            issue.updated = now;
            if let Some(event) = event {
                issue.set_open(event == "reopen", &who.login, now);
            }
        }
        let issue = self.found(iid)?;
        Ok(Reply::json(200, &show::issue(request, &self.board, &issue)))
    }

    /// A note of nothing but quick actions is obeyed and is no note: `202`.
    pub(super) fn create_note(
        &mut self,
        request: &Request,
        iid: &str,
        fields: &Map<String, Value>,
        who: &Grant,
        now: i64,
    ) -> Answer {
        let issue = self.found(iid)?;
        let text = note(fields)?;
        if issue.locked && !self.board.is_member(&who.login) {
            return Err(refuse(403, "403 Forbidden"));
        }
        let (body, commands) = quick::split(text);
        if !commands.is_empty() && body.trim().is_empty() {
            self.obey(iid, commands.clone(), who, now);
            let body = json!({"commands_changes": {}, "summary": commands});
            return Ok(Reply::json(202, &body));
        }
        let one = self.board.comment(issue.number, &who.login, &body, now);
        self.obey(iid, commands, who, now);
        Ok(Reply::json(201, &show::note(request, &self.board, &issue, &one)))
    }

    pub(super) fn edit_note(
        &mut self,
        request: &Request,
        iid: &str,
        id: &str,
        fields: &Map<String, Value>,
        who: &Grant,
        now: i64,
    ) -> Answer {
        let issue = self.found(iid)?;
        let text = note(fields)?.to_owned();
        let missing = || refuse(404, "404 Note Not Found");
        if !issue.comments.iter().any(|one| one.id.to_string() == id) {
            return Err(missing());
        }
        let one = self.board.comment_by_id(id).ok_or_else(missing)?;
        if one.author != who.login {
            return Err(refuse(403, "403 Forbidden"));
        }
        one.body = text;
        one.updated = now;
        let one = one.clone();
        Ok(Reply::json(200, &show::note(request, &self.board, &issue, &one)))
    }

    fn found(&mut self, iid: &str) -> Result<Issue, Reply> {
        let issue = self.board.issue(iid).filter(|issue| !issue.pull).cloned();
        issue.ok_or_else(|| refuse(404, "404 Not found"))
    }

    fn obey(&mut self, iid: &str, commands: Vec<String>, who: &Grant, now: i64) {
        for command in commands {
            if let Some(issue) = self.board.issue(iid) {
                quick::obey(&command, issue, &who.login, now);
            }
            self.quick.push(command);
        }
    }

    /// Names between commas, or a list of them.
    fn labels(&mut self, fields: &Map<String, Value>, field: &str) -> Option<Vec<String>> {
        let given = fields.get(field)?;
        let parts: Vec<&str> = match given.as_array() {
            Some(list) => list.iter().filter_map(Value::as_str).collect(),
            None => given.as_str().unwrap_or_default().split(',').collect(),
        };
        let names = parts.into_iter().map(str::trim).filter(|name| !name.is_empty());
        let names: Vec<_> = names.map(str::to_owned).collect();
        for name in &names {
            if self.board.label_named(name).is_none() {
                self.board.label(name, "6699cc", "");
            }
        }
        Some(names)
    }

    fn assignees(&self, fields: &Map<String, Value>) -> Option<Vec<String>> {
        let given = fields.get("assignee_ids").or_else(|| fields.get("assignee_id"))?;
        let one = [given.clone()];
        let ids = given.as_array().map_or(one.as_slice(), Vec::as_slice);
        let id = |id: &Value| id.as_u64().or_else(|| id.as_str()?.parse().ok());
        let logins = ids.iter().filter_map(|given| {
            let (login, _) =
                self.board.users.iter().find(|(_, known)| Some(**known) == id(given))?;
            self.board.is_member(login).then(|| login.clone())
        });
        Some(logins.take(1).collect())
    }
}

fn note(fields: &Map<String, Value>) -> Result<&str, Reply> {
    let text = word(fields, "body").ok_or_else(|| missing("body is missing"))?;
    valid("note", text, NOTE)?;
    Ok(text)
}

fn valid(name: &str, text: &str, most: usize) -> Result<(), Reply> {
    let wrong = if text.trim().is_empty() && name != "description" {
        "can't be blank".to_owned()
    } else if text.chars().count() > most {
        format!("is too long (maximum is {most} characters)")
    } else {
        return Ok(());
    };
    let mut message = Map::new();
    message.insert(name.to_owned(), json!([wrong]));
    Err(Reply::json(400, &json!({"message": message})))
}
