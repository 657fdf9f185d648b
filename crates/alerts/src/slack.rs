//! Posts to a Slack channel through an incoming webhook.
//!
//! The text goes in a section, of which Slack takes 3,000 characters, `verbatim`: so that it makes no
//! links of names, channels and addresses. `&`, `<` and `>` are escaped, so that nothing is mentioned.
//! Slack has no escape for `*`, `_` and `~`; an agent can be bold, and no more.
//!
//! Source: Slack, "Sending messages using incoming webhooks" (errors among it), "Formatting message
//! text", "Text object", "Section block", "Rate limits" (one message a second and channel).

use std::sync::Arc;

use serde_json::json;
use sweepd_decide::{Setback, Span};

use crate::attempt::{address, fingerprint};
use crate::exposure::exposed_address;
use crate::http::{CAP, setback};
use crate::text::{Markup, Target, Unit, cut};
use crate::{
    Delivering, Http, Pace, Post, Receipt, Secret, SettingsError, Sink, SinkError, Takes, Texts,
};

/// How a channel is reached.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "settings are written out in full")]
pub struct SlackSettings {
    /// The webhook's address, all of it a secret: `https://hooks.slack.com/services/…`
    pub url: Secret,
}

/// A channel on Slack.
#[derive(Debug)]
pub struct Slack {
    settings: SlackSettings,
    http: Http,
    texts: Arc<Texts>,
}

impl Slack {
    /// A sink with these settings.
    pub fn new(settings: SlackSettings, http: Http, texts: Arc<Texts>) -> Self {
        Self { settings, http, texts }
    }

    async fn attempt(&self, post: &Post) -> Result<Receipt, SinkError> {
        let (url, veil) = address(DOING, &self.settings.url).await?;
        let target = Target::new(Markup::Slack, Unit::Utf16, 3000);
        let text = self.texts.message(&post.alerts, target);
        // What a notification shows.
        let short = Target { limit: 300, ..target }.single();
        let short = match post.alerts.as_slice() {
            [alert] => self.texts.title(alert, short).text,
            alerts => cut(&format!("{} alerts", alerts.len()), 300),
        };
        let section = json!({
            "type": "section",
            "text": {"type": "mrkdwn", "text": text.text, "verbatim": true},
        });
        let body = json!({
            "text": short,
            "blocks": [section],
            "unfurl_links": false,
            "unfurl_media": false,
        });
        let request = self.http.client().post(url).json(&body);
        let answer = self.http.send(DOING, request, &veil, CAP).await?;
        if !answer.is_success() {
            let words = String::from_utf8_lossy(&answer.body);
            let setback = if is_of_the_address(words.trim()) {
                Setback::Stopped
            } else {
                setback(answer.status, &answer.headers, post.now)
            };
            return Err(answer.error(setback));
        }
        answer.proven(answer.body.trim_ascii() == b"ok", "`ok`")?;
        Ok(Receipt { place: None, remark: text.remark })
    }
}

impl Sink for Slack {
    fn kind(&self) -> &'static str {
        "slack"
    }

    fn takes(&self) -> Takes {
        let pace = Pace { burst: 1, every: Span::from_secs(1) };
        Takes { notes: true, still: true, batch: 1000, pace }
    }

    fn fingerprint(&self) -> String {
        fingerprint("slack", [], [&self.settings.url])
    }

    fn in_the_open(&self) -> Option<SettingsError> {
        exposed_address("url", &self.settings.url)
    }

    fn deliver<'a>(&'a self, post: &'a Post) -> Delivering<'a> {
        Box::pin(self.attempt(post))
    }
}

/// Whether Slack's word is about the webhook or its channel, and not about the message.
fn is_of_the_address(word: &str) -> bool {
    [
        "action_prohibited",
        "channel_is_archived",
        "channel_not_found",
        "invalid_token",
        "no_active_hooks",
        "no_service",
        "no_service_id",
        "no_team",
        "posting_to_general_channel_denied",
        "team_disabled",
        "user_not_found",
    ]
    .contains(&word)
}

const DOING: &str = "post to Slack";
