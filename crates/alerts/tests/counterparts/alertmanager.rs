//! Alertmanager receives, groups and resolves.

use serde_json::Value;
use sweepd_alerts::{Alertmanager, AlertmanagerSettings, Sink as _};
use sweepd_decide::{Moment, Span, Timestamp};
use sweepd_services::Webhook;

use crate::program::{Program, free_port, until};
use crate::{http, post, texts};

/// Groups by what is wrong, and tells within a second.
const CONFIG: &str = "
route:
  receiver: hook
  group_by: [alertname]
  group_wait: 1s
  group_interval: 1s
  repeat_interval: 1h
receivers:
  - name: hook
    webhook_configs: [{ url: URL, send_resolved: true }]
";

#[expect(clippy::disallowed_methods, reason = "its clock is the real one")]
fn now() -> Timestamp {
    let passed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(passed.as_millis()).unwrap())
}

#[tokio::test]
async fn it_receives_groups_and_resolves() {
    let hook = Webhook::start().await;
    let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
    let config = dir.path().join("alertmanager.yml");
    std::fs::write(&config, CONFIG.replace("URL", &hook.url())).unwrap();
    let args = [
        format!("--config.file={}", config.display()),
        format!("--storage.path={}", dir.path().join("data").display()),
        format!("--web.listen-address=127.0.0.1:{port}"),
        "--cluster.listen-address=".to_owned(),
    ];
    let Some(_running) = Program::start("prometheus-alertmanager", &args, port).await else {
        return;
    };
    // For the test's own questions; the sink brings its own.
    drop(rustls::crypto::ring::default_provider().install_default());
    let url: reqwest::Url = format!("http://127.0.0.1:{port}").parse().unwrap();
    let settings =
        AlertmanagerSettings { url: url.clone(), valid: AlertmanagerSettings::VALID, token: None };
    let sink = Alertmanager::new(settings, http(), texts()).unwrap();
    let active = || async {
        let asked = url.join("/api/v2/alerts").unwrap();
        let answer = reqwest::get(asked).await.unwrap().bytes().await.unwrap();
        serde_json::from_slice::<Value>(&answer).unwrap().as_array().unwrap().clone()
    };
    let began = now();
    for agent in ["a", "b"] {
        sink.deliver(&post(agent, Moment::Opened, began)).await.unwrap();
    }
    // Told again it is the same one.
    sink.deliver(&post("a", Moment::Still, now())).await.unwrap();
    let alerts = active().await;
    assert_eq!(alerts.len(), 2, "{alerts:?}");
    assert!(alerts.iter().all(|alert| alert["labels"]["alertname"] == "zombie"));
    assert!(alerts.iter().all(|alert| alert["status"]["state"] == "active"));

    let told = |status: &'static str, agents: usize| {
        let hook = &hook;
        until(status, async move || {
            let mut posts = hook.requests().into_iter().map(|taken| taken.json());
            let fits = |post: &Value| {
                let alerts = post["alerts"].as_array().unwrap();
                let such = alerts.iter().filter(|alert| alert["status"] == status);
                such.count() == agents
            };
            posts.rfind(fits)
        })
    };
    let firing = told("firing", 2).await;
    assert_eq!(firing["groupLabels"]["alertname"], "zombie", "both in one");
    let summary = firing["alerts"][0]["annotations"]["summary"].as_str().unwrap();
    assert!(summary.contains("s/a") || summary.contains("s/b"), "{summary}");

    sink.deliver(&post("a", Moment::Resolved, now())).await.unwrap();
    told("resolved", 1).await;
    let alerts = active().await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(alerts[0]["labels"]["agent"], "s/b");
    // It holds for long without being told again.
    let ends: String = alerts[0]["endsAt"].as_str().unwrap().to_owned();
    let ends = sweepd_decide::parse_utc(&ends).unwrap();
    assert!(ends > began.plus(Span::from_mins(24 * 60)), "{ends}");
}
