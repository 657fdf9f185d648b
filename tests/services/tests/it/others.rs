//! What bites a client of ntfy, `PagerDuty`, Apprise and Alertmanager.

use std::time::Duration;

use serde_json::{Value, json};
use sweepd_services::pagerduty::{KEY, State};
use sweepd_services::{Alertmanager, Apprise, Fault, Ntfy, PagerDuty, apprise, ntfy};

use crate::{call, client};

async fn publish(broker: &Ntfy, token: &str, body: Value) -> (u16, Value) {
    let request = client().post(broker.url());
    let request = if token.is_empty() { request } else { request.bearer_auth(token) };
    let answer = call(request, body).await;
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    (status, if status == 200 { body } else { body["code"].clone() })
}

#[tokio::test]
async fn ntfy_topics_priorities_and_lengths() {
    let broker = Ntfy::start().await;
    let post = |body: Value| publish(&broker, "", body);
    assert_eq!(post(json!({"message": "x"})).await, (400, json!(40_009)));
    assert_eq!(post(json!({"topic": "a b"})).await, (400, json!(40_009)));
    assert_eq!(post(json!({"topic": "x".repeat(65)})).await, (400, json!(40_009)));
    assert_eq!(post(json!({"topic": "docs"})).await, (400, json!(40_010)));
    assert_eq!(post(json!({"topic": "t", "priority": 6})).await, (400, json!(40_007)));
    assert_eq!(post(json!({"topic": "t", "priority": "high"})).await, (400, json!(40_017)));
    assert_eq!(post(json!({"topic": "t", "tags": "x"})).await, (400, json!(40_017)));
    assert_eq!(
        post(json!({"topic": "t", "message": "é".repeat(2049)})).await,
        (400, json!(40_014))
    );
    assert_eq!(
        post(json!({"topic": "t", "message": "x".repeat(9000)})).await,
        (413, json!(41_303))
    );
    assert!(broker.messages("t").is_empty());
    assert_eq!(post(json!({"topic": "t", "message": "é".repeat(2048)})).await.0, 200);
    let (_, body) = post(json!({"topic": "t", "title": "T", "priority": 5, "tags": ["x"]})).await;
    assert_eq!((&body["message"], &body["event"]), (&json!("triggered"), &json!("message")));
    broker.allow_attachments();
    assert_eq!(post(json!({"topic": "t", "message": "x".repeat(4097)})).await.0, 200);
    let kept = broker.messages("t");
    assert_eq!((kept[0].priority, kept[1].priority, kept[2].attachment.is_some()), (3, 5, true));
    let plain = client().put(format!("{}/t", broker.url())).header("Title", "head").body("text");
    assert_eq!(plain.send().await.unwrap().status(), 200);
    assert_eq!(
        (broker.messages("t")[3].title.as_str(), broker.messages("t")[3].message.as_str()),
        ("head", "text")
    );
}

#[tokio::test]
async fn ntfy_lets_only_some_in() {
    let broker = Ntfy::start().await;
    broker.protect("private");
    let to = |token: &'static str| publish(&broker, token, json!({"topic": "private"}));
    assert_eq!(to("").await, (403, json!(40_301)));
    assert_eq!(to("tk_wrong").await, (401, json!(40_101)));
    assert_eq!(to(ntfy::TOKEN).await.0, 200);
    broker.add_login("Bearer tk_other", true);
    assert_eq!(to("tk_other").await, (403, json!(40_301)));
    broker.limit(1, Duration::from_secs(5));
    assert_eq!(to(ntfy::TOKEN).await.0, 200);
    assert_eq!(to(ntfy::TOKEN).await, (429, json!(42_901)));
}

fn event(action: &str, key: &Value) -> Value {
    let payload = json!({"summary": "s", "source": "host", "severity": "error"});
    json!({"routing_key": KEY, "event_action": action, "dedup_key": key, "payload": payload})
}

async fn enqueue(pager: &PagerDuty, body: Value) -> (u16, Value) {
    let answer = call(client().post(format!("{}/v2/enqueue", pager.url())), body).await;
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn pagerduty_keeps_one_open_alert_for_each_key() {
    let pager = PagerDuty::start().await;
    let send = async |action: &str| enqueue(&pager, event(action, &json!("k"))).await;
    let (status, body) = send("trigger").await;
    assert_eq!(
        (status, &body["status"], &body["dedup_key"]),
        (202, &json!("success"), &json!("k"))
    );
    send("trigger").await;
    send("acknowledge").await;
    let open = pager.open();
    assert_eq!((open.len(), open[0].triggers, open[0].state), (1, 2, State::Acknowledged));
    send("resolve").await;
    assert_eq!((pager.open().len(), pager.dropped()), (0, 0));
    assert_eq!(send("resolve").await.0, 202);
    assert_eq!(pager.dropped(), 1);
    send("trigger").await;
    assert_eq!(pager.alerts().len(), 2);
    let (_, body) = enqueue(&pager, event("trigger", &Value::Null)).await;
    assert_eq!(body["dedup_key"].as_str().unwrap().len(), 36);
    pager.faults().push(Fault::RateLimited { retry_after: Duration::from_secs(1) });
    assert_eq!(send("trigger").await.0, 429);
}

#[tokio::test]
async fn pagerduty_says_what_is_wrong() {
    let pager = PagerDuty::start().await;
    let refused = async |pointer: &str, value: Value| {
        let mut body = event("trigger", &json!("k"));
        *body.pointer_mut(pointer).unwrap() = value;
        let (status, body) = enqueue(&pager, body).await;
        assert_eq!((status, &body["status"]), (400, &json!("invalid event")), "{pointer}");
        body["errors"][0].as_str().unwrap().to_owned()
    };
    assert!(refused("/routing_key", json!("short")).await.contains("32 characters"));
    assert_eq!(refused("/routing_key", json!("f".repeat(32))).await, "Invalid routing key");
    assert!(refused("/event_action", json!("fire")).await.contains("'event_action' is invalid"));
    assert!(refused("/dedup_key", json!("k".repeat(256))).await.contains("255"));
    assert!(refused("/payload/summary", json!("é".repeat(1025))).await.contains("1024"));
    assert!(refused("/payload/summary", json!("")).await.contains("missing or blank"));
    assert!(refused("/payload/source", Value::Null).await.contains("'payload.source'"));
    assert!(refused("/payload/severity", json!("notice")).await.contains("'payload.severity'"));
    assert_eq!(enqueue(&pager, event("resolve", &Value::Null)).await.0, 400);
    assert_eq!(enqueue(&pager, json!([1])).await.0, 400);
    assert!(pager.alerts().is_empty());
}

#[tokio::test]
async fn apprise_says_with_its_status_what_became_of_it() {
    let server = Apprise::start().await;
    server.store("ops", &["devops"]);
    let to = async |path: &str, body: Value| {
        let request = client().post(format!("{}/notify{path}", server.url()));
        call(request, body).await.status().as_u16()
    };
    let good = json!({"title": "t", "body": "b", "type": "failure"});
    let stored = format!("/{}", apprise::KEY);
    assert_eq!(to(&stored, good.clone()).await, 200);
    assert_eq!(to("/nothing", good.clone()).await, 204);
    assert_eq!(to("/no.key", good.clone()).await, 404);
    assert_eq!(to(&stored, json!({"title": "t"})).await, 400);
    assert_eq!(to(&stored, json!({"body": "b", "type": "critical"})).await, 400);
    assert_eq!(to(&stored, json!({"body": "b", "format": "rtf"})).await, 400);
    assert_eq!(to("", good.clone()).await, 204);
    assert_eq!(to("", json!({"body": "b", "urls": "json://localhost"})).await, 200);
    assert_eq!(to("/ops", json!({"body": "b", "tag": "devops"})).await, 200);
    assert_eq!(to("/ops", json!({"body": "b", "tag": "nobody"})).await, 424);
    server.fail(true);
    assert_eq!(to(&stored, good.clone()).await, 424);
    server.break_store(true);
    assert_eq!(to(&stored, good).await, 500);
    let sent = server.notifications();
    assert_eq!((sent.len(), sent[0].kind.as_str(), sent[1].key.as_str()), (3, "failure", ""));
    server.break_store(false);
    server.fail(false);
    let form = client().post(format!("{}/notify/ops", server.url())).form(&[("body", "b")]);
    assert_eq!(form.send().await.unwrap().text().await.unwrap(), "Notification(s) sent");
}

#[tokio::test]
async fn alertmanager_tells_alerts_by_their_labels() {
    let manager = Alertmanager::start().await;
    let post = async |body: Value| {
        let url = format!("{}/api/v2/alerts", manager.url());
        call(client().post(url), body).await.status().as_u16()
    };
    let labels = json!({"alertname": "stuck", "agent": "a"});
    assert_eq!(post(json!([{"labels": labels, "startsAt": "2026-01-01T00:00:00Z"}])).await, 200);
    let over = json!([{"labels": labels, "endsAt": "2026-01-01T00:01:00.5+00:00"}]);
    assert_eq!(post(over).await, 200);
    let alert = manager.alerts().remove(0);
    assert_eq!((alert.posts, alert.starts_at.is_none(), manager.alerts().len()), (2, true, 1));
    assert_eq!(post(json!({"labels": labels})).await, 400);
    assert_eq!(post(json!([{"labels": {}}])).await, 400);
    assert_eq!(post(json!([{"labels": {"a-b": "x"}}])).await, 400);
    assert_eq!(post(json!([{"labels": {"a": 1}}])).await, 400);
    assert_eq!(post(json!([{"labels": labels, "endsAt": "soon"}])).await, 400);
    assert_eq!(post(json!([{"labels": {"b": "x"}}, {"annotations": {}}])).await, 400);
    assert_eq!(manager.alerts().len(), 2);
}
