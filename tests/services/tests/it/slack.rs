//! What bites a client of Slack's webhooks.

use std::time::Duration;

use serde_json::{Value, json};
use sweepd_services::slack::Channel;
use sweepd_services::{Fault, Slack};

use crate::{call, client};

async fn post(slack: &Slack, body: Value) -> (u16, String) {
    let answer = call(client().post(slack.hook_url()), body).await;
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn said(status: u16, text: &str) -> (u16, String) {
    (status, text.to_owned())
}

#[tokio::test]
async fn answers_are_plain_words() {
    let slack = Slack::start().await;
    assert_eq!(post(&slack, json!({"text": "hello"})).await, said(200, "ok"));
    assert_eq!(post(&slack, json!({"text": ""})).await, said(400, "no_text"));
    assert_eq!(post(&slack, json!({"text": 1})).await, said(400, "invalid_payload"));
    assert_eq!(post(&slack, json!([1])).await, said(400, "invalid_payload"));
    let form = client().post(slack.hook_url()).form(&[("payload", r#"{"text":"form"}"#)]);
    assert_eq!(form.send().await.unwrap().status(), 200);
    slack.faults().push(Fault::RateLimited { retry_after: Duration::from_secs(1) });
    let limited = call(client().post(slack.hook_url()), json!({"text": "x"})).await;
    assert_eq!(
        (limited.status().as_u16(), &limited.headers()["retry-after"]),
        (429, &"1".parse().unwrap())
    );
    let elsewhere = |from: &str, to: &str| slack.hook_url().replace(from, to);
    for (url, status, word) in [
        (elsewhere("T0", "T9"), 404, "no_team"),
        (elsewhere("B0", "B9"), 404, "no_service"),
        (elsewhere("PLANTED", "PUBLIC"), 403, "invalid_token"),
    ] {
        let answer = call(client().post(url), json!({"text": "x"})).await;
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap()), said(status, word));
    }
    for (channel, status, word) in [
        (Channel::Archived, 410, "channel_is_archived"),
        (Channel::Deleted, 404, "channel_not_found"),
        (Channel::Prohibited, 403, "action_prohibited"),
    ] {
        slack.set_channel(channel);
        assert_eq!(post(&slack, json!({"text": "x"})).await, said(status, word));
    }
    slack.remove();
    assert_eq!(post(&slack, json!({"text": "x"})).await, said(404, "no_service"));
    let texts: Vec<_> = slack.messages().into_iter().map(|post| post.text).collect();
    assert_eq!(texts, ["hello", "form"]);
}

#[tokio::test]
async fn blocks_have_limits() {
    let slack = Slack::start().await;
    let blocks = async |blocks: Value| post(&slack, json!({"blocks": blocks})).await;
    let text = |length: usize| json!({"type": "mrkdwn", "text": "x".repeat(length)});
    let section = |length: usize| json!({"type": "section", "text": text(length)});
    assert_eq!(blocks(json!(vec![section(3000); 50])).await, said(200, "ok"));
    let bad = said(400, "invalid_blocks");
    assert_eq!(blocks(json!(vec![section(1); 51])).await, bad);
    assert_eq!(blocks(json!([section(3001)])).await, bad);
    assert_eq!(blocks(json!([section(0)])).await, bad);
    assert_eq!(blocks(json!([{"type": "header", "text": text(10)}])).await, bad);
    let plain = |length: usize| json!({"type": "plain_text", "text": "x".repeat(length)});
    assert_eq!(blocks(json!([{"type": "header", "text": plain(150)}])).await, said(200, "ok"));
    assert_eq!(blocks(json!([{"type": "header", "text": plain(151)}])).await, bad);
    assert_eq!(blocks(json!([{"type": "section", "fields": vec![text(1); 11]}])).await, bad);
    assert_eq!(blocks(json!([{"type": "context", "elements": vec![text(1); 11]}])).await, bad);
    assert_eq!(blocks(json!([{"type": "paragraph"}])).await, bad);
    let long = json!({"text": "é".repeat(40_001)});
    assert_eq!(post(&slack, long).await, said(200, "ok"));
    assert_eq!(slack.messages()[2].text.chars().count(), 40_000);
}

#[tokio::test]
async fn markup_calls_people() {
    let slack = Slack::start().await;
    let text = "<!channel> <!here|here> <@U12|bob> <!subteam^S1> <https://x|@all> &lt;!channel&gt;";
    post(&slack, json!({"text": text})).await;
    assert_eq!(slack.pings(), ["channel", "here", "user:U12", "group:S1"]);
    let plain = json!({"type": "plain_text", "text": "<!channel>"});
    let block = json!({"type": "section", "text": {"type": "mrkdwn", "text": "`<!everyone>`"}});
    post(&slack, json!({"blocks": [block, {"type": "header", "text": plain}]})).await;
    assert_eq!(slack.messages()[1].pings(), ["everyone"]);
}
