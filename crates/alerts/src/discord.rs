//! Posts to a Discord channel, as a bot or through a webhook.
//!
//! A message has at most 2,000 characters; they are counted here as UTF-16 units, of which there are
//! never fewer. Nobody is mentioned. A bot's post carries a nonce made of the alerts' ids, so that
//! a second attempt within some minutes makes no second message; a webhook has no such thing.
//! 10,000 answers 401, 403 or 429 within ten minutes ban the address: those that repeat stop the
//! sink.
//!
//! Source: Discord Developer Portal, "Message Resource" (Create Message, Allowed Mentions Object),
//! "Webhook Resource" (Execute Webhook), "Rate Limits".

use std::sync::Arc;

use reqwest::{RequestBuilder, Url};
use serde_json::{Value, json};
use sweepd_decide::{Setback, Span};

use crate::attempt::{address, authorized, fingerprint, nonce, secret, set};
use crate::exposure::{exposed, exposed_address};
use crate::http::{Answer, CAP, seconds, setback};
use crate::settings::{base, join, word, wrong};
use crate::text::{Markup, Target, Unit};
use crate::veil::Veil;
use crate::{
    Delivering, Http, Pace, Post, Receipt, Secret, SettingsError, Sink, SinkError, Takes, Texts,
};

/// How a channel is reached.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_enums, reason = "settings are written out in full")]
pub enum DiscordSettings {
    /// As a bot that is a member there.
    Bot {
        /// `https://discord.com/api/v10`
        api_base: Url,
        /// The channel's number.
        channel_id: String,
        /// The bot's token.
        token: Secret,
    },
    /// Through a webhook, whose whole address is a secret.
    Webhook {
        /// `https://discord.com/api/webhooks/…/…`
        url: Secret,
    },
}

/// A channel on Discord.
#[derive(Debug)]
pub struct Discord {
    settings: DiscordSettings,
    http: Http,
    texts: Arc<Texts>,
}

impl Discord {
    /// A sink with these settings.
    ///
    /// # Errors
    /// A setting cannot be used.
    pub fn new(
        settings: DiscordSettings,
        http: Http,
        texts: Arc<Texts>,
    ) -> Result<Self, SettingsError> {
        if let DiscordSettings::Bot { api_base, channel_id, .. } = &settings {
            base("api-base", api_base)?;
            word("channel-id", channel_id)?;
            if !channel_id.chars().all(|c| c.is_ascii_digit()) {
                let remedy = "copy the channel's id, which has digits only";
                return Err(wrong("channel-id", "is not a number", remedy));
            }
        }
        Ok(Self { settings, http, texts })
    }

    async fn attempt(&self, post: &Post) -> Result<Receipt, SinkError> {
        let target = Target::new(Markup::Discord, Unit::Utf16, 2000);
        let text = self.texts.message(&post.alerts, target);
        let mut body = json!({"content": text.text, "allowed_mentions": {"parse": []}});
        let (request, veil) = self.request(&mut body, post).await?;
        let answer = self.http.send(DOING, request.json(&body), &veil, CAP).await?;
        if !answer.is_success() {
            let setback = limited(&answer)
                .unwrap_or_else(|| setback(answer.status, &answer.headers, post.now));
            return Err(answer.error(setback));
        }
        let id = answer.json().and_then(|json| Some(json.get("id")?.as_str()?.to_owned()));
        answer.proven(id.is_some(), "a message")?;
        Ok(Receipt { place: id, remark: text.remark })
    }

    /// The request without its body, and what of it must not be shown.
    async fn request(
        &self,
        body: &mut Value,
        post: &Post,
    ) -> Result<(RequestBuilder, Veil), SinkError> {
        match &self.settings {
            DiscordSettings::Bot { api_base, channel_id, token } => {
                let token = secret(DOING, token).await?;
                let ids = post.alerts.iter().map(|alert| alert.id.as_str());
                set(body, "nonce", nonce(ids));
                set(body, "enforce_nonce", true);
                let url = join(api_base, ["channels", channel_id, "messages"]);
                let request = self.http.client().post(url);
                Ok((authorized(DOING, request, "Bot", &token)?, Veil::of(&token)))
            }
            DiscordSettings::Webhook { url } => {
                let (mut url, veil) = address(DOING, url).await?;
                url.query_pairs_mut().append_pair("wait", "true");
                Ok((self.http.client().post(url), veil))
            }
        }
    }
}

impl Sink for Discord {
    fn kind(&self) -> &'static str {
        "discord"
    }

    fn takes(&self) -> Takes {
        let pace = Pace { burst: 5, every: Span::from_secs(2) };
        Takes { notes: true, still: true, batch: 1000, pace }
    }

    fn fingerprint(&self) -> String {
        match &self.settings {
            DiscordSettings::Bot { api_base, channel_id, token } => {
                fingerprint("discord", [api_base.as_str(), channel_id], [token])
            }
            DiscordSettings::Webhook { url } => fingerprint("discord", ["webhook"], [url]),
        }
    }

    fn in_the_open(&self) -> Option<SettingsError> {
        match &self.settings {
            DiscordSettings::Bot { api_base, .. } => exposed("api-base", api_base, "token"),
            DiscordSettings::Webhook { url } => exposed_address("url", url),
        }
    }

    fn deliver<'a>(&'a self, post: &'a Post) -> Delivering<'a> {
        Box::pin(self.attempt(post))
    }
}

/// How long a limited request has to wait, by the body: to a fraction of a second.
fn limited(answer: &Answer) -> Option<Setback> {
    if answer.status != 429 {
        return None;
    }
    let json = answer.json()?;
    let wait = seconds(&json.get("retry_after")?.as_f64()?.to_string())?;
    Some(Setback::Later(Some(wait)))
}

const DOING: &str = "post to Discord";
