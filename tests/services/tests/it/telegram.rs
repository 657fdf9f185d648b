//! What bites a client of Telegram.

use std::time::Duration;

use serde_json::{Value, json};
use sweepd_services::telegram::{CHAT, Chat, TOKEN};
use sweepd_services::{START, Telegram};

use crate::{call, client};

async fn ask(telegram: &Telegram, method: &str, body: Value) -> (u16, Value) {
    let url = format!("{}/bot{TOKEN}/{method}", telegram.url());
    let answer = call(client().post(url), body).await;
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn send(telegram: &Telegram, body: Value) -> (u16, Value) {
    ask(telegram, "sendMessage", body).await
}

fn refused(status: u16, description: &str) -> (u16, Value) {
    (status, json!({"ok": false, "error_code": status, "description": description}))
}

fn html(text: &str) -> Value {
    json!({"chat_id": CHAT, "text": text, "parse_mode": "HTML"})
}

#[tokio::test]
async fn who_may_what() {
    let telegram = Telegram::start().await;
    let to = |chat: Value| send(&telegram, json!({"chat_id": chat, "text": "x"}));
    assert_eq!(to(json!(5)).await, refused(400, "Bad Request: chat not found"));
    assert_eq!(to(json!("@nowhere")).await, refused(400, "Bad Request: chat not found"));
    assert_eq!(to(Value::Null).await, refused(400, "Bad Request: chat not found"));
    assert_eq!(to(json!("@alerts")).await.0, 200);
    assert_eq!(to(json!(CHAT.to_string())).await.0, 200);
    telegram.set_chat(1, Chat::Kicked);
    let kicked = "Forbidden: bot was kicked from the supergroup chat";
    assert_eq!(to(json!(1)).await, refused(403, kicked));
    telegram.set_chat(-2, Chat::Migrated(-100_200));
    let (status, body) = to(json!(-2)).await;
    assert_eq!((status, &body["parameters"]["migrate_to_chat_id"]), (400, &json!(-100_200)));
    assert_eq!(to(json!(-100_200)).await.0, 200);
    assert_eq!(ask(&telegram, "sendPigeon", json!({})).await, refused(404, "Not Found"));
    let wrong = async |token: &str| {
        let url = format!("{}/bot{token}/getMe", telegram.url());
        client().get(url).send().await.unwrap().status().as_u16()
    };
    assert_eq!((wrong("12:abc").await, wrong("abc").await, wrong(TOKEN).await), (401, 404, 200));
    telegram.revoke();
    assert_eq!(to(json!(CHAT)).await, refused(401, "Unauthorized"));
    assert_eq!(telegram.messages(CHAT).len(), 2);
}

#[tokio::test]
async fn markup_is_parsed_before_it_is_measured() {
    let telegram = Telegram::start().await;
    let (status, body) = send(&telegram, html("<b>x</i>")).await;
    let description = body["description"].as_str().unwrap();
    assert!(status == 400 && description.starts_with("Bad Request: can't parse entities: "));
    assert_eq!(
        send(&telegram, html("<b> </b>")).await,
        refused(400, "Bad Request: message text is empty")
    );
    let long = refused(400, "Bad Request: message is too long");
    let fits = format!("<b>{}</b>", "&lt;".repeat(4096));
    assert_eq!(send(&telegram, html(&fits)).await.0, 200);
    assert_eq!(send(&telegram, html(&"x".repeat(4097))).await, long);
    // Two units each.
    assert_eq!(send(&telegram, html(&"🦀".repeat(2048))).await.0, 200);
    assert_eq!(send(&telegram, html(&"🦀".repeat(2049))).await, long);
    let plain = json!({"chat_id": CHAT, "text": "<b>x</i>"});
    assert_eq!(send(&telegram, plain).await.0, 200);
    let unknown = json!({"chat_id": CHAT, "text": "x", "parse_mode": "BBCode"});
    assert_eq!(send(&telegram, unknown).await, refused(400, "Bad Request: unsupported parse_mode"));
    let texts: Vec<_> = telegram.messages(CHAT).into_iter().map(|one| one.text).collect();
    assert_eq!((texts.len(), texts[2].as_str()), (3, "<b>x</i>"));
}

#[tokio::test]
async fn names_call_people_outside_code() {
    let telegram = Telegram::start().await;
    send(&telegram, html("@ann <code>@bob</code> <a href=\"tg://user?id=7\">you</a>")).await;
    send(&telegram, json!({"chat_id": CHAT, "text": "`@eve` a@b.c"})).await;
    assert_eq!(telegram.pings(), ["ann", "7", "eve"]);
}

#[tokio::test]
async fn a_message_is_answered_and_edited() {
    let telegram = Telegram::start().await;
    assert_eq!(send(&telegram, html("one")).await.1["result"]["message_id"], 1);
    let answer = |lenient: bool| {
        let reply = json!({"message_id": 1, "allow_sending_without_reply": lenient});
        send(&telegram, json!({"chat_id": CHAT, "text": "two", "reply_parameters": reply}))
    };
    assert_eq!(answer(false).await.0, 200);
    assert_eq!(telegram.messages(CHAT)[1].answers, Some(1));
    let edit = |text: &str| {
        let body = json!({"chat_id": CHAT, "message_id": 1, "text": text, "parse_mode": "HTML"});
        ask(&telegram, "editMessageText", body)
    };
    let (status, body) = edit("one").await;
    assert!(status == 400 && body["description"].as_str().unwrap().contains("is not modified"));
    telegram.set_now(START + 5_000);
    assert_eq!(edit("<i>new</i>").await.0, 200);
    assert_eq!(telegram.messages(CHAT)[0].edited, Some(START + 5_000));
    telegram.delete_message(CHAT, 1);
    assert_eq!(edit("x").await, refused(400, "Bad Request: message to edit not found"));
    assert_eq!(answer(false).await, refused(400, "Bad Request: message to be replied not found"));
    assert_eq!(answer(true).await.0, 200);
}

#[tokio::test]
async fn a_limit_is_said_in_the_body_only() {
    let telegram = Telegram::start().await;
    telegram.limit(20, Duration::from_mins(1));
    for _ in 0..20 {
        assert_eq!(send(&telegram, html("x")).await.0, 200);
    }
    let (status, body) = send(&telegram, html("x")).await;
    assert_eq!((status, &body["parameters"]["retry_after"]), (429, &json!(60)));
    assert_eq!(body["description"], "Too Many Requests: retry after 60");
    let other = send(&telegram, json!({"chat_id": 5, "text": "x"})).await;
    assert_eq!(other.0, 400);
}
