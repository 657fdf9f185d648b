//! Posts alerts to a Prometheus Alertmanager.
//!
//! An alert is known there by its labels, so they hold only what stays the same from its beginning to
//! its end. One that is not over is valid for so long that only its end ends it; each time that it is
//! told as still there extends that, and brings it back to one that was started anew.
//!
//! Source: Prometheus, "Alerts API" (sending alerts); Alertmanager, `OpenAPI` document of API v2
//! (`postAlerts`).

use std::sync::Arc;

use reqwest::Url;
use serde_json::{Value, json};
use sweepd_decide::{Alert, Span, Story, Timestamp};

use crate::attempt::{authorized, fingerprint, secret, set};
use crate::exposure::exposed;
use crate::http::CAP;
use crate::settings::{base, join, wrong};
use crate::text::{Caps, Markup, Target, Unit, clean, is_test, severity, story};
use crate::veil::Veil;
use crate::{
    Delivering, Http, Pace, Post, Receipt, Secret, SettingsError, Sink, SinkError, Takes, Texts,
};

/// How an Alertmanager is reached.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "settings are written out in full")]
pub struct AlertmanagerSettings {
    /// `http://127.0.0.1:9093`
    pub url: Url,
    /// How long an alert holds without being told again; 30 days unless set.
    pub valid: Span,
    /// A bearer token, where a proxy wants one.
    pub token: Option<Secret>,
}

/// An Alertmanager.
#[derive(Debug)]
pub struct Alertmanager {
    settings: AlertmanagerSettings,
    http: Http,
    texts: Arc<Texts>,
}

impl AlertmanagerSettings {
    /// So long holds an alert unless something else is set. Its end is delivered whatever happens, so
    /// that this need not end it; and it must not: what is acknowledged is not told again, and is not
    /// over for that.
    pub const VALID: Span = Span::from_mins(30 * 24 * 60);
}

impl Alertmanager {
    /// A sink with these settings.
    ///
    /// # Errors
    /// A setting cannot be used.
    pub fn new(
        settings: AlertmanagerSettings,
        http: Http,
        texts: Arc<Texts>,
    ) -> Result<Self, SettingsError> {
        base("url", &settings.url)?;
        if settings.valid < Span::from_mins(1) {
            let remedy = "make it longer than what still-there alerts are repeated after";
            return Err(wrong("valid", "is shorter than a minute", remedy));
        }
        Ok(Self { settings, http, texts })
    }

    async fn attempt(&self, post: &Post) -> Result<Receipt, SinkError> {
        let mut remark = None;
        let mut alerts = Vec::new();
        for alert in &post.alerts {
            if let Some(story) = story(alert) {
                let (posted, said) = self.posted(alert, story, post.now);
                alerts.push(posted);
                remark = remark.or(said);
            }
        }
        if is_test(post) {
            alerts.push(test(&post.alerts, post.now));
            remark = Some("as alert sweepd-test, which ends within a minute".to_owned());
        }
        if alerts.is_empty() {
            return Ok(Receipt { place: None, remark: Some("it takes no notes".to_owned()) });
        }
        let url = join(&self.settings.url, ["api", "v2", "alerts"]);
        let mut request = self.http.client().post(url).json(&alerts);
        let mut veil = Veil::default();
        if let Some(token) = &self.settings.token {
            let token = secret(DOING, token).await?;
            request = authorized(DOING, request, "Bearer", &token)?;
            veil = veil.and(&token);
        }
        let answer = self.http.send(DOING, request, &veil, CAP).await?.accepted(post.now)?;
        answer.proven(answer.body.is_empty() || answer.json().is_some(), "empty")?;
        Ok(Receipt { place: None, remark })
    }

    fn posted(&self, alert: &Alert, story: &Story, now: Timestamp) -> (Value, Option<String>) {
        let target = Target::new(Markup::Plain, Unit::Utf16, 20_000);
        let title = self.texts.title(alert, Target { limit: 1000, ..target });
        let body = self.texts.body(alert, Caps::DOCUMENT, target);
        let mut labels = json!({
            "alertname": story.kind.as_str(),
            "key": clean(&story.thread),
            "severity": severity(story.severity),
        });
        let agent = story.agent.as_ref().map(|agent| clean(agent.as_str()));
        let source = story.source.as_ref().map(|source| clean(source));
        for (name, value) in [("agent", agent), ("source", source)] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                set(&mut labels, name, value);
            }
        }
        let starts = story.since.clamp(FIRST, LAST);
        let ends = story.end.as_ref().map_or_else(|| now.plus(self.settings.valid), |end| end.at);
        let posted = json!({
            "labels": labels,
            "annotations": {
                "summary": title.text,
                "description": body.text,
                "host": clean(&alert.host),
            },
            "startsAt": starts.to_string(),
            "endsAt": ends.clamp(starts, LAST).to_string(),
        });
        (posted, title.remark.or(body.remark))
    }
}

/// An alert that says that it is a test, and ends by itself.
fn test(alerts: &[Alert], now: Timestamp) -> Value {
    let host = alerts.first().map_or_else(String::new, |alert| clean(&alert.host));
    json!({
        "labels": { "alertname": "sweepd-test", "severity": "none" },
        "annotations": { "summary": "sweepd: this is a test", "host": host },
        "startsAt": now.clamp(FIRST, LAST).to_string(),
        "endsAt": now.plus(Span::from_mins(1)).clamp(FIRST, LAST).to_string(),
    })
}

impl Sink for Alertmanager {
    fn kind(&self) -> &'static str {
        "alertmanager"
    }

    fn takes(&self) -> Takes {
        let pace = Pace { burst: 10, every: Span::from_secs(1) };
        Takes { notes: false, still: true, batch: 500, pace }
    }

    fn fingerprint(&self) -> String {
        fingerprint("alertmanager", [self.settings.url.as_str()], &self.settings.token)
    }

    fn in_the_open(&self) -> Option<SettingsError> {
        self.settings.token.as_ref()?;
        exposed("url", &self.settings.url, "token")
    }

    fn deliver<'a>(&'a self, post: &'a Post) -> Delivering<'a> {
        Box::pin(self.attempt(post))
    }
}

/// 1970 and the end of 9999: a date has four digits, and is never none at all.
const FIRST: Timestamp = Timestamp::from_millis(1000);
const LAST: Timestamp = Timestamp::from_millis(253_402_300_799_000);

const DOING: &str = "post to the Alertmanager";
