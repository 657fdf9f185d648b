//! Notifies through an Apprise API server, for every service that has no sink of its own.
//!
//! Source: Apprise API, README ("API Details": `/notify/` and `/notify/{KEY}`, status codes 200, 204,
//! 400, 424 and 500; message types info, success, warning, failure).

use std::sync::Arc;

use reqwest::Url;
use reqwest::header::{ACCEPT, HeaderValue};
use secrecy::ExposeSecret as _;
use serde_json::json;
use sweepd_decide::{Severity, Span};

use crate::attempt::{fingerprint, secret, set, stopped};
use crate::exposure::exposed;
use crate::http::CAP;
use crate::settings::{base, join, word};
use crate::text::{Caps, Markup, Target, Text, Unit, story, worst};
use crate::veil::Veil;
use crate::{
    Delivering, Http, Pace, Post, Receipt, Secret, SettingsError, Sink, SinkError, Takes, Texts,
};

/// How a server is reached, and whom it notifies.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "settings are written out in full")]
pub struct AppriseSettings {
    /// `http://127.0.0.1:8000`
    pub url: Url,
    /// Whom.
    pub whom: AppriseWhom,
    /// Only services with this tag.
    pub tag: Option<String>,
}

/// Whom an Apprise API server notifies.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_enums, reason = "settings are written out in full")]
pub enum AppriseWhom {
    /// What it has stored under a key.
    Key(String),
    /// These Apprise addresses, separated by commas. They hold tokens.
    Urls(Secret),
}

/// An Apprise API server.
#[derive(Debug)]
pub struct Apprise {
    settings: AppriseSettings,
    http: Http,
    texts: Arc<Texts>,
}

impl Apprise {
    /// A sink with these settings.
    ///
    /// # Errors
    /// A setting cannot be used.
    pub fn new(
        settings: AppriseSettings,
        http: Http,
        texts: Arc<Texts>,
    ) -> Result<Self, SettingsError> {
        base("url", &settings.url)?;
        if let AppriseWhom::Key(key) = &settings.whom {
            word("key", key)?;
        }
        Ok(Self { settings, http, texts })
    }

    async fn attempt(&self, post: &Post) -> Result<Receipt, SinkError> {
        let target = Target::new(Markup::Plain, Unit::Utf16, 10_000);
        let title = Target { limit: 250, ..target }.single();
        let (title, text) = match post.alerts.as_slice() {
            [alert] => {
                (self.texts.title(alert, title), self.texts.body(alert, Caps::MESSAGE, target))
            }
            alerts => {
                let title = format!("{} alerts", alerts.len());
                (Text { text: title, remark: None }, self.texts.message(alerts, target))
            }
        };
        let mut body = json!({
            "title": title.text,
            "body": text.text,
            "type": kind_of(post),
            "format": "text",
        });
        if let Some(tag) = &self.settings.tag {
            set(&mut body, "tag", tag.as_str());
        }
        let mut veil = Veil::default();
        let url = match &self.settings.whom {
            AppriseWhom::Key(key) => join(&self.settings.url, ["notify", key, ""]),
            AppriseWhom::Urls(urls) => {
                let urls = secret(DOING, urls).await?;
                set(&mut body, "urls", urls.expose_secret());
                for url in urls.expose_secret().split([',', ' ']).filter(|url| !url.is_empty()) {
                    veil = veil.and(&url.into());
                }
                veil = veil.and(&urls);
                join(&self.settings.url, ["notify", ""])
            }
        };
        let json = HeaderValue::from_static("application/json");
        let request = self.http.client().post(url).header(ACCEPT, json).json(&body);
        let answer = self.http.send(DOING, request, &veil, CAP).await?.accepted(post.now)?;
        if answer.status == 204 {
            return Err(stopped(DOING, "status 204: nobody is configured there to be notified"));
        }
        answer.proven(!answer.body.trim_ascii_start().starts_with(b"<!"), "an API's")?;
        Ok(Receipt { place: None, remark: title.remark.or(text.remark) })
    }
}

impl Sink for Apprise {
    fn kind(&self) -> &'static str {
        "apprise"
    }

    fn takes(&self) -> Takes {
        let pace = Pace { burst: 5, every: Span::from_secs(2) };
        Takes { notes: true, still: true, batch: 1000, pace }
    }

    fn fingerprint(&self) -> String {
        let AppriseSettings { url, whom, tag } = &self.settings;
        let tag = tag.as_deref().unwrap_or_default();
        match whom {
            AppriseWhom::Key(key) => fingerprint("apprise", [url.as_str(), key, tag], []),
            AppriseWhom::Urls(urls) => fingerprint("apprise", [url.as_str(), tag], [urls]),
        }
    }

    fn in_the_open(&self) -> Option<SettingsError> {
        match &self.settings.whom {
            AppriseWhom::Key(_) => None,
            AppriseWhom::Urls(_) => exposed("url", &self.settings.url, "addresses"),
        }
    }

    fn deliver<'a>(&'a self, post: &'a Post) -> Delivering<'a> {
        Box::pin(self.attempt(post))
    }
}

/// What Apprise calls alerts like these.
fn kind_of(post: &Post) -> &'static str {
    match worst(&post.alerts) {
        Some(Severity::Error) => "failure",
        Some(Severity::Warning) => "warning",
        Some(Severity::Notice) => "info",
        None if post.alerts.iter().all(|alert| story(alert).is_none()) => "info",
        None => "success",
    }
}

const DOING: &str = "notify through Apprise";
