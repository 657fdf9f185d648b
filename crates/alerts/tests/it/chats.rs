//! Discord, Slack, Telegram, ntfy.

use std::time::Duration;

use sweepd_alerts::{
    Discord, DiscordSettings, Ntfy, NtfySettings, Secret, Sink, Slack, SlackSettings, Telegram,
    TelegramSettings,
};
use sweepd_decide::{Moment, Setback, Severity, Span};
use sweepd_services::{Fault, discord, ntfy, slack, telegram};

use crate::{NOW, http, note, post, post_of, story, texts};

fn bot(fake: &sweepd_services::Discord, channel: &str, token: &str) -> Discord {
    let settings = DiscordSettings::Bot {
        api_base: format!("{}/api/v10", fake.url()).parse().unwrap(),
        channel_id: channel.to_owned(),
        token: Secret::value(token),
    };
    Discord::new(settings, http(), texts()).unwrap()
}

fn hook(url: String) -> Discord {
    Discord::new(DiscordSettings::Webhook { url: Secret::value(url) }, http(), texts()).unwrap()
}

#[tokio::test]
async fn a_bot_posts_once_however_often_it_is_tried() {
    let fake = sweepd_services::Discord::start().await;
    let sink = bot(&fake, discord::CHANNEL, discord::TOKEN);
    let post = post("a1", Moment::Opened, NOW);
    fake.faults().push(Fault::DropAfter);
    let lost = sink.deliver(&post).await.unwrap_err();
    assert_eq!(lost.setback, Setback::Later(None));
    let receipt = sink.deliver(&post).await.unwrap();
    let messages = fake.messages(discord::CHANNEL);
    assert_eq!(messages.len(), 1, "the nonce tells the second from another");
    assert_eq!(receipt.place.as_ref(), Some(&messages[0].id));
    assert!(messages[0].content.contains("Agent: `nanoclaw/ag-1/sess-1`"), "{messages:?}");
    assert_eq!(messages[0].allowed_mentions, Some(serde_json::json!({"parse": []})));
}

#[tokio::test]
async fn a_webhook_waits_for_the_message_and_shows_no_address() {
    let fake = sweepd_services::Discord::start().await;
    let sink = hook(fake.webhook_url());
    assert!(sink.deliver(&note(NOW)).await.unwrap().place.is_some());
    fake.delete_webhook();
    let error = sink.deliver(&note(NOW)).await.unwrap_err();
    assert_eq!(error.setback, Setback::Stopped);
    assert!(!format!("{error} {error:?}").contains(discord::WEBHOOK_TOKEN), "{error:?}");
    assert!(!format!("{sink:?}").contains(discord::WEBHOOK_TOKEN));
}

#[tokio::test]
async fn discord_says_how_long_to_wait_and_what_stops() {
    let fake = sweepd_services::Discord::start().await;
    let sink = bot(&fake, discord::CHANNEL, discord::TOKEN);
    let post = post("a1", Moment::Opened, NOW);
    fake.faults().push(Fault::RateLimited { retry_after: Duration::from_millis(1337) });
    let error = sink.deliver(&post).await.unwrap_err();
    assert_eq!(error.setback, Setback::Later(Some(Span::from_millis(1337))), "{error}");
    fake.faults().push(Fault::Garbage);
    let error = sink.deliver(&post).await.unwrap_err();
    assert_eq!(error.setback, Setback::Later(None), "{error}");
    let error = bot(&fake, discord::CHANNEL, "wrong").deliver(&post).await.unwrap_err();
    assert_eq!(error.setback, Setback::Stopped, "{error}");
    fake.delete_channel(discord::CHANNEL);
    let error = sink.deliver(&post).await.unwrap_err();
    assert_eq!(error.setback, Setback::Stopped, "{error}");
}

#[tokio::test]
async fn slack_takes_a_section_and_its_words_are_understood() {
    let fake = sweepd_services::Slack::start().await;
    let settings = || SlackSettings { url: Secret::value(fake.hook_url()) };
    let sink = Slack::new(settings(), http(), texts());
    let post = post("a1", Moment::Opened, NOW);
    sink.deliver(&post).await.unwrap();
    let sent = fake.messages();
    assert_eq!(sent[0].text, "warning: agent-stuck nanoclaw/ag-1/sess-1");
    let section = &sent[0].payload["blocks"][0]["text"];
    assert!(section["text"].as_str().unwrap().contains("To do: look at its log"));
    assert_eq!(section["verbatim"], true);
    fake.faults().push(Fault::RateLimited { retry_after: Duration::from_secs(30) });
    let error = sink.deliver(&post).await.unwrap_err();
    assert_eq!(error.setback, Setback::Later(Some(Span::from_secs(30))));
    for state in [slack::Channel::Archived, slack::Channel::Deleted, slack::Channel::Prohibited] {
        fake.set_channel(state);
        let error = sink.deliver(&post).await.unwrap_err();
        assert_eq!(error.setback, Setback::Stopped, "{error}");
        assert!(!format!("{error:?}").contains("PLANTED"), "{error:?}");
    }
}

fn chat(fake: &sweepd_services::Telegram, token: &str) -> Telegram {
    let settings = TelegramSettings {
        api_base: fake.url().parse().unwrap(),
        chat_id: telegram::CHAT.to_string(),
        thread_id: None,
        token: Secret::value(token),
    };
    Telegram::new(settings, http(), texts()).unwrap()
}

#[tokio::test]
async fn telegram_reads_the_markup_and_says_how_long_to_wait() {
    let fake = sweepd_services::Telegram::start().await;
    let sink = chat(&fake, telegram::TOKEN);
    let receipt = sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap();
    let sent = fake.messages(telegram::CHAT);
    assert_eq!(receipt.place, Some(sent[0].id.to_string()));
    assert_eq!(sent[0].tags[..2], ["b", "code"]);
    assert!(sent[0].text.starts_with("warning: agent-stuck nanoclaw/ag-1/sess-1\n"), "{sent:?}");
    fake.faults().push(Fault::RateLimited { retry_after: Duration::from_secs(17) });
    let error = sink.deliver(&note(NOW)).await.unwrap_err();
    assert_eq!(error.setback, Setback::Later(Some(Span::from_secs(17))), "{error}");
    for state in [telegram::Chat::Kicked, telegram::Chat::Migrated(-100)] {
        fake.set_chat(telegram::CHAT, state);
        let error = sink.deliver(&note(NOW)).await.unwrap_err();
        assert_eq!(error.setback, Setback::Stopped, "{error}");
    }
    let error = chat(&fake, "123456:wrong-wrong-wrong").deliver(&note(NOW)).await.unwrap_err();
    assert_eq!(error.setback, Setback::Stopped, "{error}");
    assert!(!format!("{error:?}").contains("wrong-wrong"), "{error:?}");
}

fn topic(fake: &sweepd_services::Ntfy, token: Option<Secret>) -> Ntfy {
    let url = fake.url().parse().unwrap();
    let settings = NtfySettings { url, topic: "ops".to_owned(), token };
    Ntfy::new(settings, http(), texts()).unwrap()
}

#[tokio::test]
async fn ntfy_is_given_a_priority_and_a_token() {
    let fake = sweepd_services::Ntfy::start().await;
    fake.protect("ops");
    let error = topic(&fake, None).deliver(&note(NOW)).await.unwrap_err();
    assert_eq!(error.setback, Setback::Stopped, "{error}");
    let sink = topic(&fake, Some(Secret::value(ntfy::TOKEN)));
    let mut worst = story(Moment::Opened, NOW);
    worst.severity = Severity::Error;
    worst.seen = "ä".repeat(20_000);
    sink.deliver(&post_of("a1", NOW, worst)).await.unwrap();
    sink.deliver(&post("a2", Moment::Resolved, NOW)).await.unwrap();
    sink.deliver(&note(NOW)).await.unwrap();
    let sent = fake.messages("ops");
    let told: Vec<_> = sent.iter().map(|it| (it.priority, it.tags[0].as_str())).collect();
    assert_eq!(told, [(5, "rotating_light"), (2, "white_check_mark"), (3, "information_source")]);
    assert_eq!(sent[1].title, "recovered: agent-stuck nanoclaw/ag-1/sess-1 after 10 min");
    assert!(sent[1].message.starts_with("Recovered after 10 min: it beats again at "));
}
