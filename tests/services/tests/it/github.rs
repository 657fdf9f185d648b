//! What bites a client of GitHub.

use std::time::Duration;

use reqwest::header::{ACCEPT, USER_AGENT};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sweepd_services::tracker::{BOT, TOKEN};
use sweepd_services::{Fault, GitHub, START};

use crate::{call, client};

const ISSUES: &str = "/repos/ops/alerts/issues";
const LABELS: &str = "/repos/ops/alerts/labels";

async fn ask(github: &GitHub, method: Method, path: &str, body: Value) -> Response {
    let request = client().request(method, format!("{}{path}", github.url()));
    call(request.bearer_auth(TOKEN).header(USER_AGENT, "sweepd"), body).await
}

async fn get(github: &GitHub, path: &str) -> Response {
    ask(github, Method::GET, path, Value::Null).await
}

async fn post(github: &GitHub, path: &str, body: Value) -> Response {
    ask(github, Method::POST, path, body).await
}

async fn json(answer: Response) -> Value {
    answer.json().await.unwrap()
}

#[tokio::test]
async fn who_may_what() {
    let github = GitHub::start().await;
    let url = format!("{}{ISSUES}", github.url());
    let nameless = client().get(&url).bearer_auth(TOKEN).send().await.unwrap();
    assert_eq!(nameless.status(), 403);
    assert!(nameless.text().await.unwrap().contains("User-Agent"));
    let as_page = client().get(&url).header(USER_AGENT, "x").header(ACCEPT, "text/html");
    assert_eq!(as_page.send().await.unwrap().status(), 415);
    let old = client().get(&url).header(USER_AGENT, "x").header("X-GitHub-Api-Version", "2011");
    assert_eq!(old.send().await.unwrap().status(), 400);

    github.add_token("blind", "bo", &[]);
    github.add_token("reader", "rita", &["issues:read"]);
    let with = async |method: Method, token: &str| {
        let request = client().request(method, &url).header(USER_AGENT, "x");
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        let answer = call(request, json!({"title": "t"})).await;
        let status = answer.status().as_u16();
        (status, json(answer).await["message"].as_str().map(str::to_owned))
    };
    let message = |status: u16, text: &str| (status, Some(text.to_owned()));
    assert_eq!(with(Method::GET, "nope").await, message(401, "Bad credentials"));
    assert_eq!(with(Method::GET, "").await, message(404, "Not Found"));
    assert_eq!(with(Method::POST, "blind").await, message(404, "Not Found"));
    let forbidden = message(403, "Resource not accessible by personal access token");
    assert_eq!(with(Method::POST, "reader").await, forbidden);
    assert_eq!(json(get(&github, "/user").await).await["login"], BOT);
    github.disable_issues();
    assert_eq!(post(&github, ISSUES, json!({"title": "t"})).await.status(), 410);
    assert!(github.issues().is_empty());
}

#[tokio::test]
async fn pages_are_followed_by_links() {
    let github = GitHub::start().await;
    for n in 1..=250 {
        github.add_issue(&format!("{n}"), "", &["sweepd"]);
    }
    let pull = github.add_pull("pull", "", &["sweepd"]);
    let mut url = format!("{}{ISSUES}?labels=SWEEPD&per_page=500", github.url());
    let mut numbers = Vec::new();
    let mut sizes = Vec::new();
    loop {
        let request = client().get(&url).bearer_auth(TOKEN).header(USER_AGENT, "x");
        let answer = request.send().await.unwrap();
        let links = answer.headers()["link"].to_str().unwrap().to_owned();
        let issues: Vec<Value> = answer.json().await.unwrap();
        sizes.push(issues.len());
        let issues = issues.iter().filter(|issue| issue.get("pull_request").is_none());
        numbers.extend(issues.map(|issue| issue["number"].as_u64().unwrap()));
        let next = links.split(", ").find(|link| link.ends_with("rel=\"next\""));
        assert_eq!(links.contains("rel=\"last\""), next.is_some());
        let Some(next) = next else { break };
        url = next.trim_start_matches('<').split('>').next().unwrap().to_owned();
        assert!(url.contains("/repositories/1296269/issues?"), "{url}");
    }
    assert_eq!((sizes, pull), (vec![100, 100, 51], 251));
    assert_eq!(numbers, (1..=250).rev().collect::<Vec<_>>());
    let default = json(get(&github, ISSUES).await).await;
    assert_eq!(default.as_array().unwrap().len(), 30);
    assert!(default[0]["pull_request"]["url"].is_string());
    let none = json(get(&github, &format!("{ISSUES}?labels=nowhere")).await).await;
    assert_eq!(none, json!([]));
    assert_eq!(get(&github, &format!("{ISSUES}?state=new")).await.status(), 422);
}

#[tokio::test]
async fn what_is_not_valid_says_which_field() {
    let github = GitHub::start().await;
    let made = post(&github, LABELS, json!({"name": "sweepd", "color": "B60205"})).await;
    assert_eq!(made.status(), 201);
    let again = post(&github, LABELS, json!({"name": "Sweepd"})).await;
    assert_eq!(again.status(), 422);
    let again = json(again).await;
    let expected = json!([{"resource": "Label", "code": "already_exists", "field": "name"}]);
    assert_eq!((&again["message"], &again["errors"]), (&json!("Validation Failed"), &expected));
    let code = async |path: &str, body: Value| {
        let answer = post(&github, path, body).await;
        let status = answer.status().as_u16();
        let error = json(answer).await["errors"][0].clone();
        (status, error["field"].clone(), error["code"].clone())
    };
    let error = |field: &str, code: &str| (422, json!(field), json!(code));
    let color = code(LABELS, json!({"name": "x", "color": "#b60205"})).await;
    assert_eq!(color, error("color", "invalid"));
    let body = "x".repeat(65_537);
    let long = code(ISSUES, json!({"title": "t", "body": body})).await;
    assert_eq!(long, error("body", "custom"));
    let title = "é".repeat(257);
    assert_eq!(code(ISSUES, json!({"title": title})).await, error("title", "custom"));
    assert_eq!(code(ISSUES, json!({"title": ""})).await, error("title", "missing_field"));
    assert_eq!(post(&github, ISSUES, json!({"body": "b"})).await.status(), 422);
    let ghost = json!({"title": "t", "assignees": ["ghost"]});
    assert_eq!(code(ISSUES, ghost).await, error("assignees", "invalid"));
    let broken = client().post(format!("{}{ISSUES}", github.url())).bearer_auth(TOKEN);
    let broken = broken.header(USER_AGENT, "x").body("{").send().await.unwrap();
    assert_eq!(broken.status(), 400);
    assert!(github.issues().is_empty());
}

#[tokio::test]
async fn an_issue_lives_and_is_closed() {
    let github = GitHub::start().await;
    let body =
        json!({"title": "t", "body": "x".repeat(65_536), "labels": ["new"], "assignees": [BOT]});
    let made = post(&github, ISSUES, body).await;
    assert_eq!(made.status(), 201);
    assert_eq!(json(made).await["labels"][0]["name"], "new");
    assert_eq!(github.labels()[0].color, "ededed");
    let comments = format!("{ISSUES}/1/comments");
    let noted = post(&github, &comments, json!({"body": "for @ann, not `@bob`"})).await;
    assert_eq!(noted.status(), 201);
    assert_eq!(github.pings(), ["ann"]);
    assert_eq!(post(&github, &comments, json!({"body": " "})).await.status(), 422);
    let id = &json(noted).await["id"];
    let edit = format!("{ISSUES}/comments/{id}");
    assert_eq!(ask(&github, Method::PATCH, &edit, json!({"body": "b"})).await.status(), 200);
    assert_eq!(json(get(&github, &comments).await).await[0]["body"], "b");
    let one = format!("{ISSUES}/1");
    let patch = async |body: Value| ask(&github, Method::PATCH, &one, body).await.status().as_u16();
    assert_eq!(patch(json!({"state": "done"})).await, 422);
    assert_eq!(patch(json!({"state": "closed", "state_reason": "bored"})).await, 422);
    assert_eq!(patch(json!({"state": "closed", "state_reason": "not_planned"})).await, 200);
    let issue = github.issue(1).unwrap();
    assert_eq!((issue.open, issue.reason.as_deref()), (false, Some("not_planned")));
    assert_eq!(issue.labels, ["new"]);
    assert_eq!(get(&github, &format!("{ISSUES}/2")).await.status(), 404);
}

#[tokio::test]
async fn limits_are_said_in_headers_and_not_always_with_429() {
    let github = GitHub::start().await;
    let fine = get(&github, ISSUES).await;
    assert_eq!(fine.headers()["x-ratelimit-remaining"], "4999");
    github.exhaust(START + 90_500);
    let primary = get(&github, ISSUES).await;
    assert_eq!(primary.status(), 403);
    assert_eq!(primary.headers()["x-ratelimit-remaining"], "0");
    assert_eq!(primary.headers()["x-ratelimit-reset"], (START / 1000 + 91).to_string());
    assert!(!primary.headers().contains_key("retry-after"));
    github.set_now(START + 90_500);
    assert_eq!(get(&github, ISSUES).await.status(), 200);
    github.faults().push(Fault::RateLimited { retry_after: Duration::from_mins(1) });
    let secondary = post(&github, ISSUES, json!({"title": "t"})).await;
    assert_eq!(secondary.status(), 403);
    assert_eq!(secondary.headers()["retry-after"], "60");
    assert!(secondary.text().await.unwrap().contains("secondary rate limit"));
    assert!(github.issues().is_empty());
}
