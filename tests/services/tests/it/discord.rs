//! What bites a client of Discord.

use std::time::Duration;

use reqwest::header::USER_AGENT;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sweepd_services::discord::{Access, BOT, CHANNEL, TOKEN, WEBHOOK};
use sweepd_services::{Discord, Fault, START};

use crate::{call, client};

async fn ask(discord: &Discord, method: Method, path: &str, body: Value) -> Response {
    let request = client().request(method, format!("{}/api/v10{path}", discord.url()));
    let request = request.header(USER_AGENT, "DiscordBot (https://example.com, 1)");
    call(request.header("Authorization", format!("Bot {TOKEN}")), body).await
}

async fn post(discord: &Discord, body: Value) -> Response {
    ask(discord, Method::POST, &format!("/channels/{CHANNEL}/messages"), body).await
}

async fn hook(discord: &Discord, query: &str, body: Value) -> Response {
    let request = client().post(format!("{}{query}", discord.webhook_url()));
    call(request.header(USER_AGENT, "sweepd"), body).await
}

/// The status and the code.
async fn code(answer: Response) -> (u16, u64) {
    let status = answer.status().as_u16();
    (status, answer.json::<Value>().await.unwrap()["code"].as_u64().unwrap())
}

#[tokio::test]
async fn who_may_what() {
    let discord = Discord::start().await;
    let url = format!("{}/api/v10/channels/{CHANNEL}/messages", discord.url());
    let text = json!({"content": "x"});
    let bad = client().post(&url).header(USER_AGENT, "x").bearer_auth(TOKEN).json(&text);
    let bad = bad.send().await.unwrap();
    assert_eq!(bad.status(), 401);
    let body: Value = bad.json().await.unwrap();
    assert_eq!(body, json!({"message": "401: Unauthorized", "code": 0}));
    let nameless = client().post(&url).header("Authorization", format!("Bot {TOKEN}")).json(&text);
    assert_eq!(code(nameless.send().await.unwrap()).await, (403, 40_333));
    let to = async |channel: &str| {
        let path = format!("/channels/{channel}/messages");
        code(ask(&discord, Method::POST, &path, text.clone()).await).await
    };
    assert_eq!(to("1").await, (404, 10_003));
    assert_eq!(to("general").await, (400, 50_035));
    discord.set_channel("2", Access::None);
    discord.set_channel("3", Access::Read);
    assert_eq!(to("2").await, (403, 50_001));
    assert_eq!(to("3").await, (403, 50_013));
    discord.revoke();
    assert_eq!(to(CHANNEL).await, (401, 0));
    assert_eq!(discord.invalid_requests(), 5);
    assert!(discord.messages(CHANNEL).is_empty());
}

#[tokio::test]
async fn lengths_are_code_points_and_embeds_count_together() {
    let discord = Discord::start().await;
    let empty = code(post(&discord, json!({"content": " \n", "embeds": [{}]})).await).await;
    assert_eq!(empty, (400, 50_006));
    assert_eq!(post(&discord, json!({"content": "🦀".repeat(2000)})).await.status(), 200);
    let long = post(&discord, json!({"content": "🦀".repeat(2001)})).await;
    let long: Value = long.json().await.unwrap();
    assert_eq!(long["errors"]["content"]["_errors"][0]["code"], "BASE_TYPE_MAX_LENGTH");
    let refused = async |embeds: Value| code(post(&discord, json!({"embeds": embeds})).await).await;
    let bad = (400, 50_035);
    assert_eq!(refused(json!([{"title": "x".repeat(257)}])).await, bad);
    assert_eq!(refused(json!([{"description": "x".repeat(4097)}])).await, bad);
    assert_eq!(refused(json!([{"fields": [{"name": "n", "value": " "}]}])).await, bad);
    assert_eq!(refused(json!([{"fields": [{"name": "n", "value": "x".repeat(1025)}]}])).await, bad);
    assert_eq!(refused(json!([{"footer": {"text": "x".repeat(2049)}}])).await, bad);
    assert_eq!(refused(json!([{"title": "t", "color": 0x0100_0000}])).await, bad);
    let fields: Vec<_> = (0..26).map(|_| json!({"name": "n", "value": "v"})).collect();
    assert_eq!(refused(json!([{"fields": fields}])).await, bad);
    assert_eq!(refused(json!(vec![json!({"title": "t"}); 11])).await, bad);
    let half = json!({"description": "x".repeat(3001)});
    assert_eq!(refused(json!([half, half])).await, bad);
    let fits = json!({"description": "x".repeat(3000)});
    assert_eq!(post(&discord, json!({"embeds": [fits, fits]})).await.status(), 200);
    assert_eq!(discord.messages(CHANNEL).len(), 2);
}

#[tokio::test]
async fn a_message_calls_people_unless_it_says_otherwise() {
    let discord = Discord::start().await;
    let text = "@everyone <@7> <@&8> `@here`";
    assert_eq!(post(&discord, json!({"content": text})).await.status(), 200);
    assert_eq!(discord.pings(), ["everyone", "user:7", "role:8"]);
    let quiet = json!({"content": text, "allowed_mentions": {"parse": []}});
    assert_eq!(post(&discord, quiet).await.status(), 200);
    let messages = discord.messages(CHANNEL);
    assert_eq!((messages.len(), messages[1].pings()), (2, Vec::<String>::new()));
    let both = json!({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["7"]}});
    assert_eq!(code(post(&discord, both).await).await, (400, 50_035));
    let unknown = json!({"content": "x", "allowed_mentions": {"parse": ["here"]}});
    assert_eq!(code(post(&discord, unknown).await).await, (400, 50_035));
}

#[tokio::test]
async fn an_enforced_nonce_is_one_message_for_minutes() {
    let discord = Discord::start().await;
    let id = async |nonce: &str, enforce: bool| {
        let body = json!({"content": "x", "nonce": nonce, "enforce_nonce": enforce});
        post(&discord, body).await.json::<Value>().await.unwrap()["id"].clone()
    };
    discord.faults().push(Fault::DropAfter.on("POST", "/messages"));
    let url = format!("{}/channels/{CHANNEL}/messages", discord.url());
    let lost = client().post(url).header(USER_AGENT, "x");
    let lost = lost.header("Authorization", format!("Bot {TOKEN}"));
    let body = json!({"content": "x", "nonce": "n", "enforce_nonce": true});
    assert!(lost.json(&body).send().await.is_err());
    let first = id("n", true).await;
    assert_eq!(first, discord.messages(CHANNEL)[0].id.as_str());
    assert_ne!(id("n", false).await, first);
    assert_ne!(id("other", true).await, first);
    discord.set_now(START + 600_000);
    assert_ne!(id("n", true).await, first);
    assert_eq!(discord.messages(CHANNEL).len(), 4);
    let long = json!({"content": "x", "nonce": "x".repeat(26)});
    assert_eq!(code(post(&discord, long).await).await, (400, 50_035));
}

#[tokio::test]
async fn a_webhook_says_nothing_unless_it_is_waited_for() {
    let discord = Discord::start().await;
    let quiet = hook(&discord, "", json!({"content": "one"})).await;
    assert_eq!((quiet.status().as_u16(), quiet.text().await.unwrap()), (204, String::new()));
    let waited = hook(&discord, "?wait=true", json!({"content": "two"})).await;
    assert_eq!(waited.status(), 200);
    let message: Value = waited.json().await.unwrap();
    assert_eq!(
        (&message["webhook_id"], &message["author"]["id"]),
        (&json!(WEBHOOK), &json!(WEBHOOK))
    );
    let named = hook(&discord, "", json!({"content": "x", "username": "my Discord"})).await;
    assert_eq!(code(named).await, (400, 50_035));
    let edit = format!("{}/messages/{}", discord.webhook_url(), message["id"].as_str().unwrap());
    let edit = client().patch(edit).header(USER_AGENT, "x").json(&json!({"content": "three"}));
    assert_eq!(edit.send().await.unwrap().status(), 200);
    discord.lose_unwaited();
    assert_eq!(hook(&discord, "", json!({"content": "lost"})).await.status(), 204);
    let texts: Vec<_> = discord.messages(CHANNEL).into_iter().map(|m| m.content).collect();
    assert_eq!(texts, ["one", "three"]);
    let wrong = client().post(discord.webhook_url() + "x").header(USER_AGENT, "x");
    assert_eq!(code(call(wrong, json!({"content": "x"})).await).await, (401, 50_027));
    discord.delete_webhook();
    assert_eq!(code(hook(&discord, "", json!({"content": "x"})).await).await, (404, 10_015));
}

#[tokio::test]
async fn a_message_is_edited_and_answered() {
    let discord = Discord::start().await;
    let id = post(&discord, json!({"content": "x", "embeds": [{"title": "t"}]})).await;
    let id = id.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    let one = format!("/channels/{CHANNEL}/messages/{id}");
    discord.set_now(START + 1_000);
    let edited = ask(&discord, Method::PATCH, &one, json!({"content": "y"})).await;
    assert_eq!(edited.status(), 200);
    let message = discord.messages(CHANNEL).remove(0);
    assert_eq!((message.content.as_str(), message.embeds.len()), ("y", 1));
    assert_eq!((message.author.as_str(), message.edited), (BOT, Some(START + 1_000)));
    let answer = json!({"content": "z", "message_reference": {"message_id": id}});
    assert_eq!(post(&discord, answer.clone()).await.status(), 200);
    discord.delete_message(&id);
    assert_eq!(
        code(ask(&discord, Method::PATCH, &one, json!({"content": "y"})).await).await,
        (404, 10_008)
    );
    assert_eq!(code(post(&discord, answer).await).await, (400, 50_035));
    discord.delete_channel(CHANNEL);
    assert_eq!(code(post(&discord, json!({"content": "x"})).await).await, (404, 10_003));
}

#[tokio::test]
async fn a_limit_says_how_long_in_two_ways() {
    let discord = Discord::start().await;
    discord.limit(5, Duration::from_secs(5));
    for _ in 0..5 {
        assert_eq!(post(&discord, json!({"content": "x"})).await.status(), 200);
    }
    discord.set_now(START + 1_750);
    let limited = post(&discord, json!({"content": "x"})).await;
    assert_eq!(limited.status(), 429);
    assert_eq!(limited.headers()["retry-after"], "4");
    assert_eq!(limited.headers()["x-ratelimit-scope"], "user");
    let body: Value = limited.json().await.unwrap();
    assert_eq!((&body["retry_after"], &body["global"]), (&json!(3.25), &json!(false)));
    // Another bucket.
    assert_eq!(hook(&discord, "", json!({"content": "x"})).await.status(), 204);
    assert_eq!(discord.invalid_requests(), 1);
}
