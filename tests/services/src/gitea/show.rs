//! How Gitea writes what it holds.

use serde_json::{Value, json};

use crate::clock::stamp;
use crate::exchange::Request;
use crate::tracker::{Board, Comment, Issue, Label, OWNER, REPOSITORY};

pub(super) fn user(request: &Request, board: &Board, login: &str) -> Value {
    json!({
        "id": board.user_id(login),
        "login": login,
        "login_name": "",
        "full_name": "",
        "email": format!("{login}@noreply.localhost"),
        "html_url": format!("{}/{login}", request.base()),
        "username": login,
    })
}

pub(super) fn repository(request: &Request) -> Value {
    json!({
        "id": 1,
        "name": REPOSITORY,
        "full_name": format!("{OWNER}/{REPOSITORY}"),
        "owner": {"login": OWNER},
        "has_issues": true,
        "html_url": format!("{}/{OWNER}/{REPOSITORY}", request.base()),
    })
}

pub(super) fn label(request: &Request, label: &Label) -> Value {
    json!({
        "id": label.id,
        "name": label.name,
        "color": label.color,
        "description": label.description,
        "exclusive": false,
        "is_archived": false,
        "url": format!("{}/labels/{}", api(request), label.id),
    })
}

pub(super) fn issue(request: &Request, board: &Board, issue: &Issue) -> Value {
    let labels = board.labels_of(issue);
    let assignees: Vec<_> =
        issue.assignees.iter().map(|login| user(request, board, login)).collect();
    let kind = if issue.pull { "pulls" } else { "issues" };
    json!({
        "id": issue.id,
        "url": format!("{}/issues/{}", api(request), issue.number),
        "html_url": format!("{}/{OWNER}/{REPOSITORY}/{kind}/{}", request.base(), issue.number),
        "number": issue.number,
        "user": user(request, board, &issue.author),
        "title": issue.title,
        "body": issue.body,
        "labels": labels.map(|one| label(request, one)).collect::<Vec<_>>(),
        "milestone": null,
        "assignee": assignees.first(),
        "assignees": if assignees.is_empty() { Value::Null } else { Value::Array(assignees) },
        "state": if issue.open { "open" } else { "closed" },
        "is_locked": issue.locked,
        "comments": issue.comments.len(),
        "created_at": stamp(issue.created),
        "updated_at": stamp(issue.updated),
        "closed_at": issue.closed.map(stamp),
        "due_date": null,
        "pull_request": issue.pull.then(|| json!({"merged": false, "merged_at": null})),
        "repository": {"id": 1, "name": REPOSITORY, "owner": OWNER},
    })
}

pub(super) fn comment(request: &Request, board: &Board, issue: &Issue, one: &Comment) -> Value {
    let page = format!("{}/{OWNER}/{REPOSITORY}/issues/{}", request.base(), issue.number);
    json!({
        "id": one.id,
        "html_url": format!("{page}#issuecomment-{}", one.id),
        "issue_url": page,
        "pull_request_url": "",
        "user": user(request, board, &one.author),
        "body": one.body,
        "created_at": stamp(one.created),
        "updated_at": stamp(one.updated),
    })
}

fn api(request: &Request) -> String {
    format!("{}/api/v1/repos/{OWNER}/{REPOSITORY}", request.base())
}
