//! What bites a client of Gitea.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use sweepd_services::tracker::{BOT, TOKEN};
use sweepd_services::{Fault, Gitea, START};

use crate::{call, client};

async fn ask(gitea: &Gitea, method: Method, path: &str, body: Value) -> Response {
    let url = format!("{}/api/v1{path}", gitea.url());
    call(client().request(method, url).header("Authorization", format!("token {TOKEN}")), body)
        .await
}

async fn get(gitea: &Gitea, path: &str) -> Response {
    ask(gitea, Method::GET, path, Value::Null).await
}

async fn post(gitea: &Gitea, path: &str, body: Value) -> Response {
    ask(gitea, Method::POST, path, body).await
}

const ISSUES: &str = "/repos/ops/alerts/issues";

#[tokio::test]
async fn who_may_what() {
    let gitea = Gitea::start().await;
    let url = format!("{}/api/v1", gitea.url());
    let with = async |method: Method, path: &str, token: &str| {
        let request = client().request(method, format!("{url}{path}"));
        let request =
            if token.is_empty() { request } else { request.header("Authorization", token) };
        let answer = call(request, json!({"title": "t"})).await;
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["message"].clone())
    };
    let message = |status: u16, text: &str| (status, json!(text));
    let bad = message(401, "invalid username, password or token");
    assert_eq!(with(Method::GET, ISSUES, "token nope").await, bad);
    assert_eq!(with(Method::GET, "/version", "Bearer nope").await, bad);
    let hidden = message(404, "The target couldn't be found.");
    assert_eq!(with(Method::GET, ISSUES, "").await, hidden);
    assert_eq!(with(Method::GET, "/user", "").await, message(401, "token is required"));
    gitea.set_public(true);
    assert_eq!(with(Method::POST, ISSUES, "").await, message(401, "token is required"));
    let read = "token does not have at least one of required scope(s): [write:issue]";
    gitea.add_token("reader", "rita", &["read:issue"]);
    assert_eq!(with(Method::POST, ISSUES, "token reader").await, message(403, read));
    let user = "token does not have at least one of required scope(s): [read:user]";
    assert_eq!(with(Method::GET, "/user", "Bearer reader").await, message(403, user));
    let elsewhere = "/repos/ops/other/issues";
    assert_eq!(with(Method::GET, elsewhere, "token reader").await, hidden);
    assert_eq!(get(&gitea, "/user").await.json::<Value>().await.unwrap()["login"], BOT);
    gitea.revoke(TOKEN);
    assert_eq!(get(&gitea, "/user").await.status(), 401);
    assert!(gitea.issues().is_empty());
}

#[tokio::test]
async fn pages_are_clamped_whatever_is_asked() {
    let gitea = Gitea::start().await;
    for n in 1..=120 {
        gitea.add_issue(&format!("issue {n}"), "", &["sweepd"]);
    }
    gitea.add_pull("a pull request", "", &["sweepd"]);
    let path = format!("{ISSUES}?type=issues&labels=sweepd&limit=100");
    let mut numbers = Vec::new();
    for page in 1..=4 {
        let answer = get(&gitea, &format!("{path}&page={page}")).await;
        assert_eq!(answer.headers()["x-total-count"], "120");
        let link = answer.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        let link = link.unwrap_or_default();
        assert_eq!(link.contains("limit=100&page=2>; rel=\"next\""), page == 1, "{link}");
        assert_eq!(link.contains("limit=100&page=3>; rel=\"last\""), page < 3, "{link}");
        let issues: Vec<Value> = answer.json().await.unwrap();
        assert_eq!(issues.len(), [50, 50, 20, 0][page - 1]);
        numbers.extend(issues.iter().map(|issue| issue["number"].as_u64().unwrap()));
    }
    assert_eq!(numbers, (1..=120).rev().collect::<Vec<_>>());
    let all: Vec<Value> = get(&gitea, ISSUES).await.json().await.unwrap();
    assert_eq!((all.len(), all[0]["pull_request"]["merged"].clone()), (30, json!(false)));
}

#[tokio::test]
async fn an_unknown_label_filters_nothing() {
    let gitea = Gitea::start().await;
    gitea.add_issue("ours", "", &["sweepd", "red"]);
    gitea.add_issue("not ours", "", &["red"]);
    let titles = async |query: &str| {
        let issues: Vec<Value> =
            get(&gitea, &format!("{ISSUES}?{query}")).await.json().await.unwrap();
        issues.iter().map(|issue| issue["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(titles("labels=sweepd").await, ["ours"]);
    assert_eq!(titles("labels=red,sweepd").await, ["ours"]);
    assert_eq!(titles("labels=nowhere").await, ["not ours", "ours"]);
    assert_eq!(titles("labels=nowhere,red").await, ["not ours", "ours"]);
    gitea.set_open(1, false);
    assert_eq!(titles("state=closed").await, ["ours"]);
    assert_eq!(titles("").await, ["not ours"]);
    assert_eq!(titles("state=all").await.len(), 2);
}

#[tokio::test]
async fn labels_are_ids_and_assignees_must_be_there() {
    let gitea = Gitea::start().await;
    let path = "/repos/ops/alerts/labels";
    let no_color = post(&gitea, path, json!({"name": "sweepd"})).await;
    assert_eq!(no_color.status(), 422);
    assert_eq!(no_color.json::<Value>().await.unwrap()["message"], "[Color]: Required");
    assert_eq!(post(&gitea, path, json!({"name": "a", "color": "red"})).await.status(), 422);
    let made = post(&gitea, path, json!({"name": "sweepd", "color": "#AA0000"})).await;
    assert_eq!(made.status(), 201);
    let label: Value = made.json().await.unwrap();
    assert_eq!(label["color"], "aa0000");

    let by_name = post(&gitea, ISSUES, json!({"title": "t", "labels": ["sweepd"]})).await;
    assert_eq!(by_name.status(), 422);
    assert_eq!(post(&gitea, ISSUES, json!({"title": " "})).await.status(), 422);
    gitea.add_user("eve");
    for name in ["nobody", "eve"] {
        let refused = post(&gitea, ISSUES, json!({"title": "t", "assignees": [name]})).await;
        assert_eq!(refused.status(), 422, "{name}");
    }
    assert!(gitea.issues().is_empty());

    let long = "é".repeat(300);
    let body = json!({"title": long, "body": "b", "labels": [label["id"], 9], "assignees": [BOT]});
    let made = post(&gitea, ISSUES, body).await;
    assert_eq!(made.status(), 201);
    let made: Value = made.json().await.unwrap();
    assert_eq!(
        (&made["created_at"], &made["closed_at"]),
        (&json!("2026-01-01T00:00:00Z"), &Value::Null)
    );
    let issue = gitea.issue(1).unwrap();
    assert_eq!((issue.labels, issue.assignees), (vec!["sweepd".to_owned()], vec![BOT.to_owned()]));
    assert_eq!(issue.title.chars().count(), 255);
    assert!(issue.title.ends_with('…'));
}

#[tokio::test]
async fn who_may_not_write_here_loses_labels() {
    let gitea = Gitea::start().await;
    let id = gitea.add_label("sweepd");
    gitea.add_token("guest", "gus", &["write:issue"]);
    let url = format!("{}/api/v1{ISSUES}", gitea.url());
    let request = client().post(url).bearer_auth("guest");
    let made = call(request, json!({"title": "t", "labels": [id], "assignee": "nobody"})).await;
    assert_eq!(made.status(), 201);
    assert!(gitea.issues()[0].labels.is_empty());
}

#[tokio::test]
async fn an_issue_is_closed_and_commented() {
    let gitea = Gitea::start().await;
    gitea.add_issue("t", "b", &[]);
    gitea.set_now(START + 60_000);
    let note = post(&gitea, &format!("{ISSUES}/1/comments"), json!({"body": "@ann `@bob`"})).await;
    assert_eq!(note.status(), 201);
    let id = note.json::<Value>().await.unwrap()["id"].clone();
    assert_eq!(
        post(&gitea, &format!("{ISSUES}/1/comments"), json!({"body": ""})).await.status(),
        422
    );
    assert_eq!(
        post(&gitea, &format!("{ISSUES}/9/comments"), json!({"body": "x"})).await.status(),
        404
    );
    assert_eq!(gitea.pings(), ["ann"]);
    let edit = format!("{ISSUES}/comments/{id}");
    assert_eq!(ask(&gitea, Method::PATCH, &edit, json!({"body": "new"})).await.status(), 200);
    assert_eq!(gitea.comments(1)[0].body, "new");
    let one = format!("{ISSUES}/1");
    assert_eq!(ask(&gitea, Method::PATCH, &one, json!({"state": "shut"})).await.status(), 422);
    let closed = ask(&gitea, Method::PATCH, &one, json!({"state": "closed", "labels": [1]})).await;
    assert_eq!(closed.status(), 201);
    let issue = gitea.issue(1).unwrap();
    assert_eq!((issue.open, issue.closed), (false, Some(START + 60_000)));
    assert_eq!(issue.closed_by.as_deref(), Some(BOT));
    assert_eq!(get(&gitea, &format!("{ISSUES}/9")).await.status(), 404);
    let comments = get(&gitea, &format!("{ISSUES}/1/comments?limit=1&page=9")).await;
    assert_eq!(comments.json::<Vec<Value>>().await.unwrap().len(), 1);
    gitea.archive();
    assert_eq!(post(&gitea, ISSUES, json!({"title": "t"})).await.status(), 423);
}

#[tokio::test]
async fn a_lost_answer_is_a_written_issue() {
    let gitea = Gitea::start().await;
    gitea.faults().push(Fault::DropAfter.on("POST", "/issues"));
    gitea.faults().push(Fault::StatusAfter(504).on("POST", "/issues"));
    let url = format!("{}/api/v1{ISSUES}", gitea.url());
    let lost = client().post(&url).bearer_auth(TOKEN).json(&json!({"title": "lost"})).send().await;
    assert!(lost.is_err());
    assert_eq!(post(&gitea, ISSUES, json!({"title": "gateway"})).await.status(), 504);
    let titles: Vec<_> = gitea.issues().into_iter().map(|issue| issue.title).collect();
    assert_eq!(titles, ["lost", "gateway"]);
}

#[tokio::test]
async fn creates_at_once_are_all_there_and_two_labels_may_be_namesakes() {
    let gitea = Gitea::start().await;
    let issue = || post(&gitea, ISSUES, json!({"title": "t"}));
    let label = || post(&gitea, "/repos/ops/alerts/labels", json!({"name": "l", "color": "ccc"}));
    let made = tokio::join!(issue(), issue(), issue(), label(), label());
    let statuses = [made.0, made.1, made.2, made.3, made.4].map(|one| one.status().as_u16());
    assert_eq!(statuses, [201; 5]);
    let numbers: Vec<_> = gitea.issues().iter().map(|issue| issue.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(gitea.labels().len(), 2);
}
