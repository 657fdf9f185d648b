//! How GitLab writes what it holds.

use serde_json::{Value, json};

use super::PROJECT;
use crate::clock::stamp_millis;
use crate::exchange::Request;
use crate::tracker::{Board, Comment, Issue, Label, OWNER, REPOSITORY};

pub(super) fn user(request: &Request, board: &Board, login: &str) -> Value {
    json!({
        "id": board.user_id(login),
        "username": login,
        "name": login,
        "state": "active",
        "locked": false,
        "avatar_url": null,
        "web_url": format!("{}/{login}", request.base()),
    })
}

pub(super) fn project(request: &Request) -> Value {
    json!({
        "id": PROJECT,
        "path": REPOSITORY,
        "path_with_namespace": format!("{OWNER}/{REPOSITORY}"),
        "issues_access_level": "enabled",
        "web_url": format!("{}/{OWNER}/{REPOSITORY}", request.base()),
    })
}

pub(super) fn label(label: &Label) -> Value {
    json!({
        "id": label.id,
        "name": label.name,
        "color": format!("#{}", label.color),
        "description": label.description,
        "is_project_label": true,
    })
}

pub(super) fn issue(request: &Request, board: &Board, issue: &Issue) -> Value {
    let people: Vec<_> = issue.assignees.iter().map(|login| user(request, board, login)).collect();
    let closer = issue.closed_by.as_ref().map(|login| user(request, board, login));
    json!({
        "id": issue.id,
        "iid": issue.number,
        "project_id": PROJECT,
        "title": issue.title,
        "description": issue.body,
        "state": if issue.open { "opened" } else { "closed" },
        "created_at": stamp_millis(issue.created),
        "updated_at": stamp_millis(issue.updated),
        "closed_at": issue.closed.map(stamp_millis),
        "closed_by": closer,
        "labels": issue.labels,
        "milestone": null,
        "assignees": people,
        "assignee": people.first(),
        "author": user(request, board, &issue.author),
        "type": "ISSUE",
        "user_notes_count": issue.comments.len(),
        "confidential": false,
        "discussion_locked": issue.locked,
        "issue_type": "issue",
        "web_url": format!("{}/{OWNER}/{REPOSITORY}/-/issues/{}", request.base(), issue.number),
        "references": {"short": format!("#{}", issue.number)},
    })
}

pub(super) fn note(request: &Request, board: &Board, issue: &Issue, one: &Comment) -> Value {
    json!({
        "id": one.id,
        "body": one.body,
        "author": user(request, board, &one.author),
        "created_at": stamp_millis(one.created),
        "updated_at": stamp_millis(one.updated),
        "system": false,
        "noteable_id": issue.id,
        "noteable_type": "Issue",
        "noteable_iid": issue.number,
        "project_id": PROJECT,
        "resolvable": false,
        "confidential": false,
        "internal": false,
    })
}
