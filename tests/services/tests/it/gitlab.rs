//! What bites a client of GitLab.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use sweepd_services::tracker::{BOT, TOKEN};
use sweepd_services::{Fault, GitLab, START};

use crate::{call, client};

const ISSUES: &str = "/projects/ops%2Falerts/issues";

async fn ask(gitlab: &GitLab, method: Method, path: &str, body: Value) -> Response {
    let request = client().request(method, format!("{}/api/v4{path}", gitlab.url()));
    call(request.header("PRIVATE-TOKEN", TOKEN), body).await
}

async fn get(gitlab: &GitLab, path: &str) -> Response {
    ask(gitlab, Method::GET, path, Value::Null).await
}

async fn post(gitlab: &GitLab, path: &str, body: Value) -> Response {
    ask(gitlab, Method::POST, path, body).await
}

#[tokio::test]
async fn who_may_what() {
    let gitlab = GitLab::start().await;
    gitlab.add_token("reads", BOT, &["read_api"]);
    gitlab.add_token("blind", BOT, &["read_user"]);
    gitlab.add_token("stranger", "stan", &["api"]);
    let with = async |method: Method, path: &str, token: &str| {
        let request = client().request(method, format!("{}/api/v4{path}", gitlab.url()));
        let request =
            if token.is_empty() { request } else { request.header("PRIVATE-TOKEN", token) };
        let answer = call(request, json!({"title": "t"})).await;
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let message = |status: u16, text: &str| (status, json!({"message": text}));
    assert_eq!(with(Method::GET, ISSUES, "nope").await, message(401, "401 Unauthorized"));
    assert_eq!(with(Method::GET, "/user", "").await, message(401, "401 Unauthorized"));
    let hidden = message(404, "404 Project Not Found");
    assert_eq!(with(Method::GET, ISSUES, "").await, hidden);
    assert_eq!(with(Method::GET, ISSUES, "stranger").await, hidden);
    assert_eq!(with(Method::GET, "/projects/ops%2Fother/issues", "reads").await, hidden);
    assert_eq!(with(Method::GET, "/projects/ops/alerts/issues", "reads").await.0, 404);
    assert_eq!(with(Method::GET, "/projects/42/issues", "reads").await.0, 200);
    let (status, body) = with(Method::POST, ISSUES, "reads").await;
    assert_eq!((status, &body["error"]), (403, &json!("insufficient_scope")));
    assert_eq!(with(Method::GET, ISSUES, "blind").await.0, 403);
    assert_eq!(get(&gitlab, "/user").await.json::<Value>().await.unwrap()["username"], BOT);
    gitlab.faults().push(Fault::RateLimited { retry_after: Duration::from_secs(30) });
    let limited = get(&gitlab, "/user").await;
    assert_eq!(
        (limited.status().as_u16(), &limited.headers()["retry-after"]),
        (429, &"30".parse().unwrap())
    );
    assert_eq!(limited.headers()["ratelimit-reset"], (START / 1000 + 30).to_string());
    assert_eq!(limited.text().await.unwrap(), "Retry later\n");
    assert!(gitlab.issues().is_empty());
}

#[tokio::test]
async fn pages_end_where_no_next_is_said() {
    let gitlab = GitLab::start().await;
    for n in 1..=130 {
        gitlab.add_issue(&format!("{n}"), "", &["sweepd"]);
    }
    gitlab.add_pull("merge request", "", &["sweepd"]);
    gitlab.set_open(1, false);
    let path = format!("{ISSUES}?labels=sweepd&state=opened&per_page=1000");
    let first = get(&gitlab, &path).await;
    let header =
        |answer: &Response, name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header(&first, "x-next-page"), "2");
    assert_eq!(
        (header(&first, "x-total"), header(&first, "x-per-page")),
        ("129".into(), "100".into())
    );
    let second = get(&gitlab, &format!("{path}&page=2")).await;
    assert_eq!(header(&second, "x-next-page"), "");
    let issues: Vec<Value> = second.json().await.unwrap();
    assert_eq!((issues.len(), issues[28]["iid"].as_u64()), (29, Some(2)));
    assert_eq!(get(&gitlab, ISSUES).await.headers()["x-total"], "130");
    assert_eq!(get(&gitlab, &format!("{ISSUES}?labels=no")).await.headers()["x-total"], "0");
    assert_eq!(get(&gitlab, &format!("{ISSUES}?state=open")).await.status(), 400);
    assert_eq!(get(&gitlab, &format!("{ISSUES}/131")).await.status(), 404);
}

#[tokio::test]
async fn an_issue_lives_and_is_closed() {
    let gitlab = GitLab::start().await;
    gitlab.add_user("eve");
    let id = async |name: &str| {
        let path = format!("/users?username={name}");
        get(&gitlab, &path).await.json::<Value>().await.unwrap()[0]["id"].clone()
    };
    let ids = [id("eve").await, id(BOT).await, id("nobody").await];
    assert!(ids[0].is_u64() && ids[1].is_u64() && ids[2].is_null());
    let ids = [ids[0].clone(), ids[1].clone(), json!(1)];
    let body =
        json!({"title": "t", "description": "d", "labels": "sweepd, red", "assignee_ids": ids});
    let made = post(&gitlab, ISSUES, body).await;
    assert_eq!(made.status(), 201);
    let made: Value = made.json().await.unwrap();
    assert_eq!((&made["iid"], &made["labels"]), (&json!(1), &json!(["sweepd", "red"])));
    assert_ne!(made["id"], made["iid"]);
    assert_eq!(made["created_at"], "2026-01-01T00:00:00.000Z");
    assert_eq!(gitlab.issue(1).unwrap().assignees, [BOT]);
    assert_eq!(gitlab.labels().len(), 2);

    let one = format!("{ISSUES}/1");
    let put = async |body: Value| ask(&gitlab, Method::PUT, &one, body).await.status().as_u16();
    assert_eq!(put(json!({"state": "closed"})).await, 400);
    assert_eq!(put(json!({"state_event": "closed"})).await, 400);
    assert_eq!(put(json!({"state_event": "close", "remove_labels": "red"})).await, 200);
    let issue = gitlab.issue(1).unwrap();
    assert_eq!((issue.open, issue.labels), (false, vec!["sweepd".to_owned()]));
    let form = client().put(format!("{}/api/v4{one}", gitlab.url()));
    let form = form.bearer_auth(TOKEN).form(&[("state_event", "reopen")]).send().await.unwrap();
    assert_eq!(form.status(), 200);
    assert!(gitlab.issue(1).unwrap().open);
}

#[tokio::test]
async fn what_is_not_valid_is_400() {
    let gitlab = GitLab::start().await;
    let refused = async |path: &str, body: Value| {
        let answer = post(&gitlab, path, body).await;
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    assert_eq!(refused(ISSUES, json!({})).await, (400, json!({"error": "title is missing"})));
    let long = json!({"title": ["is too long (maximum is 255 characters)"]});
    let title = "é".repeat(256);
    assert_eq!(refused(ISSUES, json!({"title": title})).await, (400, json!({"message": long})));
    let labels = "/projects/42/labels";
    assert_eq!(refused(labels, json!({"name": "sweepd"})).await.0, 400);
    assert_eq!(refused(labels, json!({"name": "sweepd", "color": "red"})).await.0, 400);
    assert_eq!(refused(labels, json!({"name": "sweepd", "color": "#ff0000"})).await.0, 201);
    let taken = (409, json!({"message": "Label already exists"}));
    assert_eq!(refused(labels, json!({"name": "sweepd", "color": "#ff0000"})).await, taken);
    gitlab.add_issue("t", "", &[]);
    let notes = format!("{ISSUES}/1/notes");
    assert_eq!(refused(&notes, json!({})).await, (400, json!({"error": "body is missing"})));
    assert_eq!(refused(&notes, json!({"body": " "})).await.0, 400);
    assert_eq!(refused(&format!("{ISSUES}/9/notes"), json!({"body": "x"})).await.0, 404);
}

#[tokio::test]
async fn a_note_can_be_an_order() {
    let gitlab = GitLab::start().await;
    gitlab.add_issue("t", "", &[]);
    let notes = format!("{ISSUES}/1/notes");
    let fenced = post(&gitlab, &notes, json!({"body": "```\n/close\n```\n@ann"})).await;
    assert_eq!(fenced.status(), 201);
    assert!(gitlab.issue(1).unwrap().open && gitlab.quick_actions().is_empty());
    assert_eq!(gitlab.pings(), ["ann"]);
    assert_eq!(post(&gitlab, &notes, json!({"body": "/close"})).await.status(), 202);
    assert!(!gitlab.issue(1).unwrap().open);
    assert_eq!(gitlab.comments(1).len(), 1);
    assert_eq!(gitlab.quick_actions(), ["/close"]);
    assert_eq!(post(&gitlab, &notes, json!({"body": "second"})).await.status(), 201);
    let listed: Vec<Value> = get(&gitlab, &notes).await.json().await.unwrap();
    assert_eq!(listed[0]["body"], "second");
    let edit = format!("{notes}/{}", listed[0]["id"]);
    assert_eq!(ask(&gitlab, Method::PUT, &edit, json!({"body": "new"})).await.status(), 200);
    assert_eq!(gitlab.comments(1)[1].body, "new");
}
