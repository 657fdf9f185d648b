//! How GitHub writes what it holds.

use serde_json::{Value, json};

use crate::clock::stamp;
use crate::exchange::Request;
use crate::tracker::{Board, Comment, Issue, Label, OWNER, REPOSITORY};

pub(super) fn user(request: &Request, board: &Board, login: &str) -> Value {
    json!({
        "login": login,
        "id": board.user_id(login),
        "url": format!("{}/users/{login}", request.base()),
        "html_url": format!("https://github.com/{login}"),
        "type": "User",
        "site_admin": false,
    })
}

pub(super) fn repository(request: &Request) -> Value {
    json!({
        "id": 1_296_269,
        "name": REPOSITORY,
        "full_name": format!("{OWNER}/{REPOSITORY}"),
        "has_issues": true,
        "url": api(request),
    })
}

pub(super) fn label(request: &Request, label: &Label) -> Value {
    json!({
        "id": label.id,
        "url": format!("{}/labels/{}", api(request), label.name),
        "name": label.name,
        "color": label.color,
        "description": (!label.description.is_empty()).then_some(&label.description),
        "default": false,
    })
}

pub(super) fn issue(request: &Request, board: &Board, issue: &Issue) -> Value {
    let labels: Vec<_> = board.labels_of(issue).map(|one| label(request, one)).collect();
    let people: Vec<_> = issue.assignees.iter().map(|login| user(request, board, login)).collect();
    let kind = if issue.pull { "pull" } else { "issues" };
    let url = format!("{}/issues/{}", api(request), issue.number);
    let page = format!("https://github.com/{OWNER}/{REPOSITORY}/{kind}/{}", issue.number);
    let mut shown = json!({
        "id": issue.id,
        "number": issue.number,
        "url": url,
        "comments_url": format!("{url}/comments"),
        "html_url": page,
        "title": issue.title,
        "body": (!issue.body.is_empty()).then_some(&issue.body),
        "user": user(request, board, &issue.author),
        "labels": labels,
        "state": if issue.open { "open" } else { "closed" },
        "state_reason": issue.reason,
        "locked": issue.locked,
        "assignee": people.first(),
        "assignees": people,
        "milestone": null,
        "comments": issue.comments.len(),
        "created_at": stamp(issue.created),
        "updated_at": stamp(issue.updated),
        "closed_at": issue.closed.map(stamp),
        "author_association": "NONE",
    });
    if let Some(shown) = shown.as_object_mut().filter(|_| issue.pull) {
        let url = format!("{}/pulls/{}", api(request), issue.number);
        shown.insert("pull_request".to_owned(), json!({"url": url, "html_url": page}));
    }
    shown
}

pub(super) fn comment(request: &Request, board: &Board, issue: &Issue, one: &Comment) -> Value {
    let page = format!("https://github.com/{OWNER}/{REPOSITORY}/issues/{}", issue.number);
    json!({
        "id": one.id,
        "url": format!("{}/issues/comments/{}", api(request), one.id),
        "html_url": format!("{page}#issuecomment-{}", one.id),
        "issue_url": format!("{}/issues/{}", api(request), issue.number),
        "body": one.body,
        "user": user(request, board, &one.author),
        "created_at": stamp(one.created),
        "updated_at": stamp(one.updated),
        "author_association": "NONE",
    })
}

fn api(request: &Request) -> String {
    format!("{}/repos/{OWNER}/{REPOSITORY}", request.base())
}
