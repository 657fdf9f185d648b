//! Which sinks would send a secret over a network in the open.

use sweepd_alerts::{
    Alertmanager, AlertmanagerSettings, Apprise, AppriseSettings, AppriseWhom, Discord,
    DiscordSettings, Ntfy, NtfySettings, Pagerduty, PagerdutySettings, Secret, Sink, Slack,
    SlackSettings, Telegram, TelegramSettings, Tracker, TrackerKind, TrackerSettings, Webhook,
    WebhookSettings, WebhookUrl,
};

use crate::{http, texts};

/// Every sink with a secret, at a server whose address begins so.
fn sinks(base: &str) -> Vec<Box<dyn Sink>> {
    let url = || base.parse().unwrap();
    let token = || Secret::value("PLANTED-token");
    let hook = || Secret::value(format!("{base}/PLANTED/hook"));
    let text = |text: &str| text.to_owned();
    let bot = DiscordSettings::Bot { api_base: url(), channel_id: text("1"), token: token() };
    let webhook = DiscordSettings::Webhook { url: hook() };
    let chat =
        TelegramSettings { api_base: url(), chat_id: text("1"), thread_id: None, token: token() };
    let topic = NtfySettings { url: url(), topic: text("ops"), token: Some(token()) };
    let headers = vec![(text("Authorization"), token())];
    let open = WebhookSettings { url: WebhookUrl::Open(url()), key: None, headers };
    let secret = WebhookSettings { url: WebhookUrl::Secret(hook()), key: None, headers: vec![] };
    let valid = AlertmanagerSettings::VALID;
    let manager = AlertmanagerSettings { url: url(), valid, token: Some(token()) };
    let pager = PagerdutySettings { url: url(), routing_key: token() };
    let apprise = AppriseSettings { url: url(), whom: AppriseWhom::Urls(token()), tag: None };
    let tracker = TrackerSettings {
        kind: TrackerKind::Gitea,
        url: url(),
        repo: text("ops/nexus"),
        token: token(),
        assignee: None,
        label: TrackerSettings::LABEL.to_owned(),
        max_issues: TrackerSettings::MAX_ISSUES,
        comment_every: TrackerSettings::COMMENT_EVERY,
        snooze_after_close: TrackerSettings::SNOOZE_AFTER_CLOSE,
    };
    vec![
        Box::new(Discord::new(bot, http(), texts()).unwrap()),
        Box::new(Discord::new(webhook, http(), texts()).unwrap()),
        Box::new(Slack::new(SlackSettings { url: hook() }, http(), texts())),
        Box::new(Telegram::new(chat, http(), texts()).unwrap()),
        Box::new(Ntfy::new(topic, http(), texts()).unwrap()),
        Box::new(Webhook::new(open, http()).unwrap()),
        Box::new(Webhook::new(secret, http()).unwrap()),
        Box::new(Alertmanager::new(manager, http(), texts()).unwrap()),
        Box::new(Pagerduty::new(pager, http(), texts()).unwrap()),
        Box::new(Apprise::new(apprise, http(), texts()).unwrap()),
        Box::new(Tracker::new(tracker, http(), texts()).unwrap()),
    ]
}

#[test]
fn a_secret_that_anybody_on_the_way_can_read_is_warned_of() {
    let told = |base: &str| -> Vec<Option<String>> {
        let sinks = sinks(base).into_iter();
        sinks.map(|sink| sink.in_the_open().map(|it| format!("{}: {it}", sink.kind()))).collect()
    };
    for closed in ["https://x.test", "http://127.0.0.1:8000", "http://localhost"] {
        assert!(told(closed).iter().all(Option::is_none), "{closed}");
    }
    let told: Vec<_> = told("http://x.test").into_iter().map(Option::unwrap).collect();
    let remedy = ": begin it with https://; http:// is for a server on this host";
    assert!(told.iter().all(|it| it.ends_with(remedy) && !it.contains("PLANTED")), "{told:?}");
    let told: Vec<_> = told.iter().map(|it| it.strip_suffix(remedy).unwrap()).collect();
    assert_eq!(
        told,
        [
            "discord: `api-base` sends the token in the open",
            "discord: `url` sends the address, which is the secret, in the open",
            "slack: `url` sends the address, which is the secret, in the open",
            "telegram: `api-base` sends the token in the open",
            "ntfy: `url` sends the token in the open",
            "webhook: `url` sends the headers in the open",
            "webhook: `url` sends the address, which is the secret, in the open",
            "alertmanager: `url` sends the token in the open",
            "pagerduty: `url` sends the routing key in the open",
            "apprise: `url` sends the addresses in the open",
            "gitea: `url` sends the token in the open",
        ]
    );
}

#[test]
fn what_sends_no_secret_is_not_warned_of() {
    let url = || "http://x.test".parse().unwrap();
    let (topic, key) = ("ops".to_owned(), Some(Secret::value("PLANTED-key")));
    let ntfy = NtfySettings { url: url(), topic, token: None };
    let hook = WebhookSettings { url: WebhookUrl::Open(url()), key, headers: vec![] };
    assert_eq!(Ntfy::new(ntfy, http(), texts()).unwrap().in_the_open(), None);
    // Only what the key has signed is sent.
    assert_eq!(Webhook::new(hook, http()).unwrap().in_the_open(), None);
}
