//! Pages people through `PagerDuty`.
//!
//! What belongs together has one `dedup_key`, the thread, at most 255 characters: an alert that comes
//! twice pages once, and a recovery resolves it. `error` is `critical` there, because somebody has to
//! look.
//!
//! Source: `PagerDuty`, "Events API v2 Overview", "Send an Alert Event" (PD-CEF fields, summary of at
//! most 1,024 characters, 512 KB in all, answers 202, 400 and 429).

use std::sync::Arc;

use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use sweepd_decide::{Alert, Setback, Severity, Span, Story, Timestamp};

use crate::attempt::{fingerprint, nonce, secret, set};
use crate::exposure::exposed;
use crate::http::{CAP, setback};
use crate::settings::{base, join};
use crate::text::{Caps, Markup, Target, Text, Unit, clean, is_test, story};
use crate::veil::Veil;
use crate::{
    Delivering, Http, Pace, Post, Receipt, Secret, SettingsError, Sink, SinkError, Takes, Texts,
};

/// How a service is reached.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "settings are written out in full")]
pub struct PagerdutySettings {
    /// `https://events.pagerduty.com`
    pub url: Url,
    /// The integration's key.
    pub routing_key: Secret,
}

/// A service on `PagerDuty`.
#[derive(Debug)]
pub struct Pagerduty {
    settings: PagerdutySettings,
    http: Http,
    texts: Arc<Texts>,
}

impl Pagerduty {
    /// A sink with these settings.
    ///
    /// # Errors
    /// A setting cannot be used.
    pub fn new(
        settings: PagerdutySettings,
        http: Http,
        texts: Arc<Texts>,
    ) -> Result<Self, SettingsError> {
        base("url", &settings.url)?;
        Ok(Self { settings, http, texts })
    }

    async fn attempt(&self, post: &Post) -> Result<Receipt, SinkError> {
        let told = post.alerts.iter().find_map(|alert| Some((alert, story(alert)?)));
        let Some((alert, story)) = told else {
            return match post.alerts.first().filter(|_| is_test(post)) {
                Some(test) => self.test(test, post.now).await,
                None => Ok(Receipt { place: None, remark: Some("it takes no notes".to_owned()) }),
            };
        };
        let key = secret(DOING, &self.settings.routing_key).await?;
        let target = Target::new(Markup::Plain, Unit::Utf16, 1024);
        let title = self.texts.title(alert, target);
        let mut body = json!({
            "routing_key": key.expose_secret(),
            "event_action": if story.end.is_some() { "resolve" } else { "trigger" },
            "dedup_key": dedup_key(&story.thread),
        });
        if story.end.is_none() {
            set(&mut body, "client", "sweepd");
            set(&mut body, "payload", self.payload(alert, story, &title));
        }
        self.enqueue(&key, &body, post.now).await?;
        Ok(Receipt { place: None, remark: title.remark })
    }

    /// A page that is resolved at once.
    async fn test(&self, alert: &Alert, now: Timestamp) -> Result<Receipt, SinkError> {
        let key = secret(DOING, &self.settings.routing_key).await?;
        let dedup_key = dedup_key(&format!("sweepd-test:{}", clean(&alert.id)));
        let event = |action: &str| {
            json!({
                "routing_key": key.expose_secret(),
                "event_action": action,
                "dedup_key": dedup_key,
                "payload": {
                    "summary": "sweepd: this is a test",
                    "source": clean(&alert.host),
                    "severity": "info",
                },
            })
        };
        self.enqueue(&key, &event("trigger"), now).await?;
        self.enqueue(&key, &event("resolve"), now).await?;
        let remark = Some("triggered, and resolved at once".to_owned());
        Ok(Receipt { place: None, remark })
    }

    async fn enqueue(
        &self,
        key: &SecretString,
        body: &Value,
        now: Timestamp,
    ) -> Result<(), SinkError> {
        let url = join(&self.settings.url, ["v2", "enqueue"]);
        let request = self.http.client().post(url).json(body);
        let answer = self.http.send(DOING, request, &Veil::of(key), CAP).await?;
        if !answer.is_success() {
            let words = String::from_utf8_lossy(&answer.body).to_ascii_lowercase();
            let of_the_key = words.contains("routing_key") || words.contains("routing key");
            return Err(answer.error(if answer.status == 400 && of_the_key {
                Setback::Stopped
            } else {
                setback(answer.status, &answer.headers, now)
            }));
        }
        answer.proven(answer.json().is_some_and(|json| json.is_object()), "an event's")
    }

    fn payload(&self, alert: &Alert, story: &Story, title: &Text) -> Value {
        let body = self.texts.body(
            alert,
            Caps::DOCUMENT,
            Target::new(Markup::Plain, Unit::Bytes, 100_000),
        );
        json!({
            "summary": title.text,
            "source": clean(&alert.host),
            "severity": match story.severity {
                Severity::Error => "critical",
                Severity::Warning => "warning",
                Severity::Notice => "info",
            },
            "timestamp": story.since.to_string(),
            "component": story.agent.as_ref().map(|agent| clean(agent.as_str())),
            "group": story.source.as_ref().map(|source| clean(source)),
            "class": story.kind.as_str(),
            "custom_details": {"told": body.text},
        })
    }
}

impl Sink for Pagerduty {
    fn kind(&self) -> &'static str {
        "pagerduty"
    }

    fn takes(&self) -> Takes {
        let pace = Pace { burst: 20, every: Span::from_secs(1) };
        Takes { notes: false, still: true, batch: 1, pace }
    }

    fn fingerprint(&self) -> String {
        fingerprint("pagerduty", [self.settings.url.as_str()], [&self.settings.routing_key])
    }

    fn in_the_open(&self) -> Option<SettingsError> {
        exposed("url", &self.settings.url, "routing key")
    }

    fn deliver<'a>(&'a self, post: &'a Post) -> Delivering<'a> {
        Box::pin(self.attempt(post))
    }
}

/// The thread; one that is too long, or holds what is not seen, by its digest.
fn dedup_key(thread: &str) -> String {
    if thread.chars().count() <= 255 && clean(thread) == thread && !thread.is_empty() {
        thread.to_owned()
    } else {
        format!("sweepd-{}", nonce([thread]))
    }
}

const DOING: &str = "send an event to PagerDuty";
