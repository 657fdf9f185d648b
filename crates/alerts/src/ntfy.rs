//! Publishes to a topic of an ntfy server, ntfy.sh or one's own.
//!
//! A message has at most 4,096 bytes; a longer one would arrive as an attached file. Priority 5 is
//! an error, 4 a warning, 3 anything else; what is over has 2.
//!
//! Source: ntfy, "Publishing" (Publish as JSON, Message priority, Tags & emojis, Access tokens),
//! "Limitations" (message length; 60 requests at once, then one each 5 s).

use std::sync::Arc;

use reqwest::Url;
use serde_json::json;
use sweepd_decide::{Severity, Span};

use crate::attempt::{authorized, fingerprint, secret};
use crate::exposure::exposed;
use crate::http::CAP;
use crate::settings::{base, word, wrong};
use crate::text::{Caps, Markup, Target, Unit, story, worst};
use crate::veil::Veil;
use crate::{
    Delivering, Http, Pace, Post, Receipt, Secret, SettingsError, Sink, SinkError, Takes, Texts,
};

/// How a topic is reached.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "settings are written out in full")]
pub struct NtfySettings {
    /// `https://ntfy.sh`
    pub url: Url,
    /// The topic; who knows it can read it.
    pub topic: String,
    /// An access token, where the server wants one.
    pub token: Option<Secret>,
}

/// A topic on an ntfy server.
#[derive(Debug)]
pub struct Ntfy {
    settings: NtfySettings,
    http: Http,
    texts: Arc<Texts>,
}

impl Ntfy {
    /// A sink with these settings.
    ///
    /// # Errors
    /// A setting cannot be used.
    pub fn new(
        settings: NtfySettings,
        http: Http,
        texts: Arc<Texts>,
    ) -> Result<Self, SettingsError> {
        base("url", &settings.url)?;
        word("topic", &settings.topic)?;
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if settings.topic.len() > 64 || !settings.topic.chars().all(known) {
            let remedy = "use at most 64 letters, digits, - and _, and no address";
            return Err(wrong("topic", "is no topic", remedy));
        }
        Ok(Self { settings, http, texts })
    }

    async fn attempt(&self, post: &Post) -> Result<Receipt, SinkError> {
        let target = Target::new(Markup::Plain, Unit::Bytes, 4096);
        let title = Target { limit: 250, ..target }.single();
        let (title, text) = match post.alerts.as_slice() {
            [alert] => {
                (self.texts.title(alert, title), self.texts.body(alert, Caps::MESSAGE, target))
            }
            alerts => (
                crate::text::Text { text: format!("{} alerts", alerts.len()), remark: None },
                self.texts.message(alerts, target),
            ),
        };
        let worst = worst(&post.alerts);
        let notes = post.alerts.iter().all(|alert| story(alert).is_none());
        let (priority, tag) = match worst {
            Some(Severity::Error) => (5, "rotating_light"),
            Some(Severity::Warning) => (4, "warning"),
            Some(Severity::Notice) => (3, "information_source"),
            None if notes => (3, "information_source"),
            None => (2, "white_check_mark"),
        };
        let body = json!({
            "topic": self.settings.topic,
            "title": title.text,
            "message": text.text,
            "priority": priority,
            "tags": [tag],
        });
        let mut request = self.http.client().post(self.settings.url.clone()).json(&body);
        let mut veil = Veil::default();
        if let Some(token) = &self.settings.token {
            let token = secret(DOING, token).await?;
            request = authorized(DOING, request, "Bearer", &token)?;
            veil = veil.and(&token);
        }
        let answer = self.http.send(DOING, request, &veil, CAP).await?.accepted(post.now)?;
        let id = answer.json().and_then(|json| Some(json.get("id")?.as_str()?.to_owned()));
        answer.proven(id.is_some(), "a message")?;
        Ok(Receipt { place: id, remark: title.remark.or(text.remark) })
    }
}

impl Sink for Ntfy {
    fn kind(&self) -> &'static str {
        "ntfy"
    }

    fn takes(&self) -> Takes {
        let pace = Pace { burst: 20, every: Span::from_secs(10) };
        Takes { notes: true, still: true, batch: 1000, pace }
    }

    fn fingerprint(&self) -> String {
        let NtfySettings { url, topic, token } = &self.settings;
        fingerprint("ntfy", [url.as_str(), topic], token)
    }

    fn in_the_open(&self) -> Option<SettingsError> {
        self.settings.token.as_ref()?;
        exposed("url", &self.settings.url, "token")
    }

    fn deliver<'a>(&'a self, post: &'a Post) -> Delivering<'a> {
        Box::pin(self.attempt(post))
    }
}

const DOING: &str = "publish to ntfy";
