//! Webhooks, `PagerDuty`, Apprise, Alertmanager.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sweepd_alerts::{
    Alertmanager, AlertmanagerSettings, Apprise, AppriseSettings, AppriseWhom, Pagerduty,
    PagerdutySettings, Secret, Sink, Webhook, WebhookSettings, WebhookUrl,
};
use sweepd_decide::{Alert, Moment, Setback, Span};
use sweepd_services::pagerduty::State;
use sweepd_services::{Fault, apprise, pagerduty};

use crate::{HOUR, NOW, http, note, post, texts};

#[tokio::test]
async fn a_webhook_is_signed_over_everything_that_matters() {
    let fake = sweepd_services::Webhook::start().await;
    let settings = WebhookSettings {
        url: WebhookUrl::Open(format!("{}/hook?x=1", fake.url()).parse().unwrap()),
        key: Some(Secret::value("key")),
        headers: vec![("X-Team".to_owned(), Secret::value("ops"))],
    };
    let sink = Webhook::new(settings, http()).unwrap();
    let mut post = post("a/1", Moment::Opened, NOW);
    post.alerts.extend(note(NOW).alerts);
    sink.deliver(&post).await.unwrap();
    let request = &fake.requests()[0];
    let header = |name| request.header(name).unwrap().to_owned();
    assert_eq!(header("x-team"), "ops");
    assert_eq!(header("x-sweepd-ids"), "a%2F1,note%2D1");
    assert_eq!(header("x-sweepd-timestamp"), (NOW.as_millis() / 1000).to_string());
    let mut mac = Hmac::<Sha256>::new_from_slice(b"key").unwrap();
    mac.update(format!("{}.{}.", header("x-sweepd-timestamp"), header("x-sweepd-ids")).as_bytes());
    mac.update(&request.body);
    let signature = header("x-sweepd-signature");
    let digits = signature.strip_prefix("sha256=").unwrap();
    let bytes: Result<Vec<_>, _> =
        (0..32).map(|nth| u8::from_str_radix(&digits[2 * nth..2 * nth + 2], 16)).collect();
    mac.verify_slice(&bytes.unwrap()).unwrap();
    let body = request.json();
    assert_eq!(body["schema"], 1);
    let alerts: Vec<Alert> = serde_json::from_value(body["alerts"].clone()).unwrap();
    assert_eq!(alerts, post.alerts);
    fake.answer(410);
    assert_eq!(sink.deliver(&post).await.unwrap_err().setback, Setback::Stopped);
    fake.answer(422);
    assert_eq!(sink.deliver(&post).await.unwrap_err().setback, Setback::Refused);
}

#[test]
fn settings_say_which_key_is_wrong_and_what_would_do() {
    let of = |url: &str, header: &str| {
        let settings = WebhookSettings {
            url: WebhookUrl::Open(url.parse().unwrap()),
            key: None,
            headers: vec![(header.to_owned(), Secret::value("x"))],
        };
        Webhook::new(settings, http()).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(of("https://x.test/y?z=1", "X-Team"), Ok(()));
    assert_eq!(
        of("https://x.test", "Host").unwrap_err(),
        "`headers` has `Host`: leave it out: it is set by sweepd"
    );
    assert!(of("https://x.test", "a b").unwrap_err().contains("use a header's name"));
    assert!(of("mailto:x@y.test", "X-Team").unwrap_err().starts_with("`url` is no web address"));
}

#[tokio::test]
async fn pagerduty_pages_once_and_is_resolved() {
    let fake = sweepd_services::PagerDuty::start().await;
    let sink = |key: &str| {
        let settings =
            PagerdutySettings { url: fake.url().parse().unwrap(), routing_key: Secret::value(key) };
        Pagerduty::new(settings, http(), texts()).unwrap()
    };
    let pager = sink(pagerduty::KEY);
    pager.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap();
    pager.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap();
    pager.deliver(&post("a2", Moment::Still, NOW.plus(HOUR))).await.unwrap();
    assert_eq!(fake.open().len(), 1);
    pager.deliver(&post("a3", Moment::Resolved, NOW.plus(HOUR))).await.unwrap();
    let alerts = fake.alerts();
    assert_eq!((alerts.len(), alerts[0].state, alerts[0].triggers), (1, State::Resolved, 3));
    assert_eq!(alerts[0].severity, "warning");
    assert_eq!(alerts[0].dedup_key, "agent-stuck:nanoclaw/ag-1/sess-1");
    let error = sink("short").deliver(&post("a4", Moment::Opened, NOW)).await.unwrap_err();
    assert_ne!(error.setback, Setback::Later(None), "{error}");
    let tested = pager.deliver(&note(NOW)).await.unwrap();
    assert_eq!(tested.remark.as_deref(), Some("triggered, and resolved at once"));
    assert_eq!((fake.alerts().len(), fake.open().len()), (2, 0), "nobody is left paged");
    assert!(sink("short").deliver(&note(NOW)).await.is_err(), "a test proves the key");
}

#[tokio::test]
async fn apprise_is_told_what_kind_it_is() {
    let fake = sweepd_services::Apprise::start().await;
    let sink = |whom: AppriseWhom| {
        let url = fake.url().parse().unwrap();
        let settings = AppriseSettings { url, whom, tag: None };
        Apprise::new(settings, http(), texts()).unwrap()
    };
    let stored = sink(AppriseWhom::Key(apprise::KEY.to_owned()));
    stored.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap();
    stored.deliver(&post("a2", Moment::Resolved, NOW)).await.unwrap();
    stored.deliver(&note(NOW)).await.unwrap();
    let kinds: Vec<_> = fake.notifications().into_iter().map(|it| it.kind).collect();
    assert_eq!(kinds, ["warning", "success", "info"]);
    let error = sink(AppriseWhom::Key("nobody".to_owned())).deliver(&note(NOW)).await.unwrap_err();
    assert_eq!(error.setback, Setback::Stopped, "{error}");
    let urls = Secret::value("json://localhost/PLANTED-of-somebody,mailto://x:y@z.test");
    let loose = sink(AppriseWhom::Urls(urls));
    loose.deliver(&note(NOW)).await.unwrap();
    fake.fail(true);
    let error = loose.deliver(&note(NOW)).await.unwrap_err();
    assert_eq!(error.setback, Setback::Later(None), "{error}");
    assert!(!format!("{error:?}").contains("t0ken-of"), "{error:?}");
}

#[tokio::test]
async fn alertmanager_knows_an_alert_by_labels_that_stay() {
    let fake = sweepd_services::Alertmanager::start().await;
    let settings = AlertmanagerSettings {
        url: fake.url().parse().unwrap(),
        valid: AlertmanagerSettings::VALID,
        token: None,
    };
    let sink = Alertmanager::new(settings, http(), texts()).unwrap();
    sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap();
    let first = fake.alerts();
    assert_eq!(first[0].ends_at.as_deref(), Some("2026-01-31T00:00:00.000Z"));
    let end = NOW.plus(Span::from_mins(30));
    sink.deliver(&post("a2", Moment::Resolved, end)).await.unwrap();
    let alerts = fake.alerts();
    assert_eq!((alerts.len(), alerts[0].posts), (1, 2));
    assert_eq!(alerts[0].ends_at.as_deref(), Some("2026-01-01T00:30:00.000Z"));
    let labels: Vec<_> = alerts[0].labels.keys().map(String::as_str).collect();
    assert_eq!(labels, ["agent", "alertname", "key", "severity", "source"]);
    sink.deliver(&note(NOW)).await.unwrap();
    let tests: Vec<_> =
        fake.alerts().into_iter().filter(|a| a.labels["alertname"] == "sweepd-test").collect();
    assert_eq!(tests[0].ends_at.as_deref(), Some("2026-01-01T00:01:00.000Z"));
    fake.faults().push(Fault::Garbage);
    let error = sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap_err();
    assert_eq!(error.setback, Setback::Later(None), "{error}");
    let many = sweepd_alerts::Post { alerts: note(NOW).alerts, now: NOW, place: None };
    assert!(sink.deliver(&many).await.unwrap().remark.is_some());
}
